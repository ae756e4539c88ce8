package io.github.binder4j.bench.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.bench.Bench;
import io.github.binder4j.bench.result.Measurement;
import io.github.binder4j.bench.result.Measurement.Kind;
import io.github.binder4j.bench.result.ResultFile;
import io.github.binder4j.bench.result.Results;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is left of a run that ends before it is done, of a transport that needs no driver. */
@Timeout(120)
class RunTest {
    private static final String SECOND_WORK = "latency call, 128 B";

    @TempDir
    Path directory;

    @Test
    void shouldKeepWhatWasMeasuredWhenTheProgramFails() throws IOException {
        RuntimeException failure = new IllegalStateException("a defect");
        try (Run run = Run.begin(options(Kind.LATENCY), failingAtSecondWork(failure))) {
            Run.Outcome outcome = run.measure();
            assertSame(failure, outcome.failure());
            assertEquals(List.of(64), sizes(outcome.results()));
        }
    }

    /** Calls to several services are made by those only that have services. */
    @Test
    void shouldMeasureCallsOfThreadsWithoutATransportOfBinder() throws IOException {
        try (Run run = Run.begin(options(Kind.RATE), new PrintStream(OutputStream.nullOutputStream()))) {
            Run.Outcome outcome = run.measure();
            assertNull(outcome.failure());
            assertEquals(List.of(64), sizes(outcome.results()));
        }
    }

    private static PrintStream failingAtSecondWork(RuntimeException failure) {
        return new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8) {
            @Override
            public PrintStream printf(String format, Object... arguments) {
                if (String.format(format, arguments).contains(SECOND_WORK)) {
                    throw failure;
                }
                return this;
            }
        };
    }

    private static Options options(Kind kind) {
        return new Options(
                List.of("unix"),
                Set.of(kind),
                List.of(64, 128),
                List.of(1),
                List.of(),
                1,
                1,
                1,
                List.of(),
                null,
                null,
                null,
                List.of(),
                "a test");
    }

    @Test
    void shouldWriteWhatWasMeasuredWhenToldToEnd() throws Exception {
        Process bench = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Bench.class.getName(),
                        "run",
                        "--transports=unix",
                        "--kinds=LATENCY",
                        "--sizes=64,128",
                        "--rounds=1",
                        "--millis=1000",
                        "--warm-up=1",
                        "--out=" + directory)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader says = bench.errorReader()) {
            assertNotNull(lineWith(SECOND_WORK, says));
            bench.toHandle().destroy(); // the process's own method would close the stream, too
            String last = lineWith("not complete", says);
            assertNotNull(last);
            assertTrue(last.contains(directory.toString()) && last.contains("interrupted"), last);
            assertEquals(128 + 15, bench.waitFor());
        } finally {
            bench.destroyForcibly();
        }
        assertEquals(List.of(64), sizes(ResultFile.read(directory.resolve("results.json"))));
    }

    /** Null if it ends without one. */
    private static String lineWith(String words, BufferedReader lines) throws IOException {
        String line = lines.readLine();
        while (line != null && !line.contains(words)) {
            line = lines.readLine();
        }
        return line;
    }

    private static List<Integer> sizes(Results results) {
        return results.measurements().stream().map(Measurement::sizeBytes).toList();
    }
}
