package io.github.binder4j.bench.report;

import io.github.binder4j.bench.result.Measurement;
import io.github.binder4j.bench.result.Measurement.Costs;
import io.github.binder4j.bench.result.Measurement.Kind;
import io.github.binder4j.bench.result.Measurement.Side;
import io.github.binder4j.bench.result.Transports;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.DoubleFunction;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Measurements as the report shows them side by side, and the words for them. */
final class Groups {
    /** A payload that is only carried, and one that has to be copied. */
    static final List<Integer> SIZES = List.of(64, 64 * 1024);

    private Groups() {}

    /** Rates of the same work, which differ in transport and threads only. */
    static List<List<Measurement>> ofRates(Figures figures) {
        Map<List<Object>, List<Measurement>> groups = figures.measured(Kind.RATE).stream()
                .collect(Collectors.groupingBy(
                        one -> List.of(one.shape(), one.sizeBytes(), one.services()),
                        LinkedHashMap::new,
                        Collectors.toList()));
        return List.copyOf(groups.values());
    }

    /** What a group of rates has in common. */
    static String rateTitle(Measurement one) {
        return "Calls per second, " + one.shape() + " " + Units.size(one.sizeBytes()) + " to " + one.services();
    }

    /** A small and a large call of every transport, and its oneway calls, as far as their costs were taken. */
    static List<Measurement> ofCosts(Figures figures) {
        return figures.measured(Groups::hasCosts).stream()
                .filter(one -> one.kind() != Kind.LATENCY || one.shape().equals(Figures.CALL))
                .filter(one -> one.kind() != Kind.RATE && SIZES.contains(one.sizeBytes()))
                .filter(one -> one.kind() != Kind.ONEWAY || one.sizeBytes() == SIZES.get(0))
                .toList();
    }

    /**
     * Costs, client / server: processor time in microseconds, waits, preemptions, system calls, bytes allocated.
     *
     * @param noFigure what stands for one that was not taken
     */
    static List<String> bothSides(Costs costs, String noFigure) {
        return List.of(
                bothSides(costs, Side::cpuNanos, Units::micros, noFigure),
                bothSides(costs, Side::voluntarySwitches, Units::digits, noFigure),
                bothSides(costs, Side::involuntarySwitches, Units::digits, noFigure),
                bothSides(costs, Side::systemCalls, Units::digits, noFigure),
                bothSides(costs, Side::allocatedBytes, Units::digits, noFigure));
    }

    private static String bothSides(
            Costs costs, Function<Side, Double> figure, DoubleFunction<String> words, String noFigure) {
        return side(costs.client(), figure, words, noFigure) + " / " + side(costs.server(), figure, words, noFigure);
    }

    private static String side(
            Side side, Function<Side, Double> figure, DoubleFunction<String> words, String noFigure) {
        Double value = side == null ? null : figure.apply(side);
        return value == null ? noFigure : words.apply(value);
    }

    private static boolean hasCosts(Measurement one) {
        return one.costs() != null
                && (one.costs().client() != null || one.costs().server() != null);
    }

    /** The kind of work in a word or two, without size and transport. */
    static String work(Measurement one) {
        return switch (one.kind()) {
            case LATENCY -> one.shape();
            case ONEWAY -> "oneway";
            case OBJECTS -> one.shape();
            case RATE -> one.shape() + ", " + threads(one.threads()) + ", " + one.services();
        };
    }

    static String threads(int count) {
        return count + (count == 1 ? " thread" : " threads");
    }

    /** Whether it does not wait but looks again and again, so that it is a limit rather than a choice. */
    static boolean isSpinning(Measurement one) {
        return one.transport().equals(Transports.SHM_SPIN_C);
    }

    /** What has no figures, and why; the same reason for several pieces of work is told once. */
    static List<String> unavailable(Figures figures) {
        Map<String, List<Measurement>> byReason = figures.all().stream()
                .filter(one -> !Figures.isMeasured(one))
                .collect(Collectors.groupingBy(
                        one -> one.transport() + ": "
                                + Objects.requireNonNullElse(one.unavailable(), "no calls were made"),
                        LinkedHashMap::new,
                        Collectors.toList()));
        return byReason.entrySet().stream()
                .map(reason -> reason.getKey() + " (" + which(reason.getValue()) + ")")
                .toList();
    }

    private static String which(List<Measurement> measurements) {
        if (measurements.size() > 4) {
            return measurements.size() + " measurements";
        }
        return measurements.stream()
                .map(one -> work(one) + " " + Units.size(one.sizeBytes()))
                .distinct()
                .collect(Collectors.joining(", "));
    }
}
