package io.github.binder4j.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PerThreadTest {
    private final PerThread<Object> values = new PerThread<>(Object::new);

    private Object onAnotherThread() throws Exception {
        FutureTask<Object> task = new FutureTask<>(values::get);
        Thread thread = new Thread(task);
        thread.start();
        thread.join();
        return task.get();
    }

    @Test
    void shouldGiveEachThreadItsOwnForAsLongAsItLives() throws Exception {
        Object own = values.get();
        int hash = System.identityHashCode(own);
        own = null;
        assertNotSame(values.get(), onAnotherThread());
        for (int i = 0; i < 3; i++) {
            System.gc();
            assertEquals(hash, System.identityHashCode(values.get()));
        }
        assertSame(values.get(), values.get());
    }

    @Test
    void shouldForgetThreadsThatHaveEnded() throws Exception {
        values.get();
        for (int i = 0; i < 1000; i++) {
            onAnotherThread();
        }
        assertTrue(values.size() <= 64, values.size() + " of 1001 threads, of which one lives");
    }
}
