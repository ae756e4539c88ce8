package io.github.binder4j.runtime;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * A log of what peers bring about, as often as they like: one line a second at most, which says how many were left out.
 *
 * <p>Thread-safe.
 */
final class RateLimitedLog {
    static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final System.Logger log;
    private final LongSupplier nanoTime;

    /** From when on there may be another line. */
    private final AtomicLong due;

    private final AtomicLong leftOut = new AtomicLong();

    RateLimitedLog(System.Logger log, LongSupplier nanoTime) {
        this.log = log;
        this.nanoTime = nanoTime;
        this.due = new AtomicLong(nanoTime.getAsLong());
    }

    /**
     * Warns, unless it did less than a second ago.
     *
     * @param text made only if it is written
     * @param cause whose stack follows; null for none
     */
    void warn(Supplier<String> text, Throwable cause) {
        long now = nanoTime.getAsLong();
        long from = due.get();
        if (now - from < 0 || !due.compareAndSet(from, now + INTERVAL_NANOS)) {
            leftOut.incrementAndGet();
            return;
        }
        long more = leftOut.getAndSet(0);
        String line = text.get() + (more == 0 ? "" : " (and " + more + " more since the last such line)");
        log.log(System.Logger.Level.WARNING, line, cause);
    }
}
