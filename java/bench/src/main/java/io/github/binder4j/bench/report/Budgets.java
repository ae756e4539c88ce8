package io.github.binder4j.bench.report;

import static io.github.binder4j.bench.result.Transports.BINDER4J;
import static io.github.binder4j.bench.result.Transports.BINDER4J_TYPED;
import static io.github.binder4j.bench.result.Transports.BINDER_C;
import static io.github.binder4j.bench.result.Transports.FIFO;
import static io.github.binder4j.bench.result.Transports.FIFO_C;
import static io.github.binder4j.bench.result.Transports.LIBGBINDER;
import static io.github.binder4j.bench.result.Transports.UNIX;
import static io.github.binder4j.bench.result.Transports.UNIX_C;

import io.github.binder4j.bench.report.Limit.AtLeast;
import io.github.binder4j.bench.report.Limit.AtMost;
import io.github.binder4j.bench.report.Limit.NoBytes;
import io.github.binder4j.bench.result.Measurement;
import io.github.binder4j.bench.result.Measurement.Kind;
import io.github.binder4j.bench.result.Measurement.Side;
import io.github.binder4j.bench.result.Results;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/**
 * What binder4j promises of its speed, and whether one run keeps it.
 *
 * <p>A ratio of medians or of rates is taken round by round and judged by its median; its range over the rounds is told. A ratio
 * of 99th percentiles is taken of all calls together. Where a budget covers several sizes, the worst of them decides.
 */
public final class Budgets {
    private static final int KIB = 1024;

    private static final List<Budget> ALL = all();

    private Budgets() {}

    /** How one budget stands. */
    public enum State {
        MET("met"),
        MISSED("missed"),
        /** Kept by what could be compared, which is not all it covers. */
        MET_IN_PART("met in part"),
        /** Something it is made of is not among the results. */
        NOT_MEASURED("not measured");

        private final String words;

        State(String words) {
            this.words = words;
        }

        /** For a reader. */
        public String words() {
            return words;
        }
    }

    /**
     * What one run says of one budget.
     *
     * @param name what is compared
     * @param limit in words, such as "at most 1.10"
     * @param measured the figure that decides, with its range over the rounds and where it was found; empty if not measured
     * @param state the judgement
     * @param note the figures beside the one that decides, what could not be compared, or why nothing was measured; may be empty
     * @param share how much of the budget is used: above 1 it is missed; NaN if not measured
     * @param lowShare the same of the best round
     * @param highShare the same of the worst round
     */
    public record Verdict(
            String name,
            String limit,
            String measured,
            State state,
            String note,
            double share,
            double lowShare,
            double highShare) {
        /** Whether some rounds keep the budget and others do not, so that the next run may say otherwise. */
        public boolean isClose() {
            return state != State.NOT_MEASURED && lowShare <= 1 && highShare > 1;
        }
    }

    /** Judges all budgets, in a fixed order. */
    public static List<Verdict> judge(Results results) {
        Figures figures = new Figures(results);
        return ALL.stream().map(budget -> budget.judge(figures)).toList();
    }

    /** Whether any budget is missed. What was not measured is not missed. */
    public static boolean isAnyMissed(List<Verdict> verdicts) {
        return verdicts.stream().anyMatch(verdict -> verdict.state() == State.MISSED);
    }

    private enum Percentile {
        P50("p50"),
        P99("p99");

        private final String word;

        Percentile(String word) {
            this.word = word;
        }

        Sample of(Measurement measurement) {
            return this == P50 ? Sample.p50(measurement) : Sample.p99(measurement);
        }
    }

    private static List<Budget> all() {
        List<Budget> all = new ArrayList<>();
        addLatencies(all, "binder4j / C floor, 64 B", new AtMost(1.10), toFloor(size -> size == 64));
        addLatencies(all, "binder4j / C floor, from 64 KiB", new AtMost(1.05), toFloor(size -> size >= 64 * KIB));
        all.add(new Budget(
                "oneway calls per second, binder4j / C floor",
                new AtLeast(0.9),
                figures -> rates(figures, Kind.ONEWAY, measurement -> true)));
        addLatencies(
                all,
                "handicap to a pipe at 64 B, Java / C",
                new AtMost(1.05),
                (figures, p) -> handicap(figures, p, FIFO, FIFO_C));
        addLatencies(
                all,
                "handicap to a Unix socket at 64 B, Java / C",
                new AtMost(1.05),
                (figures, p) -> handicap(figures, p, UNIX, UNIX_C));
        addLatencies(
                all,
                "Java pipe or socket (best) / binder4j, from 16 KiB",
                new AtLeast(1.0),
                (figures, p) -> lead(figures, p, size -> size >= 16 * KIB));
        addLatencies(
                all,
                "Java pipe or socket (best) / binder4j, from 256 KiB",
                new AtLeast(2.0),
                (figures, p) -> lead(figures, p, size -> size >= 256 * KIB));
        addLatencies(
                all,
                "binder4j / libgbinder, any size",
                new AtMost(1.0),
                (figures, p) -> latencies(figures, p, size -> true, BINDER4J, LIBGBINDER));
        addAllocations(all, "synchronous call", Kind.LATENCY);
        addAllocations(all, "oneway call", Kind.ONEWAY);
        addLatencies(
                all,
                "typed stub / raw parcel, 1 KiB",
                new AtMost(1.05),
                (figures, p) -> latencies(figures, p, size -> size == KIB, BINDER4J_TYPED, BINDER4J));
        addLatencies(all, "lookup among 10,000 services / among 10", new AtMost(1.10), Budgets::lookup);
        all.add(new Budget("service manager's call rate / an echo's", new AtLeast(0.8), Budgets::serviceManager));
        all.add(new Budget(
                "calls per second of 16 threads, binder4j / C floor",
                new AtLeast(0.9),
                figures -> rates(
                        figures,
                        Kind.RATE,
                        // The floor's client of several processes has a device, and so a lock, for each: other work.
                        measurement -> measurement.threads() == 16
                                && measurement.services().equals("1 service"))));
        all.add(new Budget("locks of ours at the top of a contention profile", new AtMost(0), figures -> {
            Evidence evidence = new Evidence();
            evidence.missing("a profile shows it, these figures do not");
            return evidence;
        }));
        return List.copyOf(all);
    }

    private static void addLatencies(
            List<Budget> all, String name, Limit limit, BiFunction<Figures, Percentile, Evidence> evidence) {
        for (Percentile percentile : Percentile.values()) {
            all.add(new Budget(name + ", " + percentile.word, limit, figures -> evidence.apply(figures, percentile)));
        }
    }

    private static void addAllocations(List<Budget> all, String call, Kind kind) {
        all.add(new Budget(
                "bytes allocated per " + call + ", client",
                new NoBytes(),
                figures -> allocated(figures, kind, costs -> costs.client())));
        all.add(new Budget(
                "bytes allocated per " + call + ", server",
                new NoBytes(),
                figures -> allocated(figures, kind, costs -> costs.server())));
    }

    private static BiFunction<Figures, Percentile, Evidence> toFloor(IntPredicate sizes) {
        return (figures, percentile) -> latencies(figures, percentile, sizes, BINDER4J, BINDER_C);
    }

    private static Evidence latencies(
            Figures figures, Percentile percentile, IntPredicate sizes, String mine, String other) {
        Evidence evidence = new Evidence();
        for (int size : sizes(figures, sizes)) {
            Sample ours = take(figures, percentile, mine, size, evidence);
            Sample theirs = take(figures, percentile, other, size, evidence);
            evidence.add(Units.size(size), ours.per(theirs));
        }
        return evidence;
    }

    /** How many times faster binder4j is than the faster of pipe and Unix socket in Java. */
    private static Evidence lead(Figures figures, Percentile percentile, IntPredicate sizes) {
        Evidence evidence = new Evidence();
        for (int size : sizes(figures, sizes)) {
            Sample pipe = take(figures, percentile, FIFO, size, evidence);
            Sample socket = take(figures, percentile, UNIX, size, evidence);
            Sample ours = take(figures, percentile, BINDER4J, size, evidence);
            evidence.add(Units.size(size), pipe.min(socket).per(ours));
        }
        return evidence;
    }

    /** The handicap of binder in Java over that in C, each against the same way in its own language. */
    private static Evidence handicap(Figures figures, Percentile percentile, String java, String c) {
        int size = 64;
        Evidence evidence = new Evidence();
        Sample inJava = take(figures, percentile, BINDER4J, size, evidence)
                .per(take(figures, percentile, java, size, evidence));
        Sample inC =
                take(figures, percentile, BINDER_C, size, evidence).per(take(figures, percentile, c, size, evidence));
        evidence.add(Units.size(size), inJava.per(inC));
        if (evidence.isKnown()) {
            evidence.remark(
                    "handicap " + Units.ratio(inJava.value()) + " in Java, " + Units.ratio(inC.value()) + " in C");
        }
        return evidence;
    }

    private static Evidence rates(Figures figures, Kind kind, Predicate<Measurement> which) {
        Evidence evidence = new Evidence();
        for (Measurement ours : figures.measured(measurement ->
                measurement.kind() == kind && measurement.transport().equals(BINDER4J) && which.test(measurement))) {
            List<Measurement> theirs = figures.measured(
                    measurement -> measurement.transport().equals(BINDER_C) && measurement.isSameWorkAs(ours));
            if (theirs.isEmpty()) {
                evidence.missing(
                        figures.whyNot(kind, BINDER_C, ours.shape(), ours.sizeBytes()) + ", " + ours.services());
            } else {
                evidence.add(where(ours), Sample.rate(ours).per(Sample.rate(theirs.get(0))));
            }
        }
        return evidence;
    }

    private static String where(Measurement measurement) {
        String size = Units.size(measurement.sizeBytes());
        return measurement.kind() == Kind.RATE
                ? measurement.shape() + " " + size + " to " + measurement.services()
                : size;
    }

    private static Evidence allocated(Figures figures, Kind kind, Function<Measurement.Costs, Side> side) {
        Evidence evidence = new Evidence();
        evidence.remark(
                "less than a byte per call counts as none: no object is so small. All threads are counted, also those"
                        + " of the JVM and the library beside the call");
        for (Measurement measurement : figures.measured(kind)) {
            if (measurement.transport().equals(BINDER4J)) {
                Optional<Double> bytes =
                        Optional.ofNullable(measurement.costs()).map(side).map(Side::allocatedBytes);
                String where = (measurement.shape() + " " + Units.size(measurement.sizeBytes())).strip();
                bytes.ifPresentOrElse(
                        value -> evidence.add(where, Sample.single(value)),
                        () -> evidence.missing("not taken at " + where));
            }
        }
        return evidence;
    }

    private static Evidence lookup(Figures figures, Percentile percentile) {
        Evidence evidence = new Evidence();
        Sample many = takeLookup(figures, percentile, 10_000, evidence);
        evidence.add("10,000", many.per(takeLookup(figures, percentile, 10, evidence)));
        return evidence;
    }

    private static Sample takeLookup(Figures figures, Percentile percentile, int services, Evidence evidence) {
        return found(lookupAmong(figures, services), percentile, evidence, "no lookup among " + services + " services");
    }

    private static Optional<Measurement> lookupAmong(Figures figures, int services) {
        return objects(figures, "lookup among " + services);
    }

    private static Optional<Measurement> objects(Figures figures, String shape) {
        return figures
                .measured(measurement -> measurement.kind() == Kind.OBJECTS
                        && measurement.transport().equals(BINDER4J)
                        && measurement.shape().equals(shape))
                .stream()
                .findFirst();
    }

    private static Evidence serviceManager(Figures figures) {
        Evidence evidence = new Evidence();
        Optional<Measurement> lookup = lookupAmong(figures, 10);
        Optional<Measurement> echo = objects(figures, "plain call");
        if (lookup.isEmpty()) {
            evidence.missing("no lookup among 10 services");
        } else if (echo.isEmpty()) {
            evidence.missing("no plain call of an echo service");
        } else {
            evidence.add("a name", Sample.rate(lookup.get()).per(Sample.rate(echo.get())));
        }
        return evidence;
    }

    private static List<Integer> sizes(Figures figures, IntPredicate which) {
        return figures.sizes(Kind.LATENCY, Figures.CALL).stream()
                .filter(which::test)
                .toList();
    }

    private static Sample take(Figures figures, Percentile percentile, String transport, int size, Evidence evidence) {
        return found(
                figures.latency(transport, Figures.CALL, size),
                percentile,
                evidence,
                figures.whyNot(Kind.LATENCY, transport, Figures.CALL, size));
    }

    private static Sample found(
            Optional<Measurement> measurement, Percentile percentile, Evidence evidence, String whyNot) {
        if (measurement.isEmpty()) {
            evidence.missing(whyNot);
            return Sample.single(Double.NaN);
        }
        Sample sample = percentile.of(measurement.get());
        if (!sample.isKnown()) {
            Measurement one = measurement.get();
            evidence.missing(
                    one.transport() + ", " + Groups.work(one) + ": too few calls were timed for a " + percentile.word);
        }
        return sample;
    }
}
