package io.github.binder4j.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.bench.report.Reports;
import io.github.binder4j.bench.result.Measurement;
import io.github.binder4j.bench.result.Measurement.Kind;
import io.github.binder4j.bench.result.ResultFile;
import io.github.binder4j.bench.result.Results;
import io.github.binder4j.bench.result.Transports;
import io.github.binder4j.bench.run.Launcher;
import io.github.binder4j.bench.run.Options;
import io.github.binder4j.bench.run.Run;
import io.github.binder4j.binderfs.Binderfs;
import io.github.binder4j.testkit.BinderTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A short run of everything on the real driver: no figure of it means anything, but that every one is there. */
@Tag("binderfs")
@BinderTest(privileged = true, timeoutSeconds = 900)
class BenchIT {
    /** The floor's, and one for each of its four processes; binder4j's; one for each of the two numbers of services. */
    private static final int DEVICES = 1 + 4 + 1 + 2;

    private static Path directory;
    private static Binderfs binderfs;
    private static Results results;

    @BeforeAll
    static void run() throws IOException {
        directory = Files.createTempDirectory("bench");
        binderfs = Binderfs.mount(Files.createDirectory(directory.resolve("binderfs")));
        List<Path> devices = new ArrayList<>();
        for (int i = 0; i < DEVICES; i++) {
            binderfs.add("bench-" + i);
            devices.add(binderfs.path().resolve("bench-" + i));
        }
        try (Run run = Run.begin(options(devices), System.out)) {
            Run.Outcome outcome = run.measure();
            assertNull(outcome.failure());
            results = outcome.results();
        }
    }

    @AfterAll
    static void unmount() throws IOException {
        binderfs.close();
    }

    private static Options options(List<Path> devices) {
        return new Options(
                transports(),
                EnumSet.allOf(Kind.class),
                List.of(0, 65536),
                List.of(2),
                List.of(10, 30),
                2,
                5,
                50,
                devices,
                null,
                null,
                null,
                List.of(),
                "a test");
    }

    private static List<String> transports() {
        return Launcher.available(null);
    }

    @Test
    void shouldHaveEveryTransportDoEveryWork() {
        for (Kind kind : List.of(Kind.LATENCY, Kind.ONEWAY, Kind.RATE)) {
            assertEquals(Set.copyOf(transports()), transportsOf(kind), kind.toString());
        }
        for (Measurement measurement : results.measurements()) {
            if (!isKnownToBeImpossible(measurement)) {
                assertNull(measurement.unavailable(), measurement.toString());
                assertEquals(2, measurement.rounds().size(), measurement.toString());
                assertTrue(measurement.rounds().stream().allMatch(round -> round.calls() > 0), measurement.toString());
            }
        }
    }

    private static Set<String> transportsOf(Kind kind) {
        return results.measurements().stream()
                .filter(measurement -> measurement.kind() == kind)
                .map(Measurement::transport)
                .collect(Collectors.toSet());
    }

    /** Without the right to larger ones a queue's messages have 8 KiB. */
    private static boolean isKnownToBeImpossible(Measurement measurement) {
        return measurement.sizeBytes() > 8000 && measurement.transport().equals(Transports.MQ_C);
    }

    @Test
    void shouldTimeEachCallAndTellWhatItCosts() {
        Measurement call = find(Kind.LATENCY, Transports.BINDER4J, "call");

        assertNotNull(call.latency());
        assertEquals(
                call.rounds().stream().mapToLong(Measurement.Round::calls).sum(),
                call.latency().count());
        assertTrue(call.latency().min() > 0, call.toString());
        assertTrue(call.costs().client().cpuNanos() > 0, call.toString());
        assertTrue(call.costs().server().voluntarySwitches() > 0, call.toString());
        assertNotNull(call.costs().server().allocatedBytes());
        assertNull(
                find(Kind.LATENCY, Transports.BINDER_C, "call").costs().server().allocatedBytes(), "C has no heap");
    }

    @Test
    void shouldMeasureWhatOnlyBinderCarries() {
        for (String shape : List.of(
                "plain call",
                "callback",
                "descriptor",
                "1000 binders",
                "1000 JNI calls",
                "lookup among 30",
                "register among 30")) {
            assertTrue(find(Kind.OBJECTS, Transports.BINDER4J, shape).latency().count() > 0, shape);
        }
    }

    private static Measurement find(Kind kind, String transport, String shape) {
        return results.measurements().stream()
                .filter(measurement -> measurement.kind() == kind
                        && measurement.transport().equals(transport)
                        && measurement.shape().equals(shape))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + kind + ' ' + transport + ' ' + shape));
    }

    @Test
    void shouldKeepWhatItMeasuredInAFile() throws IOException {
        Path out = Files.createDirectories(directory.resolve("out"));
        ResultFile.write(results, out.resolve("results.json"));
        Reports.writeAll(results, out);

        assertTrue(Files.size(out.resolve("report.html")) > 0);
        assertEquals(results, ResultFile.read(out.resolve("results.json")));
    }

    @Test
    void shouldLeaveNothingRunning() {
        List<ProcessHandle> left = ProcessHandle.current().descendants().toList();
        assertEquals(List.of(), left);
    }
}
