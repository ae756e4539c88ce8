package io.github.binder4j.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.binder4j.runtime.Counters.Often;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CountersTest {
    private final Counters counters = new Counters();

    @Test
    void shouldSumWhatEachThreadCounted() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Thread thread = new Thread(() -> {
                Counters.OfThread own = counters.ofThread();
                for (int n = 0; n < 10_000; n++) {
                    own.add(Often.CALLS, 1);
                    own.add(Often.BYTES_SENT, 8);
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertEquals(40_000, counters.sum(Often.CALLS));
        assertEquals(320_000, counters.sum(Often.BYTES_SENT));
        assertEquals(0, counters.sum(Often.SERVED));
    }

    @Test
    void shouldCountEachOfItsKindsApart() {
        Counters.OfThread own = counters.ofThread();
        for (Often what : Often.values()) {
            own.add(what, what.ordinal() + 1);
        }

        for (Often what : Often.values()) {
            assertEquals(what.ordinal() + 1, counters.sum(what), what.name());
        }
    }

    @Test
    void shouldKeepWhatAThreadCountedThatHasLeft() {
        Counters.OfThread own = counters.ofThread();
        own.add(Often.CALLS, 2);

        counters.retire(own);
        counters.retire(own);
        assertEquals(2, counters.sum(Often.CALLS));

        own.add(Often.CALLS, 1); // a call that it was still in
        counters.add(Often.CALLS, 1); // on a thread that has none of its own
        assertEquals(4, counters.sum(Often.CALLS));
    }
}
