package io.github.binder4j.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.bench.report.Budgets.State;
import io.github.binder4j.bench.report.Budgets.Verdict;
import io.github.binder4j.bench.result.Measurement;
import io.github.binder4j.bench.result.Measurement.Costs;
import io.github.binder4j.bench.result.Measurement.Kind;
import io.github.binder4j.bench.result.Measurement.Round;
import io.github.binder4j.bench.result.Measurement.Side;
import io.github.binder4j.bench.result.Results;
import java.util.List;
import org.junit.jupiter.api.Test;

class BudgetsTest {
    private static final int KIB = 1024;

    private static Verdict verdict(MadeResults made, String name) {
        return verdict(made.build(), name);
    }

    private static Verdict verdict(Results results, String name) {
        List<Verdict> found = Budgets.judge(results).stream()
                .filter(verdict -> verdict.name().equals(name))
                .toList();
        assertEquals(1, found.size(), name);
        return found.get(0);
    }

    @Test
    void shouldMeetARatioThatIsExactlyTheLimit() {
        MadeResults made = new MadeResults().call("binder4j", 64, 110).call("binder-c", 64, 100);

        assertEquals(State.MET, verdict(made, "binder4j / C floor, 64 B, p50").state());
        assertEquals(State.MET, verdict(made, "binder4j / C floor, 64 B, p99").state());
    }

    @Test
    void shouldMissARatioAboveTheLimit() {
        MadeResults made = new MadeResults().call("binder4j", 64, 110.2).call("binder-c", 64, 100);

        Verdict verdict = verdict(made, "binder4j / C floor, 64 B, p50");

        assertEquals(State.MISSED, verdict.state());
        assertEquals("1.102", verdict.measured());
        assertEquals("at most 1.10", verdict.limit());
        assertTrue(Budgets.isAnyMissed(Budgets.judge(made.build())));
    }

    @Test
    void shouldCompareRoundWithRoundAndTellTheRange() {
        MadeResults made = new MadeResults().call("binder4j", 64, 105, 210, 309).call("binder-c", 64, 100, 200, 300);

        Verdict verdict = verdict(made, "binder4j / C floor, 64 B, p50");

        assertEquals("1.050 (1.030 to 1.050)", verdict.measured());
        assertFalse(verdict.isClose());
    }

    @Test
    void shouldSayWhenSomeRoundsAreOnTheOtherSide() {
        MadeResults made = new MadeResults().call("binder4j", 64, 105, 112, 106).call("binder-c", 64, 100, 100, 100);

        Verdict verdict = verdict(made, "binder4j / C floor, 64 B, p50");

        assertEquals(State.MET, verdict.state());
        assertTrue(verdict.isClose());
    }

    @Test
    void shouldLetTheWorstSizeDecide() {
        MadeResults made = new MadeResults()
                .call("binder4j", 64 * KIB, 101)
                .call("binder-c", 64 * KIB, 100)
                .call("binder4j", 256 * KIB, 107)
                .call("binder-c", 256 * KIB, 100)
                .call("binder4j", 512 * KIB, 102);

        Verdict verdict = verdict(made, "binder4j / C floor, from 64 KiB, p50");

        assertEquals(State.MISSED, verdict.state());
        assertEquals("1.070 at 256 KiB", verdict.measured());
        assertEquals("64 KiB 1.010. not compared: binder-c did no such work in this run", verdict.note());
    }

    @Test
    void shouldNotCallABudgetKeptOfWhichASizeCouldNotBeCompared() {
        MadeResults made = new MadeResults()
                .call("binder4j", 64 * KIB, 101)
                .call("binder-c", 64 * KIB, 100)
                .call("binder4j", 512 * KIB, 102);

        Verdict verdict = verdict(made, "binder4j / C floor, from 64 KiB, p50");

        assertEquals(State.MET_IN_PART, verdict.state());
        assertEquals("1.010", verdict.measured());
        assertEquals("not compared: binder-c did no such work in this run", verdict.note());
    }

    @Test
    void shouldTellWhyNothingWasMeasured() {
        MadeResults made = new MadeResults()
                .call("binder4j", 64, 100)
                .unavailable(Kind.LATENCY, "libgbinder", "call", 64, "it is not installed");

        Verdict libgbinder = verdict(made, "binder4j / libgbinder, any size, p50");
        Verdict floor = verdict(made, "binder4j / C floor, 64 B, p50");

        assertEquals(State.NOT_MEASURED, libgbinder.state());
        assertEquals("libgbinder: it is not installed", libgbinder.note());
        assertEquals("binder-c is not in this run", floor.note());
        assertTrue(Double.isNaN(floor.share()));
        assertFalse(Budgets.isAnyMissed(Budgets.judge(made.build())));
    }

    @Test
    void shouldHoldTheHandicapInJavaAgainstThatInC() {
        String name = "handicap to a pipe at 64 B, Java / C, p50";
        MadeResults made = new MadeResults()
                .call("binder-c", 64, 150)
                .call("fifo-c", 64, 100)
                .call("fifo", 64, 110);

        assertEquals(State.MET, verdict(made.call("binder4j", 64, 173), name).state());
        made.without(one -> one.transport().equals("binder4j")).call("binder4j", 64, 174);
        assertEquals(State.MISSED, verdict(made, name).state());
        assertEquals("handicap 1.58 in Java, 1.50 in C", verdict(made, name).note());
    }

    @Test
    void shouldJudgeTheHandicapsToPipeAndSocketApart() {
        MadeResults made = new MadeResults()
                .call("binder-c", 64, 150)
                .call("fifo-c", 64, 100)
                .call("unix-c", 64, 120)
                .call("fifo", 64, 110)
                .call("unix", 64, 109)
                .call("binder4j", 64, 165);

        assertEquals(
                "1.000",
                verdict(made, "handicap to a pipe at 64 B, Java / C, p50").measured());
        assertEquals(
                "1.211",
                verdict(made, "handicap to a Unix socket at 64 B, Java / C, p50")
                        .measured());
    }

    @Test
    void shouldTakeTheFasterOfPipeAndSocketInEachRound() {
        MadeResults made = new MadeResults()
                .call("binder4j", 256 * KIB, 100, 100)
                .call("fifo", 256 * KIB, 210, 400)
                .call("unix", 256 * KIB, 400, 190);

        Verdict verdict = verdict(made, "Java pipe or socket (best) / binder4j, from 256 KiB, p50");

        assertEquals("2.000 (1.900 to 2.100)", verdict.measured());
        assertEquals(State.MET, verdict.state());
    }

    @Test
    void shouldJudgeRatesOfTheSameWorkOnly() {
        String name = "calls per second of 16 threads, binder4j / C floor";
        MadeResults made = new MadeResults()
                .rate(Kind.RATE, "binder4j", "call", 64, 16, 8900)
                .rate(Kind.RATE, "binder-c", "call", 64, 8, 1)
                .rate(Kind.RATE, "binder-c", "call", 64, 16, 10_000);

        assertEquals(State.MISSED, verdict(made, name).state());
        assertEquals("0.890", verdict(made, name).measured());
    }

    @Test
    void shouldJudgeOnewayCalls() {
        MadeResults made = new MadeResults()
                .rate(Kind.ONEWAY, "binder4j", "", 64, 1, 9000, 9100)
                .rate(Kind.ONEWAY, "binder-c", "", 64, 1, 10_000, 10_000);

        assertEquals(
                State.MET,
                verdict(made, "oneway calls per second, binder4j / C floor").state());
    }

    @Test
    void shouldJudgeLookupsAndTheServiceManagersRate() {
        MadeResults made = new MadeResults()
                .rate(Kind.OBJECTS, "binder4j", "plain call", 0, 1, 10_000)
                .rate(Kind.OBJECTS, "binder4j", "lookup among 10", 0, 1, 7900)
                .rate(Kind.OBJECTS, "binder4j", "lookup among 10000", 0, 1, 7300);

        assertEquals(
                State.MET,
                verdict(made, "lookup among 10,000 services / among 10, p50").state());
        assertEquals(
                State.NOT_MEASURED,
                verdict(made, "lookup among 10,000 services / among 10, p99").state());
        assertEquals(
                State.MISSED,
                verdict(made, "service manager's call rate / an echo's").state());
    }

    @Test
    void shouldCountLessThanAByteAsNone() {
        String client = "bytes allocated per synchronous call, client";
        String server = "bytes allocated per synchronous call, server";

        assertEquals(State.MET, verdict(allocating(0.99, 24.0), client).state());
        assertEquals(State.MISSED, verdict(allocating(0.99, 24.0), server).state());
        assertEquals(State.MISSED, verdict(allocating(1.0, null), client).state());
        assertEquals(State.NOT_MEASURED, verdict(allocating(1.0, null), server).state());
    }

    private static Results allocating(Double client, Double server) {
        Costs costs = new Costs(new Side(null, null, null, null, client), new Side(null, null, null, null, server));
        return new MadeResults()
                .add(new Measurement(
                        Kind.LATENCY,
                        "binder4j",
                        "call",
                        64,
                        1,
                        "1 service",
                        List.of(new Round(10, 10, 1, 1)),
                        null,
                        costs,
                        null))
                .build();
    }
}
