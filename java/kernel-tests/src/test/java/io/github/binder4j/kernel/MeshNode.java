package io.github.binder4j.kernel;

import android.os.Binder;
import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;
import android.os.ServiceManager;
import io.github.binder4j.BinderDevice;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** One of many processes, each of which calls all others and is called by them. See {@link MeshIT}. */
final class MeshNode extends Binder {
    static final String READY = "mesh: ready";

    /** Threads of a process that call; each is a sender of oneway calls of its own. */
    static final int CALLERS = 2;

    static final int FIND = FIRST_CALL_TRANSACTION;
    static final int RUN = FIRST_CALL_TRANSACTION + 1;
    static final int RECEIVED = FIRST_CALL_TRANSACTION + 2;
    static final int SERVED = FIRST_CALL_TRANSACTION + 3;
    static final int DROP = FIRST_CALL_TRANSACTION + 4;
    static final int LIVE = FIRST_CALL_TRANSACTION + 5;
    static final int ECHO = FIRST_CALL_TRANSACTION + 6;
    static final int RELAY = FIRST_CALL_TRANSACTION + 7;
    static final int ARRIVE = FIRST_CALL_TRANSACTION + 8;
    static final int CALL_AND_RETURN = FIRST_CALL_TRANSACTION + 9;
    static final int WHO = FIRST_CALL_TRANSACTION + 10;
    static final int NOTE = FIRST_CALL_TRANSACTION + 11;

    /** More than all callers of all processes together, so that no two processes can wait for threads of each other. */
    private static final int POOL = 60;

    final int index;
    final IBinder[] nodes;

    /** Oneway calls of each caller of each process so far; guarded by itself. */
    private final int[] received;
    /** What was wrong with one of them; guarded by {@link #received}. */
    private String disorder = "";

    private final AtomicLong served = new AtomicLong();
    /** Which thread waits for the relayed call of a number to arrive. */
    private final ConcurrentHashMap<Long, Thread> relayed = new ConcurrentHashMap<>();

    private MeshNode(int index, int count) {
        super(Peer.DESCRIPTOR);
        this.index = index;
        this.nodes = new IBinder[count];
        this.received = new int[count * CALLERS];
    }

    /** Arguments: which one this is, and of how many. */
    public static void main(String[] args) {
        BinderDevice.getDefault().setMaxThreads(POOL);
        int index = Integer.parseInt(args[0]);
        ServiceManager.addService(name(index), new MeshNode(index, Integer.parseInt(args[1])));
        System.out.println(READY);
        joinThreadPool();
    }

    static String name(int index) {
        return "mesh-" + index;
    }

    @Override
    protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
        if (code > LAST_CALL_TRANSACTION) {
            return super.onTransact(code, data, reply, flags);
        }
        data.enforceInterface(Peer.DESCRIPTOR);
        reply.writeNoException();
        switch (code) {
            case FIND -> find();
            case RUN -> run(data.readInt(), data.readInt(), reply);
            case RECEIVED -> reportReceived(reply);
            case SERVED -> reply.writeLong(served.get());
            case DROP -> Arrays.fill(nodes, null);
            case LIVE -> Live.here().write(reply);
            default -> {
                return serve(code, data, reply);
            }
        }
        return true;
    }

    private boolean serve(int code, Parcel data, Parcel reply) throws RemoteException {
        switch (code) {
            case ECHO -> echo(data, reply);
            case RELAY -> relay(data.readInt(), data.readInt(), data.readLong());
            case ARRIVE -> arrive(data.readLong());
            case CALL_AND_RETURN -> callAndReturn(data, reply);
            case WHO -> reply.writeLong(index);
            case NOTE -> note(data.readInt(), data.readInt(), data);
            default -> {
                return false;
            }
        }
        return true;
    }

    // What the test asks for

    private void find() {
        for (int i = 0; i < nodes.length; i++) {
            nodes[i] = ServiceManager.getService(name(i));
        }
    }

    /** Calls for so many seconds; answers how many calls were made that {@link #served} counts, and the oneway ones. */
    private void run(int seconds, int seed, Parcel reply) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        List<MeshCaller> callers = new ArrayList<>();
        List<Future<?>> results = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(CALLERS);
        for (int i = 0; i < CALLERS; i++) {
            MeshCaller caller = new MeshCaller(this, i, seed + i);
            callers.add(caller);
            results.add(threads.submit(() -> caller.callUntil(end)));
        }
        threads.shutdown();
        for (Future<?> result : results) {
            awaitResult(result);
        }
        for (MeshCaller caller : callers) {
            reply.writeLong(caller.echoes);
            writeInts(reply, caller.notes);
        }
    }

    private void awaitResult(Future<?> result) {
        try {
            result.get();
        } catch (Exception e) {
            e.printStackTrace();
            throw new IllegalStateException("caller of process " + index + ": " + e, e);
        }
    }

    private void reportReceived(Parcel reply) {
        synchronized (received) {
            writeInts(reply, received);
            reply.writeString(disorder);
        }
    }

    // What processes ask each other

    /** The payload must be for this process and whole; it goes back, and says from whom. */
    private void echo(Parcel data, Parcel reply) {
        served.incrementAndGet();
        int addressee = data.readInt();
        long checksum = data.readLong();
        byte[] payload = data.createByteArray();
        if (addressee != index || Values.crc(ByteBuffer.wrap(payload)) != checksum) {
            throw new IllegalStateException("damaged: process " + index + " got a call for " + addressee + ", "
                    + payload.length + " bytes, not of checksum " + checksum);
        }
        reply.writeInt(index);
        reply.writeLong(checksum);
        reply.writeByteArray(payload);
    }

    /** Calls the process the number leads to, which does so too, until at last the call arrives where it came from. */
    private void relay(int depth, int origin, long number) throws RemoteException {
        if (depth == 0) {
            Calls.call(nodes[origin], ARRIVE, data -> data.writeLong(number));
        } else {
            relay(nodes[(int) ((number >>> 8 * depth) % nodes.length)], depth - 1, origin, number);
        }
    }

    static void relay(IBinder target, int depth, int origin, long number) throws RemoteException {
        Calls.call(target, RELAY, data -> {
            data.writeInt(depth);
            data.writeInt(origin);
            data.writeLong(number);
        });
    }

    void expect(long number) {
        relayed.put(number, Thread.currentThread());
    }

    void expectNoMore(long number) {
        if (relayed.remove(number) != null) {
            throw new IllegalStateException("relayed call " + number + " never arrived");
        }
    }

    /** Only the thread that waits for the outermost call may serve the innermost. */
    private void arrive(long number) {
        Thread waiting = relayed.remove(number);
        if (waiting != Thread.currentThread()) {
            throw new IllegalStateException("relayed call " + number + " of " + waiting + " arrived on another thread");
        }
    }

    private static void callAndReturn(Parcel data, Parcel reply) throws RemoteException {
        IBinder object = data.readStrongBinder();
        checkWho(object, data.readLong());
        reply.writeStrongBinder(object);
    }

    static void checkWho(IBinder object, long expected) throws RemoteException {
        long who = Calls.ask(object, WHO, Parcel::readLong);
        if (who != expected) {
            throw new IllegalStateException(object + " says it is " + who + ", not " + expected);
        }
    }

    private void note(int sender, int number, Parcel data) {
        long checksum = data.readLong();
        byte[] payload = data.createByteArray();
        synchronized (received) {
            int expected = received[sender]++;
            if (number != expected || Values.crc(ByteBuffer.wrap(payload)) != checksum) {
                disorder += "from " + sender + " came " + number + " in place of " + expected + ", or damaged; ";
            }
        }
    }

    /** How many oneway calls of a caller a process has served. */
    static int received(IBinder node, int sender) throws RemoteException {
        return Calls.ask(node, RECEIVED, MeshNode::readInts)[sender];
    }

    static void writeInts(Parcel parcel, int[] values) {
        parcel.writeInt(values.length);
        for (int value : values) {
            parcel.writeInt(value);
        }
    }

    static int[] readInts(Parcel parcel) {
        int[] values = new int[parcel.readInt()];
        for (int i = 0; i < values.length; i++) {
            values[i] = parcel.readInt();
        }
        return values;
    }
}
