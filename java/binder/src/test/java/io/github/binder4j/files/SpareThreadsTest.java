package io.github.binder4j.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SpareThreadsTest {
    private static final int LIMIT = 3;

    private final SpareThreads threads = new SpareThreads("spare", LIMIT);
    private final BlockingQueue<Thread> began = new LinkedBlockingQueue<>();
    private final Semaphore permits = new Semaphore(0);

    private void held() {
        began.add(Thread.currentThread());
        permits.acquireUninterruptibly();
    }

    @Test
    void shouldRunATaskThoughOthersAreHeldUntilAllThreadsAre() throws Exception {
        Set<String> names = new TreeSet<>();
        for (int i = 0; i < LIMIT; i++) {
            assertFalse(threads.areAllHeld());
            threads.run(this::held);
            Thread thread = began.take();
            names.add(thread.getName());
            assertTrue(thread.isDaemon());
            assertNull(thread.getContextClassLoader());
        }
        assertEquals(Set.of("spare-1", "spare-2", "spare-3"), names);
        assertTrue(threads.areAllHeld());

        threads.run(this::held);
        assertNull(began.poll(), "there is a fourth thread");
        permits.release();
        assertTrue(names.contains(began.take().getName()));
        permits.release(LIMIT);
    }

    @Test
    void shouldUseAThreadAgain() throws Exception {
        permits.release(2);
        threads.run(this::held);
        Thread first = began.take();
        while (first.getState() == Thread.State.RUNNABLE) {
            Thread.onSpinWait();
        }
        threads.run(this::held);

        assertEquals(first, began.take());
    }

    @Test
    void shouldGoOnWhenATaskFails() throws Exception {
        for (int i = 0; i < 2 * LIMIT; i++) {
            threads.run(() -> {
                Thread.currentThread().setUncaughtExceptionHandler((thread, e) -> began.add(thread));
                throw new IllegalStateException("on purpose");
            });
        }
        for (int i = 0; i < 2 * LIMIT; i++) {
            began.take();
        }
        permits.release();
        threads.run(this::held);

        began.take();
    }
}
