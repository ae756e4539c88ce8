package io.github.binder4j.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.github.binder4j.parcel.ParcelData;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

class ParcelPoolTest {
    /** Held, as a thread's state on a device holds it: else the collector may take it between two uses. */
    private final ParcelPool pool = ParcelPool.ofThread();

    @Test
    void shouldNotHandOutALentParcelThatWasRecycledBeforeItIsTakenBack() {
        ParcelData lent = pool.lend();
        lent.writeInt(1);
        ParcelPool.recycle(lent);
        ParcelPool.recycle(lent);

        List<ParcelData> obtained = new ArrayList<>();
        for (int i = 0; i < 20; i++) { // more than the pool keeps
            ParcelData other = ParcelPool.obtain();
            assertNotSame(lent, other);
            obtained.add(other);
        }
        pool.takeBack(lent);

        ParcelData again = ParcelPool.obtain();
        assertSame(lent, again);
        assertFalse(again.isLent());
        assertFalse(again.isRecycled());
        assertEquals(0, again.size());
        again.writeInt(2);
        assertEquals(4, again.size());
        obtained.forEach(ParcelPool::recycle);
        ParcelPool.recycle(again);
    }

    @Test
    void shouldTakeBackALentParcelOnce() {
        for (boolean recycled : new boolean[] {false, true}) {
            ParcelData lent = pool.lend();
            if (recycled) {
                ParcelPool.recycle(lent);
            }
            pool.takeBack(lent);
            ParcelPool.recycle(lent); // by who kept it after the call

            assertSame(lent, ParcelPool.obtain());
            assertNotSame(lent, ParcelPool.obtain());
            ParcelPool.recycle(lent);
        }
    }

    /** A thread that goes on would keep it otherwise, and the class loader of the library with it. */
    @Test
    void shouldGoWhenNoDeviceHasTheThread() throws Exception {
        FutureTask<WeakReference<ParcelPool>> task = new FutureTask<>(() -> new WeakReference<>(ParcelPool.ofThread()));
        CountDownLatch end = new CountDownLatch(1);
        Thread goesOn = new Thread(() -> {
            task.run();
            try {
                end.await();
            } catch (InterruptedException e) {
                return;
            }
        });
        goesOn.start();

        ScriptedProcess.collectUntil(() -> isCollected(task));

        end.countDown();
        goesOn.join();
    }

    private static boolean isCollected(FutureTask<WeakReference<ParcelPool>> task) {
        try {
            return task.get().get() == null;
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }
}
