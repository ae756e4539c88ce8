package io.github.binder4j.runtime;

import static io.github.binder4j.driver.Commands.*;
import static io.github.binder4j.runtime.ScriptedProcess.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.driver.ScriptedDriver;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who of a pool is busy, and when all are. */
@Timeout(60)
class LooperPoolTest {
    private final ScriptedProcess scripted = new ScriptedProcess();
    private final ScriptedDriver driver = scripted.driver;
    private final ProcessState process = scripted.process;
    private final LooperPool pool = process.loopers();

    private final Semaphore serving = new Semaphore(0);
    private final Semaphore exits = new Semaphore(0);
    private final BlockingQueue<String> starved = new LinkedBlockingQueue<>();

    @BeforeEach
    void serve() {
        process.becomeContextManager(new Served((code, data, reply, flags) -> {
            serving.release();
            exits.acquireUninterruptibly();
            return Status.OK;
        }));
        process.events().add(new DeviceEvents.Listener() {
            @Override
            public void onStarvation(int threads, long starvedMs) {
                starved.add(threads + (starvedMs >= 100 ? " for long" : " for " + starvedMs + " ms"));
            }
        });
    }

    @AfterEach
    void close() {
        exits.release(100);
        scripted.close();
    }

    private void call() {
        driver.answerLooper(returns -> returns.transaction(0, 3, 0, ints()));
        serving.acquireUninterruptibly();
    }

    @Test
    void shouldReportOnceWhileEveryThreadIsBusy() throws InterruptedException {
        pool.setMaxThreads(0);
        pool.start();
        call();

        assertEquals("1 for long", starved.take());
        assertEquals(1, pool.busyThreads());
        exits.release();
        driver.awaitCommand(BC_REPLY);
        sweep();
        assertEquals(1, pool.starvations());
        assertEquals(0, pool.busyThreads());
    }

    @Test
    void shouldReportEachStarvationAnew() throws InterruptedException {
        pool.setMaxThreads(0);
        pool.start();
        for (int i = 1; i <= 2; i++) {
            call();
            assertEquals("1 for long", starved.take());
            exits.release();
            driver.answerLooper(returns -> returns.complete());
        }

        assertEquals(2, pool.starvations());
    }

    @Test
    void shouldReportAPoolThatGrewFullWhileItsFirstThreadServed() throws InterruptedException {
        pool.setMaxThreads(1);
        pool.start();
        call(); // before there is another looper: this one has not looked at the clock
        pool.spawn();
        call();

        assertEquals("2 for long", starved.take());
        assertEquals(2, pool.busyThreads());
    }

    @Test
    void shouldNotTakeAPoolThatMayGrowForAStarvedOne() throws InterruptedException {
        pool.setMaxThreads(1);
        pool.start();
        call();

        sweep();
        assertEquals(1, pool.busyThreads());
        assertTrue(!pool.checkStarvation(), "there is nothing to look at again");
        assertEquals(0, pool.starvations());
    }

    /** Returns when the janitor has done what was to be done. */
    private void sweep() throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        process.janitor().submit(done::countDown);
        done.await();
    }
}
