package android.os;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import android.os.ParcelFileDescriptor.AutoCloseInputStream;
import android.os.ParcelFileDescriptor.AutoCloseOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every method of a stream on what has no length and no position: a pipe, a socket; and on a file, which has both. */
@Timeout(60)
class AutoCloseInputStreamTest {
    private static final byte[] CONTENT = {1, 2, 3, 4, 5, 6, 7, 8};

    @TempDir
    Path directory;

    private interface Source {
        AutoCloseInputStream holding(byte[] content) throws IOException;
    }

    private interface Check {
        void on(AutoCloseInputStream in) throws IOException;
    }

    private void onEach(Check check) throws IOException {
        for (Source source : new Source[] {this::pipe, this::socket, this::file}) {
            try (AutoCloseInputStream in = source.holding(CONTENT)) {
                check.on(in);
            }
        }
    }

    private AutoCloseInputStream pipe(byte[] content) throws IOException {
        ParcelFileDescriptor[] ends = ParcelFileDescriptor.createPipe();
        try (OutputStream out = new AutoCloseOutputStream(ends[1])) {
            out.write(content);
        }
        return new AutoCloseInputStream(ends[0]);
    }

    private AutoCloseInputStream socket(byte[] content) throws IOException {
        Path path = Files.createTempDirectory(directory, "s").resolve("s");
        try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listening.bind(UnixDomainSocketAddress.of(path));
            Set<Integer> before = sockets();
            try (SocketChannel theirs = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                Set<Integer> added = sockets();
                added.removeAll(before);
                assertEquals(1, added.size(), "descriptors of one socket");
                try (SocketChannel ours = listening.accept()) {
                    ours.write(ByteBuffer.wrap(content));
                }
                theirs.shutdownOutput();
                return new AutoCloseInputStream(
                        ParcelFileDescriptor.fromFd(added.iterator().next()));
            }
        }
    }

    private static Set<Integer> sockets() throws IOException {
        Set<Integer> numbers = new HashSet<>();
        for (File entry : new File("/proc/self/fd").listFiles()) {
            Path link = entry.toPath();
            if (Files.isSymbolicLink(link)
                    && Files.readSymbolicLink(link).toString().startsWith("socket:")) {
                numbers.add(Integer.valueOf(entry.getName()));
            }
        }
        return numbers;
    }

    private AutoCloseInputStream file(byte[] content) throws IOException {
        Path file = Files.createTempFile(directory, "f", "");
        Files.write(file, content);
        return new AutoCloseInputStream(ParcelFileDescriptor.open(file.toFile(), ParcelFileDescriptor.MODE_READ_ONLY));
    }

    @Test
    void shouldReadAll() throws IOException {
        onEach(in -> assertArrayEquals(CONTENT, in.readAllBytes()));
    }

    @Test
    void shouldReadTheRest() throws IOException {
        onEach(in -> {
            assertEquals(1, in.read());
            assertArrayEquals(Arrays.copyOfRange(CONTENT, 1, 8), in.readAllBytes());
            assertArrayEquals(new byte[0], in.readAllBytes());
        });
    }

    @Test
    void shouldReadSome() throws IOException {
        onEach(in -> {
            byte[] array = new byte[6];

            assertArrayEquals(new byte[0], in.readNBytes(0));
            assertArrayEquals(new byte[] {1, 2, 3}, in.readNBytes(3));
            assertEquals(2, in.readNBytes(array, 1, 2));
            assertArrayEquals(new byte[] {0, 4, 5, 0, 0, 0}, array);
            assertEquals(2, in.read(array, 0, 2));
            assertArrayEquals(new byte[] {8}, in.readNBytes(1000));
            assertThrows(IllegalArgumentException.class, () -> in.readNBytes(-1));
        });
    }

    @Test
    void shouldTransfer() throws IOException {
        onEach(in -> {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            assertEquals(8, in.transferTo(out));
            assertArrayEquals(CONTENT, out.toByteArray());
        });
        onEach(in -> {
            File out = Files.createTempFile(directory, "out", "").toFile();
            try (FileOutputStream stream = new FileOutputStream(out)) {
                assertEquals(8, in.transferTo(stream));
            }
            assertArrayEquals(CONTENT, Files.readAllBytes(out.toPath()));
        });
    }

    @Test
    void shouldSkip() throws IOException {
        onEach(in -> {
            assertEquals(0, in.skip(0));
            assertEquals(3, in.skip(3));
            assertEquals(4, in.read());
            in.skipNBytes(2);
            assertEquals(7, in.read());
        });
        assertEquals(8, pipe(CONTENT).skip(100));
    }

    @Test
    void shouldSkipBackInAFile() throws IOException {
        try (AutoCloseInputStream in = file(CONTENT)) {
            assertArrayEquals(new byte[] {1, 2, 3}, in.readNBytes(3));
            assertEquals(-2, in.skip(-2));
            assertEquals(2, in.read());
            assertThrows(IOException.class, () -> in.skip(-100));
        }
    }

    @Test
    void shouldTellWhatIsAvailable() throws IOException {
        onEach(in -> {
            assertEquals(8, in.available());
            in.readNBytes(3);
            assertEquals(5, in.available());
        });
    }

    @Test
    void shouldNotMark() throws IOException {
        onEach(in -> {
            in.mark(5);
            assertThrows(IOException.class, in::reset);
        });
    }

    @Test
    void shouldReadACharacterDevice() throws IOException {
        ParcelFileDescriptor zero =
                ParcelFileDescriptor.open(new File("/dev/zero"), ParcelFileDescriptor.MODE_READ_ONLY);

        try (AutoCloseInputStream in = new AutoCloseInputStream(zero)) {
            assertArrayEquals(new byte[5], in.readNBytes(5));
        }
    }

    @Test
    void shouldReadNothingOnceClosed() throws IOException {
        AutoCloseInputStream in = pipe(CONTENT);
        in.close();

        assertThrows(IOException.class, in::readAllBytes);
        assertThrows(IOException.class, () -> in.readNBytes(1));
        assertThrows(IOException.class, () -> in.skip(1));
        assertThrows(IOException.class, in::available);
    }
}
