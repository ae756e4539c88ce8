package io.github.binder4j.bench.report;

import io.github.binder4j.bench.result.Machine;
import io.github.binder4j.bench.result.Measurement;
import io.github.binder4j.bench.result.Measurement.Costs;
import io.github.binder4j.bench.result.Measurement.Kind;
import io.github.binder4j.bench.result.Measurement.Latency;
import io.github.binder4j.bench.result.Measurement.Round;
import io.github.binder4j.bench.result.Measurement.Side;
import io.github.binder4j.bench.result.Results;
import io.github.binder4j.bench.result.Settings;
import io.github.binder4j.bench.result.Transports;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/** Results that nobody measured: plausible ones of everything, or exactly those that a test asks for. */
final class MadeResults {
    static final int[] SIZES = {0, 64, 1024, 4096, 16384, 65536, 262144, 524288, 1040128};
    private static final int ROUNDS = 5;
    private static final int CALLS = 1000;
    private static final Side SIDE = new Side(41_000.0, 1.02, 0.01, 1.0, 0.004);
    private static final Side SIDE_OF_C = new Side(33_000.0, 1.01, 0.01, 1.0, null);

    private final List<Measurement> measurements = new ArrayList<>();
    private Machine machine = new Machine(
            "2026-03-01T10:11:12Z",
            "Imaginary Processor <9000> & friends",
            2,
            "no",
            "tcg (emulated)",
            "6.12.41",
            "/dev/binderfs/bench (binderfs)",
            "Debian OpenJDK 64-Bit Server VM 17.0.15",
            "",
            "0.1.0-SNAPSHOT e756ff7");
    private Settings settings = new Settings("./ci/bench --rounds 5", ROUNDS, 500, 2000, 3000);

    MadeResults machine(Machine other) {
        machine = other;
        return this;
    }

    MadeResults settings(Settings other) {
        settings = other;
        return this;
    }

    MadeResults add(Measurement measurement) {
        measurements.add(measurement);
        return this;
    }

    /** Takes away what was added. */
    MadeResults without(Predicate<Measurement> which) {
        measurements.removeIf(which);
        return this;
    }

    /** A call of that size whose rounds have these medians in microseconds, and a 99th percentile three times as long. */
    MadeResults call(String transport, int sizeBytes, double... microsByRound) {
        List<Round> rounds = Arrays.stream(microsByRound)
                .mapToObj(
                        micros -> new Round(1000, (long) (micros * 1e6), (long) (micros * 1e3), (long) (micros * 3e3)))
                .toList();
        long p50 = rounds.get(rounds.size() / 2).p50();
        Latency latency =
                new Latency(1000L * rounds.size(), p50, p50 / 2, p50, p50 * 2, p50 * 3, p50 * 4, p50 * 9, null);
        return add(new Measurement(
                Kind.LATENCY, transport, "call", sizeBytes, 1, "1 service", rounds, latency, null, null));
    }

    /** Work whose single calls were not timed, with so many calls per second in each round. */
    MadeResults rate(Kind kind, String transport, String shape, int sizeBytes, int threads, double... perSecond) {
        List<Round> rounds = Arrays.stream(perSecond)
                .mapToObj(rate -> new Round((long) rate, 1_000_000_000L, 0, 0))
                .toList();
        return add(new Measurement(kind, transport, shape, sizeBytes, threads, "1 service", rounds, null, null, null));
    }

    MadeResults unavailable(Kind kind, String transport, String shape, int sizeBytes, String why) {
        return add(new Measurement(kind, transport, shape, sizeBytes, 1, "1 service", List.of(), null, null, why));
    }

    Results build() {
        return new Results(Results.FORMAT, machine, settings, measurements);
    }

    /** Every kind of work by every transport that is known, and one that is not. */
    static MadeResults full() {
        MadeResults made = new MadeResults();
        for (Model model : MODELS) {
            for (String shape : List.of("call", "echo")) {
                for (int size : SIZES) {
                    made.addLatency(model, shape, size);
                }
            }
            for (int size : new int[] {64, 4096, 65536}) {
                double nanos = model.nanos(size) * 0.28;
                made.addRounds(Kind.ONEWAY, model, "", size, 1, "1 service", nanos, costsOf(model));
            }
            for (int threads : new int[] {1, 2, 4, 8, 16}) {
                double nanos = model.nanos(64) * (threads == 1 ? 1 : 0.62 + 0.01 * threads);
                made.addRounds(Kind.RATE, model, "call", 64, threads, "1 service", nanos, null);
            }
        }
        made.addRounds(Kind.RATE, MODELS.get(0), "call", 64, 4, "4 services, 4 processes", 90_000, null);
        made.unavailable(Kind.LATENCY, Transports.LIBGBINDER, "call", 64, "libgbinder.so.1 is not installed");
        made.addObjects("plain call", 100_000);
        for (int services : new int[] {10, 100, 1000, 10_000}) {
            made.addObjects("lookup among " + services, 108_000 + services * 0.2);
        }
        made.addObjects("pass a callback and call it", 260_000);
        made.addObjects("pass a descriptor", 150_000);
        made.addObjects("1,000 binders in one parcel", 4_100_000);
        made.addObjects("register", 190_000);
        return made;
    }

    /** A transport's time: {@code base} nanoseconds, and so many for each byte. */
    private record Model(String transport, double base, double perByte) {
        double nanos(int sizeBytes) {
            return base + perByte * sizeBytes;
        }
    }

    private static final List<Model> MODELS = List.of(
            new Model(Transports.BINDER4J, 104_000, 2.45),
            new Model(Transports.BINDER4J_TYPED, 108_000, 2.5),
            new Model(Transports.BINDER_C, 97_000, 2.42),
            new Model(Transports.FIFO, 74_000, 7.4),
            new Model(Transports.UNIX, 96_000, 7.1),
            new Model(Transports.TCP, 131_000, 8.6),
            new Model(Transports.FIFO_C, 62_000, 7.0),
            new Model(Transports.UNIX_C, 83_000, 6.9),
            new Model(Transports.TCP_C, 118_000, 8.3),
            new Model(Transports.MQ_C, 71_000, 9.6),
            new Model(Transports.SHM_FUTEX_C, 44_000, 1.0),
            new Model(Transports.SHM_SPIN_C, 1_400, 0.9),
            new Model("grpc-uds <new>", 420_000, 19));

    private static Costs costsOf(Model model) {
        return model.transport().endsWith("-c") ? new Costs(SIDE_OF_C, SIDE_OF_C) : new Costs(SIDE, SIDE);
    }

    private void addLatency(Model model, String shape, int sizeBytes) {
        double typical = model.nanos(sizeBytes) * (shape.equals("echo") ? 1 + sizeBytes / 1.2e6 : 1);
        Random random = new Random(model.transport().hashCode() * 31L + sizeBytes);
        Histogram all = new Histogram(3);
        List<Round> rounds = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            double drift = 1 + (random.nextDouble() - 0.5) * 0.05;
            Histogram one = new Histogram(3);
            for (int call = 0; call < CALLS; call++) {
                double late = random.nextDouble() < 0.012 ? 1 + random.nextDouble() * 6 : 1;
                double noise = Math.exp(Math.abs(random.nextGaussian()) * 0.07) * late;
                one.recordValue((long) (typical * drift * noise * 0.96));
            }
            all.add(one);
            rounds.add(new Round(
                    CALLS, (long) (one.getMean() * CALLS), one.getValueAtPercentile(50), one.getValueAtPercentile(99)));
        }
        add(new Measurement(
                Kind.LATENCY,
                model.transport(),
                shape,
                sizeBytes,
                1,
                "1 service",
                rounds,
                latency(all),
                costsOf(model),
                null));
    }

    static Latency latency(Histogram histogram) {
        ByteBuffer bytes = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        int length = histogram.encodeIntoCompressedByteBuffer(bytes);
        return new Latency(
                histogram.getTotalCount(),
                histogram.getMean(),
                histogram.getMinValue(),
                histogram.getValueAtPercentile(50),
                histogram.getValueAtPercentile(90),
                histogram.getValueAtPercentile(99),
                histogram.getValueAtPercentile(99.9),
                histogram.getMaxValue(),
                Base64.getEncoder().encodeToString(Arrays.copyOf(bytes.array(), length)));
    }

    private void addRounds(
            Kind kind, Model model, String shape, int size, int threads, String services, double nanos, Costs costs) {
        Random random = new Random(model.transport().hashCode() + threads * 7L + size);
        List<Round> rounds = IntStream.range(0, ROUNDS)
                .mapToObj(i ->
                        new Round((long) (5e8 / nanos * (0.97 + random.nextDouble() * 0.06)), 500_000_000L, 0, 0))
                .toList();
        add(new Measurement(kind, model.transport(), shape, size, threads, services, rounds, null, costs, null));
    }

    private void addObjects(String shape, double nanos) {
        Histogram histogram = new Histogram(3);
        Random random = new Random(shape.hashCode());
        List<Round> rounds = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            for (int call = 0; call < 200; call++) {
                histogram.recordValue((long) (nanos * Math.exp(Math.abs(random.nextGaussian()) * 0.08)));
            }
            long p50 = (long) (nanos * (1 + random.nextDouble() * 0.02));
            rounds.add(new Round(200, (long) (nanos * 200), p50, p50 * 2));
        }
        add(new Measurement(
                Kind.OBJECTS, Transports.BINDER4J, shape, 0, 1, "1 service", rounds, latency(histogram), null, null));
    }
}
