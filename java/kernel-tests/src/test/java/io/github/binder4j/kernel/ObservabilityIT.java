package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.Binder;
import android.os.IBinder;
import android.os.Parcel;
import android.os.ServiceManager;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.DeviceListener;
import io.github.binder4j.DeviceStatistics;
import io.github.binder4j.ProtocolTrace;
import io.github.binder4j.Subscription;
import io.github.binder4j.testkit.BinderTest;
import io.github.binder4j.testkit.JavaProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the trace, the numbers, the events and the recorder say, beside what the driver says and what was done. */
@Tag("binderfs")
@BinderTest(serviceManager = true)
class ObservabilityIT {
    private static final Path DRIVER_STATISTICS = Path.of("/dev/binderfs/binder_logs/stats");
    private static final Pattern COUNT = Pattern.compile("\\s+(B[CR]_\\w+): (\\d+)");

    @TempDir
    private static Path directory;

    private static final ConcurrentLinkedQueue<String> lines = new ConcurrentLinkedQueue<>();

    private static ProtocolTrace trace;
    private static BinderLogs log;
    private static BinderDevice device;
    private static JavaProcess process;
    private static IBinder peer;

    @BeforeAll
    static void start() {
        trace = ProtocolTrace.to(lines::add);
        log = BinderLogs.ofThisProcess();
        device = BinderDevice.getDefault();
        process = JavaProcess.start(List.of("-Dbinder4j.trace=" + directory + "/peer-%p.trace"), Peer.class.getName());
        process.awaitLine(Peer.READY);
        peer = ServiceManager.getService(Peer.NAME);
        assertNotNull(peer);
    }

    @AfterAll
    static void end() {
        process.close();
        trace.close();
    }

    // The trace

    /** Those the driver writes without counting them ({@code binder_thread_read}). */
    private static boolean isCounted(String command) {
        return !command.equals("BR_NOOP") && !command.equals("BR_SPAWN_LOOPER");
    }

    private static Map<String, Long> countedByTheDriver() throws Exception {
        Map<String, Long> counts = new TreeMap<>();
        boolean own = false;
        for (String line : Files.readAllLines(DRIVER_STATISTICS)) {
            if (line.startsWith("proc ")) {
                own = line.equals("proc " + log.pid());
            }
            Matcher count = COUNT.matcher(line);
            if (own && count.matches() && isCounted(count.group(1))) {
                counts.put(count.group(1), Long.parseLong(count.group(2)));
            }
        }
        return counts;
    }

    private static Map<String, Long> counted(Iterable<String> traced) {
        Map<String, Long> counts = new TreeMap<>();
        for (String line : traced) {
            Matcher command = Pattern.compile(".* [<>] (B[CR]_\\w+).*").matcher(line);
            if (command.matches() && isCounted(command.group(1))) {
                counts.merge(command.group(1), 1L, Long::sum);
            }
        }
        return counts;
    }

    @Test
    void shouldTraceEveryCommandTheDriverCounts() throws Exception {
        for (int i = 0; i < 20; i++) {
            Calls.call(peer, Peer.NOTHING, Calls.NOTHING);
            Calls.oneway(peer, Peer.NOTE, data -> data.writeInt(0));
            Calls.call(peer, Peer.CALL_BACK, data -> data.writeStrongBinder(new Peer()));
        }
        Await.gcUntil(
                () -> counted(lines).equals(countedByTheDriver()),
                () -> "the driver counts " + countedByTheDriverNow() + "\nthe trace has " + counted(lines));
        assertTrue(counted(lines).get("BC_TRANSACTION") >= 60);
        assertTrue(counted(lines).containsKey("BR_TRANSACTION"));
    }

    private static String countedByTheDriverNow() {
        try {
            return countedByTheDriver().toString();
        } catch (Exception e) {
            return e.toString();
        }
    }

    @Test
    void shouldTraceTheStepsOfACallOnBothSidesInTheirOrder() throws Exception {
        int before = lines.size();
        Calls.call(peer, Peer.SUM, data -> data.writeLong(1));

        assertInOrder(
                List.copyOf(lines).subList(before, lines.size()),
                "> BC_TRANSACTION handle=" + "\\d+ code=0x1a flags=\\S+ data=\\d+ objects=0 interface="
                        + Peer.DESCRIPTOR,
                "< BR_TRANSACTION_COMPLETE",
                "< BR_REPLY ");
        assertInOrder(
                peerTrace(),
                "# process " + process.pid() + " Peer",
                "= open, BINDER_VERSION 8",
                "= mmap 0x[0-9a-f]+, 1040384 bytes",
                "= BINDER_SET_MAX_THREADS 15",
                "> BC_TRANSACTION handle=0 code=0x5 .* interface=android.os.IServiceManager",
                "< BR_INCREFS ptr=",
                "< BR_ACQUIRE ptr=",
                "< BR_REPLY ",
                "> BC_INCREFS_DONE ",
                "> BC_ACQUIRE_DONE ",
                "> BC_ENTER_LOOPER",
                "< BR_TRANSACTION ptr=.* code=0x1a .* interface=" + Peer.DESCRIPTOR,
                "> BC_FREE_BUFFER buffer=",
                "> BC_REPLY ");
    }

    private static List<String> peerTrace() throws Exception {
        return Files.readAllLines(directory.resolve("peer-" + process.pid() + ".trace"));
    }

    private static void assertInOrder(List<String> traced, String... steps) {
        int at = 0;
        for (String step : steps) {
            int from = at;
            while (at < traced.size()
                    && !Pattern.compile(step).matcher(traced.get(at)).find()) {
                at++;
            }
            assertTrue(
                    at < traced.size(),
                    () -> step + " does not follow line " + from + " of\n" + String.join("\n", traced));
        }
    }

    // Numbers

    @Test
    void shouldCountExactlyWhatWasCalled() throws Exception {
        Calls.call(peer, Peer.NOTHING, Calls.NOTHING); // what comes of starting is over
        DeviceStatistics before = device.statistics();
        for (int i = 0; i < 5; i++) {
            Calls.call(peer, Peer.NOTHING, Calls.NOTHING);
        }
        for (int i = 0; i < 3; i++) {
            Calls.oneway(peer, Peer.NOTE, data -> data.writeInt(0));
        }
        Calls.call(peer, Peer.CALL_BACK, data -> data.writeStrongBinder(new Peer()));
        DeviceStatistics after = device.statistics();

        assertEquals(6, after.calls() - before.calls());
        assertEquals(3, after.onewayCalls() - before.onewayCalls());
        assertEquals(1, after.servedCalls() - before.servedCalls());
        assertEquals(before.failures(), after.failures());
    }

    // The recorder

    @Test
    void shouldRecordCallsServedCallsAndObituaries() throws Exception {
        List<RecordedEvent> events;
        try (Recording recording = new Recording()) {
            recording.start();
            Calls.call(peer, Peer.CALL_BACK, data -> data.writeStrongBinder(new Peer()));
            CountDownLatch dead = new CountDownLatch(1);
            try (JavaProcess victim = JavaProcess.start(Peer.class, "victim")) {
                victim.awaitLine(Peer.READY);
                ServiceManager.getService("victim").linkToDeath(dead::countDown, 0);
                victim.kill9();
                dead.await();
            }
            recording.stop();
            Path file = directory.resolve("calls.jfr");
            recording.dump(file);
            events = RecordingFile.readAllEvents(file);
        }

        RecordedEvent call = only(events, "binder4j.ClientCall", Peer.CALL_BACK);
        assertEquals(Peer.DESCRIPTOR, call.getString("interfaceName"));
        assertEquals("BR_REPLY", call.getString("outcome"));
        assertTrue(call.getDuration().toNanos() > 0);
        RecordedEvent served = only(events, "binder4j.ServedCall", Peer.NOTHING);
        assertEquals(process.pid(), served.getInt("peerPid"));
        assertEquals(Peer.DESCRIPTOR, served.getString("interfaceName"));
        assertTrue(served.getDuration().compareTo(call.getDuration()) < 0, "it was served within the call");
        assertEquals(
                1,
                events.stream()
                        .filter(event -> event.getEventType().getName().equals("binder4j.Obituary"))
                        .count());
    }

    private static RecordedEvent only(List<RecordedEvent> events, String name, int code) {
        List<RecordedEvent> found = events.stream()
                .filter(event -> event.getEventType().getName().equals(name) && event.getInt("code") == code)
                .collect(Collectors.toList());
        assertEquals(1, found.size(), () -> name + " of code " + code + ": " + found);
        return found.get(0);
    }

    // Events

    @Test
    void shouldTellASubscriberOfStarvation() throws Exception {
        ConcurrentLinkedQueue<Integer> starved = new ConcurrentLinkedQueue<>();
        Subscription subscription = device.subscribe(new DeviceListener() {
            @Override
            public void onStarvation(int threads, long starvedMs) {
                assertTrue(starvedMs >= 100); // whole milliseconds
                starved.add(threads);
            }
        });
        Holding holding = new Holding();
        device.setMaxThreads(0);
        ServiceManager.addService("held", holding);
        // As many calls as the pool may have threads by now, so that none is free whatever was served before.
        try (JavaProcess caller = JavaProcess.start(PoolIT.Callers.class, "held", "16")) {
            holding.entered.await();
            Await.until(() -> !starved.isEmpty(), () -> "nobody told of it: " + device.statistics());
            assertTrue(caller.isAlive());
        } finally {
            holding.left.countDown();
            device.setMaxThreads(15);
            subscription.close();
        }
    }

    /** Keeps the thread that serves it until closed. */
    private static final class Holding extends Binder {
        private final CountDownLatch entered = new CountDownLatch(1);
        private final CountDownLatch left = new CountDownLatch(1);

        @Override
        protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) {
            entered.countDown();
            try {
                left.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return true;
        }
    }
}
