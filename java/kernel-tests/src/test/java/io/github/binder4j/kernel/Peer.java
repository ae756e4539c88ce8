package io.github.binder4j.kernel;

import android.os.BadParcelableException;
import android.os.Binder;
import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;
import android.os.ServiceManager;
import android.os.ServiceSpecificException;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.BlobView;
import io.github.binder4j.Blobs;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The service that tests call: as a process of its own, or, given to such a process, as an object of the test's. */
class Peer extends Binder {
    /** What the process prints when it can be called. */
    static final String READY = "peer: ready";

    /** What it prints when {@link #HOLD} is being served. */
    static final String HOLDING = "peer: holding";

    static final String NAME = "peer";
    static final String DESCRIPTOR = "io.github.binder4j.kernel.IPeer";

    static final int NOTHING = FIRST_CALL_TRANSACTION;
    static final int CHECK_VALUES = FIRST_CALL_TRANSACTION + 1;
    static final int NOTE = FIRST_CALL_TRANSACTION + 2;
    static final int NOTES = FIRST_CALL_TRANSACTION + 3;
    static final int GIVE_BLOB = FIRST_CALL_TRANSACTION + 4;
    static final int TAKE_BLOB = FIRST_CALL_TRANSACTION + 5;
    static final int THROW = FIRST_CALL_TRANSACTION + 6;
    static final int IDENTITY = FIRST_CALL_TRANSACTION + 7;
    static final int CALL_BACK = FIRST_CALL_TRANSACTION + 8;
    static final int RECURSE = FIRST_CALL_TRANSACTION + 9;
    static final int KEEP = FIRST_CALL_TRANSACTION + 10;
    static final int GIVE_KEPT = FIRST_CALL_TRANSACTION + 11;
    static final int GIVE_SELF = FIRST_CALL_TRANSACTION + 12;
    static final int IS_SELF = FIRST_CALL_TRANSACTION + 13;
    static final int REVERSE = FIRST_CALL_TRANSACTION + 14;
    static final int MAKE = FIRST_CALL_TRANSACTION + 15;
    static final int LIVE_MADE = FIRST_CALL_TRANSACTION + 16;
    static final int LIVE_NODES = FIRST_CALL_TRANSACTION + 17;
    static final int LIVE_PROXIES = FIRST_CALL_TRANSACTION + 18;
    static final int LIVE_BUFFERS = FIRST_CALL_TRANSACTION + 19;
    static final int COLLECT_GARBAGE = FIRST_CALL_TRANSACTION + 20;
    static final int HOLD = FIRST_CALL_TRANSACTION + 21;
    static final int PID = FIRST_CALL_TRANSACTION + 22;
    static final int MEET = FIRST_CALL_TRANSACTION + 23;
    static final int SET_MAX_THREADS = FIRST_CALL_TRANSACTION + 24;
    static final int SUM = FIRST_CALL_TRANSACTION + 25;
    static final int ALLOCATED_BYTES = FIRST_CALL_TRANSACTION + 26;

    /** Kinds of {@link #THROW}. */
    enum Thrown {
        SECURITY,
        BAD_PARCELABLE,
        ILLEGAL_ARGUMENT,
        NULL_POINTER,
        ILLEGAL_STATE,
        UNSUPPORTED_OPERATION,
        SERVICE_SPECIFIC,
        ARITHMETIC,
        STACK_OVERFLOW,
        REMOTE
    }

    private static final long MEETING_SECONDS = 60;

    private final AtomicInteger notes = new AtomicInteger();
    private final List<WeakReference<IBinder>> made = new ArrayList<>();
    private final ConcurrentLinkedQueue<IBinder> kept = new ConcurrentLinkedQueue<>();
    private final CyclicBarrier meeting = new CyclicBarrier(2);

    Peer() {
        super(DESCRIPTOR);
    }

    /** Arguments: the name to be found under, {@value #NAME} without. */
    public static void main(String[] args) {
        ServiceManager.addService(args.length == 0 ? NAME : args[0], new Peer());
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> System.out.println("peer: uncaught " + e));
        System.out.println(READY);
        Binder.joinThreadPool();
    }

    @Override
    protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
        if (code < FIRST_CALL_TRANSACTION || code > LAST_CALL_TRANSACTION) {
            return super.onTransact(code, data, reply, flags);
        }
        data.enforceInterface(DESCRIPTOR);
        return code < KEEP ? serveCall(code, data, reply) : serveObjects(code, data, reply);
    }

    private boolean serveCall(int code, Parcel data, Parcel reply) throws RemoteException {
        switch (code) {
            case NOTHING -> reply.writeNoException();
            case CHECK_VALUES -> checkValues(data, reply);
            case NOTE -> notes.addAndGet(data.readInt());
            case NOTES -> writeInt(reply, notes.get());
            case GIVE_BLOB -> giveBlob(data.readInt(), reply);
            case TAKE_BLOB -> takeBlob(data, reply);
            case THROW -> throwOne(Thrown.values()[data.readInt()], data.readString());
            case IDENTITY -> identity(data.readStrongBinder(), reply);
            case CALL_BACK -> callBack(data.readStrongBinder(), reply);
            case RECURSE -> recurse(data.readInt(), data.readStrongBinder(), reply);
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean serveObjects(int code, Parcel data, Parcel reply) {
        switch (code) {
            case KEEP -> keep(data.readStrongBinder(), reply);
            case GIVE_KEPT -> writeBinder(reply, kept.poll());
            case GIVE_SELF -> writeBinder(reply, this);
            case IS_SELF -> writeInt(reply, data.readStrongBinder() == this ? 1 : 0);
            case REVERSE -> reverse(data, reply);
            case MAKE -> make(data.readInt(), reply);
            case LIVE_MADE -> writeInt(reply, liveMade());
            case LIVE_NODES -> writeInt(reply, BinderDevice.getDefault().liveNodes());
            case LIVE_PROXIES -> writeInt(reply, BinderDevice.getDefault().liveProxies());
            case LIVE_BUFFERS -> writeInt(reply, (int) BinderDevice.getDefault().liveBuffers());
            default -> {
                return serveControl(code, data, reply);
            }
        }
        return true;
    }

    private boolean serveControl(int code, Parcel data, Parcel reply) {
        switch (code) {
            case COLLECT_GARBAGE -> System.gc();
            case HOLD -> hold();
            case PID -> writeInt(reply, (int) ProcessHandle.current().pid());
            case MEET -> meet(reply);
            case SET_MAX_THREADS -> BinderDevice.getDefault().setMaxThreads(data.readInt());
            case SUM -> sum(data, reply);
            case ALLOCATED_BYTES -> allocatedBytes(reply);
            default -> {
                return false;
            }
        }
        return true;
    }

    private static void writeInt(Parcel reply, int value) {
        reply.writeNoException();
        reply.writeInt(value);
    }

    private static void writeBinder(Parcel reply, IBinder value) {
        reply.writeNoException();
        reply.writeStrongBinder(value);
    }

    // Calls

    private static void checkValues(Parcel data, Parcel reply) {
        try {
            Values.check(data);
        } catch (AssertionError e) {
            throw new IllegalStateException("the arguments were damaged: " + e.getMessage(), e);
        }
        reply.writeNoException();
        Values.write(reply);
    }

    private static void giveBlob(int length, Parcel reply) {
        reply.writeNoException();
        reply.writeBlob(Values.bytes(length));
    }

    /** Answers where the blob lay, where a copy of it lies, and its checksum. */
    private static void takeBlob(Parcel data, Parcel reply) {
        int start = data.dataPosition();
        BlobView view = Blobs.view(data);
        data.setDataPosition(start);
        Parcel copies = Parcel.obtain();
        copies.writeBlob(data.readBlob());
        copies.setDataPosition(0);
        BlobView copy = Blobs.view(copies);
        BinderDevice device = BinderDevice.getDefault();
        reply.writeNoException();
        reply.writeInt(view.size());
        reply.writeLong(device.offsetInMapping(view));
        reply.writeLong(device.offsetInMapping(copy));
        reply.writeLong(Values.crc(view));
        copies.recycle();
    }

    private static void throwOne(Thrown kind, String message) throws RemoteException {
        switch (kind) {
            case SECURITY -> throw new SecurityException(message);
            case BAD_PARCELABLE -> throw new BadParcelableException(message);
            case ILLEGAL_ARGUMENT -> throw new IllegalArgumentException(message);
            case NULL_POINTER -> throw new NullPointerException(message);
            case ILLEGAL_STATE -> throw new IllegalStateException(message);
            case UNSUPPORTED_OPERATION -> throw new UnsupportedOperationException(message);
            case SERVICE_SPECIFIC -> throw new ServiceSpecificException(1234, message);
            case ARITHMETIC -> throw new ArithmeticException(message);
            case STACK_OVERFLOW -> throw new StackOverflowError(message);
            case REMOTE -> throw new RemoteException(message);
        }
    }

    /** Answers the caller's uid and pid: on entry, cleared, restored, and after a call that the caller served. */
    private static void identity(IBinder callback, Parcel reply) throws RemoteException {
        reply.writeNoException();
        writeIdentity(reply);
        long token = clearCallingIdentity();
        writeIdentity(reply);
        restoreCallingIdentity(token);
        writeIdentity(reply);
        if (callback != null) {
            Calls.call(callback, NOTHING, Calls.NOTHING);
            writeIdentity(reply);
        }
    }

    private static void writeIdentity(Parcel reply) {
        reply.writeInt(getCallingUid());
        reply.writeInt(getCallingPid());
    }

    private static void callBack(IBinder callback, Parcel reply) throws RemoteException {
        Calls.call(callback, NOTHING, Calls.NOTHING);
        reply.writeNoException();
    }

    /** Calls {@code other}, which calls this, and so on; answers the thread of each step, the last first. */
    private void recurse(int depth, IBinder other, Parcel reply) throws RemoteException {
        String inner = depth == 0 ? "" : recurse(other, depth - 1, this);
        reply.writeNoException();
        reply.writeString(inner + ProcessHandle.current().pid() + "/"
                + Thread.currentThread().getId() + " ");
    }

    static String recurse(IBinder target, int depth, IBinder other) throws RemoteException {
        return Calls.call(
                target,
                RECURSE,
                data -> {
                    data.writeInt(depth);
                    data.writeStrongBinder(other);
                },
                Parcel::readString);
    }

    // Objects

    private void keep(IBinder object, Parcel reply) {
        if (object != null) {
            kept.add(object);
        }
        writeInt(reply, kept.size());
    }

    private static void reverse(Parcel data, Parcel reply) {
        IBinder[] objects = new IBinder[data.readInt()];
        for (int i = 0; i < objects.length; i++) {
            objects[i] = data.readStrongBinder();
        }
        reply.writeNoException();
        for (int i = objects.length - 1; i >= 0; i--) {
            reply.writeStrongBinder(objects[i]);
        }
    }

    private void make(int count, Parcel reply) {
        reply.writeNoException();
        synchronized (made) {
            for (int i = 0; i < count; i++) {
                IBinder object = new Peer();
                made.add(new WeakReference<>(object));
                reply.writeStrongBinder(object);
            }
        }
    }

    private int liveMade() {
        System.gc();
        synchronized (made) {
            made.removeIf(object -> object.get() == null);
            return made.size();
        }
    }

    // Threads

    private static void hold() {
        System.out.println(HOLDING);
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Waits for another call of the same to be served at the same time; answers the thread. */
    private void meet(Parcel reply) {
        try {
            meeting.await(MEETING_SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException("nobody came: " + e, e);
        }
        reply.writeNoException();
        reply.writeString(Thread.currentThread().getName());
    }

    /** Adds up longs without making an object of them. */
    private static void sum(Parcel data, Parcel reply) {
        long sum = 0;
        while (data.dataAvail() >= Long.BYTES) {
            sum += data.readLong();
        }
        reply.writeNoException();
        reply.writeLong(sum);
    }

    /** What the threads that serve have allocated so far. */
    private static void allocatedBytes(Parcel reply) {
        reply.writeNoException();
        reply.writeLong(Allocations.ofLoopers());
    }
}
