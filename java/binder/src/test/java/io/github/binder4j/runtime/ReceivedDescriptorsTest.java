package io.github.binder4j.runtime;

import static io.github.binder4j.driver.Commands.*;
import static io.github.binder4j.runtime.ScriptedProcess.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.driver.DriverClosedException;
import io.github.binder4j.driver.DriverRule;
import io.github.binder4j.driver.ScriptedDriver;
import io.github.binder4j.driver.ScriptedDriver.Command;
import io.github.binder4j.files.OwnedDescriptor;
import io.github.binder4j.files.Pipe;
import io.github.binder4j.parcel.BufferObjects;
import io.github.binder4j.parcel.Descriptors;
import io.github.binder4j.parcel.ParcelData;
import io.github.binder4j.parcel.Window;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever becomes of a parcel that arrives with a descriptor: that is closed, once, with the parcel. */
@Timeout(60)
class ReceivedDescriptorsTest {
    private final ScriptedProcess scripted = new ScriptedProcess();
    private final ScriptedDriver driver = scripted.driver;
    private final ProcessState process = scripted.process;
    private final Pipe pipe = new Pipe();
    private final byte[] arriving = flatDescriptor(pipe.writing);
    private final List<Throwable> reported = Collections.synchronizedList(new ArrayList<>());

    @BeforeEach
    void listen() {
        Thread.currentThread().setUncaughtExceptionHandler((thread, e) -> reported.add(e));
    }

    @AfterEach
    void close() {
        Thread.currentThread().setUncaughtExceptionHandler(null);
        scripted.close();
        assertFalse(pipe.isOpen());
        pipe.close();
    }

    private static byte[] flatDescriptor(int number) {
        return ints(0x66642a85, 0, number, 0, 1, 0, 7);
    }

    // Replies

    @Test
    void shouldKeepADescriptorUntilTheReplyIsRecycled() throws Exception {
        ParcelData reply = scripted.call(arriving, 0);
        assertTrue(pipe.isOpen());
        OwnedDescriptor copy = Descriptors.read(reply);
        assertEquals(7, reply.readInt());

        reply.recycle();
        assertTrue(pipe.isOpen());
        copy.close();
        assertFalse(pipe.isOpen());
    }

    @Test
    void shouldCloseADescriptorNobodyReadAndItOnly() throws Exception {
        scripted.call(arriving, 0).recycle();
        assertFalse(pipe.isOpen());

        try (Pipe next = new Pipe()) { // with the same number, unless another thread was faster
            scripted.call(ints(1, 2)).recycle();
            scripted.call(flatHandle(5), 0).recycle();
            assertTrue(next.isOpen());
            OwnedDescriptor.closeNumber(next.writing);
        }
    }

    @Test
    void shouldCloseADescriptorWhoseReplyIsEmptiedForTheNextCall() throws Exception {
        ParcelData reply = scripted.call(arriving, 0);
        reply.clear();

        assertFalse(pipe.isOpen());
    }

    @Test
    void shouldCloseADescriptorInAReplyNobodyWanted() throws TransactionFailure {
        driver.answer(returns -> returns.noop().complete().reply(arriving, 0));
        scripted.transact(new ParcelData(), null);

        assertFalse(pipe.isOpen());
    }

    @Test
    void shouldCloseADescriptorThatCameWithAStatus() throws TransactionFailure {
        driver.answer(returns -> returns.noop().complete().deliver(BR_REPLY, 0, 0, TF_STATUS_CODE, arriving, 0));
        scripted.transact(new ParcelData(), new ParcelData());

        assertFalse(pipe.isOpen());
    }

    @Test
    void shouldCloseADescriptorOfAReplyThatIsDropped() throws Exception {
        drop();

        collectUntil(() -> !pipe.isOpen());
        assertEquals(1, process.counters().leakedBuffers.sum());
    }

    private void drop() throws TransactionFailure {
        assertNotNull(scripted.call(arriving, 0));
    }

    @Test
    void shouldCloseADescriptorThoughAViewKeepsTheBuffer() throws Exception {
        ParcelData reply = scripted.call(arriving, 0);
        reply.setPosition(24);
        Window view = reply.readView(4);
        view.keep();
        reply.recycle();

        assertFalse(pipe.isOpen());
        assertEquals(7, view.getInt(0));
        assertEquals(1, process.liveBuffers());
        view.close();
    }

    @Test
    void shouldCloseADescriptorThatIsReleasedAfterTheDeviceIsClosed() throws Exception {
        ParcelData reply = scripted.call(arriving, 0);
        process.close();
        assertTrue(pipe.isOpen());
        reply.recycle();

        assertFalse(pipe.isOpen());
        assertTrue(driver.isUnmapped());
    }

    @Test
    void shouldCloseADescriptorThatArrivesWhileTheDeviceIsBeingClosed() {
        driver.answer(returns -> {
            returns.noop().complete().reply(arriving, 0);
            driver.device().beginClose();
        });

        assertThrows(DriverClosedException.class, () -> scripted.transact(new ParcelData(), new ParcelData()));
        assertFalse(pipe.isOpen());
    }

    @Test
    void shouldLeaveAnArrayOfDescriptorsToTheDriver() throws Exception {
        int[] array = {0x66646185, 0, pipe.writing, 0, 0, 0, 0, 0};
        scripted.call(ints(array), 0).recycle();

        assertTrue(pipe.isOpen());
        OwnedDescriptor.closeNumber(pipe.writing);
    }

    /** The driver closes them on the thread that gives the buffer back, and a peer may have made that take long. */
    @Test
    void shouldGiveABufferWithAnArrayOfDescriptorsBackOnAnotherThread() throws Exception {
        OwnedDescriptor.closeNumber(pipe.writing);
        byte[] buffer = ByteBuffer.allocate(40)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0, 0x70742a85)
                .putLong(16, 8)
                .array();
        byte[] array = ints(0x66646185, 0, 1, 0, 0, 0, 0, 0);
        byte[] both = ByteBuffer.allocate(72).put(buffer).put(array).array();

        scripted.call(both, 0, 40).recycle();

        Thread freeing = driver.awaitCommand(BC_FREE_BUFFER).thread();
        assertTrue(freeing.getName().startsWith("binder-closer-"), freeing.getName());
        assertEquals(0, process.liveBuffers());
        assertEquals(0, driver.liveBuffers());
    }

    // Calls

    @Test
    void shouldCloseADescriptorOfACallThatIsServed() throws Exception {
        List<Boolean> open = new ArrayList<>();
        serve(new Served((code, data, reply, flags) -> {
            open.add(pipe.isOpen());
            return Status.OK;
        }));

        assertEquals(List.of(true), open);
        assertFalse(pipe.isOpen());
    }

    @Test
    void shouldCloseADescriptorOfACallThatFails() throws Exception {
        serve(new Served((code, data, reply, flags) -> {
            throw new ArithmeticException();
        }));

        assertFalse(pipe.isOpen());
        assertEquals(List.of(), reported);
    }

    @Test
    void shouldCloseADescriptorSentToAnUnknownObject() throws Exception {
        driver.departFrom(DriverRule.TARGET_WAS_SENT);
        driver.answer(returns -> returns.complete().transaction(0x1234567, 6, 0, arriving, 0));
        driver.answer(returns -> returns.noop().complete());
        driver.answer(returns -> returns.reply(ints()));
        scripted.transact(new ParcelData(), new ParcelData());

        assertFalse(pipe.isOpen());
    }

    @Test
    void shouldCloseTheDescriptorsOfAReplyThatFailed() throws Exception {
        OwnedDescriptor sent = OwnedDescriptor.adopt(pipe.writing);
        driver.answer(returns -> returns.complete().transaction(scripted.lastPtr(), 6, 0, ints()));
        driver.answer(returns -> returns.noop().complete());
        driver.answer(returns -> returns.reply(ints()));
        scripted.transact(
                parcelOf(new Served((code, data, reply, flags) -> {
                    write(reply, sent);
                    sent.drop();
                    return Status.UNKNOWN_ERROR;
                })),
                new ParcelData());

        assertFalse(pipe.isOpen());
    }

    private static void write(ParcelData reply, OwnedDescriptor sent) {
        try {
            Descriptors.write(reply, sent.java);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A call that is answered after {@code callback} served one with a descriptor. */
    private void serve(LocalObject callback) throws TransactionFailure {
        driver.answer(returns -> returns.complete().transaction(scripted.lastPtr(), 6, 0, arriving, 0));
        driver.answer(returns -> returns.noop().complete());
        driver.answer(returns -> returns.reply(ints()));
        scripted.transact(parcelOf(callback), new ParcelData());
    }

    // Sending, and buffers

    @Test
    void shouldSendDescriptorsAndBuffersAmongBinders() throws Exception {
        OwnedDescriptor sent = OwnedDescriptor.adopt(pipe.writing);
        ParcelData data = parcelOf(scripted.receive(5));
        Descriptors.write(data, sent.java);
        ByteBuffer buffer = ByteBuffer.allocateDirect(12).order(ByteOrder.LITTLE_ENDIAN);
        BufferObjects.write(data, buffer);
        driver.answer(returns -> returns.noop().complete().reply(ints()));
        scripted.transact(data, new ParcelData());

        Command call = driver.commands(BC_TRANSACTION_SG).get(0);
        assertEquals(16, call.longAt(64));
        assertEquals(
                List.of(0L, 28L, 52L),
                java.util.Arrays.stream(call.offsets()).boxed().toList());
        assertEquals(0x73682a85, call.dataBuffer().getInt(0));
        assertEquals(0x66642a85, call.dataBuffer().getInt(28));
        assertEquals(0x70742a85, call.dataBuffer().getInt(52));
        data.recycle();
        sent.close();
    }

    /** Small data, but a large buffer behind it: it must not wait for the thread's next call. */
    @Test
    void shouldGiveALargeReceivedBufferBackAtOnce() throws Exception {
        OwnedDescriptor.closeNumber(pipe.writing);
        byte[] pointing = new byte[40];
        ByteBuffer.wrap(pointing)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0, 0x70742a85)
                .putLong(16, 32 * 1024);
        ParcelData reply = scripted.call(pointing, 0);
        driver.forgetCalls();

        reply.recycle();

        assertEquals(0, driver.liveBuffers());
        assertEquals(1, driver.commands(BC_FREE_BUFFER).size());
    }
}
