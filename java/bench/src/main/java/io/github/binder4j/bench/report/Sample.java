package io.github.binder4j.bench.report;

import io.github.binder4j.bench.result.Measurement;
import io.github.binder4j.bench.result.Measurement.Round;
import java.util.Arrays;
import java.util.function.ToDoubleFunction;

/**
 * One figure, once per round, and from all rounds together where that says more.
 *
 * <p>Rounds of different transports take turns, so that what disturbs the machine for a while disturbs round <i>i</i> of all of
 * them: a ratio is taken round by round.
 *
 * @param merged the figure of all rounds together; NaN where the median of the rounds stands for it
 * @param rounds one figure of each
 */
record Sample(double merged, double[] rounds) {
    private static final Sample NONE = new Sample(Double.NaN, new double[0]);

    /** The median of a call; where single calls were not timed the mean. */
    static Sample p50(Measurement measurement) {
        Sample timed = ofRounds(measurement, Round::p50);
        return timed.isKnown() ? timed : ofRounds(measurement, round -> (double) round.nanos() / round.calls());
    }

    /**
     * The 99th percentile, of all calls together; {@linkplain #isKnown unknown} where single calls were not timed, or too
     * few of them.
     */
    static Sample p99(Measurement measurement) {
        Sample rounds = ofRounds(measurement, Round::p99);
        if (measurement.latency() == null) {
            return rounds;
        }
        double p99 = Figures.p99(measurement.latency());
        return Double.isNaN(p99) ? NONE : new Sample(p99, rounds.rounds);
    }

    /** Calls per second. */
    static Sample rate(Measurement measurement) {
        return ofRounds(measurement, Round::rate);
    }

    /** A figure that was taken once. */
    static Sample single(double value) {
        return new Sample(value, new double[0]);
    }

    /** Unknown if one of the rounds has no such figure. */
    private static Sample ofRounds(Measurement measurement, ToDoubleFunction<Round> figure) {
        double[] rounds = measurement.rounds().stream().mapToDouble(figure).toArray();
        boolean usable = Arrays.stream(rounds).allMatch(value -> value > 0 && Double.isFinite(value));
        return usable ? new Sample(Double.NaN, rounds) : NONE;
    }

    /** This divided by another, round by round; rounds that only one of them has are left out. */
    Sample per(Sample other) {
        double[] ratios = new double[Math.min(rounds.length, other.rounds.length)];
        Arrays.setAll(ratios, i -> rounds[i] / other.rounds[i]);
        return new Sample(merged / other.merged, ratios);
    }

    /** The same in another unit. */
    Sample times(double factor) {
        return new Sample(
                merged * factor,
                Arrays.stream(rounds).map(value -> value * factor).toArray());
    }

    /** The smaller of both, round by round. */
    Sample min(Sample other) {
        double[] smaller = new double[Math.min(rounds.length, other.rounds.length)];
        Arrays.setAll(smaller, i -> Math.min(rounds[i], other.rounds[i]));
        return new Sample(Math.min(merged, other.merged), smaller);
    }

    boolean isKnown() {
        return Double.isFinite(value());
    }

    /** The figure: of all rounds together, or the median of the rounds; NaN if there is neither. */
    double value() {
        return Double.isNaN(merged) ? median(rounds) : merged;
    }

    /** The smallest of the rounds; without rounds the figure itself. */
    double low() {
        return Arrays.stream(rounds).min().orElse(value());
    }

    /** The largest of the rounds; without rounds the figure itself. */
    double high() {
        return Arrays.stream(rounds).max().orElse(value());
    }

    /** How far the rounds lie apart, as a share of their median; NaN if there are fewer than two. */
    double spread() {
        return rounds.length < 2 ? Double.NaN : (high() - low()) / median(rounds);
    }

    private static double median(double[] values) {
        if (values.length == 0) {
            return Double.NaN;
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
