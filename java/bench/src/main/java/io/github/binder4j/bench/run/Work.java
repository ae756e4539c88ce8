package io.github.binder4j.bench.run;

import io.github.binder4j.bench.result.Measurement.Kind;

/**
 * Something that every transport is asked to do.
 *
 * @param shape "call", "echo", or what one transport knows by that name
 * @param sizeBytes of the payload
 * @param threads of the client
 */
record Work(Kind kind, String shape, int sizeBytes, int threads) {
    /** Oneway calls under way at most, in bytes: half of what the driver gives a process for them. */
    private static final int WINDOW_BYTES = 256 * 1024;

    private static final int MAX_WINDOW = 64;
    /** What a message needs besides its payload, generously. */
    private static final int OVERHEAD_BYTES = 256;

    static Work latency(String shape, int sizeBytes) {
        return new Work(Kind.LATENCY, shape, sizeBytes, 1);
    }

    static Work rate(int sizeBytes, int threads) {
        return new Work(Kind.RATE, "call", sizeBytes, threads);
    }

    static Work oneway(int sizeBytes) {
        return new Work(Kind.ONEWAY, "", sizeBytes, 1);
    }

    static Work objects(String shape) {
        return new Work(Kind.OBJECTS, shape, 0, 1);
    }

    /** How many messages without an answer are sent before their arrival is waited for. */
    int window() {
        return Math.max(1, Math.min(MAX_WINDOW, WINDOW_BYTES / (sizeBytes + OVERHEAD_BYTES)));
    }

    @Override
    public String toString() {
        return kind.name().toLowerCase(java.util.Locale.ROOT) + (shape.isEmpty() ? "" : " " + shape) + ", " + sizeBytes
                + " B" + (threads == 1 ? "" : ", " + threads + " threads");
    }
}
