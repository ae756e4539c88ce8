package io.github.binder4j.kernel;

import android.os.Binder;
import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The object of the test's own process that {@link KillVictim}s call. */
final class KillSurvivor extends Binder {
    static final String NAME = "survivor";

    static final int JOIN = FIRST_CALL_TRANSACTION + 10;
    static final int SLOW = FIRST_CALL_TRANSACTION + 11;
    static final int NOTE = FIRST_CALL_TRANSACTION + 12;

    private final ConcurrentHashMap<Integer, Guest> guests = new ConcurrentHashMap<>();

    KillSurvivor() {
        super(Peer.DESCRIPTOR);
    }

    /** What is known of a victim. */
    static final class Guest {
        /** Its object, once it has joined. */
        final CompletableFuture<IBinder> node = new CompletableFuture<>();
        /** Opened when its slow call has come. */
        final CountDownLatch waits = new CountDownLatch(1);
        /** Opened by the first of its oneway calls. */
        final CountDownLatch floods = new CountDownLatch(1);
        /** Opened when its slow call may end. */
        final CountDownLatch release = new CountDownLatch(1);
    }

    Guest guest(int number) {
        return guests.computeIfAbsent(number, key -> new Guest());
    }

    void forget(int number) {
        guests.remove(number);
    }

    void forgetAll() {
        guests.clear();
    }

    @Override
    protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
        if (code > LAST_CALL_TRANSACTION) {
            return super.onTransact(code, data, reply, flags);
        }
        data.enforceInterface(Peer.DESCRIPTOR);
        int value = data.readInt();
        switch (code) {
            case KillVictim.ECHO -> {}
            case JOIN -> guest(value).node.complete(data.readStrongBinder());
            case SLOW -> serveSlowly(value);
            case NOTE -> noted(value);
            default -> {
                return false;
            }
        }
        reply.writeNoException();
        reply.writeInt(value);
        return true;
    }

    private void serveSlowly(int number) {
        Guest guest = guest(number);
        guest.waits.countDown();
        try {
            guest.release.await(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Some arrive after their sender was forgotten. */
    private void noted(int number) {
        Guest guest = guests.get(number);
        if (guest != null) {
            guest.floods.countDown();
        }
    }
}
