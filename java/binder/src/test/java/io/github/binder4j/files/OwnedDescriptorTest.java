package io.github.binder4j.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.natives.BinderNative;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OwnedDescriptorTest {
    private final Pipe pipe = new Pipe();

    @AfterEach
    void close() {
        pipe.close();
    }

    @Test
    void shouldCloseWhatItOwnsOnce() throws IOException {
        OwnedDescriptor owned = OwnedDescriptor.adopt(pipe.writing);
        assertEquals(pipe.writing, owned.number());
        assertTrue(owned.java.valid());
        owned.close();

        assertFalse(pipe.isOpen());
        assertEquals(-1, owned.number());
        assertFalse(owned.java.valid());
        try (Pipe next = new Pipe()) { // with the same number, unless another thread was faster
            owned.close();
            owned.drop();
            assertTrue(next.isOpen());
            OwnedDescriptor.closeNumber(next.writing);
        }
    }

    @Test
    void shouldHaveStreamsOfJavaOnIt() throws IOException {
        OwnedDescriptor[] ends = OwnedDescriptor.pipe();
        try (FileInputStream in = new FileInputStream(ends[0].java)) {
            FileOutputStream out = new FileOutputStream(ends[1].java);
            out.write(42);
            ends[1].close();

            assertEquals(42, in.read());
            assertEquals(-1, in.read());
            assertThrows(IOException.class, () -> out.write(43), "closed with its descriptor");
        }
        assertEquals(-1, ends[0].number(), "closed with its stream");
    }

    @Test
    void shouldHearOfAStreamOrChannelThatClosesIt() throws Exception {
        long leakedBefore = OwnedDescriptor.leaked();
        OwnedDescriptor owned = OwnedDescriptor.adopt(pipe.writing);
        new FileOutputStream(owned.java).getChannel().close();
        assertFalse(pipe.isOpen());
        owned = null;

        try (Pipe next = new Pipe()) {
            collectOnce();
            collectOnce();
            assertTrue(next.isOpen());
            OwnedDescriptor.closeNumber(next.writing);
        }
        assertEquals(leakedBefore, OwnedDescriptor.leaked());
    }

    @Test
    void shouldCloseWhatWasDropped() throws Exception {
        long leakedBefore = OwnedDescriptor.leaked();
        OwnedDescriptor.adopt(pipe.writing);

        collectUntil(() -> !pipe.isOpen());
        assertEquals(leakedBefore + 1, OwnedDescriptor.leaked());
    }

    @Test
    void shouldStayOpenWhileAStreamOnItIsReachable() throws Exception {
        OwnedDescriptor owned = OwnedDescriptor.adopt(pipe.writing);
        FileOutputStream stream = new FileOutputStream(owned.java);
        owned = null;
        for (int i = 0; i < 3; i++) {
            collectOnce();
        }

        assertTrue(pipe.isOpen());
        stream.write(1);
        stream.close();
    }

    @Test
    void shouldGiveItsNumberAway() throws Exception {
        OwnedDescriptor owned = OwnedDescriptor.adopt(pipe.writing);
        assertEquals(pipe.writing, owned.detach());
        assertEquals(-1, owned.detach());
        owned.close();
        owned = null;
        collectOnce();
        collectOnce();

        assertTrue(pipe.isOpen());
        OwnedDescriptor.closeNumber(pipe.writing);
        assertFalse(pipe.isOpen());
    }

    @Test
    void shouldCopy() throws IOException {
        OwnedDescriptor copy = OwnedDescriptor.duplicate(pipe.writing);
        assertNotEquals(pipe.writing, copy.number());
        OwnedDescriptor second = OwnedDescriptor.duplicate(copy.java);
        OwnedDescriptor.closeNumber(pipe.writing);
        copy.close();

        assertTrue(pipe.isOpen());
        OwnedDescriptor.dropAll(second, null);
        assertFalse(pipe.isOpen());
    }

    @Test
    void shouldNameTheDescriptorThatIsNotOpen() {
        BadDescriptorException closed =
                assertThrows(BadDescriptorException.class, () -> OwnedDescriptor.duplicate(new FileDescriptor()));
        BadDescriptorException never =
                assertThrows(BadDescriptorException.class, () -> OwnedDescriptor.duplicate(1_000_000_000));
        IOException missing = assertThrows(IOException.class, () -> OwnedDescriptor.open("/nonexistent/file", 0, 0));

        assertTrue(closed.getMessage().contains("it is closed"), closed.getMessage());
        assertTrue(never.getMessage().contains("1000000000: EBADF (9)"), never.getMessage());
        assertTrue(missing.getMessage().contains("open /nonexistent/file: ENOENT (2)"), missing.getMessage());
        OwnedDescriptor.closeNumber(pipe.writing);
    }

    @Test
    void shouldOpenFiles() throws IOException {
        OwnedDescriptor zero = OwnedDescriptor.open("/dev/zero", 0, 0);
        ByteBuffer read = ByteBuffer.allocate(4).putInt(0, -1);
        try (FileInputStream in = new FileInputStream(zero.java)) {
            assertEquals(4, in.getChannel().read(read));
        }

        assertEquals(0, read.getInt(0));
        assertTrue(BinderNative.closeFd(pipe.writing) == 0);
    }

    private static void collectUntil(BooleanSupplier done) throws InterruptedException {
        while (!done.getAsBoolean()) {
            collectOnce();
        }
    }

    /** Returns after the net has caught what became unreachable before this call. */
    private static void collectOnce() throws InterruptedException {
        java.util.concurrent.CountDownLatch cleaned = new java.util.concurrent.CountDownLatch(1);
        io.github.binder4j.memory.SafetyNet.CLEANER.register(new Object(), cleaned::countDown);
        do {
            System.gc();
        } while (!cleaned.await(10, java.util.concurrent.TimeUnit.MILLISECONDS));
    }
}
