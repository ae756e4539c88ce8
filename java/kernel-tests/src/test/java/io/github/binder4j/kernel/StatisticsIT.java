package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.Binder;
import android.os.DeadObjectException;
import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;
import android.os.TransactionTooLargeException;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.DeviceListener;
import io.github.binder4j.DeviceStatistics;
import io.github.binder4j.DeviceStatistics.Failure;
import io.github.binder4j.Subscription;
import io.github.binder4j.testkit.BinderTest;
import io.github.binder4j.testkit.JavaProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The numbers and events of a device, against what was done with it. */
@Tag("binderfs")
@BinderTest(serviceManager = true)
class StatisticsIT {
    private static final Path DEVICE = Path.of("/dev/binderfs/binder");
    private static final Map<Failure, Long> NO_FAILURES = failures(0, 0, 0, 0, 0);

    private JavaProcess process;
    private BinderDevice device;
    private IBinder peer;

    @BeforeEach
    void open() {
        process = JavaProcess.start(Peer.class);
        process.awaitLine(Peer.READY);
        device = BinderDevice.open(DEVICE);
        peer = device.getService(Peer.NAME);
    }

    @AfterEach
    void close() {
        device.close();
        process.close();
    }

    private static Map<Failure, Long> failures(long dead, long frozen, long noRoom, long failed, long status) {
        return Map.of(
                Failure.DEAD,
                dead,
                Failure.FROZEN,
                frozen,
                Failure.NO_ROOM,
                noRoom,
                Failure.FAILED,
                failed,
                Failure.STATUS,
                status);
    }

    @Test
    void shouldCountEveryCallAndByte() throws Exception {
        DeviceStatistics before = device.statistics();
        assertEquals(1, before.calls(), "the service manager was asked");
        assertEquals(NO_FAILURES, before.failures());
        long[] bytes = {0, 0};
        for (int i = 0; i < 7; i++) {
            transact(Peer.GIVE_BLOB, 100 * i, 0, bytes);
        }
        for (int i = 0; i < 5; i++) {
            transact(Peer.NOTE, i, IBinder.FLAG_ONEWAY, bytes);
        }

        DeviceStatistics after = device.statistics();

        assertEquals(7, after.calls() - before.calls());
        assertEquals(5, after.onewayCalls() - before.onewayCalls());
        assertEquals(bytes[0], after.bytesSent() - before.bytesSent());
        assertEquals(bytes[1], after.bytesReceived() - before.bytesReceived());
        assertEquals(0, after.servedCalls() + after.servedOnewayCalls());
        assertEquals(NO_FAILURES, after.failures());
        assertEquals(0, after.repliesFailed());
        assertEquals(1, after.liveProxies());
        assertEquals(Map.of(0, 1), after.proxiesByUid());
        assertEquals(0, after.unknownReturns());
    }

    private void transact(int code, int argument, int flags, long[] bytes) throws RemoteException {
        Parcel data = Parcel.obtain();
        Parcel reply = Parcel.obtain();
        try {
            data.writeInterfaceToken(Peer.DESCRIPTOR);
            data.writeInt(argument);
            bytes[0] += data.dataSize();
            assertTrue(peer.transact(code, data, flags == 0 ? reply : null, flags));
            bytes[1] += reply.dataSize();
        } finally {
            reply.recycle();
            data.recycle();
        }
    }

    @Test
    void shouldCountWhatItServes() throws Exception {
        device.addService("own", new Peer());
        DeviceStatistics before = device.statistics();
        try (BinderDevice other = BinderDevice.open(DEVICE)) {
            IBinder own = other.getService("own");
            for (int i = 0; i < 4; i++) {
                Calls.call(own, Peer.NOTHING, Calls.NOTHING);
                Calls.oneway(own, Peer.NOTE, data -> data.writeInt(1));
            }
            Await.until(() -> Calls.askInt(own, Peer.NOTES) == 4, () -> "notes were lost");
            DeviceStatistics others = other.statistics();
            Calls.call(peer, Peer.CALL_BACK, data -> data.writeStrongBinder(new Peer()));

            DeviceStatistics after = device.statistics();

            assertEquals(others.calls() - 1 + 1, after.servedCalls() - before.servedCalls(), "calls and the callback");
            assertEquals(4, after.servedOnewayCalls() - before.servedOnewayCalls());
            assertEquals(4, others.onewayCalls());
            assertEquals(0, others.servedCalls());
            assertEquals(1, after.calls() - before.calls());
        }
    }

    @Test
    void shouldCountFailuresByKind() throws Exception {
        Parcel data = Parcel.obtain();
        Parcel reply = Parcel.obtain();
        data.writeInterfaceToken(Peer.DESCRIPTOR);
        for (int i = 0; i < 3; i++) {
            assertFalse(peer.transact(Binder.LAST_CALL_TRANSACTION, data, reply, 0));
        }
        assertThrows(
                TransactionTooLargeException.class,
                () -> Calls.call(peer, Peer.TAKE_BLOB, arguments -> arguments.writeBlob(new byte[2 << 20])));
        assertThrows(
                TransactionTooLargeException.class,
                () -> Calls.call(peer, Peer.GIVE_BLOB, arguments -> arguments.writeInt(2 << 20)));
        peer.linkToDeath(() -> {}, 0);
        process.kill9();
        Await.until(() -> device.statistics().obituaries() == 1, device::statistics);
        assertThrows(DeadObjectException.class, () -> Calls.askInt(peer, Peer.PID));
        assertThrows(
                DeadObjectException.class, () -> Calls.oneway(peer, Peer.NOTE, arguments -> arguments.writeInt(1)));

        assertEquals(failures(2, 0, 2, 0, 3), device.statistics().failures());
        reply.recycle();
        data.recycle();
    }

    @Test
    void shouldCountWhatIsHeld() throws Exception {
        List<Parcel> replies = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Parcel data = Parcel.obtain();
            Parcel reply = Parcel.obtain();
            data.writeInterfaceToken(Peer.DESCRIPTOR);
            data.writeInt(10_000);
            peer.transact(Peer.GIVE_BLOB, data, reply, 0);
            replies.add(reply);
            data.recycle();
        }
        assertEquals(3, device.statistics().liveBuffers());
        assertEquals(
                replies.stream().mapToInt(Parcel::dataSize).sum(),
                device.statistics().liveBufferBytes());

        replies.forEach(Parcel::recycle);

        assertEquals(0, device.statistics().liveBuffers());
        assertEquals(0, device.statistics().liveBufferBytes());
        assertEquals(0, device.statistics().leakedBuffers());
    }

    @Test
    void shouldCountTheThreadsThatServe() throws Exception {
        assertEquals(0, device.statistics().loopers());
        PoolIT.Holder holder = new PoolIT.Holder();
        device.addService("holder", holder);
        Await.until(() -> device.statistics().loopers() >= 1, device::statistics);
        try (JavaProcess callers = JavaProcess.start(PoolIT.Callers.class, "holder", "3")) {
            holder.awaitEntered(3);
            assertEquals(3, device.statistics().busyLoopers());
            assertTrue(device.statistics().loopers() >= 3, "" + device.statistics());
            holder.exits.release(3);
            callers.awaitLine(PoolIT.Callers.DONE);
        }

        Await.until(() -> device.statistics().busyLoopers() == 0, device::statistics);
    }

    @Test
    void shouldTellOfACallThatFailsUnheard() throws Exception {
        List<String> told = new CopyOnWriteArrayList<>();
        List<Throwable> uncaught = new CopyOnWriteArrayList<>();
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> uncaught.add(e));
        device.addService("own", new Peer());
        device.subscribe(new DeviceListener() {
            @Override
            public void onServedCallFailed(
                    String interfaceName, int code, int callingUid, int callingPid, Throwable exception) {
                told.add(interfaceName + " " + code + " " + callingUid + " " + callingPid + " "
                        + exception.getClass().getName());
            }
        });
        try (BinderDevice other = BinderDevice.open(DEVICE)) {
            IBinder own = other.getService("own");
            Parcel wrong = Parcel.obtain();
            wrong.writeInterfaceToken("org.example.IOther");
            own.transact(Peer.NOTE, wrong, null, IBinder.FLAG_ONEWAY);
            wrong.recycle();
            Calls.oneway(own, Peer.THROW, data -> {
                data.writeInt(Peer.Thrown.STACK_OVERFLOW.ordinal());
                data.writeString("");
            });
            Await.until(() -> told.size() == 2, () -> told);
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(null);
        }

        assertEquals(
                List.of(
                        Peer.DESCRIPTOR + " " + Peer.NOTE + " 0 0 java.lang.SecurityException",
                        Peer.DESCRIPTOR + " " + Peer.THROW + " 0 0 java.lang.StackOverflowError"),
                told);
        assertEquals(List.of(), uncaught);
        assertEquals(2, device.statistics().servedFailures());
    }

    @Test
    void shouldTellThatItFloodsAPeerOnce() throws Exception {
        List<String> told = new CopyOnWriteArrayList<>();
        Subscription subscription = device.subscribe(new DeviceListener() {
            @Override
            public void onOnewaySpamSuspect(IBinder target, int code) {
                told.add((target == peer) + " " + code);
            }
        });
        Calls.oneway(peer, Peer.HOLD, Calls.NOTHING);
        process.awaitLine(Peer.HOLDING);
        int sent = 0;
        while (device.statistics().onewaySpamSuspects() == 0) {
            Calls.oneway(peer, Peer.NOTE, data -> {
                data.writeInt(1);
                data.writeBlob(new byte[8000]);
            });
            assertTrue(++sent < 65, "the driver suspects nothing");
        }
        Calls.oneway(peer, Peer.NOTE, data -> data.writeInt(1));
        Await.until(() -> !told.isEmpty(), () -> "the listener was not told");

        assertEquals(List.of("true " + Peer.NOTE), told);
        assertEquals(1, device.statistics().onewaySpamSuspects());
        assertEquals(NO_FAILURES, device.statistics().failures());
        subscription.close();
        subscription.close();
    }
}
