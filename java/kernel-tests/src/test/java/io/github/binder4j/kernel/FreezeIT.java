package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.DeadObjectException;
import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;
import android.os.ServiceManager;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.FrozenInfo;
import io.github.binder4j.TransactionFlags;
import io.github.binder4j.errors.FrozenObjectException;
import io.github.binder4j.testkit.BinderTest;
import io.github.binder4j.testkit.JavaProcess;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Calls to a process that is frozen. */
@Tag("binderfs")
@BinderTest(serviceManager = true)
class FreezeIT {
    private static final FrozenInfo NOTHING_MISSED = new FrozenInfo(false, false, false);

    private static BinderDevice device;
    private static JavaProcess process;
    private static IBinder peer;
    private static Freezer freezer;

    @BeforeAll
    static void startPeer() {
        device = BinderDevice.getDefault();
        BinderLogs log = BinderLogs.of(() -> {
            process = JavaProcess.start(Peer.class);
            process.awaitLine(Peer.READY);
        });
        freezer = new Freezer(device, process, log);
        peer = ServiceManager.getService(Peer.NAME);
    }

    @AfterAll
    static void endPeer() {
        process.close();
    }

    @AfterEach
    void letItGoOn() throws Exception {
        freezer.resume();
        freezer.unfreeze();
        assertTrue(peer.pingBinder());
    }

    @Test
    void shouldRefuseSynchronousCallsUntilItGoesOn() throws RemoteException {
        freezer.freeze();

        FrozenObjectException thrown = assertThrows(FrozenObjectException.class, () -> Calls.askInt(peer, Peer.PID));
        assertTrue(thrown.getMessage().contains("BR_FROZEN_REPLY"), thrown.getMessage());
        assertTrue(thrown.getMessage().contains("interface=" + Peer.DESCRIPTOR), thrown.getMessage());
        assertFalse(peer.pingBinder());
        assertTrue(peer.isBinderAlive());

        freezer.unfreeze();
        assertEquals(process.pid(), Calls.askInt(peer, Peer.PID));
    }

    @Test
    void shouldServeOnewayCallsWhenItGoesOn() throws Exception {
        int before = Calls.askInt(peer, Peer.NOTES);
        long pendingBefore = device.statistics().pendingFrozen();
        freezer.freeze();
        freezer.stop();

        note(1, 0);
        note(10, 0);

        long pending = device.statistics().pendingFrozen() - pendingBefore;
        // Kernels that tell of freezing tell this too; of those before, the later do.
        assertTrue(pending == 2 || pending == 0 && !Kernel.tellsOfFreezing(), "pending: " + pending);
        assertEquals(new FrozenInfo(false, true, true), device.frozenInfo(freezer.pid()));
        freezer.resume();
        freezer.unfreeze();
        Await.until(() -> Calls.askInt(peer, Peer.NOTES) == before + 11, () -> "a note was lost");
    }

    private static void note(int value, int flags) throws RemoteException {
        Parcel data = Parcel.obtain();
        try {
            data.writeInterfaceToken(Peer.DESCRIPTOR);
            data.writeInt(value);
            peer.transact(Peer.NOTE, data, null, IBinder.FLAG_ONEWAY | flags);
        } finally {
            data.recycle();
        }
    }

    /** To the driver alone a frozen process only refuses: what stops its threads is somebody else's work. */
    @Test
    void shouldServeOnewayCallsIfItsThreadsRun() throws Exception {
        int before = Calls.askInt(peer, Peer.NOTES);
        freezer.freeze();

        note(1, 0);

        freezer.unfreeze();
        Await.until(() -> Calls.askInt(peer, Peer.NOTES) == before + 1, () -> "the note was lost");
    }

    @Test
    void shouldReplaceAnEarlierOnewayCallThatWaits() throws Exception {
        int before = Calls.askInt(peer, Peer.NOTES);
        freezer.freeze();
        freezer.stop();

        // The first is in the process's queue; those that wait behind it replace each other.
        note(1, TransactionFlags.UPDATE_TXN);
        note(10, TransactionFlags.UPDATE_TXN);
        note(100, TransactionFlags.UPDATE_TXN);
        note(1000, 0);
        note(10_000, 0);
        note(100_000, TransactionFlags.UPDATE_TXN);

        freezer.resume();
        freezer.unfreeze();
        Await.until(() -> Calls.askInt(peer, Peer.NOTES) >= before + 111_001, FreezeIT::notes);
        assertEquals(before + 111_001, Calls.askInt(peer, Peer.NOTES));
    }

    private static String notes() {
        try {
            return "notes: " + Calls.askInt(peer, Peer.NOTES);
        } catch (RemoteException e) {
            return e.toString();
        }
    }

    @Test
    void shouldTellWhatWasMissed() throws Exception {
        assertEquals(NOTHING_MISSED, device.frozenInfo(freezer.pid()));
        freezer.freeze();
        assertEquals(NOTHING_MISSED, device.frozenInfo(freezer.pid()));

        assertThrows(FrozenObjectException.class, () -> Calls.askInt(peer, Peer.PID));
        assertEquals(new FrozenInfo(true, false, false), device.frozenInfo(freezer.pid()));
        freezer.stop();
        note(0, 0);
        assertEquals(new FrozenInfo(true, true, true), device.frozenInfo(freezer.pid()));

        freezer.resume();
        freezer.unfreeze();
        Await.until(() -> !device.frozenInfo(freezer.pid()).callPending(), () -> device.frozenInfo(freezer.pid()));
        freezer.freeze();
        assertEquals(NOTHING_MISSED, device.frozenInfo(freezer.pid()));
    }

    @Test
    void shouldNotFreezeAProcessThatServesACall() throws Exception {
        FutureTask<String> first = meet();
        Await.until(this::isServing, () -> "nobody is served");

        assertFalse(device.freeze(freezer.pid(), Duration.ZERO));
        assertFalse(device.freeze(freezer.pid(), Duration.ofMillis(50)));

        assertEquals(process.pid(), Calls.askInt(peer, Peer.PID));
        FutureTask<String> second = meet();
        first.get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        second.get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        freezer.freeze();
    }

    private static FutureTask<String> meet() {
        FutureTask<String> call = new FutureTask<>(() -> Calls.ask(peer, Peer.MEET, Parcel::readString));
        new Thread(call, "meets").start();
        return call;
    }

    private boolean isServing() {
        if (device.freeze(freezer.pid(), Duration.ZERO)) {
            device.unfreeze(freezer.pid());
            return false;
        }
        return true;
    }

    @Test
    void shouldNotFreezeAProcessThatWaitsForACall() throws Exception {
        boolean[] frozen = {true};
        Calls.call(
                peer,
                Peer.CALL_BACK,
                data -> data.writeStrongBinder(new Peer() {
                    @Override
                    protected boolean onTransact(int code, Parcel arguments, Parcel reply, int flags) {
                        frozen[0] = device.freeze(freezer.pid(), Duration.ZERO);
                        return true;
                    }
                }));

        assertFalse(frozen[0]);
    }

    @Test
    void shouldNameAProcessThatIsNotThere() {
        int nobody = Integer.MAX_VALUE;
        for (Runnable request : new Runnable[] {
            () -> device.freeze(nobody, Duration.ZERO), () -> device.unfreeze(nobody), () -> device.frozenInfo(nobody)
        }) {
            IllegalArgumentException thrown = assertThrows(IllegalArgumentException.class, request::run);
            assertTrue(thrown.getMessage().contains("process " + nobody), thrown.getMessage());
            assertTrue(thrown.getMessage().contains(device.path().toString()), thrown.getMessage());
        }
    }

    @Test
    void shouldRefuseANegativeTimeout() {
        Duration negative = Duration.ofMillis(-1);
        IllegalArgumentException thrown =
                assertThrows(IllegalArgumentException.class, () -> device.freeze(freezer.pid(), negative));
        assertTrue(thrown.getMessage().contains("PT-0.001S"), thrown.getMessage());
    }

    @Test
    void shouldTellThatAFrozenProcessHasDied() throws Exception {
        JavaProcess[] other = new JavaProcess[1];
        BinderLogs log = BinderLogs.of(() -> {
            other[0] = JavaProcess.start(Peer.class, "other");
            other[0].awaitLine(Peer.READY);
        });
        IBinder dying = ServiceManager.getService("other");
        FutureTask<Void> obituary = new FutureTask<>(() -> null);
        dying.linkToDeath(obituary::run, 0);
        new Freezer(device, other[0], log).freeze();

        other[0].kill9();

        obituary.get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThrows(DeadObjectException.class, () -> Calls.askInt(dying, Peer.PID));
    }
}
