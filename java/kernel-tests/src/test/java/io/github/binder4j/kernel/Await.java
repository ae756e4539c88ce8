package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.fail;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits for what another thread, the collector or the driver is about to do; never longer than it takes. */
final class Await {
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long GC_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private Await() {}

    /** A condition that may fail to be evaluated. */
    interface Condition {
        boolean holds() throws Exception;
    }

    /** Waits until {@code condition} holds; {@code otherwise} describes what was found instead. */
    static void until(Condition condition, Supplier<?> otherwise) throws Exception {
        until(condition, otherwise, () -> LockSupport.parkNanos(POLL_NANOS));
    }

    /** Collects garbage until {@code condition} holds. */
    static void gcUntil(Condition condition, Supplier<?> otherwise) throws Exception {
        until(condition, otherwise, () -> {
            System.gc();
            LockSupport.parkNanos(GC_POLL_NANOS);
        });
    }

    private static void until(Condition condition, Supplier<?> otherwise, Runnable meanwhile) throws Exception {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (!condition.holds()) {
            if (Instant.now().isAfter(deadline)) {
                fail("not within " + PATIENCE.toSeconds() + " s: " + otherwise.get());
            }
            meanwhile.run();
        }
    }
}
