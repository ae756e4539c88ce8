package io.github.binder4j.runtime;

import static io.github.binder4j.driver.Commands.*;
import static io.github.binder4j.runtime.ScriptedProcess.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.binder4j.driver.DriverClosedException;
import io.github.binder4j.driver.ScriptedDriver;
import io.github.binder4j.parcel.ParcelData;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PlatformThreadsTest {
    private final ScriptedProcess scripted = new ScriptedProcess();
    private final ScriptedDriver driver = scripted.driver;

    @AfterEach
    void close() {
        scripted.close();
    }

    @Test
    void shouldSeeThatAPlatformThreadIsNotVirtual() {
        assertFalse(PlatformThreads.isCurrentVirtual());
    }

    @Test
    void shouldRunWorkOfAPlatformThreadWhereItIs() {
        AtomicReference<Thread> ran = new AtomicReference<>();
        scripted.process.carriers().run(() -> ran.set(Thread.currentThread()));
        assertSame(Thread.currentThread(), ran.get());
    }

    @Test
    void shouldCarryTheCallOfAVirtualThreadToAPlatformThread() throws Exception {
        driver.answerCaller(returns -> returns.complete().reply(ints(5)));

        int read = onVirtualThread(() -> {
            assertTrue(PlatformThreads.isCurrentVirtual());
            ParcelData reply = new ParcelData();
            scripted.transact(new ParcelData(), reply);
            int value = reply.readInt();
            reply.recycle();
            return value;
        });

        assertEquals(5, read);
        Thread carrier = driver.awaitCommand(BC_TRANSACTION).thread();
        assertTrue(carrier.getName().startsWith("binder-carrier-"), carrier.getName());
        assertTrue(carrier.isDaemon());
        driver.awaitCommand(BC_FREE_BUFFER);
        assertEquals(0, driver.liveBuffers());
    }

    @Test
    void shouldServeACallbackOfAVirtualThreadsCallOnTheThreadThatCarriesIt() throws Exception {
        AtomicReference<Thread> served = new AtomicReference<>();
        Served callback = new Served((code, data, reply, flags) -> {
            served.set(Thread.currentThread());
            return Status.OK;
        });
        driver.answerCaller(returns -> returns.complete()
                .transaction(driver.commands(BC_TRANSACTION).get(0).dataBuffer().getLong(8), 6, 0, ints()));
        driver.answerCaller(returns -> returns.complete().reply(ints()));

        onVirtualThread(() -> scripted.transact(parcelOf(callback), null));

        assertSame(
                driver.awaitCommand(BC_TRANSACTION).thread(),
                driver.awaitCommand(BC_REPLY).thread());
        assertSame(driver.awaitCommand(BC_REPLY).thread(), served.get());
    }

    @Test
    void shouldThrowAtTheVirtualThreadWhatItsCallThrew() throws Exception {
        driver.answerCaller(returns -> returns.put(BR_DEAD_REPLY));

        Exception thrown = onVirtualThread(() -> {
            try {
                scripted.transact(new ParcelData(), null);
                return null;
            } catch (TransactionFailure e) {
                return e;
            }
        });
        assertEquals(Status.DEAD_OBJECT, ((TransactionFailure) thrown).status());

        Error error = new StackOverflowError();
        assertSame(error, onVirtualThread(() -> {
            try {
                scripted.process.carriers().run(() -> {
                    throw error;
                });
                return null;
            } catch (StackOverflowError e) {
                return e;
            }
        }));
    }

    @Test
    void shouldKeepTheInterruptionOfAVirtualThreadForAfterItsCall() throws Exception {
        assertTrue(onVirtualThread(() -> {
            Thread.currentThread().interrupt();
            AtomicReference<Thread> ran = new AtomicReference<>();
            scripted.process.carriers().run(() -> ran.set(Thread.currentThread()));
            assertNotSame(Thread.currentThread(), ran.get());
            return Thread.currentThread().isInterrupted();
        }));
    }

    @Test
    void shouldPoolTheParcelsOfVirtualThreads() throws Exception {
        onVirtualThread(() -> {
            ParcelData first;
            ParcelData second;
            do { // the collector empties the pools, but not between any two of these
                first = ParcelPool.obtain();
                ParcelPool.recycle(first);
                assertTrue(first.isRecycled());
                second = ParcelPool.obtain();
            } while (first != second);
            assertNotSame(second, ParcelPool.obtain());
            ParcelPool.recycle(second);
            return null;
        });
    }

    /** Many at once, for longer than any is alone with a pool. */
    @Test
    void shouldHandOutAParcelToOneVirtualThreadAtATime() throws Exception {
        List<FutureTask<Boolean>> tasks = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            int number = i;
            tasks.add(startVirtual(() -> alone(number)));
        }
        for (FutureTask<Boolean> task : tasks) {
            assertTrue(task.get());
        }
    }

    private static boolean alone(int number) {
        boolean alone = true;
        for (int i = 0; i < 1000; i++) {
            ParcelData parcel = ParcelPool.obtain();
            alone &= parcel.size() == 0;
            parcel.writeInt(number);
            Thread.yield();
            parcel.setPosition(0);
            alone &= parcel.size() == 4 && parcel.readInt() == number;
            ParcelPool.recycle(parcel);
        }
        return alone;
    }

    // How many carry

    /** Has virtual threads call, one after the other begun; each waits for {@code release} on what carries it. */
    private List<FutureTask<Thread>> hold(int count, CountDownLatch begun, CountDownLatch release) throws Exception {
        List<FutureTask<Thread>> held = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            held.add(startVirtual(() -> scripted.process.carriers().call(() -> {
                begun.countDown();
                awaitUninterruptibly(release);
                return Thread.currentThread();
            })));
        }
        return held;
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldCarryNoMoreCallsAtATimeThanItMayAndTellWhenOneWaits() throws Exception {
        LinkedBlockingQueue<Integer> told = new LinkedBlockingQueue<>();
        scripted.process.events().add(new CarrierListener(told::add));
        scripted.process.carriers().setMaxThreads(2);
        CountDownLatch begun = new CountDownLatch(2);
        CountDownLatch release = new CountDownLatch(1);
        List<FutureTask<Thread>> held = hold(2, begun, release);
        begun.await();
        assertEquals(List.of(), List.copyOf(told));

        held.addAll(hold(3, new CountDownLatch(0), release));

        assertEquals(2, told.take());
        assertEquals(2, scripted.process.carriers().size());
        release.countDown();
        Set<Thread> carriers = new HashSet<>();
        for (FutureTask<Thread> one : held) {
            carriers.add(one.get());
        }
        assertEquals(2, carriers.size());
        assertEquals(List.of(), List.copyOf(told), "told once while calls wait");
    }

    @Test
    void shouldStartMoreForCallsThatWaitWhenMoreMayCarry() throws Exception {
        scripted.process.carriers().setMaxThreads(1);
        CountDownLatch begun = new CountDownLatch(3);
        CountDownLatch release = new CountDownLatch(1);
        List<FutureTask<Thread>> held = hold(3, begun, release);

        scripted.process.carriers().setMaxThreads(3);

        begun.await();
        release.countDown();
        for (FutureTask<Thread> one : held) {
            one.get();
        }
    }

    @Test
    void shouldEndThoseAboveALowerLimitWhenTheyAreDone() throws Exception {
        CountDownLatch begun = new CountDownLatch(3);
        CountDownLatch release = new CountDownLatch(1);
        List<FutureTask<Thread>> held = hold(3, begun, release);
        begun.await();
        scripted.process.carriers().setMaxThreads(1);
        release.countDown();

        for (FutureTask<Thread> one : held) {
            one.get();
        }
        while (scripted.process.carriers().size() > 1) {
            Thread.onSpinWait();
        }
        assertTrue(onVirtualThread(() -> scripted.process.carriers().call(() -> !PlatformThreads.isCurrentVirtual())));
    }

    @Test
    void shouldUseOneCarrierForCallsOneAfterTheOther() throws Exception {
        Set<Thread> carriers = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            carriers.add(onVirtualThread(() -> scripted.process.carriers().call(Thread::currentThread)));
            awaitIdle(carriers);
        }
        assertEquals(1, carriers.size());
    }

    /** The caller hears before the carrier is free again. */
    private static void awaitIdle(Set<Thread> carriers) {
        for (Thread carrier : carriers) {
            while (carrier.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void shouldFailCallsThatWaitToBeCarriedWhenTheDeviceIsClosed() throws Exception {
        scripted.process.carriers().setMaxThreads(1);
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        FutureTask<Thread> held = hold(1, begun, release).get(0);
        begun.await();
        FutureTask<Thread> waiting = hold(1, new CountDownLatch(0), release).get(0);
        while (scripted.process.carriers().waiting() == 0) {
            Thread.onSpinWait();
        }

        // Else it would wait for the call that is held: what carries it does not run in the driver or for the program.
        new Thread(() -> {
                    try {
                        waiting.get();
                    } catch (Exception e) {
                        release.countDown();
                    }
                })
                .start();
        scripted.process.close();

        ExecutionException thrown = assertThrows(ExecutionException.class, waiting::get);
        assertInstanceOf(DriverClosedException.class, thrown.getCause());
        held.get();
        thrown = assertThrows(
                ExecutionException.class,
                () -> onVirtualThread(() -> scripted.process.carriers().call(Thread::currentThread)));
        assertInstanceOf(DriverClosedException.class, thrown.getCause());
    }

    @Test
    void shouldRefuseALimitThatLetsNobodyThrough() {
        for (int count : new int[] {0, -1}) {
            IllegalArgumentException thrown = assertThrows(
                    IllegalArgumentException.class,
                    () -> scripted.process.carriers().setMaxThreads(count));
            assertTrue(thrown.getMessage().contains("" + count), thrown.getMessage());
        }
    }

    @Test
    void shouldTakeTheLimitFromTheProperty() throws Exception {
        assumeVirtualThreads();
        System.setProperty(Carriers.PROPERTY, "0");
        try {
            ScriptedDriver unused = new ScriptedDriver();
            IllegalArgumentException thrown = assertThrows(
                    IllegalArgumentException.class, () -> ProcessState.of(unused.device(), new DeviceThreads()));
            assertTrue(thrown.getMessage().contains("-Dbinder4j.maxCarriers=0"), thrown.getMessage());
            assertTrue(unused.isClosed());
        } finally {
            System.clearProperty(Carriers.PROPERTY);
        }
    }

    /** Is told of the limit. */
    private record CarrierListener(IntConsumer told) implements DeviceEvents.Listener {
        @Override
        public void onStarvation(int threads, long starvedMs) {}

        @Override
        public void onOnewaySpamSuspect(RemoteObject target, int code) {}

        @Override
        public void onProxyLimit(int uid, int count) {}

        @Override
        public void onUnknownReturn(int command) {}

        @Override
        public void onCarrierLimit(int threads) {
            told.accept(threads);
        }
    }

    private static void assumeVirtualThreads() {
        assumeTrue(Runtime.version().feature() >= 21, "virtual threads came with JDK 21");
    }

    private static <T> FutureTask<T> startVirtual(Callable<T> work) throws Exception {
        assumeVirtualThreads();
        FutureTask<T> task = new FutureTask<>(work);
        Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, task);
        return task;
    }

    /** Runs {@code work} on a virtual thread; the test is skipped before JDK 21, which has none. */
    private static <T> T onVirtualThread(Callable<T> work) throws Exception {
        return startVirtual(work).get();
    }
}
