package io.github.binder4j.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.FileInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PeerOutputTest {
    private static final long EVER_MS = 1_000_000;

    private final List<OwnedDescriptor> open = new ArrayList<>();
    private OwnedDescriptor reading;
    private OwnedDescriptor writing;

    @BeforeEach
    void openPipe() throws IOException {
        OwnedDescriptor[] pipe = OwnedDescriptor.pipe();
        open.addAll(List.of(pipe));
        reading = pipe[0];
        writing = pipe[1];
    }

    @AfterEach
    void closePipes() {
        open.forEach(OwnedDescriptor::drop);
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    /** All that comes out of the pipe once nobody can write any more. */
    private byte[] readAll() throws IOException {
        writing.close();
        try (FileInputStream in = new FileInputStream(reading.java)) {
            byte[] all = new byte[8 * PeerOutput.CAPACITY];
            int size = 0;
            for (int count = in.read(all); count > 0; count = in.read(all, size, all.length - size)) {
                size += count;
            }
            return java.util.Arrays.copyOf(all, size);
        }
    }

    @Test
    void shouldWriteAllToWhoReads() throws Exception {
        byte[] sent = bytes(3 * PeerOutput.CAPACITY);
        PeerOutput out = new PeerOutput(writing.java, EVER_MS);
        CompletableFuture<Void> written = CompletableFuture.runAsync(() -> {
            try (out) {
                for (int i = 0; i < sent.length; i += 4096) {
                    out.write(sent, i, 4096);
                }
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        byte[] received = new byte[sent.length];
        try (FileInputStream in = new FileInputStream(reading.java)) {
            for (int size = 0; size < received.length; ) {
                size += in.read(received, size, received.length - size);
            }
        }
        written.get();

        assertArrayEquals(sent, received);
    }

    @Test
    void shouldTakeAMegabyteNotBehindAReaderWhoDoesNot() throws Exception {
        byte[] sent = bytes(4 * PeerOutput.CAPACITY);
        PeerOutput out = new PeerOutput(writing.java, 1);
        for (int i = 0; i < sent.length; i += 4096) {
            out.write(sent, i, 4096);
        }
        IOException slow = assertThrows(IOException.class, out::close);

        byte[] received = readAll(); // later, and to the end: nobody holds the pipe for what is lost
        assertTrue(received.length >= PeerOutput.CAPACITY, "bytes: " + received.length);
        assertTrue(slow.getMessage().contains(sent.length - received.length + " bytes behind"), slow.getMessage());
        assertArrayEquals(java.util.Arrays.copyOf(sent, received.length), received);
    }

    @Test
    void shouldHaveWrittenWhatWasFlushed() throws Exception {
        PeerOutput out = new PeerOutput(writing.java, EVER_MS);
        out.write('a');
        out.flush();
        try (FileInputStream in = new FileInputStream(reading.java)) {
            assertEquals(1, in.available());
            assertEquals('a', in.read());
        }
        out.close();
    }

    @Test
    void shouldNotCareForAReaderWhoIsGone() throws Exception {
        reading.close();
        PeerOutput out = new PeerOutput(writing.java, EVER_MS);
        for (int i = 0; i < 100; i++) {
            out.write(bytes(PeerOutput.CAPACITY));
        }
        out.close();
    }

    @Test
    void shouldTellOfADescriptorThatIsClosed() throws Exception {
        writing.close();
        PeerOutput out = new PeerOutput(writing.java, EVER_MS);
        out.write('a');

        assertThrows(IOException.class, out::close);
    }

    @Test
    void shouldTouchNothingIfNothingIsWritten() throws Exception {
        writing.close();
        new PeerOutput(writing.java, EVER_MS).close();
    }

    /** Else each peer that does not read could hold a thread that writes, until none is left. */
    @Test
    void shouldRefuseToWriteWhileSeveralReadersAreWaitedFor() throws Exception {
        List<OwnedDescriptor> readers = new ArrayList<>();
        for (int i = 0; i < PeerOutput.MOST_AT_A_TIME; i++) {
            OwnedDescriptor[] pipe = OwnedDescriptor.pipe();
            open.addAll(List.of(pipe));
            readers.add(pipe[0]);
            PeerOutput stuck = new PeerOutput(pipe[1].java, 1);
            stuck.write(bytes(PeerOutput.CAPACITY));
            stuck.close();
        }

        PeerOutput out = new PeerOutput(writing.java, EVER_MS);
        out.write('a');
        assertTrue(assertThrows(IOException.class, out::close).getMessage().contains("call again"));

        readers.forEach(OwnedDescriptor::drop);
    }
}
