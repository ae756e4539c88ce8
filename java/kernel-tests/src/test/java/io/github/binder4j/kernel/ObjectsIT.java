package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.Binder;
import android.os.DeadObjectException;
import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;
import android.os.ServiceManager;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.DebugPid;
import io.github.binder4j.DeviceListener;
import io.github.binder4j.NodeInfo;
import io.github.binder4j.Subscription;
import io.github.binder4j.testkit.BinderTest;
import io.github.binder4j.testkit.JavaProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What every object can do, and how the objects and calls of several processes hang together. */
@Tag("binderfs")
@BinderTest(serviceManager = true)
class ObjectsIT {
    private static final Path DEVICE = Path.of("/dev/binderfs/binder");
    private static final int TWEET = '_' << 24 | 'T' << 16 | 'W' << 8 | 'T';

    private static BinderLogs log;
    private static BinderDevice device;
    private static JavaProcess process;
    private static IBinder peer;

    @BeforeAll
    static void startPeer() {
        log = BinderLogs.ofThisProcess();
        device = BinderDevice.getDefault();
        process = JavaProcess.start(ProtocolPeer.class, DEVICE.toString());
        process.awaitLine(Peer.READY);
        peer = ServiceManager.getService(Peer.NAME);
    }

    @AfterAll
    static void endPeer() {
        process.close();
    }

    // Extensions

    @Test
    void shouldGiveTheExtensionOfARemoteObject() throws RemoteException {
        assertNull(peer.getExtension());
        IBinder own = new Peer();
        IBinder made = Calls.call(peer, Peer.MAKE, data -> data.writeInt(1), Parcel::readStrongBinder);
        for (IBinder extension : new IBinder[] {own, made, peer, null}) {
            Calls.call(peer, ProtocolPeer.EXTEND, data -> data.writeStrongBinder(extension));

            assertSame(extension, peer.getExtension());
        }
    }

    @Test
    void shouldGiveTheExtensionOfAnObjectOfThisProcess() throws RemoteException {
        Binder extended = new Binder("extended");
        extended.setExtension(new Binder("extension"));
        ServiceManager.addService("extended", extended);
        try (BinderDevice other = BinderDevice.open(DEVICE)) {
            IBinder seen = other.getService("extended");

            assertEquals("extension", seen.getExtension().getInterfaceDescriptor());
            assertSame(seen.getExtension(), seen.getExtension());
            extended.setExtension(null);
            assertNull(seen.getExtension());
        }
    }

    // Reserved codes

    @Test
    void shouldTellWhichProcessHasAnObject() throws Exception {
        assertEquals((int) ProcessHandle.current().pid(), DebugPid.of(new Binder()));
        try (JavaProcess mortal = JavaProcess.start(Peer.class, "mortal")) {
            mortal.awaitLine(Peer.READY);
            IBinder proxy = ServiceManager.getService("mortal");

            assertEquals((int) mortal.pid(), DebugPid.of(proxy));
            mortal.kill9();

            DeadObjectException thrown = assertThrows(DeadObjectException.class, () -> Calls.askInt(proxy, Peer.PID));
            assertTrue(thrown.getMessage().contains(" pid=" + mortal.pid() + " "), thrown.getMessage());
        }
    }

    @Test
    void shouldAnswerReservedCodesForEveryObject() throws RemoteException {
        ServiceManager.addService("silent", new Binder() {
            @Override
            protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) {
                throw new IllegalStateException("asked for " + Integer.toHexString(code));
            }
        });
        try (BinderDevice other = BinderDevice.open(DEVICE)) {
            IBinder silent = other.getService("silent");

            assertTrue(silent.pingBinder());
            assertNull(silent.getExtension());
            assertEquals((int) ProcessHandle.current().pid(), DebugPid.of(silent));
        }
    }

    @Test
    void shouldAnswerReservedCodesWithoutAnInterfaceToken() throws RemoteException {
        assertEquals(true, reserved(peer, IBinder.PING_TRANSACTION, reply -> reply.dataSize() == 0));
        assertEquals(Peer.DESCRIPTOR, reserved(peer, IBinder.INTERFACE_TRANSACTION, Parcel::readString));
        assertEquals(Peer.DESCRIPTOR, peer.getInterfaceDescriptor());
        IBinder nameless = new Binder();
        ServiceManager.addService("nameless", nameless);
        try (BinderDevice other = BinderDevice.open(DEVICE)) {
            assertNull(other.getService("nameless").getInterfaceDescriptor());
        }
    }

    private static <T> T reserved(IBinder target, int code, Function<Parcel, T> answer) throws RemoteException {
        Parcel data = Parcel.obtain();
        Parcel reply = Parcel.obtain();
        try {
            assertTrue(target.transact(code, data, reply, 0), "unknown: " + Integer.toHexString(code));
            return answer.apply(reply);
        } finally {
            reply.recycle();
            data.recycle();
        }
    }

    @Test
    void shouldNotKnowReservedCodesThatMeanNothingHere() throws RemoteException {
        Parcel data = Parcel.obtain();
        Parcel reply = Parcel.obtain();

        assertFalse(peer.transact(TWEET, data, reply, 0));
        assertTrue(peer.pingBinder());
        reply.recycle();
        data.recycle();
    }

    // The driver's own book

    @Test
    void shouldListItsNodesAsTheDriverHasThem() throws Exception {
        awaitNodes(0);
        List<IBinder> sent = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            IBinder own = new Peer();
            sent.add(own);
            Calls.call(peer, Peer.KEEP, data -> data.writeStrongBinder(own));
        }

        List<NodeInfo> nodes = device.nodes();

        assertEquals(50, nodes.size());
        assertEquals(50, device.liveNodes());
        assertEquals(50, log.records("node").size(), log.toString());
        assertTrue(nodes.stream().allMatch(node -> node.strong() && node.weak()), nodes.toString());
        List<Long> numbers = nodes.stream().map(NodeInfo::number).toList();
        assertEquals(numbers.stream().sorted().distinct().toList(), numbers);
        for (IBinder own : sent) {
            assertSame(own, Calls.ask(peer, Peer.GIVE_KEPT, Parcel::readStrongBinder));
        }
        awaitNodes(0);
    }

    private static void awaitNodes(int count) throws Exception {
        Await.gcUntil(
                () -> {
                    Calls.call(peer, Peer.COLLECT_GARBAGE, Calls.NOTHING);
                    return device.liveNodes() == count
                            && device.nodes().size() == count
                            && log.records("node").size() == count;
                },
                () -> device.liveNodes() + " objects, " + device.nodes() + "\n" + log);
    }

    // Too many proxies

    /** Keeps what it is given. */
    private static final class Hoard extends Binder {
        final Queue<IBinder> kept = new ConcurrentLinkedQueue<>();

        @Override
        protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) {
            data.enforceInterface(Peer.DESCRIPTOR);
            for (int i = data.readInt(); i > 0; i--) {
                kept.add(data.readStrongBinder());
            }
            reply.writeNoException();
            return true;
        }
    }

    /** Gives a hoard so many objects, as whatever user runs it. */
    static final class Giver {
        static final String GIVEN = "giver: given";

        public static void main(String[] args) throws RemoteException {
            int count = Integer.parseInt(args[1]);
            Calls.call(ServiceManager.getService(args[0]), Peer.NOTHING, data -> {
                data.writeInt(count);
                for (int i = 0; i < count; i++) {
                    data.writeStrongBinder(new Binder());
                }
            });
            System.out.println(GIVEN);
        }
    }

    @Test
    void shouldTellOnceOfAUserWhoSendsTooManyObjectsUntilTheyHaveFallen() throws Exception {
        Hoard hoard = new Hoard();
        ServiceManager.addService("hoard", hoard);
        AsNobody.allow(DEVICE);
        List<String> told = new CopyOnWriteArrayList<>();
        DeviceListener listener = new DeviceListener() {
            @Override
            public void onProxyLimit(int uid, int count) {
                told.add(uid + ": " + count);
            }
        };
        String once = AsNobody.UID + ": 50";
        device.setProxyWatermarks(50, 10);
        Subscription subscription = device.subscribe(listener);
        give(49);
        assertEquals(Map.of(AsNobody.UID, 49), ofOthers());
        assertEquals(List.of(), told);
        give(20);
        Await.until(() -> told.size() == 1, told::toString);
        assertEquals(Map.of(AsNobody.UID, 69), ofOthers());
        hoard.kept.clear();
        Await.gcUntil(() -> ofOthers().isEmpty(), ObjectsIT::ofOthers);

        give(60);
        Await.until(() -> told.size() == 2, told::toString);
        subscription.close();
        assertEquals(List.of(once, once), told);
        hoard.kept.clear();
        Await.gcUntil(() -> ofOthers().isEmpty(), ObjectsIT::ofOthers);
        device.setProxyWatermarks(Integer.MAX_VALUE, 0);
    }

    private static void give(int count) throws Exception {
        AsNobody giver = new AsNobody(Giver.class.getName(), "hoard", "" + count);
        assertTrue(giver.output.contains(Giver.GIVEN), giver.output);
    }

    private static Map<Integer, Integer> ofOthers() {
        return device.statistics().proxiesByUid().entrySet().stream()
                .filter(entry -> entry.getKey() != 0)
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    @Test
    void shouldRefuseWatermarksThatAreNone() {
        assertThrows(IllegalArgumentException.class, () -> device.setProxyWatermarks(10, 10));
        assertThrows(IllegalArgumentException.class, () -> device.setProxyWatermarks(10, -1));
    }

    // Nesting through several processes

    @Test
    void shouldStayOnOneThreadOfEachOfFourProcesses() throws Exception {
        try (JavaProcess second = JavaProcess.start(Relay.class, "second");
                JavaProcess third = JavaProcess.start(Relay.class, "third")) {
            second.awaitLine(Peer.READY);
            third.awaitLine(Peer.READY);
            IBinder own = new ProtocolPeer();
            IBinder p2 = ServiceManager.getService("second");
            IBinder p3 = ServiceManager.getService("third");

            assertOneThreadEach(List.of(peer, p2, p3, own), 23);
            assertOneThreadEach(List.of(own, p3, p2, peer), 23);
            assertOneThreadEach(List.of(peer, p2, p3, p2, peer, own), 23);
            assertOneThreadEach(List.of(p3, p2, peer), 23);
        }
    }

    /** Calls go through the stops from the last to the first, again and again. */
    private static void assertOneThreadEach(List<IBinder> stops, int depth) throws RemoteException {
        String[] visits = ProtocolPeer.ring(stops, depth).split(" ");

        assertEquals(depth + 1, visits.length);
        long threads = Arrays.stream(visits).distinct().count();
        long processes = Arrays.stream(visits)
                .map(visit -> visit.substring(0, visit.indexOf('/')))
                .distinct()
                .count();
        assertEquals(stops.stream().distinct().count(), processes, String.join(" ", visits));
        assertEquals(processes, threads, String.join(" ", visits));
    }

    /** A peer that can be part of a ring, under a name. */
    static final class Relay {
        public static void main(String[] args) {
            ServiceManager.addService(args[0], new ProtocolPeer());
            System.out.println(Peer.READY);
            Binder.joinThreadPool();
        }
    }
}
