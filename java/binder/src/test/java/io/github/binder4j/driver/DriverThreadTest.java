package io.github.binder4j.driver;

import static io.github.binder4j.driver.Commands.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.driver.ScriptedDriver.Call;
import io.github.binder4j.driver.ScriptedDriver.Command;
import io.github.binder4j.driver.ScriptedDriver.Returns;
import io.github.binder4j.memory.OffHeap;
import io.github.binder4j.memory.Payload;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DriverThreadTest {
    private static final int DEATH_REQUEST_SIZE = 4 + 12;
    /** BINDER_TYPE_BINDER. */
    private static final int OBJECT = 0x73622a85;

    private final ScriptedDriver driver = new ScriptedDriver();
    private final DriverThread thread = new DriverThread(driver.device());
    private final Listener listener = new Listener();

    // Encoding

    @Test
    void shouldEncodeATransactionByteForByte() {
        Block data = new Block(12, 1);
        thread.transaction(5, 0x1234, TF_ACCEPT_FDS, data);
        thread.flush();

        Command sent = onlyCommand();
        assertEquals(BC_TRANSACTION, sent.word());
        ByteBuffer expected = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        expected.putInt(5).putInt(0).putLong(0).putInt(0x1234).putInt(0x10);
        expected.putInt(0).putInt(0).putLong(12).putLong(8);
        expected.putLong(data.dataAddress()).putLong(data.offsetsAddress());
        assertArrayEquals(expected.array(), sent.payload().array());
    }

    @Test
    void shouldEncodeAReplyWithoutTargetAndCode() {
        Block data = new Block(4, 0);
        thread.reply(TF_STATUS_CODE, data);
        thread.flush();

        Command sent = onlyCommand();
        assertEquals(BC_REPLY, sent.word());
        ByteBuffer expected = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        expected.putInt(20, 0x08).putLong(32, 4).putLong(48, data.dataAddress());
        assertArrayEquals(expected.array(), sent.payload().array());
    }

    @Test
    void shouldSayHowMuchRoomBuffersNeed() {
        thread.transaction(5, 0x1234, TF_ACCEPT_FDS, new Block(12, 1, 24));
        thread.flush();
        thread.reply(0, new Block(12, 1, 8));
        thread.flush();

        Command call = driver.commands(BC_TRANSACTION_SG).get(0);
        assertEquals(72, call.payload().capacity());
        assertEquals(5, call.intAt(0));
        assertEquals(0x1234, call.intAt(16));
        assertEquals(12, call.longAt(32));
        assertEquals(24, call.longAt(64));
        assertEquals(8, driver.commands(BC_REPLY_SG).get(0).longAt(64));
        assertEquals(2, driver.calls().size());
    }

    @Test
    void shouldTakeBackATransactionOfEitherSizeAndNothingElse() {
        for (Payload data : List.of(new Block(12, 0), new Block(12, 1, 24))) {
            thread.acquire(7);
            thread.transaction(5, 1, 0, data);
            thread.freeBuffer(0x1000); // as what is dispatched meanwhile adds
            thread.discardUnsentTransaction();
            thread.flush();

            assertEquals(List.of(BC_ACQUIRE, BC_FREE_BUFFER), onlyCall().words());
            assertEquals(0x1000, driver.commands(BC_FREE_BUFFER).get(0).longAt(0));
            driver.forgetCalls();
        }
    }

    @Test
    void shouldTakeBackAScatteredTransactionThatTheDriverStoppedBefore() {
        thread.requestDeathNotification(7, 1);
        thread.transaction(5, 1, 0, new Block(12, 1, 24));
        driver.consumeOnly(DEATH_REQUEST_SIZE).answer(returns -> returns.put(BR_ERROR));
        thread.writeRead();
        thread.discardUnsentTransaction();

        assertFalse(thread.hasCommands());
    }

    @Test
    void shouldLeaveNothingOfAnEarlierCommandInATransaction() {
        IntStream.range(0, 10).forEach(i -> thread.freeBuffer(-1));
        thread.flush();
        thread.transaction(0, 0, 0, new Block(0, 0));
        thread.flush();

        assertArrayEquals(
                new byte[64], driver.commands(BC_TRANSACTION).get(0).payload().array());
    }

    @Test
    void shouldTreatAHandleAsUnsigned() {
        thread.transaction(0x80000001, 0, 0, new Block(0, 0));
        thread.flush();

        assertEquals(0x80000001L, onlyCommand().longAt(0));
    }

    @Test
    void shouldPackTheCookieOfADeathRequestRightAfterTheHandle() {
        thread.requestDeathNotification(7, 0x1122334455667788L);
        thread.clearDeathNotification(8, 9);
        thread.flush();

        Command request = driver.commands(BC_REQUEST_DEATH_NOTIFICATION).get(0);
        assertEquals(12, request.payload().capacity());
        assertEquals(7, request.intAt(0));
        assertEquals(0x1122334455667788L, request.longAt(4));
        Command clear = driver.commands(BC_CLEAR_DEATH_NOTIFICATION).get(0);
        assertEquals(8, clear.intAt(0));
        assertEquals(9, clear.longAt(4));
    }

    @Test
    void shouldEncodeLooperCommandsWithoutPayload() {
        thread.enterLooper();
        thread.registerLooper();
        thread.exitLooper();
        thread.flush();

        assertEquals(
                List.of(BC_ENTER_LOOPER, BC_REGISTER_LOOPER, BC_EXIT_LOOPER),
                onlyCall().words());
    }

    // Writing

    @Test
    void shouldSendFreesAndCountsBeforeTheTransactionInOneWrite() {
        driver.answer(Returns::noop);
        thread.freeBuffer(0x1000);
        thread.acquire(3);
        thread.release(4);
        thread.transaction(0, 1, 0, new Block(4, 0));
        thread.writeRead();

        assertEquals(
                List.of(BC_FREE_BUFFER, BC_ACQUIRE, BC_RELEASE, BC_TRANSACTION),
                onlyCall().words());
        assertEquals(0x1000, onlyCall().commands().get(0).longAt(0));
        assertEquals(3, onlyCall().commands().get(1).intAt(0));
        assertEquals(4, onlyCall().commands().get(2).intAt(0));
    }

    @Test
    void shouldKeepWhatTheDriverDidNotConsumeInOrder() {
        driver.consumeOnly(DEATH_REQUEST_SIZE).answer(returns -> returns.put(BR_ERROR));
        thread.requestDeathNotification(1, 1);
        thread.acquire(2);
        thread.release(3);
        thread.writeRead();
        assertEquals(
                List.of(BC_REQUEST_DEATH_NOTIFICATION), driver.lastOwnCall().words());
        assertTrue(thread.hasCommands());

        dispatchAll();
        thread.acquire(4);
        driver.answer(Returns::noop);
        thread.writeRead();

        Call second = driver.lastOwnCall();
        assertEquals(List.of(BC_ACQUIRE, BC_RELEASE, BC_ACQUIRE), second.words());
        assertEquals(
                List.of(2, 3, 4),
                second.commands().stream().map(command -> command.intAt(0)).toList());
        assertFalse(thread.hasCommands());
    }

    @Test
    void shouldNotFlushAgainWhatTheDriverLeftForAnErrorItHasYetToTell() {
        driver.consumeOnly(DEATH_REQUEST_SIZE);
        thread.requestDeathNotification(1, 1);
        thread.acquire(1);
        thread.flush();

        assertEquals(1, driver.calls().size());
        assertTrue(thread.hasCommands());
    }

    @Test
    void shouldKeepWhatTheDriverTakesOnlyAfterItsErrorIsRead() {
        thread.transaction(5, 1, 0, new Block(4, 0));
        thread.flush();
        driver.consumeOnly(0).consumeOnly(0);
        thread.acquire(1);
        thread.flush();

        assertEquals(2, driver.calls().size());
        assertTrue(thread.hasCommands());
        driver.answer(returns -> returns.put(BR_FAILED_REPLY));
        thread.writeRead();
        assertEquals(BR_FAILED_REPLY, thread.dispatchNext(listener, listener));
        thread.flush();
        assertEquals(1, driver.commands(BC_ACQUIRE).size());
    }

    @Test
    void shouldRefuseACommandForWhichTheDriverMakesNoRoom() {
        thread.requestDeathNotification(1, 1);
        thread.flush();
        IntStream.range(0, 128).forEach(thread::acquire);
        driver.consumeOnly(0);

        IllegalStateException full = assertThrows(IllegalStateException.class, () -> thread.acquire(128));
        assertTrue(full.getMessage().contains("1024 of 1024"), full.getMessage());
    }

    @Test
    void shouldFlushAFullWriteBufferInOrder() {
        IntStream.range(0, 1000).forEach(thread::acquire);
        thread.flush();

        assertEquals(
                IntStream.range(0, 1000).boxed().toList(),
                driver.commands(BC_ACQUIRE).stream()
                        .map(command -> command.intAt(0))
                        .toList());
        assertTrue(driver.calls().stream().noneMatch(Call::reads), "a flush waits for nothing");
    }

    @Test
    void shouldFlushNothingWithoutCommands() {
        thread.flush();
        assertEquals(0, driver.calls().size());
    }

    @Test
    void shouldMakeOneSystemCallPerWriteRead() {
        driver.answer(returns -> returns.noop().complete());
        thread.transaction(0, 1, 0, new Block(4, 0));
        thread.writeRead();

        assertTrue(onlyCall().reads());
    }

    @Test
    void shouldNotReadAgainBeforeAReadIsDispatchedToItsEnd() {
        sendOneway();
        sendOneway();
        driver.forgetCalls();
        driver.answer(returns -> returns.complete().complete());
        thread.writeRead();
        assertEquals(BR_TRANSACTION_COMPLETE, thread.dispatchNext(listener, listener));

        thread.writeRead();

        assertEquals(1, driver.calls().size());
        assertEquals(BR_TRANSACTION_COMPLETE, thread.dispatchNext(listener, listener));
        assertFalse(thread.hasReturns());
    }

    @Test
    void shouldNameTheErrnoWhenTheSystemCallFails() {
        driver.failNext(-Errno.EINVAL);

        DriverException failed = assertThrows(DriverException.class, thread::writeRead);
        assertEquals(Errno.EINVAL, failed.errno());
        assertTrue(failed.getMessage().contains("BINDER_WRITE_READ: EINVAL (22)"), failed.getMessage());
    }

    // Reading

    @Test
    void shouldDispatchSeveralItemsOfOneRead() {
        driver.device().setMaxThreads(1);
        thread.enterLooper();
        thread.requestDeathNotification(1, 3);
        thread.clearDeathNotification(1, 3);
        thread.transaction(2, 1, 0, Block.ofObject(16, 16));
        driver.answer(returns -> returns.put(BR_SPAWN_LOOPER)
                .cookie(BR_CLEAR_DEATH_NOTIFICATION_DONE, 3)
                .object(BR_INCREFS, 16)
                .object(BR_ACQUIRE, 16)
                .complete()
                .put(BR_DEAD_REPLY));
        thread.writeRead();

        assertEquals(BR_TRANSACTION_COMPLETE, thread.dispatchNext(listener, listener));
        assertEquals(List.of("spawn", "cleared 3", "increfs 16", "acquire 16"), listener.heard);
        assertEquals(BR_DEAD_REPLY, thread.dispatchNext(listener, listener));
        assertEquals(0, thread.dispatchNext(listener, listener));
        assertEquals(1, driver.calls().size());
    }

    @Test
    void shouldHaveNothingToDispatchOfAReadThatSaysNothing() {
        driver.answer(Returns::noop);
        thread.writeRead();
        assertFalse(thread.hasReturns());

        driver.failNext(-Errno.EBADF); // over the same bytes
        assertThrows(DriverException.class, thread::writeRead);
        assertFalse(thread.hasReturns());
    }

    @Test
    void shouldAnswerIncrefsAndAcquireWithTheSamePtrAndCookieInTheNextWrite() {
        thread.transaction(1, 1, TF_ONE_WAY, Block.ofObject(0x111, 0x222));
        driver.answer(returns -> returns.object(BR_INCREFS, 0x111, 0x222)
                .object(BR_ACQUIRE, 0x111, 0x222)
                .complete());
        driver.answer(Returns::noop);
        thread.writeRead();
        dispatchAll();
        thread.writeRead();

        Call next = driver.lastOwnCall();
        assertEquals(List.of(BC_INCREFS_DONE, BC_ACQUIRE_DONE), next.words());
        for (Command done : next.commands()) {
            assertEquals(0x111, done.longAt(0));
            assertEquals(0x222, done.longAt(8));
        }
    }

    @Test
    void shouldAnswerReleaseAndDecrefsWithNothing() {
        publish(1);
        driver.answer(returns -> returns.object(BR_RELEASE, 1).object(BR_DECREFS, 1));
        thread.writeRead();
        dispatchAll();

        assertEquals(List.of("increfs 1", "acquire 1", "release 1", "decrefs 1"), listener.heard);
        assertFalse(thread.hasCommands());
    }

    @Test
    void shouldAnswerADeadBinderOnceItWasHandled() {
        thread.requestDeathNotification(1, 0x77);
        driver.answer(returns -> returns.cookie(BR_DEAD_BINDER, 0x77));
        thread.writeRead();
        listener.whenDead = () -> assertFalse(thread.hasCommands(), "the answer comes after the obituary");
        dispatchAll();
        thread.flush();

        assertEquals(List.of("dead 119"), listener.heard);
        assertEquals(List.of(BC_DEAD_BINDER_DONE), driver.lastOwnCall().words());
        assertEquals(0x77, driver.lastOwnCall().commands().get(0).longAt(0));
    }

    @Test
    void shouldAnswerEveryFrozenState() {
        thread.requestFreezeNotification(1, 0x88);
        for (boolean frozen : new boolean[] {true, false}) {
            driver.answer(returns -> returns.frozen(0x88, frozen));
            thread.writeRead();
            dispatchAll();
            thread.flush();
            assertEquals(
                    List.of(BC_FREEZE_NOTIFICATION_DONE), driver.lastOwnCall().words());
            assertEquals(0x88, driver.lastOwnCall().commands().get(0).longAt(0));
        }

        assertEquals(List.of("frozen 136 true", "frozen 136 false"), listener.heard);
    }

    @Test
    void shouldTellTheEndOfAFreezeNotification() {
        thread.requestFreezeNotification(1, 9);
        thread.clearFreezeNotification(1, 9);
        driver.answer(returns -> returns.cookie(BR_CLEAR_FREEZE_NOTIFICATION_DONE, 9));
        thread.writeRead();
        dispatchAll();

        assertEquals(List.of("freeze cleared 9"), listener.heard);
    }

    @Test
    void shouldDropTheCommandTheDriverRefusesAndKeepWhatFollows() {
        thread.acquire(1);
        thread.requestFreezeNotification(2, 3);
        thread.release(4);
        driver.refuse(BC_REQUEST_FREEZE_NOTIFICATION);

        assertThrows(DriverException.class, thread::flush);
        thread.flush();

        assertEquals(List.of(BC_RELEASE), driver.lastOwnCall().words());
    }

    @Test
    void shouldDropWhatTheDriverRefusesBeforeATransactionThatCanBeTakenBack() {
        thread.requestFreezeNotification(2, 3);
        thread.transaction(1, 2, 0, new Block(4, 0));
        driver.refuse(BC_REQUEST_FREEZE_NOTIFICATION);

        assertThrows(DriverException.class, thread::writeRead);
        thread.discardUnsentTransaction();

        assertFalse(thread.hasCommands());
    }

    @Test
    void shouldSkipAnUnknownCommandByItsSizeAndCountIt() {
        int unknownOfFiveBytes = 0x8005_72ff;
        sendOneway();
        driver.answer(returns -> returns.put(unknownOfFiveBytes)
                .bytes(new byte[] {1, 2, 3, 4, 5})
                .complete());
        thread.writeRead();

        assertEquals(BR_TRANSACTION_COMPLETE, thread.dispatchNext(listener, listener));
        assertEquals(List.of("unknown 800572ff"), listener.heard);
    }

    @Test
    void shouldTellCommandsOfTheSameNumberAndAnotherSizeApart() {
        int transactionOfFourBytes = BR_TRANSACTION & ~(0x3fff << 16) | 4 << 16;
        sendOneway();
        driver.answer(returns ->
                returns.put(transactionOfFourBytes).bytes(new byte[4]).complete());
        thread.writeRead();

        assertEquals(BR_TRANSACTION_COMPLETE, thread.dispatchNext(listener, listener));
        assertEquals(List.of("unknown 80047202"), listener.heard);
    }

    @Test
    void shouldRefuseACommandThatIsCutShort() {
        driver.departFrom(DriverRule.WORDS_ARE_WHOLE);
        byte[] longRead = new byte[500];
        thread.requestDeathNotification(1, 1);
        thread.clearDeathNotification(2, 2);
        driver.answer(
                returns -> returns.cookie(BR_CLEAR_DEATH_NOTIFICATION_DONE, 2).cookie(BR_DEAD_BINDER, 1));
        driver.answer(returns -> returns.put(BR_DEAD_BINDER).bytes(new byte[4]));
        driver.answer(returns -> returns.noop().bytes(new byte[] {1}));
        driver.answer(returns ->
                returns.put(0x8000_72ff | longRead.length << 16).bytes(longRead).put(BR_TRANSACTION));
        driver.answer(Returns::complete);
        thread.writeRead();
        assertEquals(0, thread.dispatchNext(listener, listener));
        listener.heard.clear();

        for (String what : List.of("BR_DEAD_BINDER: 4 of 8 bytes", ": 0 of ", "BR_TRANSACTION: 0 of 64 bytes")) {
            thread.writeRead();
            IllegalStateException refused =
                    assertThrows(IllegalStateException.class, () -> thread.dispatchNext(listener, listener));
            assertTrue(refused.getMessage().contains(what), refused.getMessage());
            assertFalse(thread.hasReturns());
            assertFalse(thread.isInDriver());
        }
        assertEquals(List.of("unknown 81f472ff"), listener.heard);
        sendOneway();
        thread.writeRead();
        assertEquals(BR_TRANSACTION_COMPLETE, thread.dispatchNext(listener, listener));
    }

    @Test
    void shouldReadNoPayloadAfterBrError() {
        thread.transaction(1, 1, 0, new Block(4, 0));
        driver.answer(Returns::complete);
        thread.writeRead();
        dispatchAll();
        thread.requestDeathNotification(1, 1);
        driver.answer(returns -> returns.put(BR_ERROR).reply(new byte[4]));
        thread.writeRead();

        assertEquals(BR_ERROR, thread.dispatchNext(listener, listener));
        assertEquals(BR_REPLY, thread.dispatchNext(listener, listener));
        assertEquals(List.of(), listener.heard);
    }

    @Test
    void shouldReturnEveryOutcomeAndNothingElse() {
        driver.departFrom(DriverRule.NEVER_SAID).device().enableOnewaySpamDetection();
        for (int taken : List.of(BR_TRANSACTION_COMPLETE, BR_ONEWAY_SPAM_SUSPECT, BR_TRANSACTION_PENDING_FROZEN)) {
            thread.transaction(1, 1, TF_ONE_WAY, new Block(4, 0));
            assertOnlyOutcome(taken);
        }
        for (int failure : List.of(BR_DEAD_REPLY, BR_FAILED_REPLY, BR_FROZEN_REPLY)) {
            thread.transaction(1, 1, 0, new Block(4, 0));
            assertOnlyOutcome(failure);
        }
        thread.requestDeathNotification(1, 1);
        assertOnlyOutcome(BR_ERROR);
        assertEquals(List.of(), listener.heard);
    }

    private void assertOnlyOutcome(int outcome) {
        driver.answer(returns -> returns.put(BR_OK).put(BR_FINISHED).put(outcome));
        thread.writeRead();
        assertEquals(outcome, thread.dispatchNext(listener, listener));
        assertEquals(0, thread.dispatchNext(listener, listener));
    }

    @Test
    void shouldShowTheFieldsOfAReply() {
        thread.transaction(1, 1, 0, new Block(4, 0));
        driver.answer(returns -> returns.complete().reply(new byte[] {1, 2, 3, 4}, 0));
        thread.writeRead();
        thread.dispatchNext(listener, listener);

        assertEquals(BR_REPLY, thread.dispatchNext(listener, listener));
        assertEquals(4, thread.dataSize());
        assertEquals(8, thread.offsetsSize());
        assertEquals(driver.device().mapping().address, thread.dataAddress());
        assertEquals(driver.device().mapping().address + 8, thread.offsetsAddress());
        assertEquals(0, thread.flags());
    }

    @Test
    void shouldShowTheFieldsOfATransactionWithOrWithoutSecurityContext() {
        publish(0x55);
        listener.heard.clear();
        for (int flags : new int[] {TF_ONE_WAY, 0}) {
            for (int word : new int[] {BR_TRANSACTION, BR_TRANSACTION_SEC_CTX}) {
                driver.answer(returns -> {
                    returns.deliver(word, 0x55, 3, flags, new byte[0]);
                    if (word == BR_TRANSACTION_SEC_CTX) {
                        returns.securityContext("a");
                    }
                });
                thread.writeRead();
                dispatchAll();
                giveBack(flags);
            }
        }

        String uid = " uid=" + ScriptedDriver.SENDER_UID;
        String oneway = "transaction ptr=85 code=3 flags=1 pid=0" + uid;
        String call = "transaction ptr=85 code=3 flags=0 pid=" + ScriptedDriver.SENDER_PID + uid;
        assertEquals(List.of(oneway, oneway, call, call), listener.heard);
    }

    /** Frees the buffer dispatched last and, of a synchronous call, replies. */
    private void giveBack(int flags) {
        thread.freeBuffer(thread.dataAddress());
        if ((flags & TF_ONE_WAY) == 0) {
            thread.reply(0, new Block(0, 0));
            driver.answer(Returns::complete);
            thread.writeRead();
            dispatchAll();
        }
        thread.flush();
    }

    @Test
    void shouldDispatchWhatANestedReadBroughtInPlaceOfTheOuterOne() {
        publish(1);
        driver.answer(returns -> returns.transaction(1, 2, 0, new byte[0]));
        driver.answer(returns -> returns.complete().put(BR_DEAD_REPLY));
        thread.writeRead();
        listener.whenCalled = () -> {
            thread.transaction(2, 1, 0, new Block(4, 0));
            thread.writeRead();
            assertEquals(BR_TRANSACTION_COMPLETE, thread.dispatchNext(listener, listener));
        };

        assertEquals(BR_DEAD_REPLY, thread.dispatchNext(listener, listener));
    }

    @Test
    void shouldTakeTheExtendedErrorOfItsThread() {
        driver.extendedErrorIs(-28);
        assertEquals(-28, thread.takeExtendedError());
    }

    // Ending

    @Test
    void shouldRefuseToEnterAClosingDevice() {
        thread.acquire(1);
        driver.device().beginClose();

        DriverClosedException closed = assertThrows(DriverClosedException.class, thread::flush);
        assertThrows(DriverClosedException.class, thread::writeRead);
        assertEquals("binder device /dev/scripted is closed", closed.getMessage());
        assertEquals(0, driver.calls().size());
        assertFalse(thread.isInDriver());
    }

    @Test
    void shouldRefuseToConfigureAClosingDevice() {
        driver.device().beginClose();

        assertThrows(DriverClosedException.class, () -> driver.device().setMaxThreads(1));
        assertThrows(DriverClosedException.class, () -> driver.device().becomeContextManager(0));
        assertEquals(0, thread.takeExtendedError());
    }

    @Test
    void shouldBeInTheDriverDuringTheSystemCallOnlyIfThatBringsNothing() {
        List<Boolean> seen = new ArrayList<>();
        driver.answer(returns -> seen.add(thread.isInDriver()));
        seen.add(thread.isInDriver());
        thread.writeRead();
        seen.add(thread.isInDriver());

        assertEquals(List.of(false, true, false), seen);
    }

    /** As a thread's first read, and one that was woken. */
    @Test
    void shouldBeOutOfTheDriverAfterAReadThatBringsNothing() {
        driver.answer(ScriptedDriver.Returns::noop);
        thread.writeRead();
        assertFalse(thread.isInDriver());
    }

    /** Who closes the device waits that long: the descriptors in a buffer are known from nowhere else. */
    @Test
    void shouldBeInTheDriverUntilTheBufferThatCameWasLookedInto() {
        thread.transaction(1, 1, 0, new Block(4, 0));
        driver.answer(returns -> returns.complete().reply(new byte[4]));
        thread.writeRead();
        assertEquals(BR_TRANSACTION_COMPLETE, thread.dispatchNext(listener, listener));
        assertTrue(thread.isInDriver());
        assertEquals(BR_REPLY, thread.dispatchNext(listener, listener));
        assertTrue(thread.isInDriver());

        thread.received();
        assertFalse(thread.isInDriver());
    }

    @Test
    void shouldBeInTheDriverWhateverItAsksBetweenTheCommandsOfARead() {
        thread.transaction(1, 1, 0, new Block(4, 0));
        driver.answer(returns -> returns.complete().reply(new byte[4]));
        thread.writeRead();
        assertEquals(BR_TRANSACTION_COMPLETE, thread.dispatchNext(listener, listener));

        thread.takeExtendedError();
        assertTrue(thread.isInDriver());
        thread.acquire(1);
        thread.flush();
        assertTrue(thread.isInDriver());
    }

    @Test
    void shouldNotBeInTheDriverOnceItHasEndedOrWasRefusedOrGoesElsewhere() {
        for (Runnable end : new Runnable[] {thread::leaveUnread, thread::exit, this::refuse}) {
            thread.transaction(1, 1, 0, new Block(4, 0));
            driver.answer(returns -> returns.complete().reply(new byte[4]));
            thread.writeRead();
            assertEquals(BR_TRANSACTION_COMPLETE, thread.dispatchNext(listener, listener));
            assertTrue(thread.isInDriver());

            end.run();
            assertFalse(thread.isInDriver());
            dispatchAll();
        }
    }

    private void refuse() {
        driver.device().beginClose();
        thread.acquire(1);
        assertThrows(DriverClosedException.class, thread::flush);
    }

    @Test
    void shouldLeaveTheDriverBeforeItTellsOfADeath() {
        List<Boolean> seen = new ArrayList<>();
        thread.requestDeathNotification(1, 3);
        driver.answer(returns -> returns.noop().cookie(BR_DEAD_BINDER, 3));
        thread.writeRead();
        assertTrue(thread.isInDriver());
        listener.whenDead = () -> seen.add(thread.isInDriver());
        dispatchAll();

        assertEquals(List.of(false), seen);
    }

    @Test
    void shouldTellTheDriverWhenItEnds() {
        assertEquals(1, driver.threadsInside());
        thread.exit();
        assertEquals(0, driver.threadsInside());
    }

    private void sendOneway() {
        thread.transaction(1, 1, TF_ONE_WAY, new Block(4, 0));
        thread.flush();
    }

    /** Sends an object of this process, which the driver then holds. */
    private void publish(long ptr) {
        thread.transaction(1, 1, TF_ONE_WAY, Block.ofObject(ptr, ptr));
        driver.answer(returns ->
                returns.object(BR_INCREFS, ptr).object(BR_ACQUIRE, ptr).complete());
        thread.writeRead();
        dispatchAll();
        thread.flush();
    }

    private void dispatchAll() {
        while (thread.hasReturns()) {
            thread.dispatchNext(listener, listener);
        }
    }

    private Call onlyCall() {
        assertEquals(1, driver.calls().size());
        return driver.calls().get(0);
    }

    private Command onlyCommand() {
        assertEquals(1, onlyCall().commands().size());
        return onlyCall().commands().get(0);
    }

    /** So many bytes of data and objects in it. */
    private static final class Block implements Payload {
        private final OffHeap memory = OffHeap.allocate(256);
        private final int size;
        private final int objects;
        private final long buffers;

        Block(int size, int objects) {
            this(size, objects, 0);
        }

        /** A {@code flat_binder_object} of the sender's own. */
        static Block ofObject(long ptr, long cookie) {
            Block block = new Block(24, 1);
            block.memory.bytes.putInt(0, OBJECT).putLong(8, ptr).putLong(16, cookie);
            return block;
        }

        Block(int size, int objects, long buffers) {
            this.size = size;
            this.objects = objects;
            this.buffers = buffers;
        }

        @Override
        public long dataAddress() {
            return size == 0 ? 0 : memory.address;
        }

        @Override
        public int dataSize() {
            return size;
        }

        @Override
        public long offsetsAddress() {
            return objects == 0 ? 0 : memory.address + 128;
        }

        @Override
        public int offsetsSize() {
            return objects * 8;
        }

        @Override
        public long buffersSize() {
            return buffers;
        }
    }

    private final class Listener implements TransactionHandler, ObjectRegistry {
        final List<String> heard = new ArrayList<>();
        Runnable whenCalled = () -> {};
        Runnable whenDead = () -> {};

        @Override
        public void onTransaction() {
            heard.add("transaction ptr=" + thread.target() + " code=" + thread.code() + " flags=" + thread.flags()
                    + " pid=" + (int) thread.sender() + " uid=" + (int) (thread.sender() >>> 32));
            whenCalled.run();
        }

        @Override
        public void onSpawnLooper() {
            heard.add("spawn");
        }

        @Override
        public void onIncrefs(long ptr) {
            heard.add("increfs " + ptr);
        }

        @Override
        public void onAcquire(long ptr) {
            heard.add("acquire " + ptr);
        }

        @Override
        public void onRelease(long ptr) {
            heard.add("release " + ptr);
        }

        @Override
        public void onDecrefs(long ptr) {
            heard.add("decrefs " + ptr);
        }

        @Override
        public void onDeadBinder(long cookie) {
            heard.add("dead " + cookie);
            whenDead.run();
        }

        @Override
        public void onDeathNotificationCleared(long cookie) {
            heard.add("cleared " + cookie);
        }

        @Override
        public void onFrozenBinder(long cookie, boolean frozen) {
            heard.add("frozen " + cookie + " " + frozen);
        }

        @Override
        public void onFreezeNotificationCleared(long cookie) {
            heard.add("freeze cleared " + cookie);
        }

        @Override
        public void onUnknownReturn(int command) {
            heard.add("unknown " + Integer.toHexString(command));
        }
    }
}
