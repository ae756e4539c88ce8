package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.DeadObjectException;
import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.testkit.BinderTest;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A device that is closed while another stays open. */
@Tag("binderfs")
@BinderTest
class DeviceEndIT {
    private static final int OPENINGS = 200;

    private static TwoDevices devices;

    private BinderDevice stays;
    private IBinder stayingPeer;

    @BeforeAll
    static void startPeers() {
        devices = TwoDevices.start();
    }

    @AfterAll
    static void endPeers() {
        devices.close();
    }

    @BeforeEach
    void open() {
        stays = BinderDevice.open(TwoDevices.B);
        stayingPeer = stays.getService(Peer.NAME);
    }

    @AfterEach
    void close() throws Exception {
        stays.close();
        TwoDevices.awaitNothingLeft();
    }

    /** Calls a peer until told to stop, from a thread of its own. */
    private static final class Load implements AutoCloseable {
        final AtomicInteger calls = new AtomicInteger();
        private final AtomicBoolean stopped = new AtomicBoolean();
        private final FutureTask<Void> running;

        Load(IBinder target) {
            running = new FutureTask<>(() -> {
                while (!stopped.get()) {
                    Calls.call(target, Peer.CALL_BACK, data -> data.writeStrongBinder(new Peer()));
                    assertEquals(
                            1000,
                            Calls.call(target, Peer.GIVE_BLOB, data -> data.writeInt(1000), Parcel::readBlob).length);
                    calls.incrementAndGet();
                }
                return null;
            });
            new Thread(running, "load").start();
        }

        void awaitMore(int count) throws Exception {
            int before = calls.get();
            Await.until(() -> calls.get() >= before + count || running.isDone(), calls::get);
            assertFalse(running.isDone(), "it ended");
        }

        @Override
        public void close() {
            stopped.set(true);
            try {
                running.get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            } catch (Exception e) {
                throw new AssertionError("the load failed", e);
            }
        }
    }

    @Test
    void shouldLeaveNothingHoweverOftenItIsOpenedAndClosedUnderLoad() throws Exception {
        try (Load load = new Load(stayingPeer)) {
            for (int i = 0; i < OPENINGS; i++) {
                openUseAndClose();
            }
            load.awaitMore(5);
            Await.until(() -> threadsOf("a-binder").isEmpty(), () -> threadsOf("a-binder"));
            Await.gcUntil(() -> mappingsOf("a-binder").isEmpty(), () -> "still mapped");
            assertEquals(List.of(), OwnProcess.descriptors(TwoDevices.A.toString()));
        }
    }

    private static void openUseAndClose() throws Exception {
        BinderDevice device = BinderDevice.open(TwoDevices.A);
        IBinder peer = device.getService(Peer.NAME);
        AtomicInteger calls = new AtomicInteger();
        Thread caller = new Thread(() -> callUntilClosed(peer, calls), "caller");
        caller.start();
        Await.until(() -> calls.get() > 0, calls::get);
        device.close();
        caller.join();
    }

    private static void callUntilClosed(IBinder peer, AtomicInteger calls) {
        try {
            while (true) {
                Calls.call(peer, Peer.CALL_BACK, data -> data.writeStrongBinder(new Peer()));
                calls.incrementAndGet();
            }
        } catch (RemoteException | IllegalStateException closed) {
            return;
        }
    }

    private static List<String> threadsOf(String device) {
        return OwnProcess.binderThreads().stream()
                .map(Thread::getName)
                .filter(name -> name.contains(device))
                .toList();
    }

    private static List<String> mappingsOf(String device) throws Exception {
        return OwnProcess.binderMappings().stream()
                .filter(line -> line.contains(device))
                .toList();
    }

    @Test
    void shouldFailProxiesOfTheClosedDeviceAndNoOthers() throws Exception {
        BinderDevice device = BinderDevice.open(TwoDevices.A);
        IBinder peer = device.getService(Peer.NAME);
        IBinder manager = device.contextManager();
        assertTrue(peer.isBinderAlive());
        device.close();

        for (IBinder proxy : List.of(peer, manager)) {
            assertFalse(proxy.isBinderAlive());
            assertFalse(proxy.pingBinder());
            for (Use use : uses(proxy)) {
                DeadObjectException thrown = assertThrows(DeadObjectException.class, use::run);
                assertTrue(thrown.getMessage().contains(TwoDevices.A + " is closed"), thrown.getMessage());
            }
        }
        assertEquals(devices.peers.pid(), Calls.askInt(stayingPeer, Peer.PID));
        assertTrue(stayingPeer.isBinderAlive());
    }

    private interface Use {
        void run() throws RemoteException;
    }

    private static List<Use> uses(IBinder proxy) {
        return List.of(
                () -> Calls.call(proxy, Peer.NOTHING, Calls.NOTHING),
                () -> Calls.oneway(proxy, Peer.NOTE, data -> data.writeInt(1)),
                proxy::getInterfaceDescriptor,
                proxy::getExtension,
                () -> proxy.linkToDeath(() -> {}, 0));
    }

    @Test
    void shouldSayOfEveryRequestThatItIsClosed() {
        BinderDevice device = BinderDevice.open(TwoDevices.A);
        device.close();
        int pid = (int) ProcessHandle.current().pid();

        for (Runnable request : List.<Runnable>of(
                device::listServices,
                () -> device.getService(Peer.NAME),
                () -> device.addService("late", new Peer()),
                () -> device.becomeContextManager(new Peer()),
                () -> device.setMaxThreads(3),
                device::startPolling,
                () -> device.freeze(pid, Duration.ZERO),
                () -> device.unfreeze(pid),
                () -> device.frozenInfo(pid),
                device::nodes)) {
            IllegalStateException thrown = assertThrows(IllegalStateException.class, request::run);
            assertTrue(thrown.getMessage().contains(TwoDevices.A + " is closed"), thrown.getMessage());
        }
        device.joinThreadPool();
        assertEquals(0, device.statistics().liveNodes());
        device.close();
    }

    /** That close returns means that all have left the driver within two seconds, for else it throws. */
    @Test
    void shouldWakeEveryThreadThatIsBlocked() throws Exception {
        BinderDevice device = BinderDevice.open(TwoDevices.A);
        IBinder peer = device.getService(Peer.NAME);
        FutureTask<Void> joined = start(device::joinThreadPool);
        FutureTask<Void> calling = start(() -> Calls.call(peer, Peer.HOLD, Calls.NOTHING));
        devices.peers.awaitLine(Peer.HOLDING);
        Await.until(() -> blocked() == 2, () -> "threads in the driver: " + blocked());
        try (Load load = new Load(stayingPeer)) {
            load.awaitMore(1);
            device.close();
            load.awaitMore(3);
        }

        joined.get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThrows(ExecutionException.class, () -> calling.get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS));
    }

    private static FutureTask<Void> start(Use use) {
        FutureTask<Void> task = new FutureTask<>(() -> {
            use.run();
            return null;
        });
        new Thread(task, "blocked").start();
        return task;
    }

    private static long blocked() {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(entry -> entry.getKey().getName().equals("blocked"))
                .filter(entry -> Arrays.stream(entry.getValue())
                        .anyMatch(frame -> frame.getClassName().endsWith(".BinderNative")))
                .count();
    }
}
