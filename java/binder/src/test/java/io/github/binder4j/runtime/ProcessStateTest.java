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
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
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
        assertThrows(IllegalStateException.class, reply::readInt);
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
    void shouldKeepABufferWhileAViewOfItOrAViewMadeFromThatIsReachable() throws Exception {
        ParcelData reply = scripted.call(new byte[] {1, 2, 3, 4});
        WeakReference<ByteBuffer> view = new WeakReference<>(reply.readView(4));
        ByteBuffer derived = view.get().slice(2, 2);
        reply.recycle();
        collectUntil(() -> view.refersTo(null));
        collectOnce();
        assertEquals(1, driver.liveBuffers());
        assertEquals(1, process.liveBuffers());
        assertEquals(3, derived.get(0));
        Reference.reachabilityFence(derived);

        derived = null;
        collectUntil(() -> driver.liveBuffers() == 0);
        assertEquals(0, process.liveBuffers());
        assertEquals(0, process.counters().leakedBuffers.sum());
    }

    @Test
    void shouldKeepABufferForItsParcelWhenItsViewsAreGone() throws Exception {
        ParcelData reply = scripted.call(ints(1, 2));
        WeakReference<ByteBuffer> view = new WeakReference<>(reply.readView(4));
        collectUntil(() -> view.refersTo(null));
        collectOnce();

        assertEquals(1, driver.liveBuffers());
        assertEquals(2, reply.readInt());
        reply.recycle();
        collectUntil(() -> driver.liveBuffers() == 0);
    }

    @Test
    void shouldGiveReadOnlyViews() throws TransactionFailure {
        ParcelData reply = scripted.call(ints(1, 2));
        ByteBuffer view = reply.readView(3);

        assertTrue(view.isReadOnly());
        assertTrue(view.isDirect());
        assertEquals(3, view.remaining());
        assertEquals(0, reply.readView(0).remaining());
        assertNull(reply.readView(5));
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
    void shouldKeepTheMappingUntilTheLastReceivedParcelIsRecycled() throws TransactionFailure {
        ParcelData first = scripted.call(ints(1));
        ParcelData second = scripted.call(ints(2));
        process.close();
        assertTrue(driver.isClosed());

        first.recycle();
        assertFalse(driver.isUnmapped());
        assertEquals(2, second.readInt());
        second.recycle();
        assertTrue(driver.isUnmapped());
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
    void shouldUnmapWhenTheLastViewGoesAfterTheEnd() throws Exception {
        ParcelData reply = scripted.call(ints(1));
        WeakReference<ByteBuffer> view = new WeakReference<>(reply.readView(4));
        process.close();
        collectUntil(() -> view.refersTo(null));
        collectOnce();
        assertFalse(driver.isUnmapped());

        reply.recycle();
        collectUntil(driver::isUnmapped);
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
