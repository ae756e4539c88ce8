package io.github.binder4j.kernel;

import android.os.Binder;
import android.os.Parcel;
import android.os.RemoteException;
import android.os.ServiceManager;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.BlobView;
import io.github.binder4j.Blobs;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;
import java.util.concurrent.Semaphore;

/** A {@link Peer} that answers what it makes of its arguments, and that can be made slow, full or forgetful. */
class Victim extends Peer {
    static final int READ_STRING = 100;
    static final int READ_BYTES = 101;
    static final int READ_BLOB = 102;
    static final int VIEW_BLOB = 103;
    /** Waits for a permit. */
    static final int WAIT = 104;
    /** How many calls wait for a permit. */
    static final int WAITING = 105;
    /** Gives an int of permits. */
    static final int RELEASE = 106;
    /** Oneway: notes the two ints of its arguments, once it has a permit. */
    static final int RECORD = 107;
    /** All that was noted, in order; forgotten then. */
    static final int RECORDED = 108;
    /** Keeps a view of a blob. */
    static final int KEEP_VIEW = 109;

    static final int CLOSE_VIEWS = 110;
    /** How many bytes the arguments have. */
    static final int SIZE = 111;
    /** An int of bytes, nothing else. */
    static final int GIVE_BYTES = 112;

    private final Semaphore permits = new Semaphore(0);
    private final List<Integer> recorded = new ArrayList<>();
    private final List<BlobView> views = new ArrayList<>();

    /** Arguments: how many threads the driver may ask for and the name to be found under; defaults without. */
    public static void main(String[] args) {
        if (args.length > 0) {
            BinderDevice.getDefault().setMaxThreads(Integer.parseInt(args[0]));
        }
        Victim victim = new Victim();
        ServiceManager.addService(args.length > 1 ? args[1] : NAME, victim);
        new Thread(victim::readPermits, "permits").start();
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> System.out.println("peer: uncaught " + e));
        System.out.println(READY);
        Binder.joinThreadPool();
    }

    /** Gives as many permits as a line of standard input says, for when no thread is left to be called. */
    private void readPermits() {
        try (Scanner lines = new Scanner(System.in, StandardCharsets.UTF_8)) {
            while (lines.hasNextInt()) {
                permits.release(lines.nextInt());
            }
        }
    }

    @Override
    protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
        if (code < READ_STRING || code > GIVE_BYTES) {
            return super.onTransact(code, data, reply, flags);
        }
        data.enforceInterface(DESCRIPTOR);
        switch (code) {
            case READ_STRING -> giveString(data.readString(), reply);
            case READ_BYTES -> giveLength(data.createByteArray(), reply);
            case READ_BLOB -> giveLength(data.readBlob(), reply);
            case VIEW_BLOB -> giveSize(Blobs.view(data), reply);
            case WAIT -> awaitPermit(reply);
            case WAITING -> giveInt(permits.getQueueLength(), reply);
            case RELEASE -> permits.release(data.readInt());
            default -> {
                return serveMore(code, data, reply);
            }
        }
        return true;
    }

    private boolean serveMore(int code, Parcel data, Parcel reply) {
        switch (code) {
            case RECORD -> record(data.readInt(), data.readInt());
            case RECORDED -> giveRecorded(reply);
            case KEEP_VIEW -> keep(Blobs.view(data), reply);
            case CLOSE_VIEWS -> closeViews(reply);
            case SIZE -> giveInt(data.dataSize(), reply);
            case GIVE_BYTES -> giveBytes(data.readInt(), reply);
            default -> {
                return false;
            }
        }
        return true;
    }

    private static void giveString(String value, Parcel reply) {
        reply.writeNoException();
        reply.writeString(value);
    }

    private static void giveInt(int value, Parcel reply) {
        reply.writeNoException();
        reply.writeInt(value);
    }

    private static void giveLength(byte[] value, Parcel reply) {
        giveInt(value == null ? -1 : value.length, reply);
    }

    private static void giveSize(BlobView value, Parcel reply) {
        giveInt(value == null ? -1 : value.size(), reply);
    }

    private void awaitPermit(Parcel reply) {
        permits.acquireUninterruptibly();
        reply.writeNoException();
    }

    private void record(int sender, int number) {
        permits.acquireUninterruptibly();
        synchronized (recorded) {
            recorded.add(sender);
            recorded.add(number);
        }
    }

    private void giveRecorded(Parcel reply) {
        reply.writeNoException();
        synchronized (recorded) {
            reply.writeInt(recorded.size() / 2);
            recorded.forEach(reply::writeInt);
            recorded.clear();
        }
    }

    private void keep(BlobView view, Parcel reply) {
        synchronized (views) {
            views.add(view.keep());
        }
        reply.writeNoException();
    }

    private void closeViews(Parcel reply) {
        synchronized (views) {
            views.forEach(BlobView::close);
            views.clear();
        }
        reply.writeNoException();
    }

    private static void giveBytes(int length, Parcel reply) {
        for (int i = 0; i < length; i += Integer.BYTES) {
            reply.writeInt(i);
        }
    }
}
