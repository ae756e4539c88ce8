package io.github.binder4j.runtime;

import static io.github.binder4j.driver.Commands.*;
import static io.github.binder4j.runtime.ScriptedProcess.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.driver.DriverRule;
import io.github.binder4j.driver.ScriptedDriver;
import io.github.binder4j.driver.ScriptedDriver.Call;
import io.github.binder4j.driver.ScriptedDriver.Command;
import io.github.binder4j.driver.ScriptedDriver.Returns;
import io.github.binder4j.files.OwnedDescriptor;
import io.github.binder4j.files.Pipe;
import io.github.binder4j.parcel.Descriptors;
import io.github.binder4j.parcel.ParcelData;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ThreadStateTest {
    /** One word more than may wait for the next command. */
    private static final int LARGE = 16 * 1024 + 4;

    private final ScriptedProcess scripted = new ScriptedProcess();
    private final ScriptedDriver driver = scripted.driver;
    private final ProcessState process = scripted.process;

    @AfterEach
    void close() {
        scripted.close();
    }

    // Calling

    @Test
    void shouldMakeASynchronousCallWithOneSystemCall() throws TransactionFailure {
        driver.answer(returns -> returns.noop().complete().reply(ints(5)));
        ParcelData data = new ParcelData();
        data.writeInt(3);
        ParcelData reply = new ParcelData();

        assertEquals(Status.OK, process.transact(scripted.manager, 9, data, reply, 0));

        assertEquals(5, reply.readInt());
        assertEquals(1, driver.calls().size());
        assertEquals(List.of(BC_TRANSACTION), driver.lastOwnCall().words());
        Command sent = driver.lastOwnCall().commands().get(0);
        assertEquals(0, sent.longAt(0));
        assertEquals(9, sent.intAt(16));
        assertEquals(TF_ACCEPT_FDS, sent.intAt(20));
        assertArrayEquals(ints(3), sent.data());
    }

    @Test
    void shouldReadOnUntilTheReplyComes() throws TransactionFailure {
        driver.answer(Returns::noop);
        driver.answer(returns -> returns.noop().complete());
        driver.answer(returns -> returns.noop().reply(ints(5)));
        ParcelData reply = new ParcelData();

        scripted.transact(new ParcelData(), reply);

        assertEquals(5, reply.readInt());
        assertEquals(
                List.of(List.of(BC_TRANSACTION), List.of(), List.of()),
                driver.calls().stream().map(Call::words).toList());
    }

    @ParameterizedTest
    @ValueSource(ints = {BR_TRANSACTION_COMPLETE, BR_ONEWAY_SPAM_SUSPECT, BR_TRANSACTION_PENDING_FROZEN})
    void shouldBeDoneWithAOnewayCallWhenTheDriverTookIt(int outcome) throws TransactionFailure {
        driver.device().enableOnewaySpamDetection();
        driver.answer(returns -> returns.noop().put(outcome));

        assertEquals(Status.OK, process.transact(scripted.manager, 1, new ParcelData(), null, TF_ONE_WAY));

        assertEquals(1, driver.calls().size());
        assertEquals(
                TF_ONE_WAY | TF_ACCEPT_FDS,
                driver.lastOwnCall().commands().get(0).intAt(20));
    }

    @Test
    void shouldServeANestedCallOnTheWaitingThreadAndThenReturnTheOuterReply() throws TransactionFailure {
        List<Object> seen = new ArrayList<>();
        Served callback = new Served((code, data, reply, flags) -> {
            seen.add(Thread.currentThread());
            seen.add(code);
            seen.add(data.readInt());
            reply.writeInt(78);
            return Status.OK;
        });
        driver.answer(returns -> returns.noop().complete().transaction(scripted.lastPtr(), 6, 0, ints(77)));
        driver.answer(returns -> returns.noop().complete());
        driver.answer(returns -> returns.noop().reply(ints(79)));
        ParcelData reply = new ParcelData();

        scripted.transact(parcelOf(callback), reply);

        assertEquals(List.of(Thread.currentThread(), 6, 77), seen);
        assertEquals(79, reply.readInt());
        Call served = driver.ownCalls().get(1);
        assertEquals(List.of(BC_FREE_BUFFER, BC_REPLY), served.words());
        assertArrayEquals(ints(78), served.commands().get(1).data());
    }

    @Test
    void shouldReturnTheOuterReplyThatArrivesWithTheCompletionOfANestedOne() throws TransactionFailure {
        Served callback = new Served((code, data, reply, flags) -> Status.OK);
        driver.answer(returns -> returns.complete().transaction(scripted.lastPtr(), 6, 0, ints()));
        driver.answer(returns -> returns.complete().reply(ints(79)));
        ParcelData reply = new ParcelData();

        scripted.transact(parcelOf(callback), reply);

        assertEquals(79, reply.readInt());
    }

    @Test
    void shouldCallAgainFromWithinANestedCall() throws TransactionFailure {
        Served callback = new Served((code, data, reply, flags) -> {
            try {
                ParcelData inner = new ParcelData();
                scripted.transact(new ParcelData(), inner);
                reply.writeInt(inner.readInt() + 1);
                inner.recycle();
                return Status.OK;
            } catch (TransactionFailure e) {
                throw new AssertionError(e);
            }
        });
        driver.answer(returns -> returns.complete().transaction(scripted.lastPtr(), 6, 0, ints()));
        driver.answer(returns -> returns.complete().reply(ints(10)));
        driver.answer(returns -> returns.complete());
        driver.answer(returns -> returns.reply(ints(20)));
        ParcelData reply = new ParcelData();

        scripted.transact(parcelOf(callback), reply);

        assertEquals(20, reply.readInt());
        assertArrayEquals(ints(11), driver.commands(BC_REPLY).get(0).data());
    }

    @Test
    void shouldAnswerAtOnceWhatTheDriverSaidOfAnObjectWithTheReply() throws TransactionFailure {
        driver.answer(returns -> returns.object(BR_INCREFS, scripted.lastPtr())
                .object(BR_ACQUIRE, scripted.lastPtr())
                .complete()
                .reply(ints(1)));
        scripted.transact(parcelOf(new Served()), null);

        List<Call> calls = driver.ownCalls();
        assertEquals(
                List.of(List.of(BC_TRANSACTION), List.of(BC_INCREFS_DONE, BC_ACQUIRE_DONE)),
                calls.stream().map(Call::words).toList());
        assertFalse(calls.get(1).reads());
    }

    @Test
    void shouldLeaveWhatIsToBeAnsweredToTheReplyThatFollowsANestedCall() throws TransactionFailure {
        Served callback = new Served((code, data, reply, flags) -> {
            call(new Served());
            return Status.OK;
        });
        driver.answer(returns -> returns.complete().transaction(scripted.lastPtr(), 6, 0, ints()));
        driver.answer(returns -> returns.object(BR_INCREFS, scripted.lastPtr())
                .object(BR_ACQUIRE, scripted.lastPtr())
                .complete()
                .status(Status.OK));
        driver.answer(returns -> returns.complete().reply(ints()));
        scripted.transact(parcelOf(callback), new ParcelData());

        assertEquals(3, driver.ownCalls().size());
        List<Integer> words = driver.lastOwnCall().words();
        assertTrue(words.containsAll(List.of(BC_INCREFS_DONE, BC_ACQUIRE_DONE)), words.toString());
        assertEquals(BC_REPLY, words.get(words.size() - 1));
    }

    @Test
    void shouldReturnTheStatusAnsweredInPlaceOfAReply() throws TransactionFailure {
        driver.answer(returns -> returns.complete().status(Status.UNKNOWN_TRANSACTION));
        ParcelData reply = new ParcelData();

        assertEquals(Status.UNKNOWN_TRANSACTION, scripted.transact(new ParcelData(), reply));

        assertEquals(0, reply.size());
        assertEquals(0, process.liveBuffers());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3})
    void shouldNotTakeAStatusCutShortForSuccess(int size) {
        driver.answer(returns -> returns.complete().deliver(BR_REPLY, 0, 0, TF_STATUS_CODE, new byte[size]));

        TransactionFailure failure =
                assertThrows(TransactionFailure.class, () -> scripted.transact(new ParcelData(), new ParcelData()));

        assertEquals(Status.FAILED_TRANSACTION, failure.status());
        assertTrue(failure.getMessage().contains("a status of " + size + " bytes"), failure.getMessage());
        assertEquals(0, process.liveBuffers());
    }

    @Test
    void shouldDropAReplyNobodyWants() throws Exception {
        driver.answer(returns -> returns.complete().reply(ints(1)));
        scripted.transact(new ParcelData(), null);

        driver.awaitCommand(BC_FREE_BUFFER);
        assertEquals(0, driver.liveBuffers());
    }

    @ParameterizedTest
    @CsvSource({
        "BR_DEAD_REPLY, 0, -32, false, no context manager on /dev/scripted",
        "BR_FROZEN_REPLY, 0, -2147483639, false, frozen",
        "BR_FAILED_REPLY, -28, -2147483646, true, no room in the receiving process's buffer",
        "BR_FAILED_REPLY, -1, -2147483646, false, file descriptors are not accepted",
        "BR_FAILED_REPLY, -22, -2147483646, false, refuses the target or an object",
        "BR_FAILED_REPLY, -9, -2147483646, false, a file descriptor in the parcel is closed",
        "BR_FAILED_REPLY, -71, -2147483646, false, extended error EPROTO (71)",
        "BR_FAILED_REPLY, 0, -2147483646, false, the request could not be delivered",
        "BR_ERROR, 0, -12, false, BR_ERROR"
    })
    void shouldSayWhyACallFailed(String name, int extendedError, int status, boolean full, String words)
            throws ReflectiveOperationException {
        int outcome = io.github.binder4j.driver.Commands.class.getField(name).getInt(null);
        driver.extendedErrorIs(extendedError);
        if (outcome == BR_ERROR) {
            driver.departFrom(DriverRule.ERROR_OF_A_DEATH_REQUEST); // whatever else it may be of, the call is over
        }
        driver.answer(returns -> returns.noop().put(outcome));
        ParcelData data = new ParcelData();
        data.writeLong(0);

        TransactionFailure failure =
                assertThrows(TransactionFailure.class, () -> process.transact(scripted.manager, 0x5f, data, null, 0));

        assertEquals(status, failure.status());
        assertEquals(full, failure.outOfBufferSpace());
        for (String expected : List.of(words, "handle=0", "code=0x5f", "data=8 bytes", name, "/dev/scripted")) {
            assertTrue(failure.getMessage().contains(expected), failure.getMessage());
        }
    }

    /** What follows an outcome in its read is looked into by the thread's next call, which may never come. */
    @Test
    void shouldNotKeepADeviceOpenByWhatFollowsAnOutcome() {
        process.commandNow(io -> io.clearDeathNotification(0, 1));
        driver.answer(returns -> returns.noop().put(BR_FAILED_REPLY).cookie(BR_CLEAR_DEATH_NOTIFICATION_DONE, 1));
        assertThrows(TransactionFailure.class, () -> scripted.transact(new ParcelData(), new ParcelData()));

        process.close();
        assertTrue(driver.isClosed());
    }

    /** The driver says the same where the callee cannot take the request's descriptors, and where this process cannot the reply's. */
    @Test
    void shouldNotSayThatACallWasServedWhoseDescriptorsMayNotHaveArrived() throws Exception {
        ParcelData data = new ParcelData();
        try (Pipe pipe = new Pipe()) {
            OwnedDescriptor sent = OwnedDescriptor.adopt(pipe.writing);
            Descriptors.write(data, sent.java);
            sent.close();
        }
        String withDescriptor = failureOnceTaken(data).getMessage();
        assertTrue(withDescriptor.contains("the request or its reply could not be delivered"), withDescriptor);
        assertTrue(withDescriptor.contains("It was not served if that was the request"), withDescriptor);
        assertTrue(withDescriptor.contains("ulimit -n"), withDescriptor);
        data.recycle();

        String without = failureOnceTaken(new ParcelData()).getMessage();
        assertTrue(without.contains("failed: its reply could not be delivered"), without);
        assertTrue(without.contains("ulimit -n"), without);
        assertFalse(without.contains("the request"), without);
    }

    private TransactionFailure failureOnceTaken(ParcelData data) {
        driver.answer(returns -> returns.complete().put(BR_FAILED_REPLY));
        return assertThrows(TransactionFailure.class, () -> scripted.transact(data, new ParcelData()));
    }

    @Test
    void shouldSayThatTheOwnerOfAnObjectIsGone() throws TransactionFailure {
        RemoteObject object = scripted.receive(5);
        driver.answer(returns -> returns.complete().put(BR_DEAD_REPLY));

        TransactionFailure failure =
                assertThrows(TransactionFailure.class, () -> process.transact(object, 1, new ParcelData(), null, 0));
        assertTrue(failure.getMessage().contains("the process that has the object is gone"), failure.getMessage());
        assertTrue(failure.getMessage().contains("handle=5"), failure.getMessage());
    }

    @Test
    void shouldGoOnCallingAfterAFailure() throws TransactionFailure {
        driver.answer(returns -> returns.put(BR_FAILED_REPLY));
        assertThrows(TransactionFailure.class, () -> scripted.transact(new ParcelData(), null));

        assertEquals(4, scripted.call(ints(4)).readInt());
    }

    // Giving buffers back

    @Test
    void shouldGiveAReplyBackWithTheNextCallBeforeItsTransaction() throws TransactionFailure {
        process.janitor().stop(); // which on a slow machine could be faster
        ParcelData reply = scripted.call(ints(1));
        long buffer = driver.device().mapping().address;
        reply.recycle();
        assertEquals(1, driver.calls().size());

        scripted.call(ints(2));

        assertEquals(2, driver.calls().size());
        assertEquals(
                List.of(BC_FREE_BUFFER, BC_TRANSACTION), driver.lastOwnCall().words());
        assertEquals(buffer, driver.lastOwnCall().commands().get(0).longAt(0));
        assertEquals(1, driver.liveBuffers());
    }

    @Test
    void shouldGiveAReplyBackOnceHoweverOftenItIsRecycled() throws Exception {
        ParcelData reply = scripted.call(ints(1));
        reply.recycle();
        reply.recycle();
        driver.awaitCommand(BC_FREE_BUFFER);

        assertEquals(1, driver.commands(BC_FREE_BUFFER).size());
        assertEquals(0, process.liveBuffers());
    }

    @Test
    void shouldHaveTheJanitorGiveBackTheBufferOfAnIdleThread() throws Exception {
        scripted.call(ints(1)).recycle();

        Call free = driver.awaitCommand(BC_FREE_BUFFER);
        assertEquals("binder-janitor-scripted", free.thread().getName());
        assertFalse(free.reads());
        assertEquals(0, driver.liveBuffers());
    }

    @Test
    void shouldNotForgetTheBufferOfAThreadThatEnded() throws Exception {
        driver.answerCaller(returns -> returns.complete().reply(ints(1)));
        Thread caller = new Thread(() -> {
            try {
                ParcelData reply = new ParcelData();
                scripted.transact(new ParcelData(), reply);
                reply.recycle();
            } catch (TransactionFailure e) {
                throw new AssertionError(e);
            }
        });
        caller.start();
        caller.join();
        process.thread(); // another thread enters, and those that ended are forgotten

        driver.awaitCommand(BC_FREE_BUFFER);
        assertEquals(0, driver.liveBuffers());
    }

    @Test
    void shouldGiveALargeReplyBackAtOnce() throws TransactionFailure {
        ParcelData reply = scripted.call(new byte[LARGE]);
        reply.recycle();

        assertEquals(List.of(BC_FREE_BUFFER), driver.lastOwnCall().words());
        assertFalse(driver.lastOwnCall().reads());
        assertEquals(0, driver.liveBuffers());
    }

    @Test
    void shouldHoldBackLessPerThreadTheMoreThereAre() throws Exception {
        process.janitor().stop(); // which would be a thread too
        CountDownLatch entered = new CountDownLatch(7);
        CountDownLatch leave = new CountDownLatch(1);
        List<Thread> others = new ArrayList<>();
        process.thread();
        assertEquals(LARGE - 4, process.deferredFreeLimit());
        for (int i = 0; i < 7; i++) {
            Thread other = new Thread(() -> {
                ThreadState state = process.thread();
                entered.countDown();
                awaitQuietly(leave);
                state.leave();
            });
            other.start();
            others.add(other);
        }
        entered.await();
        assertEquals(ScriptedDriver.MAPPING_SIZE / 8 / 8, process.deferredFreeLimit());

        scripted.call(new byte[4 * 1024 + 4]).recycle();
        assertEquals(List.of(BC_FREE_BUFFER), driver.lastOwnCall().words());
        scripted.call(new byte[4 * 1024]).recycle();
        assertEquals(1, driver.commands(BC_FREE_BUFFER).size(), "not above the share");

        leave.countDown();
        for (Thread other : others) {
            other.join();
        }
        assertEquals(LARGE - 4, process.deferredFreeLimit());
    }

    /** The cleaner that watches parcels must not hold the pool of a thread that has ended, by way of them. */
    @Test
    void shouldLetGoOfTheParcelsOfAThreadThatReceivedAndEnded() throws Exception {
        CompletableFuture<ScriptedProcess> made = new CompletableFuture<>();
        CompletableFuture<WeakReference<ParcelData>> pooled = new CompletableFuture<>();
        startAndJoin(() -> {
            try {
                ScriptedProcess own = new ScriptedProcess();
                made.complete(own);
                ParcelData reply = own.call(new byte[LARGE]);
                ParcelPool.recycle(reply);
                pooled.complete(new WeakReference<>(reply));
            } catch (TransactionFailure e) {
                throw new AssertionError(e);
            }
        });
        startAndJoin(() -> made.join().process.thread()); // who enters has those who ended forgotten

        WeakReference<ParcelData> parcel = pooled.join();
        ScriptedProcess.collectUntil(() -> parcel.refersTo(null));
        made.join().close();
    }

    private static void startAndJoin(Runnable work) throws InterruptedException {
        Thread thread = new Thread(work);
        thread.start();
        thread.join();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldHoldOneBufferBackAtMost() throws TransactionFailure {
        process.janitor().stop();
        ParcelData first = scripted.call(ints(1));
        ParcelData second = scripted.call(ints(2));
        ParcelData third = scripted.call(ints(3));
        first.recycle();
        second.recycle();
        third.recycle();

        assertEquals(1, driver.liveBuffers());
    }

    @Test
    void shouldGiveABufferBackWithoutEnteringTheDriverFromAThreadThatNeverDid() throws Exception {
        ParcelData reply = scripted.call(ints(1));
        Thread other = new Thread(reply::recycle);
        other.start();
        other.join();

        Call free = driver.awaitCommand(BC_FREE_BUFFER);
        assertEquals("binder-janitor-scripted", free.thread().getName());
    }

    // Serving

    @Test
    void shouldStartALooperWhenAnObjectIsFirstSent() throws Exception {
        driver.answer(returns -> returns.complete().reply(ints()));
        scripted.transact(parcelOf(new Served()), null);

        Call entered = driver.awaitCommand(BC_ENTER_LOOPER);
        assertEquals("binder-scripted-1", entered.thread().getName());
        assertTrue(entered.thread().isDaemon());
        assertTrue(entered.reads());
    }

    @Test
    void shouldServeACallOnALooperWithTheCallersIdentity() throws Exception {
        AtomicReference<String> seen = new AtomicReference<>();
        long ptr = publish(new Served((code, data, reply, flags) -> {
            CallingIdentity identity = CallingIdentity.current();
            seen.set(Thread.currentThread().getName() + " pid=" + identity.pid() + " uid=" + identity.uid() + " code="
                    + code + " data=" + data.readInt() + " flags=" + flags);
            reply.writeInt(8);
            return Status.OK;
        }));

        driver.answerLooper(returns -> returns.noop().transaction(ptr, 3, TF_CLEAR_BUF, ints(7)));
        Call replied = driver.awaitCommand(BC_REPLY);

        assertEquals(
                "binder-scripted-1 pid=4242 uid=" + ScriptedDriver.SENDER_UID + " code=3 data=7 flags=32", seen.get());
        assertEquals(List.of(BC_FREE_BUFFER, BC_REPLY), replied.words());
        assertTrue(replied.reads());
        Command reply = replied.commands().get(1);
        assertEquals(TF_CLEAR_BUF, reply.intAt(20));
        assertArrayEquals(ints(8), reply.data());
    }

    @Test
    void shouldRestoreTheIdentityOfTheThreadAfterANestedCall() throws TransactionFailure {
        CallingIdentity identity = CallingIdentity.current();
        int pid = identity.pid();
        AtomicReference<Integer> seen = new AtomicReference<>();
        Served callback = new Served((code, data, reply, flags) -> {
            seen.set(CallingIdentity.current().pid());
            CallingIdentity.current().clear();
            return Status.OK;
        });
        driver.answer(returns -> returns.complete().transaction(scripted.lastPtr(), 6, 0, ints()));
        driver.answer(returns -> returns.complete().reply(ints()));

        scripted.transact(parcelOf(callback), null);

        assertEquals(ScriptedDriver.SENDER_PID, seen.get());
        assertEquals(pid, identity.pid());
        assertEquals(ProcessHandle.current().pid(), identity.pid());
    }

    @Test
    void shouldGiveTheBufferOfAOnewayCallBackWithTheNextReadAndReplyNothing() throws Exception {
        CountDownLatch served = new CountDownLatch(1);
        long ptr = publish(new Served((code, data, reply, flags) -> {
            reply.writeInt(1);
            served.countDown();
            return Status.OK;
        }));

        driver.answerLooper(returns -> returns.noop().transaction(ptr, 3, TF_ONE_WAY, ints(7)));
        served.await();
        Call next = driver.awaitCommand(BC_FREE_BUFFER);

        assertEquals(List.of(BC_FREE_BUFFER), next.words());
        assertTrue(next.reads());
        assertEquals(List.of(), driver.commands(BC_REPLY));
    }

    @Test
    void shouldReplyTheStatusOfTheObjectInPlaceOfWhatItWrote() throws Exception {
        long ptr = publish(new Served((code, data, reply, flags) -> {
            reply.writeLong(1);
            return Status.UNKNOWN_TRANSACTION;
        }));

        driver.answerLooper(returns -> returns.transaction(ptr, 3, 0, ints()));
        Command reply = lastCommand(driver.awaitCommand(BC_REPLY));

        assertEquals(TF_STATUS_CODE, reply.intAt(20));
        assertArrayEquals(ints(Status.UNKNOWN_TRANSACTION), reply.data());
    }

    @Test
    void shouldReplyDeadObjectForAnObjectItDoesNotHave() throws Exception {
        driver.departFrom(DriverRule.TARGET_WAS_SENT);
        process.loopers().start();
        driver.awaitCommand(BC_ENTER_LOOPER);

        driver.answerLooper(returns -> returns.transaction(0x7_0000_0001L, 3, 0, ints()));
        Command reply = lastCommand(driver.awaitCommand(BC_REPLY));

        assertEquals(TF_STATUS_CODE, reply.intAt(20));
        assertArrayEquals(ints(Status.DEAD_OBJECT), reply.data());
    }

    @Test
    void shouldServeCallsToTheContextManagerOnceItIsThat() throws Exception {
        process.becomeContextManager(new Served((code, data, reply, flags) -> {
            reply.writeInt(code);
            return Status.OK;
        }));
        process.loopers().start();

        driver.answerLooper(returns -> returns.transaction(0, 3, 0, ints()));

        assertArrayEquals(ints(3), lastCommand(driver.awaitCommand(BC_REPLY)).data());
    }

    @Test
    void shouldReplyAStatusWhenTheReplyHoldsAProxyOfAnotherDevice() throws Exception {
        ProcessState elsewhere = new ScriptedProcess().process;
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        AtomicReference<Throwable> reported = new AtomicReference<>();
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> reported.set(e));
        try {
            long ptr = publish(new Served((code, data, reply, flags) -> {
                reply.writeObject(elsewhere.contextManager(), STABILITY);
                return Status.OK;
            }));
            driver.answerLooper(returns -> returns.transaction(ptr, 3, 0, ints()));

            assertArrayEquals(
                    ints(Status.BAD_TYPE),
                    lastCommand(driver.awaitCommand(BC_REPLY)).data());
            assertNull(reported.get());
            assertEquals(1, process.counters().servedFailures.sum());
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
            elsewhere.close();
        }
    }

    // Interrupts

    @Test
    void shouldNotPassAnInterruptThatACallLeavesOnToTheNext() throws Exception {
        List<Boolean> interrupted = Collections.synchronizedList(new ArrayList<>());
        long ptr = publish(new Served((code, data, reply, flags) -> {
            interrupted.add(Thread.currentThread().isInterrupted());
            Thread.currentThread().interrupt();
            return Status.OK;
        }));
        driver.answerLooper(returns -> returns.transaction(ptr, 3, 0, ints()));
        driver.answerLooper(Returns::complete);
        driver.answerLooper(returns -> returns.transaction(ptr, 4, 0, ints()));
        driver.answerLooper(Returns::complete);
        driver.answerLooper(returns -> returns.transaction(ptr, 5, TF_ONE_WAY, ints()));
        driver.answerLooper(returns -> returns.transaction(ptr, 6, 0, ints()));
        driver.await(call -> driver.commands(BC_REPLY).size() == 3);

        assertEquals(List.of(false, false, false, false), interrupted);
    }

    @Test
    void shouldKeepAnInterruptForTheCallerWhoseCallIsNotTheOneServedMeanwhile() throws TransactionFailure {
        List<Boolean> seen = new ArrayList<>();
        Served callback = new Served((code, data, reply, flags) -> {
            seen.add(Thread.currentThread().isInterrupted());
            return Status.OK;
        });
        driver.answer(returns -> {
            returns.complete().transaction(scripted.lastPtr(), 6, 0, ints());
            Thread.currentThread().interrupt(); // while the caller waits
        });
        driver.answer(returns -> returns.complete().reply(ints()));
        scripted.transact(parcelOf(callback), new ParcelData());

        assertTrue(Thread.interrupted(), "the caller's own is lost");
        assertEquals(List.of(false), seen, "the call is not the one to be interrupted");
    }

    @Test
    void shouldNotInterruptTheCallerBecauseANestedCallLeftThat() throws TransactionFailure {
        Served callback = new Served((code, data, reply, flags) -> {
            Thread.currentThread().interrupt();
            return Status.OK;
        });
        driver.answer(returns -> returns.complete().transaction(scripted.lastPtr(), 6, 0, ints()));
        driver.answer(returns -> returns.complete().reply(ints()));
        scripted.transact(parcelOf(callback), new ParcelData());

        assertFalse(Thread.interrupted());
    }

    @Test
    void shouldRunAProgramsCodeWithoutAnInterruptLeftByOtherCode() {
        List<Boolean> seen = new ArrayList<>();
        UserCode.run(() -> Thread.currentThread().interrupt());
        UserCode.run(() -> seen.add(Thread.currentThread().isInterrupted()));

        assertFalse(Thread.interrupted());
        assertEquals(List.of(false), seen);
    }

    @Test
    void shouldStartARegisteredLooperWhenTheDriverAsksForOne() throws Exception {
        process.loopers().setMaxThreads(1);
        process.loopers().start();
        driver.answerLooper(returns -> returns.put(BR_SPAWN_LOOPER));

        Call registered = driver.awaitCommand(BC_REGISTER_LOOPER);
        assertEquals("binder-scripted-2", registered.thread().getName());
        assertEquals(1, driver.commands(BC_ENTER_LOOPER).size());
    }

    @Test
    void shouldStartTheMainLooperOnce() throws Exception {
        process.loopers().start();
        process.loopers().setMaxThreads(1);
        process.loopers().start();
        driver.answerLooper(returns -> returns.put(BR_SPAWN_LOOPER));
        driver.awaitCommand(BC_REGISTER_LOOPER);

        assertEquals(1, driver.commands(BC_ENTER_LOOPER).size());
    }

    @Test
    void shouldReturnAtOnceWhenALooperJoinsThePoolAgain() throws Exception {
        long ptr = publish(new Served((code, data, reply, flags) -> {
            process.loopers().join();
            return Status.OK;
        }));

        driver.answerLooper(returns -> returns.transaction(ptr, 3, 0, ints()));
        driver.awaitCommand(BC_REPLY);

        assertEquals(1, driver.commands(BC_ENTER_LOOPER).size());
    }

    @Test
    void shouldKeepServingAfterAReplyTheDriverRefused() throws Exception {
        driver.departFrom(DriverRule.REPLY_IS_COMPLETE);
        long ptr = publish(new Served((code, data, reply, flags) -> Status.OK));
        driver.answerLooper(returns -> returns.transaction(ptr, 3, 0, ints()));
        driver.awaitCommand(BC_REPLY);
        driver.answerLooper(returns -> returns.put(BR_FAILED_REPLY));

        driver.answerLooper(returns -> returns.transaction(ptr, 4, 0, ints()));
        driver.await(call -> driver.commands(BC_REPLY).size() == 2);

        assertEquals(1, process.counters.repliesFailed.sum());
        assertEquals(1, driver.extendedErrorsTaken());
        assertSame(
                driver.awaitCommand(BC_ENTER_LOOPER).thread(),
                driver.calls().get(driver.calls().size() - 1).thread());
    }

    @ParameterizedTest
    @CsvSource({"8, 3", "16380, 3", "16384, 0", "1000000, 0"})
    void shouldAnswerACallAndReadTheNextInOneGoUnlessTheAnswerIsLarge(int size, int inOneGo) throws Exception {
        long ptr = publish(new Served((code, data, reply, flags) -> {
            reply.writeInt(code);
            reply.writeBytes(new byte[size], 0, size);
            return Status.OK;
        }));
        serveThree(ptr);

        for (int i = 0; i < 3; i++) {
            Command reply = driver.commands(BC_REPLY).get(i);
            assertEquals(
                    3 + i,
                    ByteBuffer.wrap(reply.data()).order(ByteOrder.LITTLE_ENDIAN).getInt());
        }
        assertEquals(inOneGo, driver.repliesThatReadOn());
        assertEquals(0, driver.liveBuffers());
        assertEquals(0, process.counters.repliesFailed.sum());
    }

    @Test
    void shouldReturnFromAStatusBeforeItReadsTheNext() throws Exception {
        long ptr = publish(new Served((code, data, reply, flags) -> Status.UNKNOWN_TRANSACTION));
        serveThree(ptr);

        assertArrayEquals(
                ints(Status.UNKNOWN_TRANSACTION),
                driver.commands(BC_REPLY).get(2).data());
        assertEquals(0, driver.repliesThatReadOn());
    }

    private void serveThree(long ptr) throws InterruptedException {
        for (int code = 3; code < 6; code++) {
            int thisCode = code;
            driver.answerLooper(returns -> returns.noop().transaction(ptr, thisCode, 0, ints()));
            driver.answerLooper(returns -> returns.noop().complete());
        }
        driver.await(call -> driver.commands(BC_REPLY).size() == 3);
    }

    @Test
    void shouldReplyAtOnceToACallThatAnObituarysOwnCallBringsBack() throws Exception {
        long ptr = publish(new Served((code, data, reply, flags) -> Status.OK));
        RemoteObject dying = scripted.receive(7);
        dying.linkToDeath("recipient", () -> call());
        long cookie = driver.commands(BC_REQUEST_DEATH_NOTIFICATION).get(0).longAt(4);

        driver.answerLooper(returns -> returns.noop().cookie(BR_DEAD_BINDER, cookie));
        driver.answerLooper(returns -> returns.noop().complete().transaction(ptr, 3, 0, ints()));
        Call replied = driver.awaitCommand(BC_REPLY);
        driver.answerLooper(returns -> returns.noop().complete());
        driver.answerLooper(returns -> returns.noop().reply(ints()));

        assertTrue(replied.reads());
        assertEquals("binder-scripted-1", replied.thread().getName());
        driver.awaitCommand(BC_DEAD_BINDER_DONE);
    }

    @Test
    void shouldLetGoOfWhatAReplyHoldsBeforeTheNextCallComes() throws Exception {
        LocalObject inReply = new Served((code, data, reply, flags) -> Status.OK);
        long ptr = publish(new Served((code, data, reply, flags) -> {
            reply.writeObject(inReply, STABILITY);
            return Status.OK;
        }));
        driver.answerLooper(returns -> returns.noop().transaction(ptr, 3, 0, ints()));
        long sent = lastCommand(driver.awaitCommand(BC_REPLY)).dataBuffer().getLong(8);
        assertSame(inReply, process.findLocal(sent));
        driver.answerLooper(returns -> returns.noop().complete());

        driver.await(call -> process.findLocal(sent) == null);
    }

    /** Sends {@code object} out and has the driver hold it; a looper then waits. */
    private long publish(LocalObject object) throws Exception {
        driver.answer(returns -> returns.object(BR_INCREFS, scripted.lastPtr())
                .object(BR_ACQUIRE, scripted.lastPtr())
                .complete()
                .status(Status.OK));
        scripted.transact(parcelOf(object), null);
        long ptr = driver.commands(BC_TRANSACTION).get(0).dataBuffer().getLong(8);
        driver.awaitCommand(BC_ENTER_LOOPER);
        driver.awaitCommand(BC_FREE_BUFFER); // the status reply's, by the janitor
        driver.forgetCallsBut(BC_ENTER_LOOPER);
        return ptr;
    }

    private void call(Object... objects) {
        try {
            scripted.transact(parcelOf(objects), null);
        } catch (TransactionFailure e) {
            throw new AssertionError(e);
        }
    }

    private static Command lastCommand(Call call) {
        return call.commands().get(call.commands().size() - 1);
    }
}
