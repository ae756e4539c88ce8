package io.github.binder4j.runtime;

import static io.github.binder4j.driver.Commands.*;
import static io.github.binder4j.runtime.ScriptedProcess.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.Binder;
import android.os.Parcel;
import io.github.binder4j.driver.DriverException;
import io.github.binder4j.driver.DriverRule;
import io.github.binder4j.driver.ScriptedDriver;
import io.github.binder4j.driver.ScriptedDriver.Call;
import io.github.binder4j.driver.ScriptedDriver.Command;
import io.github.binder4j.driver.ScriptedDriver.Returns;
import io.github.binder4j.parcel.ParcelData;
import io.github.binder4j.runtime.ScriptedProcess.Served.Handler;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every call is answered once and gets its own reply, whatever a program does while it is served and wherever calls fail. */
@Timeout(60)
class FailureWhileServingTest {
    private static final int ENOMEM = 12;
    private static final int EINVAL = 22;
    private static final int ENOSPC = 28;

    /** A thread that has a value of it starts none. */
    private static final ThreadLocal<Boolean> NO_THREADS = new ThreadLocal<>();

    private final ScriptedProcess scripted = new ScriptedProcess(new DeviceThreads() {
        @Override
        void start(Thread thread) {
            if (NO_THREADS.get() != null) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            super.start(thread);
        }
    });
    private final ScriptedDriver driver = scripted.driver;
    private final ProcessState process = scripted.process;
    private final List<Throwable> reported = Collections.synchronizedList(new ArrayList<>());
    private final Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();

    @BeforeEach
    void listen() {
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> reported.add(e));
        Thread.currentThread().setUncaughtExceptionHandler((thread, e) -> reported.add(e));
    }

    @AfterEach
    void close() {
        NO_THREADS.remove();
        Thread.currentThread().setUncaughtExceptionHandler(null);
        Thread.setDefaultUncaughtExceptionHandler(before);
        scripted.close();
    }

    // A nested call

    static Stream<Arguments> failures() {
        return Stream.of(
                failure("recycles reply", (code, data, reply, flags) -> {
                    reply.writeInt(1);
                    ParcelPool.recycle(reply);
                    return Status.OK;
                }),
                failure("recycles both", (code, data, reply, flags) -> {
                    ParcelPool.recycle(data);
                    ParcelPool.recycle(reply);
                    return Status.OK;
                }),
                failure("exception", (code, data, reply, flags) -> {
                    reply.writeInt(1);
                    throw new ArithmeticException();
                }),
                failure("checked exception", (code, data, reply, flags) -> {
                    throw FailureWhileServingTest.<RuntimeException>unchecked(new java.io.IOException());
                }),
                failure("out of memory", (code, data, reply, flags) -> {
                    throw new OutOfMemoryError();
                }),
                failure("stack overflow", (code, data, reply, flags) -> overflow(1)),
                failure("assertion", (code, data, reply, flags) -> {
                    throw new AssertionError();
                }));
    }

    private static Arguments failure(String name, Handler handler) {
        return Arguments.of(name, handler);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("failures")
    void shouldAnswerANestedCallThatFailsAndReturnTheOuterReply(String name, Handler handler)
            throws TransactionFailure {
        nest(new Served(handler));

        Command reply = onlyReply();
        assertEquals(TF_STATUS_CODE, reply.intAt(20));
        assertArrayEquals(ints(Status.UNKNOWN_ERROR), reply.data());
        assertEquals(1, process.counters().servedFailures.sum());
        assertNextCallGetsItsOwnReply();
    }

    private static ParcelData dataOf(Parcel parcel) {
        return ApiBridge.get().dataOf(parcel);
    }

    @Test
    void shouldAnswerANestedCallWhoseBinderRecyclesItsReply() throws TransactionFailure {
        List<Parcel> lent = new ArrayList<>();
        List<ParcelData> lentData = new ArrayList<>();
        nest(localObjectOf(new Binder() {
            @Override
            protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) {
                lentData.addAll(List.of(dataOf(reply), dataOf(data)));
                reply.recycle();
                data.recycle();
                lent.addAll(List.of(reply, data));
                for (int i = 0; i < 20; i++) {
                    Parcel other = Parcel.obtain();
                    lentData.forEach(parcel -> assertNotSame(parcel, dataOf(other), "of the call that goes on"));
                }
                return true;
            }
        }));

        assertEquals(2, lent.size());
        assertArrayEquals(ints(Status.UNKNOWN_ERROR), onlyReply().data());
        assertNextCallGetsItsOwnReply();
        Parcel obtained = Parcel.obtain();
        assertTrue(lentData.contains(dataOf(obtained)), "it is back in the pool");
        lent.forEach(parcel -> assertThrows(IllegalStateException.class, parcel::readInt));
        obtained.writeInt(1);
        assertEquals(4, obtained.dataSize());
        obtained.recycle();
    }

    @Test
    void shouldAnswerANestedCallWhoseBinderThrowsAfterItRecycledItsReply() throws TransactionFailure {
        nest(localObjectOf(new Binder() {
            @Override
            protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) {
                reply.recycle();
                throw new IllegalArgumentException("which would travel");
            }
        }));

        assertArrayEquals(ints(Status.UNKNOWN_ERROR), onlyReply().data());
        assertNextCallGetsItsOwnReply();
    }

    @Test
    void shouldReplyNothingToAOnewayCallThatFails() throws TransactionFailure {
        Served callback = new Served((code, data, reply, flags) -> {
            throw new OutOfMemoryError();
        });
        process.startPolling();
        driver.answer(returns -> returns.object(BR_INCREFS, scripted.lastPtr())
                .object(BR_ACQUIRE, scripted.lastPtr())
                .complete()
                .reply(ints()));
        scripted.transact(parcelOf(callback), null);
        long ptr = driver.commands(BC_TRANSACTION).get(0).dataBuffer().getLong(8);
        driver.answer(returns -> returns.transaction(ptr, 6, TF_ONE_WAY, ints()));
        process.servePolled();

        assertEquals(1, process.counters().servedFailures.sum());
        assertEquals(List.of(), driver.commands(BC_REPLY));
        assertNextCallGetsItsOwnReply();
    }

    /** A call that is answered after {@code callback} served one nested in it. */
    private void nest(LocalObject callback) throws TransactionFailure {
        driver.answer(returns -> returns.complete().transaction(scripted.lastPtr(), 6, 0, ints(77)));
        driver.answer(returns -> returns.noop().complete());
        driver.answer(returns -> returns.reply(ints(79)));
        ParcelData reply = new ParcelData();
        assertEquals(Status.OK, callSafely(callback, reply));
        assertEquals(79, reply.readInt());
        reply.recycle();
    }

    /** Calls; an error thrown while serving would end the whole test run if it came through. */
    private int callSafely(LocalObject callback, ParcelData reply) throws TransactionFailure {
        try {
            return scripted.transact(parcelOf(callback), reply);
        } catch (OutOfMemoryError e) {
            throw new AssertionError("came through to the outer caller", e);
        }
    }

    private Command onlyReply() {
        List<Command> replies = driver.commands(BC_REPLY);
        assertEquals(1, replies.size());
        return replies.get(0);
    }

    private void assertNextCallGetsItsOwnReply() throws TransactionFailure {
        ParcelData next = scripted.call(ints(4));
        assertEquals(4, next.readInt());
        next.recycle();
    }

    /** Made first: the first class of {@code android.os} that is initialised installs the bridge. */
    private static LocalObject localObjectOf(Binder made) {
        return ApiBridge.get().localObjectOf(made);
    }

    // A call the driver does not take

    /** The driver tells the error of an earlier call first, and takes nothing before: that is not what became of this one. */
    @ParameterizedTest
    @ValueSource(ints = {0, TF_ONE_WAY})
    void shouldSendACallAgainThatAnEarlierErrorKeptFromTheDriver(int flags) throws TransactionFailure {
        process.janitor().stop(); // which could be faster with the buffer
        scripted.call(ints(1)).recycle();
        runOutOfMemoryForADeathRequest();
        driver.forgetCalls();
        driver.extendedErrorIs(-EINVAL);
        driver.answer(returns -> returns.put(BR_ERROR));
        driver.answer(returns -> {
            returns.complete();
            if (flags == 0) {
                returns.reply(ints(90));
            }
        });

        ParcelData reply = new ParcelData();
        process.transact(scripted.manager, 9, parcel(81), reply, flags);

        assertEquals(
                List.of(List.of(), List.of(BC_FREE_BUFFER, BC_TRANSACTION)),
                driver.ownCalls().stream().map(Call::words).toList());
        Command taken = driver.commands(BC_TRANSACTION).get(0);
        assertEquals(9, taken.intAt(16));
        assertArrayEquals(ints(81), taken.data());
        assertEquals(flags == 0 ? 90 : 0, reply.readInt());
        assertEquals(1, driver.extendedErrorsTaken(), "which is not the next failed call's");
    }

    /** For want of memory the driver has an error to tell to the calling thread, and takes nothing of its next write. */
    private void runOutOfMemoryForADeathRequest() {
        process.commandNow(io -> io.requestDeathNotification(0, 1));
        driver.consumeOnly(0);
    }

    /** Its caller would wait for ever; and the call around it, of which the error is not, goes on. */
    @Test
    void shouldSendANestedReplyAgainThatAnEarlierErrorKeptFromTheDriver() throws TransactionFailure {
        Served callback = new Served((code, data, reply, flags) -> {
            runOutOfMemoryForADeathRequest();
            driver.answer(returns -> returns.put(BR_ERROR));
            driver.answer(returns -> returns.complete());
            driver.answer(returns -> returns.reply(ints(90)));
            reply.writeInt(7);
            return Status.OK;
        });
        driver.answer(returns -> returns.complete().transaction(scripted.lastPtr(), 6, 0, ints()));

        ParcelData answer = new ParcelData();
        assertEquals(Status.OK, scripted.transact(parcelOf(callback), answer));

        assertEquals(90, answer.readInt());
        assertEquals(1, driver.commands(BC_REPLY).size());
        assertArrayEquals(ints(7), driver.commands(BC_REPLY).get(0).data());
        assertEquals(0, process.counters.repliesFailed.sum());
    }

    /** The reply that a pool thread owes, which goes out with the read for the next call. */
    @Test
    void shouldSendAnOwedReplyAgainThatAnEarlierErrorKeptFromTheDriver() throws Exception {
        long ptr = publish((code, data, reply, flags) -> {
            runOutOfMemoryForADeathRequest();
            reply.writeInt(code);
            return Status.OK;
        });
        driver.answerLooper(returns -> returns.transaction(ptr, 3, 0, ints()));
        driver.answerLooper(returns -> returns.put(BR_ERROR));
        driver.answerLooper(returns -> returns.complete());

        Call replied = driver.awaitCommand(BC_REPLY);

        assertArrayEquals(
                ints(3), replied.commands().get(replied.commands().size() - 1).data());
        driver.answerLooper(returns -> returns.transaction(ptr, 4, 0, ints()));
        driver.answerLooper(returns -> returns.put(BR_ERROR));
        driver.await(call -> driver.commands(BC_REPLY).size() == 2);
        assertEquals(0, process.counters.repliesFailed.sum());
        assertEquals(1, driver.commands(BC_ENTER_LOOPER).size());
    }

    @Test
    void shouldSendAPolledReplyAgainThatAnEarlierErrorKeptFromTheDriver() {
        Served manager = new Served((code, data, reply, flags) -> {
            runOutOfMemoryForADeathRequest();
            driver.answer(returns -> returns.put(BR_ERROR));
            driver.answer(returns -> returns.complete());
            reply.writeInt(code);
            return Status.OK;
        });
        process.becomeContextManager(manager);
        process.startPolling();
        driver.answer(returns -> returns.transaction(0, 3, 0, ints()));

        process.servePolled();

        assertEquals(1, driver.commands(BC_REPLY).size());
        assertArrayEquals(ints(3), driver.commands(BC_REPLY).get(0).data());
    }

    /**
     * A call that an obituary makes finds the error of the call around it, which waits for that. No driver tells of a death
     * beside an outcome; but what one that did would make of it, a call that fails unheard or for another's reason, is worse.
     */
    @Test
    void shouldTellTheErrorToTheCallItIsOf() throws TransactionFailure {
        driver.departFrom(DriverRule.PROCESS_WORK_FOR_THE_IDLE);
        RemoteObject dying = scripted.receive(7);
        ParcelData answer = new ParcelData();
        dying.linkToDeath("recipient", () -> {
            driver.consumeOnly(0).answer(returns -> returns.put(BR_FAILED_REPLY));
            driver.answer(returns -> returns.complete().reply(ints(90)));
            call(answer);
        });
        long cookie = driver.commands(BC_REQUEST_DEATH_NOTIFICATION).get(0).longAt(4);
        driver.extendedErrorIs(-ENOSPC);
        driver.answer(returns -> returns.cookie(BR_DEAD_BINDER, cookie));

        TransactionFailure failed = assertThrows(
                TransactionFailure.class, () -> process.transact(scripted.manager, 8, parcel(80), null, 0));

        assertEquals(90, answer.readInt());
        assertTrue(failed.outOfBufferSpace(), failed.getMessage());
        assertTrue(failed.getMessage().contains("code=0x8"), failed.getMessage());
        assertNextCallGetsItsOwnReply();
    }

    private void call(ParcelData reply) {
        try {
            scripted.transact(new ParcelData(), reply);
        } catch (TransactionFailure e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldNotSendACallAgainWhoseSystemCallFailed() throws TransactionFailure {
        driver.failNext(-ENOMEM);
        DriverException failed =
                assertThrows(DriverException.class, () -> process.transact(scripted.manager, 8, parcel(80), null, 0));
        assertEquals(ENOMEM, failed.errno());
        assertEquals(0, driver.threadsInside(), "the kernel's record is dropped, and a late reply with it");

        driver.answer(returns -> returns.complete().reply(ints(90)));
        ParcelData reply = new ParcelData();
        process.transact(scripted.manager, 9, parcel(81), reply, 0);

        List<Command> sent = driver.commands(BC_TRANSACTION);
        assertEquals(1, sent.size());
        assertEquals(9, sent.get(0).intAt(16));
        assertEquals(90, reply.readInt());
        assertEquals(1, driver.threadsInside());
    }

    @Test
    void shouldAnswerNoCallOfAThreadWhoseCallsWereLost() throws Exception {
        process.loopers().start(); // as the send will; it is to have made its call before the next is to fail
        driver.awaitCommand(BC_ENTER_LOOPER);
        Served callback = new Served((code, data, reply, flags) -> {
            driver.failNext(-ENOMEM);
            assertThrows(DriverException.class, () -> scripted.transact(new ParcelData(), null));
            return Status.OK;
        });
        driver.answer(returns -> returns.complete().transaction(scripted.lastPtr(), 6, 0, ints()));

        IllegalStateException lost = assertThrows(
                IllegalStateException.class, () -> scripted.transact(parcelOf(callback), new ParcelData()));

        assertTrue(lost.getMessage().contains("lost"), lost.getMessage());
        assertEquals(List.of(), driver.commands(BC_REPLY));
        assertNextCallGetsItsOwnReply();
        assertEquals(1, driver.commands(BC_EXIT_LOOPER).size());
    }

    /** A kernel that is not told would keep the callers of this thread waiting for ever. */
    @Test
    void shouldLeaveLaterWhenTheStackWasTooShortForThat() throws Exception {
        process.loopers().start();
        driver.awaitCommand(BC_ENTER_LOOPER);
        Served callback = new Served((code, data, reply, flags) -> {
            driver.failNext(-ENOMEM);
            driver.failNextLeave();
            assertThrows(StackOverflowError.class, () -> scripted.transact(new ParcelData(), null));
            return Status.OK;
        });
        driver.answer(returns -> returns.complete().transaction(scripted.lastPtr(), 6, 0, ints()));
        int before = driver.threadsInside();

        assertThrows(IllegalStateException.class, () -> scripted.transact(parcelOf(callback), new ParcelData()));

        assertEquals(before, driver.threadsInside());
        assertEquals(List.of(), driver.commands(BC_REPLY));
        assertNextCallGetsItsOwnReply();
    }

    @Test
    void shouldKnowWhenTheStackIsNearlyUsedUp() {
        assertTrue(StackReserve.isThere());
        assertFalse(isReserveThereAtTheEndOfTheStack());
    }

    private static boolean isReserveThereAtTheEndOfTheStack() {
        try {
            return isReserveThereAtTheEndOfTheStack();
        } catch (StackOverflowError e) {
            return StackReserve.isThere();
        }
    }

    // Loopers

    @Test
    void shouldJoinAgainWhenTheCallsOfALooperWereLost() throws Exception {
        long ptr = publish((code, data, reply, flags) -> {
            if (code == 3) {
                driver.failNext(-ENOMEM);
                assertThrows(DriverException.class, () -> scripted.transact(new ParcelData(), null));
            }
            reply.writeInt(code);
            return Status.OK;
        });
        Thread looper = driver.awaitCommand(BC_ENTER_LOOPER).thread();
        driver.forgetCalls();

        driver.answerLooper(returns -> returns.transaction(ptr, 3, 0, ints()));
        assertSame(looper, driver.awaitCommand(BC_ENTER_LOOPER).thread());
        assertEquals(List.of(), driver.commands(BC_REPLY));

        driver.answerLooper(returns -> returns.transaction(ptr, 4, 0, ints()));
        driver.awaitCommand(BC_REPLY);
        assertArrayEquals(ints(4), onlyReply().data());
        assertEquals(1, process.loopers().size());
        assertEquals(List.of(), reported);
    }

    @Test
    void shouldServeAndTryAgainWhenTheThreadTheDriverAskedForCannotBeStarted() throws Exception {
        process.loopers().setMaxThreads(1);
        long ptr = publish((code, data, reply, flags) -> {
            NO_THREADS.set(true);
            return Status.OK;
        });
        driver.answerLooper(returns -> returns.transaction(ptr, 3, 0, ints()));
        driver.awaitCommand(BC_REPLY);
        driver.answerLooper(Returns::complete);
        driver.answerLooper(returns -> returns.put(BR_SPAWN_LOOPER).transaction(ptr, 4, 0, ints()));
        driver.await(call -> driver.commands(BC_REPLY).size() == 2);

        assertEquals("unable to create native thread", reported.get(0).getMessage());
        Thread later = driver.awaitCommand(BC_REGISTER_LOOPER).thread(); // the driver asks once
        assertNotSame(driver.awaitCommand(BC_ENTER_LOOPER).thread(), later);
        assertEquals(1, driver.commands(BC_REGISTER_LOOPER).size());
        assertEquals(2, process.loopers().size());
    }

    @Test
    void shouldServeWithAnotherLooperWhenOneFails() throws Exception {
        long ptr = publish((code, data, reply, flags) -> {
            reply.writeInt(code);
            return Status.OK;
        });
        for (int i = 0; i < 2; i++) {
            driver.answerLooper(returns -> {
                throw new OutOfMemoryError("while a looper reads");
            });
        }
        driver.answerLooper(returns -> returns.transaction(ptr, 4, 0, ints()));
        driver.awaitCommand(BC_REPLY);

        assertArrayEquals(ints(4), onlyReply().data());
        assertEquals(
                3,
                driver.calls().stream()
                        .filter(call -> call.words().contains(BC_ENTER_LOOPER))
                        .map(Call::thread)
                        .distinct()
                        .count());
        assertEquals(1, process.loopers().size());
        assertEquals(
                List.of("while a looper reads", "while a looper reads"),
                reported.stream().map(Throwable::getMessage).toList());
    }

    @Test
    void shouldStartTheMainLooperLaterWhenItCouldNotBeStarted() throws Exception {
        NO_THREADS.set(true);
        assertThrows(OutOfMemoryError.class, () -> process.loopers().start());
        NO_THREADS.remove();

        process.loopers().start();
        driver.awaitCommand(BC_ENTER_LOOPER);
    }

    /** Has the driver hold an object that {@code handler} serves; a looper then waits. */
    private long publish(Handler handler) throws Exception {
        driver.answer(returns -> returns.object(BR_INCREFS, scripted.lastPtr())
                .object(BR_ACQUIRE, scripted.lastPtr())
                .complete()
                .status(Status.OK));
        scripted.transact(parcelOf(new Served(handler)), null);
        driver.awaitCommand(BC_ENTER_LOOPER);
        driver.awaitCommand(BC_FREE_BUFFER); // the status reply's
        return driver.commands(BC_TRANSACTION).get(0).dataBuffer().getLong(8);
    }

    private static ParcelData parcel(int value) {
        ParcelData data = new ParcelData();
        data.writeInt(value);
        return data;
    }

    private static int overflow(int depth) {
        return overflow(depth + 1) + depth;
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> E unchecked(Throwable e) throws E {
        throw (E) e;
    }
}
