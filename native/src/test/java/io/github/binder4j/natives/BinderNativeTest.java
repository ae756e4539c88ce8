package io.github.binder4j.natives;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

/** What crosses from Java to C and back; what the C layer does with it, its own tests say. */
class BinderNativeTest {
    private static final int ENOENT = 2;
    private static final int EBADF = 9;
    private static final int ENAMETOOLONG = 36;

    @Test
    void shouldReturnANegativeErrno() {
        assertEquals(-ENOENT, BinderNative.openDevice("/nonexistent/binder", 0));
        assertEquals(-EBADF, BinderNative.mapDevice(-1, 4096));
        assertEquals(-ENAMETOOLONG, BinderNative.addDevice("/dev/null", "n".repeat(256)));
    }

    @Test
    void shouldNameErrnos() {
        assertEquals("ENOENT", BinderNative.errnoName(ENOENT));
        assertNull(BinderNative.errnoName(99_999));
    }

    @Test
    void shouldKnowTheKernelsNumbers() {
        assertEquals(8, BinderNative.userProtocolVersion());
        assertEquals(0x80487202L, BinderNative.abiValue("BR_TRANSACTION_SEC_CTX"));
        assertEquals(12, BinderNative.abiValue("sizeof:binder_handle_cookie"));
        assertEquals(Long.MIN_VALUE, BinderNative.abiValue("BC_NONSENSE"));
    }

    @Test
    void shouldPassAddressesAndSizesOf64Bits() {
        long size = 0x1_0000_1000L;
        int fd = BinderNative.memfd("test", size, 1);
        long address = BinderNative.mapDevice(fd, size);

        assertTrue(fd > 0, () -> "memfd: " + fd);
        assertTrue(address > 0, () -> "mmap: " + address);
        assertEquals(0, NativeMemory.directBuffer(address + size - 8, 8).getLong(0));
        assertEquals(0, BinderNative.replaceMapping(address, size));
        assertEquals(0, NativeMemory.directBuffer(address + size - 8, 8).getLong(0));
        assertEquals(0, BinderNative.unmapDevice(address, size));
        assertEquals(0, BinderNative.closeFd(fd));
    }

    @Test
    void shouldRefuseAWriteReadOnNoDevice() {
        ByteBuffer bwr = ByteBuffer.allocateDirect(48).order(ByteOrder.nativeOrder());

        assertEquals(-EBADF, BinderNative.writeRead(-1, NativeMemory.addressOf(bwr), 0, 0));
    }

    @Test
    void shouldOutliveAThreadThatOwesAnExit() throws InterruptedException {
        int fd = BinderNative.openDevice("/dev/null", 0);
        long slot = BinderNative.registerDevice(fd);
        int[] entered = {-1};

        Thread thread = new Thread(() -> entered[0] = BinderNative.enterThread(slot));
        thread.start();
        thread.join();

        assertEquals(0, entered[0]);
        assertEquals(-ENOENT, BinderNative.leaveThread(slot));
        assertEquals(0, BinderNative.retireDevice(slot));
        assertEquals(0, BinderNative.closeFd(fd));
    }

    @Test
    void shouldSeeTheProcessAndItsThreads() throws InterruptedException {
        int[] other = new int[1];

        Thread thread = new Thread(() -> other[0] = BinderNative.tid());
        thread.start();
        thread.join();

        assertEquals(ProcessHandle.current().pid(), BinderNative.pid());
        assertNotEquals(BinderNative.tid(), other[0]);
    }

    @Test
    void shouldPollWithoutWaitingAndRefuseToRemoveWhatIsNotThere() {
        int fd = BinderNative.memfd("test", 1, 0);

        assertEquals(1, BinderNative.pollReadable(fd, -1));
        assertEquals(0, BinderNative.closeFd(fd));
        assertEquals(-ENOENT, BinderNative.removeDevice("/nonexistent/binder"));
    }

    /** Whether the kernel these tests run on has reports or not. */
    @Test
    void shouldOpenReportsOrSayWhyNot() {
        long opened = BinderNative.openReports();

        if (opened >= 0) {
            assertEquals(0, BinderNative.droppedReports((int) opened));
            assertEquals(0, BinderNative.closeFd((int) opened));
        } else {
            assertNotNull(BinderNative.errnoName((int) -opened));
        }
        assertEquals(-EBADF, BinderNative.receiveReport(-1, 0, 0, 0, -1));
        assertEquals(-EBADF, BinderNative.droppedReports(-1));
    }
}
