package io.github.binder4j.kernel;

import android.os.Binder;
import android.os.DeadObjectException;
import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;
import android.os.ServiceManager;
import android.os.TransactionTooLargeException;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A process that is killed whatever it does; and, for comparison, one that is not. See {@link KillIT}. */
final class KillVictim extends Binder {
    static final int ECHO = FIRST_CALL_TRANSACTION;
    static final int VISIT = FIRST_CALL_TRANSACTION + 1;
    static final int KEEP = FIRST_CALL_TRANSACTION + 2;
    static final int WAIT = FIRST_CALL_TRANSACTION + 3;
    static final int FLOOD = FIRST_CALL_TRANSACTION + 4;
    static final int LIVE = FIRST_CALL_TRANSACTION + 5;

    /** What one that was to ask another says when that is dead. */
    static final String NEXT_IS_DEAD = "the next one is dead: ";

    private static final int FLOOD_BYTES = 100;
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final ConcurrentLinkedQueue<IBinder> kept = new ConcurrentLinkedQueue<>();
    private final IBinder survivor = find();
    private final int number;

    private KillVictim(int number) {
        super(Peer.DESCRIPTOR);
        this.number = number;
    }

    /** Argument: the number it goes by. */
    public static void main(String[] args) throws RemoteException {
        KillVictim own = new KillVictim(Integer.parseInt(args[0]));
        Calls.call(own.survivor, KillSurvivor.JOIN, data -> {
            data.writeInt(own.number);
            data.writeStrongBinder(own);
        });
        joinThreadPool();
    }

    /** The service manager may be dead, or know nobody yet. */
    private static IBinder find() {
        while (true) {
            try {
                IBinder found = ServiceManager.getService(KillSurvivor.NAME);
                if (found != null) {
                    return found;
                }
            } catch (IllegalStateException noManager) {
                // The next one will be found.
            }
            LockSupport.parkNanos(RETRY_NANOS);
        }
    }

    @Override
    protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
        if (code > LAST_CALL_TRANSACTION) {
            return super.onTransact(code, data, reply, flags);
        }
        data.enforceInterface(Peer.DESCRIPTOR);
        reply.writeNoException();
        switch (code) {
            case ECHO -> reply.writeInt(data.readInt());
            case VISIT -> reply.writeInt(visit(data));
            case KEEP -> keep(data, reply);
            case WAIT -> start(this::waitForSurvivor);
            case FLOOD -> start(this::flood);
            case LIVE -> Live.here().write(reply);
            default -> {
                return false;
            }
        }
        return true;
    }

    private static int visit(Parcel data) throws RemoteException {
        IBinder next = data.readStrongBinder();
        IBinder last = data.readStrongBinder();
        int value = data.readInt();
        try {
            return last == null ? echo(next, value) : visit(next, last, null, value);
        } catch (DeadObjectException e) {
            throw new IllegalStateException(NEXT_IS_DEAD + e, e);
        }
    }

    /** Has {@code first} ask {@code next}, which asks {@code last} unless that is null. */
    static int visit(IBinder first, IBinder next, IBinder last, int value) throws RemoteException {
        return Calls.call(
                first,
                VISIT,
                data -> {
                    data.writeStrongBinder(next);
                    data.writeStrongBinder(last);
                    data.writeInt(value);
                },
                Parcel::readInt);
    }

    static int echo(IBinder target, int value) throws RemoteException {
        return Calls.call(target, ECHO, data -> data.writeInt(value), Parcel::readInt);
    }

    /** Holds what it gets, and answers as many objects of its own. */
    private void keep(Parcel data, Parcel reply) {
        int count = data.readInt();
        kept.addAll(Stream.generate(data::readStrongBinder).limit(count).toList());
        IntStream.range(0, count).forEach(i -> reply.writeStrongBinder(new Binder()));
    }

    static List<IBinder> exchange(IBinder target, int count) throws RemoteException {
        return Calls.call(
                target,
                KEEP,
                data -> {
                    data.writeInt(count);
                    IntStream.range(0, count).forEach(i -> data.writeStrongBinder(new Binder()));
                },
                reply -> Stream.generate(reply::readStrongBinder).limit(count).toList());
    }

    private interface Task {
        void run() throws RemoteException;
    }

    private static void start(Task task) {
        Thread thread = new Thread(() -> {
            try {
                task.run();
            } catch (RemoteException e) {
                throw new IllegalStateException(e);
            }
        });
        thread.start();
    }

    private void waitForSurvivor() throws RemoteException {
        Calls.call(survivor, KillSurvivor.SLOW, data -> data.writeInt(number));
    }

    private void flood() throws RemoteException {
        while (true) {
            try {
                Calls.oneway(survivor, KillSurvivor.NOTE, data -> {
                    data.writeInt(number);
                    data.writeByteArray(new byte[FLOOD_BYTES]);
                });
            } catch (TransactionTooLargeException full) {
                Thread.yield();
            }
        }
    }
}
