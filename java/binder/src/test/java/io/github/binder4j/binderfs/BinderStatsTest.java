package io.github.binder4j.binderfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.binder4j.binderfs.Counters.Objects;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The driver's {@code stats}, as kernels printed them, and as none should. */
class BinderStatsTest {
    /** Linux 6.1, 6.12 and 7.2 print the same, the first but for freeze. */
    private static final String LINUX_6_12 = """
            binder stats:
            BC_TRANSACTION: 181240
            BC_REPLY: 100619
            BC_FREEZE_NOTIFICATION_DONE: 125
            BR_TRANSACTION: 179759
            BR_FAILED_REPLY: 1358
            proc: active 9 total 1622
            node: active 51 total 111873
            freeze: active 0 total 65
            proc 18396
            context binder
              threads: 5
              requested threads: 0+1/15
              ready threads 2
              free async space 520192
              nodes: 1
              refs: 2 s 3 w 4
              buffers: 6
              pages: 7:1:253
              pages high watermark: 8
              pending transactions: 9
              BC_TRANSACTION: 8
              BC_FREE_BUFFER: 3
            proc 18638
            context hwbinder
              threads: 1
              BC_ENTER_LOOPER: 1
            """;

    private static BinderStats parsed() {
        BinderStats stats = BinderStats.parse(LINUX_6_12);
        assertEquals(List.of(), stats.unparsed());
        return stats;
    }

    @Test
    void shouldReadTheFiguresOfTheKernel() {
        Counters counters = parsed().counters();

        assertEquals(
                List.of(
                        "BC_TRANSACTION",
                        "BC_REPLY",
                        "BC_FREEZE_NOTIFICATION_DONE",
                        "BR_TRANSACTION",
                        "BR_FAILED_REPLY"),
                List.copyOf(counters.commands().keySet()));
        assertEquals(181240, counters.command("BC_TRANSACTION"));
        assertEquals(0, counters.command("BR_DEAD_REPLY"));
        assertEquals(new Objects(51, 111873), counters.object("node"));
        assertEquals(new Objects(0, 65), counters.object("freeze"));
        assertEquals(new Objects(0, 0), counters.object("ref"));
    }

    @Test
    void shouldReadTheFiguresOfAProcess() {
        assertEquals(
                new ProcessStats(
                        18396,
                        "binder",
                        5,
                        0,
                        1,
                        15,
                        2,
                        520192,
                        1,
                        2,
                        3,
                        4,
                        6,
                        7,
                        1,
                        253,
                        8,
                        9,
                        new Counters(Map.of("BC_TRANSACTION", 8, "BC_FREE_BUFFER", 3), Map.of())),
                parsed().processes(18396).get(0));
    }

    @Test
    void shouldTakeFiguresThatAreNotThereForNone() {
        ProcessStats stats = parsed().processes(18638).get(0);

        assertEquals("hwbinder", stats.context());
        assertEquals(1, stats.threads());
        assertEquals(0, stats.maxThreads());
        assertEquals(0, stats.freeAsyncSpaceBytes());
        assertEquals(List.of(), parsed().processes(1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "colour: blue",
                "threads: many",
                "refs: 1 s 2",
                "BC_TRANSACTION: 99999999999",
                "node: active 1",
                "proc 6"
            })
    void shouldKeepALineItDoesNotKnowAndReadTheRest(String line) {
        BinderStats stats = BinderStats.parse("""
                binder stats:
                BC_REPLY: 3
                proc 5
                context binder
                  nodes: 1
                  %s
                  buffers: 2
                """.formatted(line));

        assertEquals(List.of(line), stats.unparsed());
        assertEquals(3, stats.counters().command("BC_REPLY"));
        assertEquals(1, stats.processes(5).get(0).nodes());
        assertEquals(2, stats.processes(5).get(0).buffers());
    }

    @Test
    void shouldKeepWhatBelongsToNothing() {
        BinderStats stats = BinderStats.parse("""
                something new
                  of several lines
                context binder
                proc 5
                proc 6
                """);

        assertEquals(
                List.of("something new", "of several lines", "context binder", "proc 5", "proc 6"), stats.unparsed());
        assertEquals(List.of(), stats.processes());
    }

    @Test
    void shouldReadACounterThatOverflowed() {
        assertEquals(
                -2147483648,
                BinderStats.parse("BR_NOOP: -2147483648\n").counters().command("BR_NOOP"));
    }

    @Test
    void shouldGiveNothingThatCanBeChanged() {
        BinderStats stats = parsed();

        assertThrows(UnsupportedOperationException.class, stats.processes()::clear);
        assertThrows(UnsupportedOperationException.class, stats.unparsed()::clear);
        assertThrows(UnsupportedOperationException.class, stats.counters().commands()::clear);
        assertThrows(UnsupportedOperationException.class, stats.counters().objects()::clear);
    }
}
