package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;
import android.os.ServiceManager;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.PolledLooper;
import io.github.binder4j.testkit.BinderTest;
import io.github.binder4j.testkit.JavaProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Serving from a program's own event loop: one thread, which nothing but its program makes wait. */
@Tag("binderfs")
@BinderTest(serviceManager = true)
class PollIT {
    private static final Path DEVICE = Path.of("/dev/binderfs/binder");

    private static JavaProcess process;
    private static IBinder peer;

    @BeforeAll
    static void startPeer() {
        process = JavaProcess.start(ProtocolPeer.class, ProtocolPeer.POLLED, DEVICE.toString());
        process.awaitLine(Peer.READY);
        peer = ServiceManager.getService(Peer.NAME);
    }

    @AfterAll
    static void endPeer() {
        process.close();
    }

    // A peer that polls

    @Test
    void shouldServeCallsOfManyThreadsOnItsOneThread() throws Exception {
        int before = Calls.askInt(peer, Peer.NOTES);
        List<FutureTask<Void>> callers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            FutureTask<Void> caller = new FutureTask<>(PollIT::callOften);
            callers.add(caller);
            new Thread(caller, "caller-" + i).start();
        }
        for (FutureTask<Void> caller : callers) {
            caller.get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }

        Await.until(() -> Calls.askInt(peer, Peer.NOTES) == before + 8 * 20, () -> "notes were lost");
        assertServedByMainAlone();
    }

    private static Void callOften() throws RemoteException {
        for (int i = 0; i < 20; i++) {
            assertEquals(process.pid(), Calls.askInt(peer, Peer.PID));
            Calls.oneway(peer, Peer.NOTE, data -> data.writeInt(1));
            Calls.call(peer, Peer.CALL_BACK, data -> data.writeStrongBinder(new Peer()));
        }
        return null;
    }

    private static void assertServedByMainAlone() throws RemoteException {
        Calls.ask(peer, ProtocolPeer.THREADS, reply -> {
            assertEquals("main", reply.readString());
            assertEquals("binder-janitor-binder", reply.readString());
            return null;
        });
    }

    @Test
    void shouldRecurse() throws RemoteException {
        String[] threads = Peer.recurse(peer, 20, new Peer()).split(" ");

        assertEquals(21, threads.length);
        assertEquals(2, Arrays.stream(threads).distinct().count());
        assertServedByMainAlone();
    }

    @Test
    void shouldHearOfDeaths() throws Exception {
        int before = Calls.askInt(peer, ProtocolPeer.OBITUARIES);
        try (JavaProcess mortal = JavaProcess.start(Peer.class, "mortal")) {
            mortal.awaitLine(Peer.READY);
            IBinder proxy = ServiceManager.getService("mortal");
            for (int i = 0; i < 3; i++) {
                Calls.call(peer, ProtocolPeer.WATCH, data -> data.writeStrongBinder(proxy));
            }

            mortal.kill9();
        }

        Await.until(() -> Calls.askInt(peer, ProtocolPeer.OBITUARIES) == before + 3, () -> "it was not told");
        assertServedByMainAlone();
    }

    @Test
    void shouldLetGoOfWhatItIsSent() throws Exception {
        BinderDevice device = BinderDevice.getDefault();
        for (int i = 0; i < 10; i++) {
            Calls.call(peer, Peer.REVERSE, data -> {
                data.writeInt(100);
                for (int n = 0; n < 100; n++) {
                    data.writeStrongBinder(new Peer());
                }
            });
        }

        Await.gcUntil(
                () -> {
                    Calls.call(peer, Peer.COLLECT_GARBAGE, Calls.NOTHING);
                    return device.liveNodes() == 0;
                },
                () -> device.liveNodes() + " objects are known to the driver");
    }

    // This process polls

    @Test
    void shouldAskWithoutWaiting() {
        try (BinderDevice device = BinderDevice.open(DEVICE)) {
            PolledLooper looper = device.startPolling();
            looper.handlePolledCommands();

            assertFalse(looper.await(Duration.ZERO));
            assertFalse(looper.await(Duration.ofMillis(1)));
            looper.handlePolledCommands();
        }
    }

    @Test
    void shouldGiveADescriptorOfTheDevice() throws Exception {
        try (BinderDevice device = BinderDevice.open(DEVICE)) {
            int descriptor = device.startPolling().descriptor();

            assertEquals(DEVICE, Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)));
        }
    }

    @Test
    void shouldWakeForACallAndServeNothingUntilAskedTo() throws Exception {
        try (BinderDevice device = BinderDevice.open(DEVICE)) {
            PolledLooper looper = device.startPolling();
            List<Thread> served = new ArrayList<>();
            device.addService("polled", new Peer() {
                @Override
                protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
                    served.add(Thread.currentThread());
                    return super.onTransact(code, data, reply, flags);
                }
            });
            looper.handlePolledCommands();
            IBinder polled = ServiceManager.getService("polled");
            FutureTask<Integer> call = new FutureTask<>(() -> Calls.askInt(polled, Peer.PID));
            new Thread(call, "caller").start();

            assertTrue(looper.await(Await.PATIENCE));
            assertEquals(List.of(), served);
            looper.handlePolledCommands();

            assertEquals((int) ProcessHandle.current().pid(), call.get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS));
            assertEquals(List.of(Thread.currentThread()), served);
            assertEquals(0, device.statistics().loopers());
        }
    }

    @Test
    void shouldEndWhenTheDeviceIsClosed() throws Exception {
        int descriptors = OwnProcess.binderDescriptors().size();
        BinderDevice device = BinderDevice.open(DEVICE);
        CountDownLatch polling = new CountDownLatch(1);
        FutureTask<Boolean> poller = new FutureTask<>(() -> {
            PolledLooper looper = device.startPolling();
            looper.handlePolledCommands();
            polling.countDown();
            return looper.await(Duration.ofHours(1));
        });
        Thread thread = new Thread(poller, "poller");
        thread.start();
        polling.await();
        Await.until(() -> isPolling(thread), () -> "it does not poll");

        device.close();

        ExecutionException thrown =
                assertThrows(ExecutionException.class, () -> poller.get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS));
        assertInstanceOf(IllegalStateException.class, thrown.getCause());
        assertTrue(
                thrown.getCause().getMessage().contains("is closed"),
                thrown.getCause().toString());
        thread.join();
        assertEquals(descriptors, OwnProcess.binderDescriptors().size());
    }

    private static boolean isPolling(Thread thread) {
        return Arrays.stream(thread.getStackTrace())
                .anyMatch(frame -> frame.getMethodName().equals("pollReadable"));
    }

    @Test
    void shouldRefuseOtherThreads() throws Exception {
        try (BinderDevice device = BinderDevice.open(DEVICE)) {
            PolledLooper looper = device.startPolling();
            FutureTask<Void> other = new FutureTask<>(() -> {
                for (Runnable use : List.<Runnable>of(
                        looper::descriptor, looper::handlePolledCommands, () -> looper.await(Duration.ZERO))) {
                    IllegalStateException thrown = assertThrows(IllegalStateException.class, use::run);
                    assertTrue(thrown.getMessage().startsWith("polled on other, started on "), thrown.getMessage());
                }
                return null;
            });
            new Thread(other, "other").start();
            other.get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThrows(IllegalStateException.class, device::startPolling);
        }
    }

    @Test
    void shouldRefuseADeviceThatIsServedAlready() {
        try (BinderDevice device = BinderDevice.open(DEVICE)) {
            IBinder own = new Peer();
            device.addService("served", own);

            IllegalStateException thrown = assertThrows(IllegalStateException.class, device::startPolling);
            assertTrue(thrown.getMessage().contains("has loopers already"), thrown.getMessage());
            assertSame(own, device.getService("served"));
        }
    }
}
