package io.github.binder4j.runtime;

import static io.github.binder4j.driver.Commands.*;
import static io.github.binder4j.runtime.ScriptedProcess.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.DeadObjectException;
import android.os.IBinder;
import android.os.Parcel;
import io.github.binder4j.driver.DriverClosedException;
import io.github.binder4j.driver.DriverException;
import io.github.binder4j.driver.DriverRule;
import io.github.binder4j.driver.Errno;
import io.github.binder4j.driver.ScriptedDriver;
import io.github.binder4j.parcel.ParcelData;
import io.github.binder4j.parcel.Window;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.lang.reflect.Field;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Received buffers, and the end of a device. */
@Timeout(60)
class ProcessStateTest {
    private final ScriptedProcess scripted = new ScriptedProcess();
    private final ScriptedDriver driver = scripted.driver;
    private final ProcessState process = scripted.process;

    @AfterEach
    void close() {
        scripted.close();
    }

    // Sending

    @Test
    void shouldRefuseAProxyOfAnotherDeviceAndHoldNothing() {
        ScriptedProcess other = new ScriptedProcess();
        ParcelData data = parcelOf(new Served(), other.manager);

        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> scripted.transact(data, null));

        assertTrue(refused.getMessage().contains("one opening of a device only"), refused.getMessage());
        assertEquals(0, process.liveNodes());
        assertEquals(0, driver.calls().size());
        other.close();
    }

    @Test
    void shouldForgetAnObjectThatWasWrittenOverBeforeASecondSend() throws TransactionFailure {
        process.startPolling();
        long ptr = 1L << 32 | 1; // the first of a device
        ParcelData data = parcelOf(new Served());
        driver.answer(returns -> returns.noop()
                .object(BR_INCREFS, ptr)
                .object(BR_ACQUIRE, ptr)
                .complete()
                .reply(ints()));
        scripted.transact(data, null);
        data.setPosition(0);
        data.writeInt(7);
        driver.answer(returns -> returns.noop().complete().reply(ints()));
        scripted.transact(data, null);
        assertEquals(1, process.liveNodes());

        driver.answer(returns -> returns.object(BR_RELEASE, ptr).object(BR_DECREFS, ptr));
        process.servePolled();
        assertEquals(0, process.liveNodes());
    }

    @Test
    void shouldStartNoThreadsToSendAProxy() throws TransactionFailure {
        ParcelData data = parcelOf(scripted.receive(5));
        driver.answer(returns -> returns.noop().complete().reply(ints()));
        scripted.transact(data, null);

        process.startPolling(); // refused if there were
    }

    @Test
    void shouldHoldHandleZeroWhileItIsSent() throws TransactionFailure {
        driver.answer(returns -> returns.noop().complete().reply(ints()));
        scripted.transact(parcelOf(scripted.manager), null);

        List<Integer> words = driver.ownCalls().stream()
                .flatMap(call -> call.words().stream())
                .toList();
        assertEquals(List.of(BC_ACQUIRE, BC_TRANSACTION, BC_RELEASE), words);
    }

    /** A second reference might be on another manager, and giving it back would end the watch. */
    @Test
    void shouldTakeNoReferenceOnHandleZeroBesideAWatch() throws TransactionFailure {
        scripted.manager.linkToDeath(new Object(), () -> {});
        driver.answer(returns -> returns.noop().complete().reply(ints()));
        scripted.transact(parcelOf(scripted.manager), null);

        assertEquals(1, driver.commands(BC_ACQUIRE).size());
        assertEquals(0, driver.commands(BC_RELEASE).size());
    }

    @Test
    void shouldRefuseToSendAReceivedParcelOn() throws TransactionFailure {
        byte[] handles = new byte[6 * 28];
        long[] offsets = new long[6];
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] = i * 28;
            System.arraycopy(flatHandle(i + 1), 0, handles, i * 28, 28);
        }
        ParcelData received = scripted.call(handles, offsets);

        IllegalStateException refused =
                assertThrows(IllegalStateException.class, () -> scripted.transact(received, null));
        assertTrue(refused.getMessage().contains("copy what it holds"), refused.getMessage());
        received.recycle();
        assertThrows(IllegalStateException.class, () -> scripted.transact(received, null));
    }

    // Receiving

    @Test
    void shouldRefuseABufferOutsideTheMapping() {
        driver.departFrom(DriverRule.BUFFER_IN_MAPPING).departFrom(DriverRule.BUFFER_NOT_IN_USE);
        long start = driver.device().mapping().address;
        for (long[] buffer : new long[][] {
            {start - 8, 8},
            {start + ScriptedDriver.MAPPING_SIZE - 4, 8},
            {start, ScriptedDriver.MAPPING_SIZE + 1L},
            {start, -1},
            {start, Long.MAX_VALUE},
            {start, 1L << 32},
            {0, 8}
        }) {
            driver.answer(returns -> returns.complete().rawTransactionData(BR_REPLY, buffer[0], buffer[1]));

            IllegalStateException refused = assertThrows(
                    IllegalStateException.class, () -> scripted.transact(new ParcelData(), new ParcelData()));
            assertTrue(refused.getMessage().contains("outside its mapping"), refused.getMessage());
        }
        assertEquals(0, process.liveBuffers());
    }

    @Test
    void shouldReadAReplyInPlace() throws TransactionFailure {
        ParcelData reply = scripted.call(ints(1, 2));
        assertTrue(reply.isReceived());
        assertEquals(1, reply.readInt());
        reply.recycle();
    }

    @Test
    void shouldGiveBackAndCountTheBufferOfAParcelThatWasDropped() throws Exception {
        ParcelData reply = scripted.call(ints(1));
        Reference.reachabilityFence(reply);
        reply = null;

        collectUntil(() -> driver.liveBuffers() == 0);

        assertEquals(1, process.counters().leakedBuffers.sum());
        assertEquals(0, process.liveBuffers());
    }

    @Test
    void shouldNotCountARecycledParcelAsLeaked() throws Exception {
        WeakReference<ParcelData> parcel = new WeakReference<>(scripted.call(ints(1)));
        parcel.get().recycle();
        driver.awaitCommand(BC_FREE_BUFFER);
        collectUntil(() -> parcel.refersTo(null));
        collectOnce();

        assertEquals(0, process.counters().leakedBuffers.sum());
    }

    @Test
    void shouldForgetAThreadThatHasEndedThoughNoOtherEnters() throws Exception {
        driver.answerCaller(returns -> returns.complete().reply(ints(1)));
        WeakReference<ParcelData> pooled = callOnAThreadThatEnds(new CountDownLatch(0));

        awaitNoThread();
        collectUntil(() -> pooled.refersTo(null));
        assertEquals(0, driver.liveBuffers());
    }

    /** When there is nothing to do for the janitor any more. */
    @Test
    void shouldForgetAThreadThatEndsWhenItsBuffersAreBack() throws Exception {
        CountDownLatch freed = new CountDownLatch(1);
        driver.answerCaller(returns -> returns.complete().reply(ints(1)));
        new Thread(() -> {
                    awaitFreed();
                    freed.countDown();
                })
                .start();
        callOnAThreadThatEnds(freed);

        awaitNoThread();
    }

    private WeakReference<ParcelData> callOnAThreadThatEnds(CountDownLatch end) throws Exception {
        AtomicReference<WeakReference<ParcelData>> pooled = new AtomicReference<>();
        Thread thread = new Thread(() -> {
            try {
                ParcelData reply = ParcelPool.obtain();
                scripted.transact(new ParcelData(), reply);
                ParcelPool.recycle(reply);
                pooled.set(new WeakReference<>(reply));
                end.await();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        thread.start();
        thread.join();
        return pooled.get();
    }

    private void awaitNoThread() {
        await(() -> process.threads().stream().allMatch(state -> state.owner().isAlive()));
    }

    /** The test's timeout, which interrupts, ends it if that never comes. */
    private static void await(BooleanSupplier done) {
        while (!done.getAsBoolean()) {
            assertFalse(Thread.interrupted(), "the time is up");
            Thread.onSpinWait();
        }
    }

    // Views

    @Test
    void shouldEndViewsWithTheirParcel() throws TransactionFailure {
        ParcelData reply = scripted.call(ints(1, 2));
        Window view = reply.readView(4);
        assertEquals(1, view.getInt(0));
        reply.recycle();

        assertFalse(view.isOpen());
        for (Runnable use : List.<Runnable>of(
                () -> view.get(0),
                () -> view.getInt(0),
                () -> view.copy(bytes -> {
                    throw new AssertionError();
                }),
                view::keep,
                view::address)) {
            IllegalStateException late = assertThrows(IllegalStateException.class, use::run);
            assertTrue(late.getMessage().contains("keep()"), late.getMessage());
        }
        assertEquals(4, view.size());
        view.close();
        awaitFreed();
        assertEquals(0, process.counters().leakedBuffers.sum());
    }

    @Test
    void shouldNotGiveABufferBackBecauseAViewOfItIsClosed() throws TransactionFailure {
        ParcelData reply = scripted.call(ints(1, 2));
        reply.readView(4).close();
        Window kept = reply.readView(4);
        kept.keep();
        kept.close();

        assertThrows(IllegalStateException.class, () -> kept.get(0));
        reply.setPosition(4);
        assertEquals(2, reply.readInt());
        assertEquals(1, process.liveBuffers());
        reply.recycle();
        awaitFreed();
    }

    @Test
    void shouldKeepABufferUntilTheLastKeptViewOfItIsClosed() throws TransactionFailure {
        ParcelData reply = scripted.call(ints(1, 2));
        Window first = reply.readView(4);
        Window second = reply.readView(4);
        reply.setPosition(0);
        Window ended = reply.readView(4);
        first.keep();
        first.keep(); // is kept already
        second.keep();
        reply.recycle();

        assertFalse(ended.isOpen());
        assertEquals(1, first.getInt(0));
        first.close();
        first.close();
        assertEquals(1, process.liveBuffers());
        assertEquals(2, second.getInt(0));
        second.close();
        assertEquals(0, process.liveBuffers());
        awaitFreed();
        assertEquals(0, process.counters().leakedBuffers.sum());
    }

    /** From a thread the device has never seen, whose free another takes to the driver. */
    @Test
    void shouldGiveTheBufferBackOfAViewThatAnotherThreadCloses() throws Exception {
        Window view = keptView();
        Thread closer = new Thread(view::close);
        closer.start();
        closer.join();

        awaitFreed();
        assertEquals(0, process.liveBuffers());
    }

    @Test
    void shouldGiveBackAndCountTheBufferOfAKeptViewThatWasDropped() throws Exception {
        assertEquals(4, keptView().size());

        collectUntil(() -> driver.liveBuffers() == 0);
        assertEquals(1, process.counters().leakedBuffers.sum());
        assertEquals(0, process.liveBuffers());
    }

    private Window keptView() throws TransactionFailure {
        ParcelData reply = scripted.call(ints(1));
        Window view = reply.readView(4);
        view.keep();
        reply.recycle();
        return view;
    }

    /** What is being copied out when the parcel ends is copied to the end, and the buffer freed then. */
    @Test
    void shouldFreeABufferAfterTheCopyThatIsUnderWay() throws TransactionFailure {
        ParcelData reply = scripted.call(ints(7, 8));
        Window view = reply.readView(8);
        view.copy(bytes -> {
            reply.recycle();
            assertEquals(1, process.liveBuffers());
            assertEquals(1, driver.liveBuffers());
            assertEquals(8, bytes.getInt(4));
        });

        assertEquals(0, process.liveBuffers());
        assertThrows(IllegalStateException.class, () -> view.get(0));
        awaitFreed();
    }

    @Test
    void shouldAcquireWhatWasReadOfABufferBeforeItGoesBackThoughItWasViewed() throws TransactionFailure {
        ParcelData reply = scripted.call(flatHandle(5), 0);
        reply.readObject();
        reply.setPosition(0);
        reply.readView(4);
        reply.recycle();
        awaitFreed();

        List<Integer> words = driver.calls().stream()
                .flatMap(call -> call.words().stream())
                .filter(word -> word != BC_TRANSACTION)
                .toList();
        assertEquals(List.of(BC_ACQUIRE, BC_FREE_BUFFER), words);
    }

    /** Collections that nobody needs are what a busy server would do all day. */
    @Test
    void shouldHaveRoomAgainAfterEachOfManyLargeViewsWithoutTheCollector() throws TransactionFailure {
        byte[] large = new byte[ScriptedDriver.MAPPING_SIZE / 2];
        for (int i = 0; i < 3; i++) {
            driver.forgetArea();
            ParcelData reply = scripted.call(large);
            reply.readView(large.length);
            reply.recycle();
            assertEquals(0, driver.liveBuffers());
        }
    }

    /** Small ones may wait for the thread's next command, or for the janitor. */
    private void awaitFreed() {
        await(() -> driver.liveBuffers() == 0);
    }

    // Closing

    @Test
    void shouldFailCallsOnAClosedDeviceNamingIt() {
        process.close();

        DriverClosedException closed =
                assertThrows(DriverClosedException.class, () -> scripted.transact(new ParcelData(), null));
        assertEquals("binder device /dev/scripted is closed", closed.getMessage());
        assertTrue(driver.isClosed());
        assertTrue(driver.isUnmapped());
        assertEquals(0, driver.calls().size());
    }

    @Test
    void shouldCloseTwiceWithoutEffect() {
        process.close();
        process.close();
        assertTrue(driver.isClosed());
    }

    @Test
    void shouldHoldNoObjectOnceTheDeviceIsClosed() throws Exception {
        WeakReference<Served> held = new WeakReference<>(new Served());
        driver.answer(returns -> returns.object(BR_INCREFS, scripted.lastPtr())
                .object(BR_ACQUIRE, scripted.lastPtr())
                .complete()
                .status(Status.OK));
        scripted.transact(parcelOf(held.get()), null);
        assertEquals(1, process.liveNodes());
        long ptr = driver.commands(BC_TRANSACTION).get(0).dataBuffer().getLong(8);
        process.close();

        collectUntil(() -> held.refersTo(null));
        assertEquals(0, process.liveNodes());
        assertNull(process.findLocal(ptr));
    }

    @Test
    void shouldBeCollectedOnceClosedThoughAThreadThatUsedItLives() throws Exception {
        WeakReference<ProcessState> closed = useAndClose();

        collectUntil(() -> closed.refersTo(null));
    }

    @Test
    void shouldBeCollectedOnceClosedThoughADeathWasWatched() throws Exception {
        WeakReference<ProcessState> closed = watchAndClose();

        collectUntil(() -> closed.refersTo(null));
    }

    private static WeakReference<ProcessState> useAndClose() throws TransactionFailure {
        ScriptedProcess other = new ScriptedProcess();
        other.call(ints(1)).recycle();
        other.close();
        return new WeakReference<>(other.process);
    }

    private static WeakReference<ProcessState> watchAndClose() throws Exception {
        ScriptedProcess other = new ScriptedProcess();
        other.receive(3).linkToDeath(new Object(), () -> {});
        other.close();
        return new WeakReference<>(other.process);
    }

    @Test
    void shouldForgetAnObjectWhoseSendEndsAfterTheDeviceIsClosed() throws Exception {
        WeakReference<Served> sent = new WeakReference<>(new Served());
        driver.answer(returns -> {
            // As close() does once this thread is out of the driver, before it ends the send.
            returns.complete().status(Status.OK);
            nodesOf(process).clear();
        });
        scripted.transact(parcelOf(sent.get()), null);

        assertEquals(0, process.liveNodes());
        collectUntil(() -> sent.refersTo(null));
    }

    private static NodeTable nodesOf(ProcessState process) {
        try {
            Field nodes = ProcessState.class.getDeclaredField("nodes");
            nodes.setAccessible(true);
            return (NodeTable) nodes.get(process);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldTakeAnyOtherStatusForNoAnswerToAPing() throws TransactionFailure {
        Parcel reply = Parcel.obtain();
        driver.answer(returns -> returns.complete().reply(flatHandle(3), 0));
        scripted.transact(new ParcelData(), ApiBridge.get().dataOf(reply));
        IBinder proxy = reply.readStrongBinder();
        reply.recycle();

        for (int status : new int[] {Status.NO_MEMORY, Status.PERMISSION_DENIED, Status.UNKNOWN_TRANSACTION, 1}) {
            driver.answer(returns -> returns.complete().status(status));
            assertFalse(proxy.pingBinder());
        }
        driver.answer(returns -> returns.complete().status(Status.OK));
        assertTrue(proxy.pingBinder());
    }

    @Test
    void shouldAnswerNothingThroughAProxyOfAClosedDevice() throws TransactionFailure {
        Parcel reply = Parcel.obtain();
        driver.answer(returns -> returns.complete().reply(flatHandle(3), 0));
        scripted.transact(new ParcelData(), ApiBridge.get().dataOf(reply));
        IBinder proxy = reply.readStrongBinder();
        reply.recycle();
        process.close();

        assertFalse(proxy.pingBinder());
        assertFalse(proxy.isBinderAlive());
        assertThrows(DeadObjectException.class, () -> proxy.linkToDeath(() -> {}, 0));
    }

    @Test
    void shouldEndALooperThatWaits() throws Exception {
        process.loopers().start();
        Thread looper = driver.awaitCommand(BC_ENTER_LOOPER).thread();
        process.close();
        looper.join();

        assertEquals(0, driver.threadsInside());
        assertTrue(process.threads().isEmpty());
        assertEquals(0, process.loopers().size());
    }

    @Test
    void shouldFailACallThatWaitsForItsReply() throws Exception {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread caller = new Thread(() -> {
            try {
                scripted.transact(new ParcelData(), null);
            } catch (Throwable e) {
                failure.set(e);
            }
        });
        caller.start();
        driver.awaitCommand(BC_TRANSACTION);
        process.close();
        caller.join();

        assertSame(DriverClosedException.class, failure.get().getClass());
    }

    @Test
    void shouldUnmapAtOnceThoughParcelsAndViewsAreHeld() throws TransactionFailure {
        Parcel reply = Parcel.obtain();
        driver.answer(returns -> returns.complete().reply(ints(1, 2, 3)));
        scripted.transact(new ParcelData(), ApiBridge.get().dataOf(reply));
        ParcelData other = scripted.call(ints(4));
        Window view = ApiBridge.get().dataOf(reply).readView(4);
        Window kept = other.readView(4);
        kept.keep();
        process.close();

        assertTrue(driver.isUnmapped());
        assertEquals(2, process.liveBuffers());
        IllegalStateException closed = assertThrows(IllegalStateException.class, reply::readInt);
        assertTrue(closed.getMessage().contains("device was closed"), closed.getMessage());
        assertThrows(IllegalStateException.class, reply::readString);
        assertThrows(IllegalStateException.class, reply::readBlob);
        for (Window each : List.of(view, kept)) {
            assertFalse(each.isOpen());
            assertThrows(IllegalStateException.class, () -> each.getInt(0));
        }
        reply.recycle();
        other.recycle();
        kept.close();
        assertEquals(0, process.liveBuffers());
    }

    @Test
    void shouldForgetHandlesReadFromAParcelThatOutlivedTheDevice() throws TransactionFailure {
        ParcelData reply = scripted.call(flatHandle(3), 0);
        reply.readObject();
        process.close();
        reply.recycle();

        assertTrue(driver.isUnmapped());
        assertEquals(List.of(), driver.commands(BC_ACQUIRE));
    }

    @Test
    void shouldReadNothingOfABufferThatArrivesWhileTheDeviceCloses() throws Exception {
        driver.answer(returns -> {
            driver.device().beginClose();
            returns.complete().reply(ints(1));
        });
        ParcelData reply = new ParcelData();

        assertThrows(DriverClosedException.class, () -> scripted.transact(new ParcelData(), reply));

        assertFalse(reply.isReceived());
        assertEquals(0, process.liveBuffers());
        process.close();
        assertTrue(driver.isUnmapped());
    }

    @Test
    void shouldRecycleQuietlyAfterTheEnd() throws TransactionFailure {
        ParcelData small = scripted.call(ints(1));
        ParcelData large = scripted.call(new byte[8192]);
        process.close();
        small.recycle();
        large.recycle();

        assertTrue(small.isRecycled());
        assertTrue(large.isRecycled());
        assertEquals(List.of(), driver.commands(BC_FREE_BUFFER));
    }

    @Test
    void shouldAskAgainUntilAProcessIsFrozenOrTheTimeIsOver() {
        driver.controlReturns(-Errno.EAGAIN);

        DriverException busy =
                assertThrows(DriverException.class, () -> process.driver().freeze(7, true, 2500));

        assertEquals(Errno.EAGAIN, busy.errno());
        assertEquals(List.of(1000, 1000, 500), driver.freezeTimeouts());
    }
}
