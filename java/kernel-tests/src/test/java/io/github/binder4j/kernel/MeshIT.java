package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;
import android.os.ServiceManager;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.testkit.BinderTest;
import io.github.binder4j.testkit.JavaProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Twenty processes, each client and server of all others, call each other at random for {@code binder4j.stress.seconds}:
 * nothing is lost, doubled, misdirected or damaged, and nothing is left.
 */
@Tag("binderfs")
@Tag("stress")
@BinderTest(serviceManager = true, timeoutSeconds = 7200)
class MeshIT {
    private static final int SECONDS = Integer.getInteger("binder4j.stress.seconds", 60);
    private static final int PROCESSES = 20;
    /** A process whose calls have not ended so long after their time waits for ever. */
    private static final int WATCHDOG_SECONDS = 900;

    private static final Duration START_PATIENCE = Duration.ofMinutes(10);
    private static final List<String> OPTIONS =
            List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto");

    private static final List<JavaProcess> processes = new ArrayList<>();
    private static final List<IBinder> nodes = new ArrayList<>();
    private static List<BinderLogs> logs;

    /** What a process says it sent. */
    private record Sent(long echoes, int[][] notes) {
        static Sent read(Parcel reply) {
            long echoes = 0;
            int[][] notes = new int[MeshNode.CALLERS][];
            for (int i = 0; i < notes.length; i++) {
                echoes += reply.readLong();
                notes[i] = MeshNode.readInts(reply);
            }
            return new Sent(echoes, notes);
        }
    }

    /** What a process says it received: how many oneway calls of each sender, and what was wrong with them. */
    private record Received(int[] notes, String disorder) {
        static Received read(Parcel reply) {
            return new Received(MeshNode.readInts(reply), reply.readString());
        }
    }

    @BeforeAll
    static void start() throws Exception {
        BinderDevice.getDefault();
        logs = BinderLogs.ofAll(PROCESSES, MeshIT::startProcesses);
        for (int i = 0; i < PROCESSES; i++) {
            nodes.add(ServiceManager.getService(MeshNode.name(i)));
        }
        for (IBinder node : nodes) {
            Calls.call(node, MeshNode.FIND, Calls.NOTHING);
        }
    }

    private static void startProcesses() {
        for (int i = 0; i < PROCESSES; i++) {
            processes.add(JavaProcess.start(OPTIONS, MeshNode.class.getName(), "" + i, "" + PROCESSES));
        }
        for (JavaProcess process : processes) {
            process.awaitLine(MeshNode.READY, START_PATIENCE);
        }
    }

    @AfterAll
    static void end() {
        processes.forEach(JavaProcess::close);
    }

    @Test
    void shouldLoseDoubleMisdirectOrDamageNothing() throws Exception {
        List<Live> before = live();
        List<Sent> sent =
                run(Long.getLong("binder4j.stress.seed", System.nanoTime()).intValue());

        long echoes = 0;
        for (IBinder node : nodes) {
            echoes += Calls.ask(node, MeshNode.SERVED, Parcel::readLong);
        }
        assertEquals(sent.stream().mapToLong(Sent::echoes).sum(), echoes);
        long notes = 0;
        for (int i = 0; i < PROCESSES; i++) {
            int[] expected = notesTo(i, sent);
            notes += Arrays.stream(expected).sum();
            awaitNotes(i, expected);
        }
        System.out.println("mesh: " + echoes + " calls echoed, " + notes + " oneway calls");
        assertTrue(echoes >= (long) PROCESSES * MeshNode.CALLERS * MeshCaller.LEAST_OF_A_KIND);
        assertTrue(notes > 0);
        awaitRest(before);
    }

    /** All at once. */
    private static List<Sent> run(int seed) throws Exception {
        System.out.println("mesh: seed " + seed + ", " + SECONDS + " s");
        List<FutureTask<Sent>> runs = new ArrayList<>();
        for (IBinder node : nodes) {
            int own = seed + 1000 * runs.size();
            FutureTask<Sent> run = new FutureTask<>(() -> Calls.call(
                    node,
                    MeshNode.RUN,
                    data -> {
                        data.writeInt(SECONDS);
                        data.writeInt(own);
                    },
                    Sent::read));
            runs.add(run);
            new Thread(run, "mesh-" + runs.size()).start();
        }
        List<Sent> sent = new ArrayList<>();
        for (FutureTask<Sent> run : runs) {
            sent.add(run.get(SECONDS + WATCHDOG_SECONDS, TimeUnit.SECONDS));
        }
        return sent;
    }

    /** What each sender says it sent to one process. */
    private static int[] notesTo(int target, List<Sent> sent) {
        int[] notes = new int[PROCESSES * MeshNode.CALLERS];
        for (int i = 0; i < notes.length; i++) {
            notes[i] = sent.get(i / MeshNode.CALLERS).notes[i % MeshNode.CALLERS][target];
        }
        return notes;
    }

    private static void awaitNotes(int target, int[] expected) throws Exception {
        Await.until(
                () -> Arrays.equals(expected, received(target).notes),
                () -> "process " + target + " was sent, by sender, " + Arrays.toString(expected) + ", and got "
                        + received(target));
        assertEquals("", received(target).disorder);
    }

    private static Received received(int target) {
        try {
            return Calls.ask(nodes.get(target), MeshNode.RECEIVED, Received::read);
        } catch (RemoteException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Everybody drops everybody: each has its own node left, which the service manager and this test hold, and no failure. */
    private static void awaitRest(List<Live> before) throws Exception {
        for (IBinder node : nodes) {
            Calls.call(node, MeshNode.DROP, Calls.NOTHING);
        }
        List<Live> rest = before.stream().map(live -> live.atRest(1, 0, 1)).toList();
        // Each collects garbage when it is asked, which the others' objects wait for.
        Await.until(() -> live().equals(rest), MeshIT::live);
        for (BinderLogs log : logs) {
            Await.until(() -> log.counts().equals(List.of(1, 0, 0)), () -> log);
            assertEquals(List.of(), log.failures());
        }
    }

    private static List<Live> live() {
        List<Live> live = new ArrayList<>();
        try {
            for (IBinder node : nodes) {
                live.add(Calls.ask(node, MeshNode.LIVE, Live::read));
            }
        } catch (RemoteException e) {
            throw new IllegalStateException(e);
        }
        return live;
    }
}
