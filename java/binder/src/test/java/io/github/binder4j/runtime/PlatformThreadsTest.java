package io.github.binder4j.runtime;

import static io.github.binder4j.driver.Commands.*;
import static io.github.binder4j.runtime.ScriptedProcess.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.binder4j.driver.ScriptedDriver;
import io.github.binder4j.parcel.ParcelData;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
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
        driver.answerCaller(returns -> returns.transaction(
                driver.commands(BC_TRANSACTION).get(0).dataBuffer().getLong(8), 6, 0, ints()));
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
    void shouldPoolNoParcelsForVirtualThreads() throws Exception {
        assertTrue(onVirtualThread(() -> {
            ParcelData first = ParcelPool.obtain();
            ParcelPool.recycle(first);
            return first.isRecycled() && first != ParcelPool.obtain();
        }));
        ParcelData first = ParcelPool.obtain();
        ParcelPool.recycle(first);
        assertSame(first, ParcelPool.obtain());
    }

    /** Runs {@code work} on a virtual thread; the test is skipped before JDK 21, which has none. */
    private static <T> T onVirtualThread(Callable<T> work) throws Exception {
        assumeTrue(Runtime.version().feature() >= 21, "virtual threads came with JDK 21");
        FutureTask<T> task = new FutureTask<>(work);
        Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, task);
        return task.get();
    }
}
