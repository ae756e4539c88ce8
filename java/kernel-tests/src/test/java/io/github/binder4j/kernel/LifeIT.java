package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;
import android.os.ServiceManager;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.BlobView;
import io.github.binder4j.Blobs;
import io.github.binder4j.testkit.BinderTest;
import io.github.binder4j.testkit.JavaProcess;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is held, and that it is let go: objects, proxies, buffers, and the driver's own records of them. */
@Tag("binderfs")
@BinderTest(serviceManager = true, timeoutSeconds = 600)
class LifeIT {
    private static final int MANY = 10_000;
    private static final int PER_CALL = 1000;

    private static BinderLogs ownLog;
    private static BinderLogs peerLog;
    private static JavaProcess process;
    private static IBinder peer;
    private static BinderDevice device;

    private int nodesBefore;
    private int peerNodesBefore;

    @BeforeAll
    static void startPeer() {
        ownLog = BinderLogs.ofThisProcess();
        peerLog = BinderLogs.of(() -> {
            process = JavaProcess.start(Peer.class);
            process.awaitLine(Peer.READY);
        });
        peer = ServiceManager.getService(Peer.NAME);
        assertNotNull(peer);
        device = BinderDevice.getDefault();
    }

    @AfterAll
    static void endPeer() {
        process.close();
    }

    @BeforeEach
    void count() throws RemoteException {
        nodesBefore = device.liveNodes();
        peerNodesBefore = Calls.askInt(peer, Peer.LIVE_NODES);
    }

    /** Whatever a test did: nothing of it is left on either side, in the library or in the driver, and nothing failed. */
    @AfterEach
    void shouldLeaveNothing() throws Exception {
        Await.gcUntil(
                () -> Calls.askInt(peer, Peer.LIVE_NODES) == peerNodesBefore && device.liveNodes() == nodesBefore,
                () -> "objects the peer's driver knows are not " + peerNodesBefore + ", or ours not " + nodesBefore
                        + " but " + device.liveNodes());
        Await.until(() -> device.liveBuffers() == 0, device::liveBuffers);
        Await.until(() -> ownLog.records("buffer").isEmpty(), () -> ownLog);
        Await.until(() -> peerLog.records("buffer").isEmpty(), () -> peerLog);
        Await.until(() -> ownLog.records("node").size() == nodesBefore, () -> ownLog);
        Await.until(() -> peerLog.records("node").size() == peerNodesBefore, () -> peerLog);
        Await.until(() -> ownLog.records("ref").size() == device.liveProxies(), () -> ownLog);
        assertEquals(List.of(), ownLog.failures());
        assertEquals(List.of(), peerLog.failures());
    }

    // Objects

    @Test
    void shouldReleaseAnObjectWhenItsLastProxyIsCollected() throws Exception {
        List<IBinder> held = make(3);
        assertEquals(peerNodesBefore + 3, Calls.askInt(peer, Peer.LIVE_NODES));
        assertEquals(3, Calls.askInt(peer, Peer.LIVE_MADE));

        held.remove(0);
        Await.gcUntil(
                () -> Calls.askInt(peer, Peer.LIVE_MADE) == 2
                        && Calls.askInt(peer, Peer.LIVE_NODES) == peerNodesBefore + 2,
                () -> "the dropped one was not released");

        for (IBinder kept : held) {
            assertTrue(kept.pingBinder());
        }
        held.clear();
        Await.gcUntil(() -> Calls.askInt(peer, Peer.LIVE_MADE) == 0, () -> "made objects are still held");
    }

    private static List<IBinder> make(int count) throws RemoteException {
        List<IBinder> made = new ArrayList<>();
        Calls.call(peer, Peer.MAKE, data -> data.writeInt(count), reply -> {
            for (int i = 0; i < count; i++) {
                made.add(reply.readStrongBinder());
            }
            return null;
        });
        return made;
    }

    @Test
    void shouldReleaseObjectsThatWereNeverReadFromTheReply() throws Exception {
        for (int i = 0; i < 10; i++) {
            Calls.call(peer, Peer.MAKE, data -> data.writeInt(100));
        }

        Await.until(() -> Calls.askInt(peer, Peer.LIVE_MADE) == 0, () -> "made objects are still held");
    }

    @Test
    void shouldReleaseTenThousandObjectsOfThePeer() throws Exception {
        for (int i = 0; i < MANY / PER_CALL; i++) {
            assertEquals(PER_CALL, make(PER_CALL).size());
        }

        Await.gcUntil(() -> Calls.askInt(peer, Peer.LIVE_MADE) == 0, () -> "made objects are still held");
        assertTrue(device.liveProxies() < 100, "proxies: " + device.liveProxies());
    }

    @Test
    void shouldReleaseTenThousandObjectsThatThePeerDrops() throws Exception {
        List<WeakReference<IBinder>> sent = new ArrayList<>();
        for (int i = 0; i < MANY / PER_CALL; i++) {
            sendAndForget(PER_CALL, sent);
        }
        assertEquals(MANY, sent.size());

        Await.gcUntil(
                () -> {
                    Calls.call(peer, Peer.COLLECT_GARBAGE, Calls.NOTHING);
                    return device.liveNodes() == nodesBefore && sent.stream().allMatch(object -> object.get() == null);
                },
                () -> device.liveNodes() + " objects are known to the driver, not " + nodesBefore);
    }

    private static void sendAndForget(int count, List<WeakReference<IBinder>> sent) throws RemoteException {
        Calls.call(peer, Peer.REVERSE, data -> {
            data.writeInt(count);
            for (int i = 0; i < count; i++) {
                IBinder object = new Peer();
                sent.add(new WeakReference<>(object));
                data.writeStrongBinder(object);
            }
        });
    }

    @Test
    void shouldKeepAnObjectForAsLongAsThePeerHoldsIt() throws Exception {
        WeakReference<IBinder> kept = keep();
        for (int i = 0; i < 5; i++) {
            System.gc();
            Calls.call(peer, Peer.COLLECT_GARBAGE, Calls.NOTHING);
        }
        assertNotNull(kept.get());
        assertEquals(nodesBefore + 1, device.liveNodes());

        Calls.call(peer, Peer.GIVE_KEPT, Calls.NOTHING);

        Await.gcUntil(
                () -> {
                    Calls.call(peer, Peer.COLLECT_GARBAGE, Calls.NOTHING);
                    return kept.get() == null;
                },
                () -> "the object is still held");
    }

    private static WeakReference<IBinder> keep() throws RemoteException {
        IBinder object = new Peer();
        Calls.call(peer, Peer.KEEP, data -> data.writeStrongBinder(object));
        return new WeakReference<>(object);
    }

    /** The handle's number is used again at once; neither the old proxy's release nor its absence may hurt the new one. */
    @Test
    void shouldNotConfuseObjectsThatFollowEachOtherUnderOneHandle() throws Exception {
        for (int i = 0; i < 200; i++) {
            for (IBinder object : make(5)) {
                assertEquals(process.pid(), Calls.askInt(object, Peer.PID));
            }
            if (i % 10 == 0) {
                System.gc();
            }
        }

        Await.gcUntil(() -> Calls.askInt(peer, Peer.LIVE_MADE) == 0, () -> "made objects are still held");
    }

    @Test
    void shouldReviveAnObjectThatIsSentAgainWhileItIsBeingReleased() throws Exception {
        IBinder object = new Peer();
        for (int i = 0; i < 300; i++) {
            Calls.call(peer, Peer.KEEP, data -> data.writeStrongBinder(object));
            IBinder back = Calls.ask(peer, Peer.GIVE_KEPT, Parcel::readStrongBinder);
            assertEquals(object, back);
            if (i % 10 == 0) {
                Calls.call(peer, Peer.COLLECT_GARBAGE, Calls.NOTHING);
            }
        }

        awaitNodes(nodesBefore);
    }

    private static void awaitNodes(int count) throws Exception {
        Await.gcUntil(
                () -> {
                    Calls.call(peer, Peer.COLLECT_GARBAGE, Calls.NOTHING);
                    return device.liveNodes() == count;
                },
                () -> device.liveNodes() + " objects are known to the driver, not " + count);
    }

    // Buffers

    @Test
    void shouldGiveEveryBufferBack() throws Exception {
        for (int i = 0; i < 100; i++) {
            Calls.call(peer, Peer.GIVE_BLOB, data -> data.writeInt(100_000), Parcel::readBlob);
            Calls.call(peer, Peer.CALL_BACK, data -> data.writeStrongBinder(new Peer()));
            Calls.oneway(peer, Peer.NOTE, data -> data.writeInt(1));
        }

        Await.until(() -> device.liveBuffers() == 0, device::liveBuffers);
        awaitNodes(nodesBefore);
    }

    @Test
    void shouldCountAParcelThatIsDroppedAndGiveItsBufferBack() throws Exception {
        long leakedBefore = device.leakedBuffers();
        dropReply();
        assertEquals(1, device.liveBuffers());

        Await.gcUntil(() -> device.leakedBuffers() == leakedBefore + 1, device::leakedBuffers);
    }

    private static void dropReply() throws RemoteException {
        Parcel data = Parcel.obtain();
        data.writeInterfaceToken(Peer.DESCRIPTOR);
        peer.transact(Peer.PID, data, Parcel.obtain(), 0);
        data.recycle();
    }

    @Test
    void shouldGiveTheBufferOfAViewBackThatIsDroppedAndCountOneThatIsKept() throws Exception {
        long leakedBefore = device.leakedBuffers();
        for (int i = 0; i < 20; i++) {
            assertEquals(300_000, view(false));
            Await.until(() -> device.liveBuffers() == 0, device::liveBuffers);
        }
        assertEquals(leakedBefore, device.leakedBuffers());
        assertEquals(300_000, view(true));
        Await.gcUntil(() -> device.leakedBuffers() == leakedBefore + 1, device::leakedBuffers);
    }

    private static int view(boolean keep) throws RemoteException {
        return Calls.call(peer, Peer.GIVE_BLOB, data -> data.writeInt(300_000), reply -> {
            BlobView view = Blobs.view(reply);
            return (keep ? view.keep() : view).size();
        });
    }

    // The driver's records

    @Test
    void shouldLeaveNoRecordOfThreadsThatEnded() throws Exception {
        int before = ownLog.records("thread").size();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            boolean ends = i % 2 == 0;
            Thread thread = new Thread(() -> callOnce(ends), "caller-" + i);
            thread.setUncaughtExceptionHandler((t, e) -> {});
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }

        Await.until(() -> ownLog.records("thread").size() <= before, () -> before + " threads before, now\n" + ownLog);
    }

    private static void callOnce(boolean ends) {
        try {
            Calls.call(peer, Peer.NOTHING, Calls.NOTHING);
        } catch (RemoteException e) {
            throw new IllegalStateException(e);
        }
        if (!ends) {
            throw new IllegalStateException("the thread dies by this");
        }
    }

    @Test
    void shouldSeeInTheLogsWhatIsHeld() throws RemoteException {
        List<IBinder> held = make(1);

        assertEquals(peerNodesBefore + 1, peerLog.records("node").size(), peerLog.toString());
        assertEquals(device.liveProxies(), ownLog.records("ref").size(), ownLog.toString());
        assertTrue(held.get(0).pingBinder());
    }
}
