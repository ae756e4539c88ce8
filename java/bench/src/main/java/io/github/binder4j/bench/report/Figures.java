package io.github.binder4j.bench.report;

import io.github.binder4j.bench.result.Machine;
import io.github.binder4j.bench.result.Measurement;
import io.github.binder4j.bench.result.Measurement.Kind;
import io.github.binder4j.bench.result.Measurement.Latency;
import io.github.binder4j.bench.result.Measurement.Round;
import io.github.binder4j.bench.result.Results;
import io.github.binder4j.bench.result.Settings;
import io.github.binder4j.bench.result.Transports;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;

/** Finds what a report asks of results, of which any part may be missing. */
final class Figures {
    static final String CALL = "call";
    static final String ECHO = "echo";

    private final Results results;

    Figures(Results results) {
        this.results = results;
    }

    Results results() {
        return results;
    }

    List<Measurement> all() {
        return results.measurements();
    }

    Machine machine() {
        Machine machine = results.machine();
        return machine != null ? machine : new Machine(null, null, 0, null, null, null, null, null, null, null);
    }

    Settings settings() {
        return results.settings() != null ? results.settings() : new Settings(null, 0, 0, 0, 0);
    }

    /** Whether there are figures: without a reason why not, every round has calls. */
    static boolean isMeasured(Measurement measurement) {
        return measurement.unavailable() == null
                && !measurement.rounds().isEmpty()
                && measurement.rounds().stream().allMatch(round -> round.calls() > 0 && round.nanos() > 0);
    }

    /** Those with figures. */
    List<Measurement> measured(Predicate<Measurement> which) {
        return all().stream().filter(Figures::isMeasured).filter(which).toList();
    }

    List<Measurement> measured(Kind kind) {
        return measured(measurement -> measurement.kind() == kind);
    }

    Optional<Measurement> find(Kind kind, String transport, String shape, int sizeBytes) {
        return measured(is(kind, transport, shape, sizeBytes)).stream().findFirst();
    }

    Optional<Measurement> latency(String transport, String shape, int sizeBytes) {
        return find(Kind.LATENCY, transport, shape, sizeBytes);
    }

    /** Why {@link #find} finds nothing. */
    String whyNot(Kind kind, String transport, String shape, int sizeBytes) {
        return reason(is(kind, transport, shape, sizeBytes))
                .or(() -> reason(one -> one.transport().equals(transport)))
                .map(why -> transport + ": " + why)
                .orElse(
                        all().stream().anyMatch(one -> one.transport().equals(transport))
                                ? transport + " did no such work in this run"
                                : transport + " is not in this run");
    }

    private Optional<String> reason(Predicate<Measurement> which) {
        return all().stream()
                .filter(which)
                .map(Measurement::unavailable)
                .filter(why -> why != null)
                .findFirst();
    }

    private static Predicate<Measurement> is(Kind kind, String transport, String shape, int sizeBytes) {
        return measurement -> measurement.kind() == kind
                && measurement.transport().equals(transport)
                && measurement.shape().equals(shape)
                && measurement.sizeBytes() == sizeBytes;
    }

    /** The sizes for which there are figures. */
    SortedSet<Integer> sizes(Kind kind, String shape) {
        return measured(measurement ->
                        measurement.kind() == kind && measurement.shape().equals(shape))
                .stream()
                .map(Measurement::sizeBytes)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Every transport of the run, with figures or without, in the order in which they are shown. */
    List<String> transports() {
        return inOrder(all());
    }

    static List<String> inOrder(List<Measurement> measurements) {
        List<String> known =
                Transports.known().stream().map(Transports.Description::name).toList();
        return measurements.stream()
                .map(Measurement::transport)
                .distinct()
                .sorted(Comparator.comparingInt(name -> known.contains(name) ? known.indexOf(name) : known.size()))
                .toList();
    }

    static String title(String transport) {
        return Transports.describe(transport).title();
    }

    static boolean isC(String transport) {
        return Transports.describe(transport).language().equals("C");
    }

    /** Median of a call in nanoseconds; where single calls were not timed the mean. */
    static double p50(Measurement measurement) {
        return measurement.latency() != null
                ? measurement.latency().p50()
                : Sample.p50(measurement).value();
    }

    /** The 99th percentile; NaN if there are so few calls that it is but the slowest of them. */
    static double p99(Latency latency) {
        return latency.count() < 100 ? Double.NaN : latency.p99();
    }

    /** The 99.9th percentile; NaN if there are so few calls that it is but the slowest of them. */
    static double p999(Latency latency) {
        return latency.count() < 1000 ? Double.NaN : latency.p999();
    }

    /** Calls per second over all rounds. */
    static double rate(Measurement measurement) {
        double nanos = measurement.rounds().stream().mapToLong(Round::nanos).sum();
        return nanos == 0 ? 0 : calls(measurement) * 1e9 / nanos;
    }

    static long calls(Measurement measurement) {
        return measurement.rounds().stream().mapToLong(Round::calls).sum();
    }

    /** The histogram; empty if there is none or it cannot be read. */
    static Optional<Histogram> histogram(Measurement measurement) {
        if (measurement.latency() == null || measurement.latency().histogram() == null) {
            return Optional.empty();
        }
        try {
            byte[] bytes = Base64.getDecoder().decode(measurement.latency().histogram());
            return Optional.of(Histogram.decodeFromCompressedByteBuffer(ByteBuffer.wrap(bytes), 0));
        } catch (IllegalArgumentException | DataFormatException | IndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }

    /** Whether its processor is imitated by a program. */
    boolean isEmulated() {
        String virtualisation = Units.orUnknown(machine().virtualisation()).toLowerCase(Locale.ROOT);
        return virtualisation.contains("emulat") || virtualisation.contains("tcg");
    }

    /** Whether a nanosecond of this run is an instruction executed, of either process or the kernel. */
    boolean countsInstructions() {
        return Units.orUnknown(machine().virtualisation()).contains("counts instructions");
    }

    /** Whether it says of itself that it is a virtual machine of some kind. */
    boolean isVirtual() {
        String virtualisation = machine().virtualisation();
        return virtualisation != null && !virtualisation.isBlank() && !virtualisation.equals("none");
    }

    private String virtualisation() {
        if (isEmulated()) {
            return machine().virtualisation()
                    + (countsInstructions() ? ": 1 ns is one instruction" : ": compare ratios, not times");
        }
        if (isVirtual()) {
            return "virtual machine, " + machine().virtualisation();
        }
        return machine().virtualisation() == null ? "virtualisation not known" : "not virtualised";
    }

    /** Where this was measured, in short pieces. */
    List<String> whereMeasured() {
        Machine machine = machine();
        List<String> pieces = new ArrayList<>();
        pieces.add(Units.orUnknown(machine.cpu()) + ", " + machine.cpus() + (machine.cpus() == 1 ? " CPU" : " CPUs"));
        pieces.add(virtualisation());
        pieces.add("Linux " + Units.orUnknown(machine.kernel()));
        pieces.add(Units.orUnknown(machine.jdk()));
        pieces.add("binder4j " + Units.orUnknown(machine.source()));
        String date = Units.orUnknown(machine.date());
        pieces.add(date.length() > 10 ? date.substring(0, 10) : date);
        return pieces;
    }
}
