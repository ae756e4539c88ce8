package io.github.binder4j.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RateLimitedLogTest {
    private final Logged logged = new Logged();
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5); // System.nanoTime() may wrap around
    private final RateLimitedLog log = new RateLimitedLog(logged, now::get);

    @Test
    void shouldWriteOneLineASecondAndSayHowManyItLeftOut() {
        for (int i = 0; i < 1000; i++) {
            int number = i;
            log.warn(() -> "line " + number, null);
        }
        now.addAndGet(RateLimitedLog.INTERVAL_NANOS - 1);
        log.warn(() -> fail("made, though not written"), null);
        now.incrementAndGet();
        log.warn(() -> "later", null);
        now.addAndGet(RateLimitedLog.INTERVAL_NANOS);
        log.warn(() -> "last", null);

        assertEquals(
                List.of("WARNING line 0", "WARNING later (and 1000 more since the last such line)", "WARNING last"),
                logged.lines());
    }

    @Test
    void shouldShowAStackIfThereIsOne() {
        Exception cause = new Exception();
        log.warn(() -> "with {0}", cause);
        now.addAndGet(RateLimitedLog.INTERVAL_NANOS);
        log.warn(() -> "without", null);

        assertEquals(Arrays.asList(cause, null), logged.causes());
        assertEquals("WARNING with {0}", logged.lines().get(0));
    }
}
