package io.github.binder4j.kernel;

import android.os.Binder;
import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;
import android.os.ServiceManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** One of two processes that give each other objects, call them and drop them. See {@link ChurnIT}. */
final class ChurnNode extends Binder {
    static final String READY = "churn: ready";
    static final String NAME = "churn";

    static final int RUN = FIRST_CALL_TRANSACTION;
    static final int MEASURE = FIRST_CALL_TRANSACTION + 1;
    private static final int TAKE = FIRST_CALL_TRANSACTION + 2;
    private static final int MAKE = FIRST_CALL_TRANSACTION + 3;
    private static final int NUMBER = FIRST_CALL_TRANSACTION + 4;

    private static final int THREADS = 4;
    private static final int MOST_PER_PARCEL = 500;
    /** Each so-manyth parcel has a single object, on the average. */
    private static final int SINGLY = 4;

    /** Of a parcel's objects each so-manyth is called, the first always. */
    private static final int CHECKED_STEP = 25;

    /** So many of another's objects a thread keeps for a while, to call them again when others have had their handles. */
    private static final int KEPT = 100;

    private static final AtomicInteger numbers = new AtomicInteger();

    ChurnNode() {
        super(Peer.DESCRIPTOR);
    }

    public static void main(String[] args) {
        ServiceManager.addService(NAME, new ChurnNode());
        System.out.println(READY);
        joinThreadPool();
    }

    /** An object that knows which one it is. */
    private static final class Numbered extends Binder {
        final int number = numbers.incrementAndGet();

        @Override
        protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) {
            reply.writeNoException();
            reply.writeInt(number);
            return code == NUMBER;
        }
    }

    /** An object of the other process's, and which one it is said to be. */
    private record Held(IBinder object, int number) {
        /** The right one must answer. */
        void check() throws RemoteException {
            int answer = Calls.askInt(object, NUMBER);
            if (answer != number) {
                throw new IllegalStateException("object " + number + ", " + object + ", answers that it is " + answer);
            }
        }
    }

    // Serving

    @Override
    protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
        if (code > LAST_CALL_TRANSACTION) {
            return super.onTransact(code, data, reply, flags);
        }
        data.enforceInterface(Peer.DESCRIPTOR);
        switch (code) {
            case RUN -> run(data, reply);
            case TAKE -> take(data, reply);
            case MAKE -> {
                reply.writeNoException();
                writeNew(data.readInt(), reply);
            }
            case MEASURE -> {
                reply.writeNoException();
                ChurnMemory.here().write(reply);
                Live.here().write(reply);
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private static void run(Parcel data, Parcel reply) {
        try {
            churn(data.readStrongBinder(), data.readInt(), data.readInt());
        } catch (Exception e) {
            e.printStackTrace();
            throw new IllegalStateException(e.toString(), e);
        }
        reply.writeNoException();
    }

    /** Calls what it is given, and gives the first back, which must come home as itself. */
    private static void take(Parcel data, Parcel reply) throws RemoteException {
        List<Held> taken = read(data);
        checkSome(taken);
        reply.writeNoException();
        reply.writeStrongBinder(taken.get(0).object);
    }

    private static void checkSome(List<Held> objects) throws RemoteException {
        for (int i = 0; i < objects.size(); i += CHECKED_STEP) {
            objects.get(i).check();
        }
    }

    private static List<Numbered> writeNew(int count, Parcel parcel) {
        List<Numbered> created = new ArrayList<>();
        parcel.writeInt(count);
        for (int i = 0; i < count; i++) {
            Numbered object = new Numbered();
            created.add(object);
            parcel.writeInt(object.number);
            parcel.writeStrongBinder(object);
        }
        return created;
    }

    private static List<Held> read(Parcel parcel) {
        List<Held> objects = new ArrayList<>();
        int count = parcel.readInt();
        for (int i = 0; i < count; i++) {
            int number = parcel.readInt();
            objects.add(new Held(parcel.readStrongBinder(), number));
        }
        return objects;
    }

    // Calling

    /** Gives {@code other} and gets from it {@code objects} objects in all, on several threads, while the collector runs. */
    static void churn(IBinder other, int objects, int seed) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS + 1);
        try {
            Future<?> collector = threads.submit(ChurnNode::collect);
            List<Future<?>> workers = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                Random random = new Random(seed + i);
                workers.add(threads.submit(() -> {
                    work(other, objects / THREADS, random);
                    return null;
                }));
            }
            for (Future<?> worker : workers) {
                worker.get();
            }
            collector.cancel(true);
        } finally {
            threads.shutdownNow();
        }
    }

    /** Collects without end. A collection stops every thread, so between two of them these run for twice its time. */
    private static void collect() {
        while (!Thread.currentThread().isInterrupted()) {
            long start = System.nanoTime();
            System.gc();
            LockSupport.parkNanos(2 * (System.nanoTime() - start));
        }
    }

    private static void work(IBinder other, int objects, Random random) throws RemoteException {
        List<Held> kept = new ArrayList<>();
        for (int done = 0; done < objects; ) {
            int count = random.nextInt(SINGLY) == 0 ? 1 : 1 + random.nextInt(MOST_PER_PARCEL);
            if (random.nextBoolean()) {
                give(other, count);
            } else {
                keepSome(get(other, count), kept, random);
            }
            done += count;
        }
    }

    private static void give(IBinder other, int count) throws RemoteException {
        List<Numbered> given = new ArrayList<>();
        IBinder back = Calls.call(other, TAKE, data -> given.addAll(writeNew(count, data)), Parcel::readStrongBinder);
        if (back != given.get(0)) {
            throw new IllegalStateException("object " + given.get(0).number + " came home as " + back);
        }
    }

    private static List<Held> get(IBinder other, int count) throws RemoteException {
        List<Held> got = Calls.call(other, MAKE, data -> data.writeInt(count), ChurnNode::read);
        checkSome(got);
        return got;
    }

    private static void keepSome(List<Held> got, List<Held> kept, Random random) throws RemoteException {
        kept.add(got.get(random.nextInt(got.size())));
        if (kept.size() > KEPT) {
            kept.remove(random.nextInt(kept.size()));
        }
        kept.get(random.nextInt(kept.size())).check();
    }
}
