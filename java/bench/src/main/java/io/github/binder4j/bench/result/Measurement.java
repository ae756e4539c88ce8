package io.github.binder4j.bench.result;

import java.util.List;

/**
 * What one transport did with one kind of work, over all rounds.
 *
 * @param kind what was measured
 * @param transport whose name in {@link Transports}
 * @param shape what the work was, where the kind has several: "call" or "echo" for {@link Kind#LATENCY} and {@link Kind#RATE},
 *     a name for {@link Kind#OBJECTS}; else empty
 * @param sizeBytes the payload, without the header of 16 bytes
 * @param threads how many threads of the client worked
 * @param services to how many services, and whether each in a process of its own, in words such as "1 service",
 *     "4 services, 4 processes"
 * @param rounds each repetition
 * @param latency of a call in nanoseconds over all rounds; null where single calls were not timed
 * @param costs of one call; null where not taken
 * @param unavailable why there are no figures; null if there are. The rest is then empty or null
 */
public record Measurement(
        Kind kind,
        String transport,
        String shape,
        int sizeBytes,
        int threads,
        String services,
        List<Round> rounds,
        Latency latency,
        Costs costs,
        String unavailable) {
    public Measurement {
        rounds = List.copyOf(rounds);
    }

    /** What was measured. */
    public enum Kind {
        /** Round trips one after the other, each timed. */
        LATENCY,
        /** Synchronous calls by several threads at once. */
        RATE,
        /** Calls without reply. */
        ONEWAY,
        /** What binder does with objects; see the shape. */
        OBJECTS
    }

    /**
     * One repetition.
     *
     * @param calls how many
     * @param nanos in which time
     * @param p50 median of a call in nanoseconds; 0 where single calls were not timed
     * @param p99 its 99th percentile; 0 where single calls were not timed
     */
    public record Round(long calls, long nanos, long p50, long p99) {
        /** Calls per second. */
        public double rate() {
            return calls * 1e9 / nanos;
        }
    }

    /**
     * All round trips together.
     *
     * @param count how many
     * @param mean in nanoseconds, as the percentiles
     * @param histogram an HdrHistogram of nanoseconds with three digits, compressed, in Base64
     */
    public record Latency(
            long count, double mean, long min, long p50, long p90, long p99, long p999, long max, String histogram) {}

    /** What a call cost each side; a figure that could not be taken is null. */
    public record Costs(Side client, Side server) {}

    /**
     * What a call cost one process.
     *
     * @param cpuNanos of its threads
     * @param voluntarySwitches times a thread gave up its processor to wait
     * @param involuntarySwitches times it was taken away
     * @param systemCalls counted in a repetition of their own
     * @param allocatedBytes on the Java heap; null for a program without one
     */
    public record Side(
            Double cpuNanos,
            Double voluntarySwitches,
            Double involuntarySwitches,
            Double systemCalls,
            Double allocatedBytes) {}

    /** Whether this is the same work as another's, whoever did it. */
    public boolean isSameWorkAs(Measurement other) {
        return kind == other.kind
                && shape.equals(other.shape)
                && sizeBytes == other.sizeBytes
                && threads == other.threads
                && services.equals(other.services);
    }
}
