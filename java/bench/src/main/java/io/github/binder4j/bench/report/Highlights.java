package io.github.binder4j.bench.report;

import io.github.binder4j.bench.report.Budgets.State;
import io.github.binder4j.bench.report.Budgets.Verdict;
import io.github.binder4j.bench.result.Measurement;
import io.github.binder4j.bench.result.Transports;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/** The few figures a reader should see first. */
final class Highlights {
    private final Figures figures;
    private final List<Verdict> verdicts;

    Highlights(Figures figures, List<Verdict> verdicts) {
        this.figures = figures;
        this.verdicts = verdicts;
    }

    /** A figure and what it means. */
    record Highlight(String figure, String means) {}

    List<Highlight> all() {
        List<Highlight> all = new ArrayList<>();
        binder4j(64)
                .ifPresent(one -> all.add(new Highlight(
                        Units.time(Figures.p50(one)),
                        "median round trip of binder4j with 64 bytes, one process to another")));
        floor(64)
                .ifPresent(ratio -> all.add(new Highlight(
                        Units.ratio(ratio) + "×", "as long as a C program that does nothing but call the driver")));
        rival(64).ifPresent(ratio -> all.add(lead(ratio, "64 bytes")));
        rival(256 * 1024).ifPresent(ratio -> all.add(lead(ratio, "256 KiB")));
        allocated()
                .ifPresent(bytes -> all.add(new Highlight(
                        bytes < 1 ? "0 B" : Units.digits(bytes) + " B",
                        "allocated on the Java heap per call and side, at most")));
        long measured = verdicts.stream()
                .filter(verdict -> verdict.state() == State.MET || verdict.state() == State.MISSED)
                .count();
        long met = verdicts.stream()
                .filter(verdict -> verdict.state() == State.MET)
                .count();
        if (measured > 0) {
            all.add(new Highlight(met + " of " + measured, "budgets kept, of those this run measured in full"));
        }
        return all;
    }

    private static Highlight lead(double ratio, String size) {
        String rival = " the better of a pipe and a Unix socket from Java, " + size;
        return ratio > 1
                ? new Highlight(Units.ratio(ratio) + "× faster", "than" + rival)
                : new Highlight(Units.ratio(1 / ratio) + "×", "as long as" + rival);
    }

    private Optional<Measurement> binder4j(int size) {
        return figures.latency(Transports.BINDER4J, Figures.CALL, size);
    }

    private Optional<Double> floor(int size) {
        return binder4j(size)
                .flatMap(ours -> figures.latency(Transports.BINDER_C, Figures.CALL, size)
                        .map(floor -> Sample.p50(ours).per(Sample.p50(floor)).value()));
    }

    /** How many times as long the faster of pipe and socket takes. */
    private Optional<Double> rival(int size) {
        Optional<Sample> best = Stream.of(Transports.FIFO, Transports.UNIX)
                .flatMap(transport -> figures.latency(transport, Figures.CALL, size).stream())
                .map(Sample::p50)
                .reduce(Sample::min);
        return best.flatMap(
                rival -> binder4j(size).map(ours -> rival.per(Sample.p50(ours)).value()));
    }

    private Optional<Double> allocated() {
        OptionalDouble most = figures
                .measured(one -> one.transport().equals(Transports.BINDER4J)
                        && one.kind() == Measurement.Kind.LATENCY
                        && one.costs() != null)
                .stream()
                .flatMap(one -> Stream.of(
                        Optional.ofNullable(one.costs().client()),
                        Optional.ofNullable(one.costs().server())))
                .flatMap(side -> side.map(Measurement.Side::allocatedBytes).stream())
                .mapToDouble(Double::doubleValue)
                .max();
        return most.isPresent() ? Optional.of(most.getAsDouble()) : Optional.empty();
    }
}
