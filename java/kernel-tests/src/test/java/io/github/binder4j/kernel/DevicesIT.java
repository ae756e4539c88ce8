package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.Binder;
import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;
import android.os.TransactionTooLargeException;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.errors.BinderUnavailableException;
import io.github.binder4j.natives.BinderNative;
import io.github.binder4j.testkit.BinderTest;
import io.github.binder4j.testkit.JavaProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Several devices at once in one process, which have nothing in common. */
@Tag("binderfs")
@BinderTest
class DevicesIT {
    private static TwoDevices devices;

    private BinderDevice a;
    private BinderDevice b;
    private IBinder peerA;
    private IBinder peerB;

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
        a = BinderDevice.open(TwoDevices.A);
        b = BinderDevice.open(TwoDevices.B);
        peerA = a.getService(Peer.NAME);
        peerB = b.getService(Peer.NAME);
    }

    @AfterEach
    void close() throws Exception {
        a.close();
        b.close();
        TwoDevices.awaitNothingLeft();
    }

    @Test
    void shouldHaveAServiceManagerEach() {
        a.addService("only-a", new Peer());

        assertTrue(List.of(a.listServices()).contains("only-a"));
        assertFalse(List.of(b.listServices()).contains("only-a"));
        assertNull(b.getService("only-a"));
        assertNotSame(a.contextManager(), b.contextManager());
        assertTrue(a.contextManager().pingBinder());
        assertTrue(b.contextManager().pingBinder());
    }

    @Test
    void shouldMeanDifferentObjectsByTheSameHandle() throws RemoteException {
        assertEquals(handleOf(peerA), handleOf(peerB));
        assertNotEquals(peerA, peerB);

        Calls.call(peerA, Peer.KEEP, data -> data.writeStrongBinder(new Peer()));

        assertEquals(1, Calls.call(peerA, Peer.KEEP, data -> data.writeStrongBinder(null), Parcel::readInt));
        assertEquals(0, Calls.call(peerB, Peer.KEEP, data -> data.writeStrongBinder(null), Parcel::readInt));
        assertSame(peerA, Calls.ask(peerA, Peer.GIVE_SELF, Parcel::readStrongBinder));
        assertSame(peerB, Calls.ask(peerB, Peer.GIVE_SELF, Parcel::readStrongBinder));
        Calls.call(peerA, Peer.GIVE_KEPT, Calls.NOTHING);
    }

    private static String handleOf(IBinder proxy) {
        return proxy.toString().replaceAll(".*(handle [0-9]+).*", "$1");
    }

    @Test
    void shouldSendAnObjectThroughBoth() throws Exception {
        int nodesA = a.liveNodes();
        int nodesB = b.liveNodes();
        IBinder own = new Peer();
        Calls.call(peerA, Peer.KEEP, data -> data.writeStrongBinder(own));
        assertEquals(nodesA + 1, a.liveNodes());
        assertEquals(nodesB, b.liveNodes());
        Calls.call(peerB, Peer.KEEP, data -> data.writeStrongBinder(own));
        assertEquals(nodesB + 1, b.liveNodes());

        Calls.call(peerA, Peer.CALL_BACK, data -> data.writeStrongBinder(own));
        Calls.call(peerB, Peer.CALL_BACK, data -> data.writeStrongBinder(own));

        assertSame(own, Calls.ask(peerA, Peer.GIVE_KEPT, Parcel::readStrongBinder));
        awaitCollected(peerA, a, nodesA);
        assertEquals(nodesB + 1, b.liveNodes());
        assertSame(own, Calls.ask(peerB, Peer.GIVE_KEPT, Parcel::readStrongBinder));
        awaitCollected(peerB, b, nodesB);
    }

    private static void awaitCollected(IBinder peer, BinderDevice device, int nodes) throws Exception {
        Await.gcUntil(
                () -> {
                    Calls.call(peer, Peer.COLLECT_GARBAGE, Calls.NOTHING);
                    return device.liveNodes() == nodes;
                },
                () -> device.path() + " still knows " + device.liveNodes() + " objects, not " + nodes);
    }

    @Test
    void shouldRefuseAProxyOfTheOtherDevice() throws RemoteException {
        int nodes = b.liveNodes();

        IllegalArgumentException thrown = assertThrows(
                IllegalArgumentException.class,
                () -> Calls.call(peerB, Peer.REVERSE, data -> {
                    data.writeInt(2);
                    data.writeStrongBinder(new Peer());
                    data.writeStrongBinder(peerA);
                }));

        assertTrue(
                thrown.getMessage()
                        .startsWith("a proxy of " + TwoDevices.A + " cannot be sent through " + TwoDevices.B),
                thrown.getMessage());
        assertEquals(nodes, b.liveNodes());
        assertTrue(peerA.pingBinder());
        assertTrue(peerB.pingBinder());
    }

    @Test
    void shouldRefuseAProxyOfTheOtherDeviceInAReply() {
        List<Throwable> reported = new ArrayList<>();
        Thread.currentThread().setUncaughtExceptionHandler((thread, e) -> reported.add(e));
        long failures = b.statistics().servedFailures();

        assertThrows(
                IllegalArgumentException.class,
                () -> Calls.call(
                        peerB,
                        Peer.CALL_BACK,
                        data -> data.writeStrongBinder(new Binder() {
                            @Override
                            protected boolean onTransact(int code, Parcel arguments, Parcel reply, int flags) {
                                reply.writeNoException();
                                reply.writeStrongBinder(peerA);
                                return true;
                            }
                        })));

        Thread.currentThread().setUncaughtExceptionHandler(null);
        assertEquals(List.of(), reported);
        assertEquals(failures + 1, b.statistics().servedFailures());
        assertTrue(peerB.pingBinder());
    }

    @Test
    void shouldServeEachWithThreadsOfItsOwn() throws Exception {
        Set<String> names = threadsOf(a, b);

        assertTrue(names.stream().allMatch(name -> name.matches("binder-[ab]-binder-[0-9]+")), names.toString());
        assertEquals(
                2, names.stream().map(name -> name.substring(0, 9)).distinct().count(), names.toString());
    }

    /** Which threads serve an object that others reach through each of these devices. */
    private static Set<String> threadsOf(BinderDevice... through) throws Exception {
        List<String> names = new ArrayList<>();
        Binder own = new Binder() {
            @Override
            protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) {
                names.add(Thread.currentThread().getName());
                return true;
            }
        };
        for (BinderDevice device : through) {
            device.addService("named", own);
            try (BinderDevice other = BinderDevice.open(device.path())) {
                Calls.call(other.getService("named"), Peer.NOTHING, Calls.NOTHING);
            }
        }
        return names.stream().collect(Collectors.toSet());
    }

    // The same device opened twice: two processes to the driver

    @Test
    void shouldBeAProcessOfItsOwnEachTimeItIsOpened() throws Exception {
        Peer own = new Peer();
        a.addService("own", own);
        try (BinderDevice again = BinderDevice.open(TwoDevices.A)) {
            IBinder seen = again.getService("own");

            assertNotSame(own, seen);
            assertSame(own, a.getService("own"));
            assertEquals((int) ProcessHandle.current().pid(), Calls.askInt(seen, Peer.PID));
            Calls.call(seen, Peer.CALL_BACK, data -> data.writeStrongBinder(new Peer()));
            assertEquals(Peer.DESCRIPTOR, seen.getInterfaceDescriptor());
            IllegalArgumentException thrown = assertThrows(
                    IllegalArgumentException.class,
                    () -> Calls.call(peerA, Peer.IS_SELF, data -> data.writeStrongBinder(seen)));
            assertTrue(thrown.getMessage().startsWith("a proxy of "), thrown.getMessage());
        }
        assertTrue(peerA.pingBinder());
    }

    /** The driver compares process ids, so the manager's process cannot call it through another opening either. */
    @Test
    void shouldSayThatTheContextManagerIsOfThisProcessByAnotherOpening() throws Exception {
        assertTrue(BinderNative.addDevice(TwoDevices.CONTROL, "c-binder") >= 0);
        Path path = Path.of("/dev/binderfs/c-binder");
        try (BinderDevice managing = BinderDevice.open(path);
                BinderDevice again = BinderDevice.open(path)) {
            Peer manager = new Peer();
            managing.becomeContextManager(manager);

            assertSame(manager, managing.contextManager());
            IBinder seen = again.contextManager();
            assertNotSame(manager, seen);
            String cause = "an object of this process, by another opening";
            assertCause(cause, assertThrows(RemoteException.class, () -> Calls.askInt(seen, Peer.PID)));
            assertCause(cause, assertThrows(RemoteException.class, () -> seen.linkToDeath(() -> {}, 0)));
            assertCause(cause, assertThrows(IllegalStateException.class, () -> again.getService("any")));
            assertFalse(seen.pingBinder());
            assertCause(
                    "another opening of it in this process is",
                    assertThrows(IllegalStateException.class, () -> again.becomeContextManager(new Peer())));
            assertCause(
                    "this opening of it is already",
                    assertThrows(IllegalStateException.class, () -> managing.becomeContextManager(new Peer())));
        } finally {
            assertEquals(0, BinderNative.removeDevice(path.toString()));
        }
    }

    private static void assertCause(String cause, Throwable thrown) {
        assertTrue(thrown.getMessage().contains(cause), thrown.toString());
    }

    /** The role ends with the opening that had it, and the driver lets another have it. */
    @Test
    void shouldBecomeContextManagerAfterTheOpeningThatWasIsClosed() throws Exception {
        assertTrue(BinderNative.addDevice(TwoDevices.CONTROL, "d-binder") >= 0);
        Path path = Path.of("/dev/binderfs/d-binder");
        BinderDevice first = BinderDevice.open(path);
        first.becomeContextManager(new Peer());
        first.close();
        try (BinderDevice second = BinderDevice.open(path)) {
            Peer manager = new Peer();
            Await.until(() -> isTaken(second, manager), () -> "the role of a closed opening is not free");
            assertSame(manager, second.contextManager());
        } finally {
            assertEquals(0, BinderNative.removeDevice(path.toString()));
        }
    }

    private static boolean isTaken(BinderDevice device, Peer manager) {
        try {
            device.becomeContextManager(manager);
            return true;
        } catch (IllegalStateException e) { // the driver releases a closed file on a thread of its own
            assertCause("another process is, or was a moment ago", e);
            return false;
        }
    }

    /** Calls itself through the driver, on another device each time. */
    private static final class Shuttle extends Binder {
        final List<String> visits = new ArrayList<>();
        IBinder[] ways;

        @Override
        protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
            data.enforceInterface(Peer.DESCRIPTOR);
            int depth = data.readInt();
            int pid = Binder.getCallingPid();
            visits.add(Thread.currentThread().getName());
            if (depth > 0) {
                Calls.call(ways[depth % ways.length], Peer.NOTHING, arguments -> arguments.writeInt(depth - 1));
            }
            reply.writeNoException();
            assertEquals(pid, Binder.getCallingPid());
            return true;
        }
    }

    @Test
    void shouldNestCallsOfOneProcessThroughTwoDevices() throws Exception {
        Shuttle shuttle = new Shuttle();
        a.addService("shuttle", shuttle);
        b.addService("shuttle", shuttle);
        try (BinderDevice otherA = BinderDevice.open(TwoDevices.A);
                BinderDevice otherB = BinderDevice.open(TwoDevices.B)) {
            shuttle.ways = new IBinder[] {otherA.getService("shuttle"), otherB.getService("shuttle")};

            Calls.call(shuttle.ways[0], Peer.NOTHING, data -> data.writeInt(9));

            assertEquals(10, shuttle.visits.size());
            for (int i = 0; i < 10; i++) {
                String name = shuttle.visits.get(i);
                assertTrue(name.startsWith(i % 2 == 0 ? "binder-a-" : "binder-b-"), shuttle.visits.toString());
            }
            assertEquals(10, Set.copyOf(shuttle.visits).size(), "the driver keeps a stack per device");
        }
    }

    /** A thread that serves a call of one device and calls through another is called back there on the same thread. */
    @Test
    void shouldKeepTheCallersOfTwoDevicesApart() throws Exception {
        int[] pids = new int[3];
        List<Thread> threads = new ArrayList<>();
        a.addService("relay", new Binder() {
            @Override
            protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
                threads.add(Thread.currentThread());
                pids[0] = Binder.getCallingPid();
                Calls.call(
                        peerB,
                        Peer.CALL_BACK,
                        arguments -> arguments.writeStrongBinder(new Binder() {
                            @Override
                            protected boolean onTransact(int inner, Parcel in, Parcel out, int innerFlags) {
                                threads.add(Thread.currentThread());
                                pids[1] = Binder.getCallingPid();
                                return true;
                            }
                        }));
                pids[2] = Binder.getCallingPid();
                return true;
            }
        });
        try (JavaProcess caller = JavaProcess.start(
                List.of("-Dbinder4j.device=" + TwoDevices.A), DeathIT.Caller.class.getName(), "relay")) {
            caller.awaitLine(DeathIT.Caller.DONE);
            int callerPid = (int) caller.pid();

            assertEquals(
                    List.of(callerPid, (int) devices.peers.pid(), callerPid),
                    Arrays.stream(pids).boxed().toList());
        }
        assertSame(threads.get(0), threads.get(1));
    }

    // Size

    @Test
    void shouldReceiveAsMuchAsWasAskedFor() throws RemoteException {
        try (BinderDevice small = BinderDevice.open(TwoDevices.A, 100_000);
                BinderDevice large = BinderDevice.open(TwoDevices.A, 3 << 20)) {
            assertTrue(small.mappingSizeBytes() >= 100_000, "" + small.mappingSizeBytes());
            assertEquals(3 << 20, large.mappingSizeBytes());
            IBinder throughSmall = small.getService(Peer.NAME);
            IBinder throughLarge = large.getService(Peer.NAME);

            assertThrows(TransactionTooLargeException.class, () -> blob(throughSmall, 110_000));
            assertEquals(90_000, blob(throughSmall, 90_000));
            assertEquals(2 << 20, blob(throughLarge, 2 << 20));
        }
    }

    private static int blob(IBinder peer, int length) throws RemoteException {
        return Calls.call(peer, Peer.GIVE_BLOB, data -> data.writeInt(length), Parcel::readBlob).length;
    }

    /** The driver fills pages to their end, whatever was asked for. */
    @Test
    void shouldUseTheWholeOfItsLastPage() throws RemoteException {
        try (BinderDevice tiny = BinderDevice.open(TwoDevices.A, 1)) {
            assertTrue(tiny.mappingSizeBytes() >= 4096, "" + tiny.mappingSizeBytes());
            IBinder peer = tiny.getService(Peer.NAME);

            assertEquals(tiny.mappingSizeBytes() - 100, blob(peer, tiny.mappingSizeBytes() - 100));
        }
    }

    @Test
    void shouldMapNoMoreThanTheDriverUses() throws RemoteException {
        try (BinderDevice huge = BinderDevice.open(TwoDevices.A, Integer.MAX_VALUE)) {
            assertEquals(4 << 20, huge.mappingSizeBytes());
            assertEquals(3 << 20, blob(huge.getService(Peer.NAME), 3 << 20));
        }
    }

    @Test
    void shouldRefuseASizeThatIsNone() {
        assertThrows(IllegalArgumentException.class, () -> BinderDevice.open(TwoDevices.A, 0));
        assertThrows(IllegalArgumentException.class, () -> BinderDevice.open(TwoDevices.A, -1));
    }

    @Test
    void shouldSayWhichDeviceIsNotThere() {
        Path nowhere = Path.of("/dev/binderfs/nowhere");

        BinderUnavailableException thrown =
                assertThrows(BinderUnavailableException.class, () -> BinderDevice.open(nowhere));
        assertTrue(thrown.getMessage().contains(nowhere.toString()), thrown.getMessage());
    }
}
