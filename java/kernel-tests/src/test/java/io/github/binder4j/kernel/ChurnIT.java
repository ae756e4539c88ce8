package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.IBinder;
import android.os.RemoteException;
import android.os.ServiceManager;
import io.github.binder4j.testkit.BinderTest;
import io.github.binder4j.testkit.JavaProcess;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Objects by the hundred thousand ({@code binder4j.stress.objects}), made, passed, called and dropped by several threads of
 * two processes in which the collector never rests: none is released too early, none stays.
 */
@Tag("binderfs")
@Tag("stress")
@BinderTest(
        serviceManager = true,
        timeoutSeconds = 7200,
        jvmOptions = {"-Xms64m", "-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+AlwaysPreTouch"})
class ChurnIT {
    private static final int OBJECTS = Integer.getInteger("binder4j.stress.objects", 100_000);
    private static final int PHASES = 3;
    /** A phase that has not ended by then never will. */
    private static final int WATCHDOG_MINUTES = 30;

    /** Between the first phase and the last: what the JVM itself comes to need, and less than 32 bytes for each object. */
    private static final long HEAP_GROWTH_BYTES = 2 << 20;

    /** The heap is resident from the start, so this is memory outside it. */
    private static final long RESIDENT_GROWTH_KIB = 12 << 10;

    private static final List<String> OPTIONS =
            List.of("-Xms64m", "-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+AlwaysPreTouch");

    private static BinderLogs ownLog;
    private static BinderLogs peerLog;
    private static JavaProcess process;
    private static IBinder peer;

    @BeforeAll
    static void startPeer() {
        ownLog = BinderLogs.ofThisProcess();
        peerLog = BinderLogs.of(() -> {
            process = JavaProcess.start(OPTIONS, ChurnNode.class.getName());
            process.awaitLine(ChurnNode.READY);
        });
        peer = ServiceManager.getService(ChurnNode.NAME);
    }

    private static Live ownBefore;
    private static Live peerBefore;

    @AfterAll
    static void endPeer() {
        process.close();
    }

    /** One process of the two, at rest. */
    private record Measured(ChurnMemory memory, Live live) {
        static Measured ofPeer() throws RemoteException {
            return Calls.ask(peer, ChurnNode.MEASURE, reply -> new Measured(ChurnMemory.read(reply), Live.read(reply)));
        }

        static Measured here() {
            return new Measured(ChurnMemory.here(), Live.here());
        }

        void assertNotMuchMoreThan(Measured before) {
            String message = "before " + before + ", after " + this;
            assertTrue(memory.heapBytes() - before.memory.heapBytes() < HEAP_GROWTH_BYTES, message);
            assertTrue(memory.residentKib() - before.memory.residentKib() < RESIDENT_GROWTH_KIB, message);
        }
    }

    @Test
    void shouldReleaseWhatIsDroppedAndNothingElse() throws Exception {
        int seed = Long.getLong("binder4j.stress.seed", System.nanoTime()).intValue();
        System.out.println("churn: seed " + seed + ", " + OBJECTS + " objects");
        IBinder own = new ChurnNode();

        ownBefore = Measured.here().live;
        peerBefore = Measured.ofPeer().live;
        churn(own, seed);
        Measured ownFirst = Measured.here();
        Measured peerFirst = Measured.ofPeer();
        for (int i = 1; i < PHASES; i++) {
            churn(own, seed + 1000 * i);
        }

        Measured.here().assertNotMuchMoreThan(ownFirst);
        Measured.ofPeer().assertNotMuchMoreThan(peerFirst);
        assertEquals(List.of(), ownLog.failures());
        assertEquals(List.of(), peerLog.failures());
        assertTrue(peer.pingBinder());
    }

    /** Its share of the objects from each side at once; afterwards nothing of them is left anywhere. */
    private static void churn(IBinder own, int seed) throws Exception {
        int share = OBJECTS / PHASES / 2;
        FutureTask<Void> peers = new FutureTask<>(() -> {
            Calls.call(peer, ChurnNode.RUN, data -> {
                data.writeStrongBinder(own);
                data.writeInt(share);
                data.writeInt(seed);
            });
            return null;
        });
        new Thread(peers, "peer's share").start();
        ChurnNode.churn(peer, share, seed + 100);
        peers.get(WATCHDOG_MINUTES, TimeUnit.MINUTES);
        awaitRest();
    }

    private static void awaitRest() throws Exception {
        Live ownRest = ownBefore.atRest(0, 1, 0);
        Live peerRest = peerBefore.atRest(1, 0, 1);
        // The peer collects garbage when it is asked, so it is asked each time.
        Await.gcUntil(
                () -> Measured.ofPeer().live.equals(peerRest) & Live.here().equals(ownRest), ChurnIT::describe);
        Await.until(() -> ownLog.counts().equals(List.of(0, 1, 0)), ChurnIT::describe);
        Await.until(() -> peerLog.counts().equals(List.of(1, 0, 0)), ChurnIT::describe);
        System.out.println("churn: here " + Measured.here() + ", the peer " + Measured.ofPeer());
    }

    private static String describe() {
        return "here " + Live.here() + ", for the driver " + ownLog.counts() + "; the peer " + peerLive()
                + ", for the driver " + peerLog.counts();
    }

    private static Object peerLive() {
        try {
            return Measured.ofPeer();
        } catch (RemoteException e) {
            return e;
        }
    }
}
