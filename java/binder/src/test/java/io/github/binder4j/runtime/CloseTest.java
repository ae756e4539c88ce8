package io.github.binder4j.runtime;

import static io.github.binder4j.driver.Commands.*;
import static io.github.binder4j.runtime.ScriptedProcess.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.driver.ScriptedDriver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What has ended when {@link ProcessState#close} returns, whoever calls it. */
@Timeout(60)
class CloseTest {
    private final List<Thread> made = new ArrayList<>();
    private volatile boolean waitedUntilTheDeadline;
    private final ScriptedDriver driver = new ScriptedDriver();
    private final ProcessState process = ProcessState.of(driver.device(), new DeviceThreads() {
        @Override
        Thread make(String name, Runnable work) {
            Thread thread = super.make(name, work);
            synchronized (made) {
                made.add(thread);
            }
            return thread;
        }

        @Override
        void awaitEnds(long deadline, Predicate<Thread> inUserCode) {
            long later = deadline + TimeUnit.SECONDS.toNanos(10);
            super.awaitEnds(later, inUserCode);
            waitedUntilTheDeadline |= System.nanoTime() - later >= 0;
        }
    });

    @AfterEach
    void close() {
        process.close();
        assertEquals(List.of(), driver.mistakes());
    }

    private List<String> alive() {
        synchronized (made) {
            return made.stream().filter(Thread::isAlive).map(Thread::getName).toList();
        }
    }

    private void assertClosedAndNoThreadLeft() {
        assertTrue(driver.isClosed());
        assertEquals(List.of(), alive());
    }

    private void startEveryKindOfThread() throws InterruptedException {
        LinkedBlockingQueue<Integer> told = new LinkedBlockingQueue<>();
        process.events().add(new Listener(told::add));
        process.loopers().start();
        driver.answerLooper(returns -> returns.put(0x7fff));
        told.take();
    }

    /** Is told of commands nobody knows. */
    private record Listener(java.util.function.IntConsumer told) implements DeviceEvents.Listener {
        @Override
        public void onStarvation(int threads, long starvedMs) {}

        @Override
        public void onOnewaySpamSuspect(RemoteObject target, int code) {}

        @Override
        public void onProxyLimit(int uid, int count) {}

        @Override
        public void onUnknownReturn(int command) {
            told.accept(command);
        }

        @Override
        public void onCarrierLimit(int threads) {}
    }

    @Test
    void shouldHaveEndedItsThreadsWhenItReturns() throws Exception {
        startEveryKindOfThread();
        assertEquals(3, alive().size(), alive().toString());

        process.close();

        assertClosedAndNoThreadLeft();
    }

    @Test
    void shouldMakeThreadsThatHaveNothingOfWhoNeedsThem() throws Exception {
        InheritableThreadLocal<String> inherited = new InheritableThreadLocal<>();
        FutureTask<Void> task = new FutureTask<>(() -> {
            inherited.set("of the program");
            Thread.currentThread().setContextClassLoader(new ClassLoader() {});
            startEveryKindOfThread();
            return null;
        });
        new Thread(task).start();
        task.get();
        FutureTask<String> seen = new FutureTask<>(inherited::get);
        process.janitor().submit(seen);

        assertEquals(null, seen.get());
        for (Thread thread : made) {
            assertEquals(ProcessState.class.getClassLoader(), thread.getContextClassLoader(), thread.getName());
        }
    }

    @Test
    void shouldCloseFromItsJanitor() throws Exception {
        closeOn(process.janitor()::submit);
    }

    @Test
    void shouldCloseFromAListener() throws Exception {
        closeOn(closing -> {
            process.events().add(new Listener(command -> closing.run()));
            process.loopers().start();
            driver.answerLooper(returns -> returns.put(0x7fff));
        });
    }

    @Test
    void shouldCloseFromAHandler() throws Exception {
        closeOn(closing -> {
            process.becomeContextManager(new Served((code, data, reply, flags) -> {
                closing.run();
                return Status.OK;
            }));
            process.loopers().start();
            driver.answerLooper(returns -> returns.transaction(0, 1, 0, ints()));
        });
    }

    @Test
    void shouldCloseFromAnObituary() throws Exception {
        closeOn(closing -> {
            ((RemoteObject) process.contextManager()).linkToDeath(this, closing);
            long cookie = driver.commands(BC_REQUEST_DEATH_NOTIFICATION).get(0).longAt(4);
            driver.answerLooper(returns -> returns.cookie(BR_DEAD_BINDER, cookie));
        });
    }

    private interface Run {
        void on(Runnable closing) throws Exception;
    }

    /** Closes on one of the device's own threads, which is the only one left when that returns, and then ends too. */
    private void closeOn(Run thread) throws Exception {
        FutureTask<List<String>> closed = new FutureTask<>(() -> {
            process.close();
            return alive();
        });
        thread.on(closed);

        assertEquals(1, closed.get().size(), closed.get().toString());
        for (Thread one : List.copyOf(made)) {
            one.join();
        }
        assertClosedAndNoThreadLeft();
    }

    /** Nor for one that tells of a death or an event: the program may hold what such code waits for while it closes. */
    @Test
    void shouldNotWaitForCodeOfTheProgram() throws Exception {
        CountDownLatch inside = new CountDownLatch(3);
        CountDownLatch closed = new CountDownLatch(1);
        Runnable waits = () -> {
            inside.countDown();
            awaitUninterruptibly(closed);
        };
        process.becomeContextManager(new Served((code, data, reply, flags) -> {
            waits.run();
            return Status.OK;
        }));
        process.events().add(new Listener(command -> waits.run()));
        RemoteObject object = process.remoteObject(5, STABILITY, new ArrayList<>());
        object.linkToDeath(this, waits);
        long cookie = driver.commands(BC_REQUEST_DEATH_NOTIFICATION).get(0).longAt(4);
        driver.answerLooper(returns -> returns.put(0x7fff).put(BR_SPAWN_LOOPER).cookie(BR_DEAD_BINDER, cookie));
        driver.answerLooper(returns -> returns.transaction(0, 1, 0, ints()));
        inside.await();

        process.close();
        process.close();

        assertFalse(waitedUntilTheDeadline);
        assertEquals(3, alive().size(), alive().toString());
        closed.countDown();
        for (Thread one : List.copyOf(made)) {
            one.join();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        boolean interrupted = false;
        while (latch.getCount() > 0) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void shouldSayWhatHoldsItsJanitorUp() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        process.janitor().submit(() -> {
            inside.countDown();
            awaitUninterruptibly(goOn);
        });
        inside.await();

        IllegalStateException thrown = assertThrows(IllegalStateException.class, process::close);

        assertTrue(thrown.getMessage().contains("binder-janitor"), thrown.getMessage());
        assertTrue(thrown.getMessage().contains("awaitUninterruptibly"), thrown.getMessage());
        assertTrue(driver.isClosed());
        assertTrue(driver.isUnmapped());
        goOn.countDown();
        process.close();
        assertClosedAndNoThreadLeft();
    }

    @Test
    void shouldKeepTheInterruptionOfWhoCloses() throws Exception {
        startEveryKindOfThread();
        Thread.currentThread().interrupt();

        process.close();

        assertTrue(Thread.interrupted());
        assertClosedAndNoThreadLeft();
        assertFalse(Thread.currentThread().isInterrupted());
    }
}
