package io.github.binder4j.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.bench.result.Machine;
import io.github.binder4j.bench.result.Measurement.Kind;
import io.github.binder4j.bench.result.Settings;
import java.util.List;
import org.junit.jupiter.api.Test;

class ComparisonTest {
    private static MadeResults calls(double... micros) {
        return new MadeResults().call("binder4j", 64, micros);
    }

    /** The words of the line of a transport. */
    private static List<String> line(String comparison, String start) {
        return comparison
                .lines()
                .filter(line -> line.strip().startsWith(start))
                .map(line -> List.of(line.strip().split("\\s+")))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void shouldMarkWhatChangedByMoreThanTheRoundsLieApart() {
        String comparison = Reports.compare(
                calls(100, 101, 102).build(), calls(109, 110, 111).build());

        assertEquals(
                List.of("binder4j", "call", "64", "B", "1.09", "worse", "1.09", "worse", "0.92", "worse"),
                line(comparison, "binder4j call"));
        assertFalse(comparison.contains("WARNING"), comparison);
    }

    @Test
    void shouldCallAHigherRateBetter() {
        String comparison = Reports.compare(
                new MadeResults()
                        .rate(Kind.ONEWAY, "binder4j", "", 64, 1, 1000, 1010)
                        .build(),
                new MadeResults()
                        .rate(Kind.ONEWAY, "binder4j", "", 64, 1, 1500, 1510)
                        .build());

        assertEquals(
                List.of("binder4j", "oneway", "64", "B", "-", "-", "1.50", "better"),
                line(comparison, "binder4j oneway"));
    }

    @Test
    void shouldNotMarkWhatTheRoundsExplain() {
        String comparison = Reports.compare(
                calls(100, 120, 110).build(), calls(110, 112, 115).build());

        assertFalse(line(comparison, "binder4j call").contains("worse"), comparison);
    }

    @Test
    void shouldNotJudgeOneRound() {
        String comparison = Reports.compare(calls(100).build(), calls(200).build());

        assertTrue(line(comparison, "binder4j call").contains("?"), comparison);
        assertFalse(line(comparison, "binder4j call").contains("worse"), comparison);
    }

    @Test
    void shouldNameWhatOnlyOneOfThemHas() {
        String comparison = Reports.compare(
                calls(100).call("fifo", 1024, 10).call("fifo", 4096, 10).build(),
                calls(100).call("unix", 64, 10).build());

        assertTrue(comparison.contains("Only before\n  fifo, call: 1 KiB, 4 KiB\n"), comparison);
        assertTrue(comparison.contains("Only after\n  unix, call: 64 B\n"), comparison);
    }

    @Test
    void shouldWarnOfAnotherMachineKernelJdkOrSetting() {
        Machine other = new Machine(
                "2026-03-02", "Other Processor", 4, "0,1", "none", "6.1.0", "/dev/binder", "JDK 25", "-Xmx1g", "2");
        Settings settings = new Settings("./ci/bench", 9, 100, 10, 1);

        String comparison = Reports.compare(
                calls(100).build(), calls(100).machine(other).settings(settings).build());

        assertTrue(comparison.contains("WARNING"), comparison);
        for (String what : List.of("processor", "CPUs", "virtualisation", "kernel", "JDK", "JVM options", "rounds")) {
            assertTrue(comparison.contains(what + ": before "), what);
        }
        assertTrue(comparison.contains("kernel: before \"6.12.41\", after \"6.1.0\""), comparison);
        assertFalse(
                comparison.contains("0.1.0-SNAPSHOT e756ff7\", after"),
                "another version of binder4j is what one compares");
    }
}
