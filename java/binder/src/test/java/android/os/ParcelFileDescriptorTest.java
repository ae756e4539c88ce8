package android.os;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.ParcelFileDescriptor.AutoCloseInputStream;
import android.os.ParcelFileDescriptor.AutoCloseOutputStream;
import io.github.binder4j.Buffers;
import io.github.binder4j.files.OwnedDescriptor;
import java.io.BufferedInputStream;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** File descriptors as programs have them, in and out of parcels. */
@Timeout(60)
class ParcelFileDescriptorTest {
    private static final int O_WRONLY = 01;
    private static final int O_NONBLOCK = 04000;

    private final ParcelFileDescriptor[] pipe = pipe();
    private final Parcel parcel = Parcel.obtain();

    private static ParcelFileDescriptor[] pipe() {
        try {
            return ParcelFileDescriptor.createPipe();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void close() throws IOException {
        parcel.recycle();
        pipe[0].close();
        pipe[1].close();
    }

    /** Reads the pipe to its end, which comes only once every copy of the writing end is closed. */
    private byte[] drain() throws IOException {
        pipe[1].close();
        // Buffered, because FileInputStream asks for the length of what it reads whole, and a pipe has none.
        try (InputStream in = new BufferedInputStream(new FileInputStream(pipe[0].getFileDescriptor()))) {
            return in.readAllBytes();
        }
    }

    // On its own

    @Test
    void shouldWorkWithStreamsThatCloseIt() throws IOException {
        AutoCloseOutputStream out = new AutoCloseOutputStream(pipe[1]);
        out.write(1);
        out.close();
        out.close();
        assertThrows(IllegalStateException.class, pipe[1]::getFd);

        try (AutoCloseInputStream in = new AutoCloseInputStream(pipe[0])) {
            assertEquals(1, in.read());
            assertEquals(-1, in.read());
        }
        assertThrows(IllegalStateException.class, pipe[0]::detachFd);
        assertEquals("{ParcelFileDescriptor: closed}", pipe[0].toString());
    }

    @Test
    void shouldCopyAdoptAndDetach() throws IOException {
        ParcelFileDescriptor copy = ParcelFileDescriptor.fromFd(pipe[1].getFd());
        ParcelFileDescriptor second = copy.dup();
        assertNotEquals(copy.getFd(), second.getFd());
        ParcelFileDescriptor adopted = ParcelFileDescriptor.adoptFd(second.detachFd());
        second.close();
        try (AutoCloseOutputStream out = new AutoCloseOutputStream(adopted)) {
            out.write(7);
        }
        copy.close();

        assertArrayEquals(new byte[] {7}, drain());
        assertThrows(IllegalArgumentException.class, () -> ParcelFileDescriptor.adoptFd(-1));
        assertThrows(IOException.class, () -> copy.dup());
        assertThrows(IOException.class, () -> ParcelFileDescriptor.fromFd(-1));
    }

    @Test
    void shouldOpenFilesInEveryMode(@TempDir Path directory) throws IOException {
        File file = directory.resolve("file").toFile();
        assertThrows(
                FileNotFoundException.class,
                () -> ParcelFileDescriptor.open(file, ParcelFileDescriptor.MODE_READ_WRITE));
        write(file, ParcelFileDescriptor.MODE_WRITE_ONLY | ParcelFileDescriptor.MODE_CREATE, 1, 2);
        write(file, ParcelFileDescriptor.MODE_READ_WRITE, 3);
        write(file, ParcelFileDescriptor.MODE_WRITE_ONLY | ParcelFileDescriptor.MODE_APPEND, 4);
        assertArrayEquals(new byte[] {3, 2, 4}, Files.readAllBytes(file.toPath()));
        write(file, ParcelFileDescriptor.MODE_WRITE_ONLY | ParcelFileDescriptor.MODE_TRUNCATE, 5);

        try (AutoCloseInputStream in =
                new AutoCloseInputStream(ParcelFileDescriptor.open(file, ParcelFileDescriptor.MODE_READ_ONLY))) {
            assertArrayEquals(new byte[] {5}, in.readAllBytes());
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> ParcelFileDescriptor.open(file, ParcelFileDescriptor.MODE_CREATE));
    }

    private static void write(File file, int mode, int... bytes) throws IOException {
        try (AutoCloseOutputStream out = new AutoCloseOutputStream(ParcelFileDescriptor.open(file, mode))) {
            for (int value : bytes) {
                out.write(value);
            }
        }
    }

    // In parcels

    @Test
    void shouldTravelAsATypedObject() throws IOException {
        parcel.writeTypedObject(pipe[1], 0);
        parcel.writeTypedObject(null, 0);
        assertEquals(4 + 4 + 24 + 4, parcel.dataSize());
        assertTrue(parcel.hasFileDescriptors());
        parcel.setDataPosition(0);

        ParcelFileDescriptor read = parcel.readTypedObject(ParcelFileDescriptor.CREATOR);
        assertNull(parcel.readTypedObject(ParcelFileDescriptor.CREATOR));
        assertNull(parcel.readTypedObject(ParcelFileDescriptor.CREATOR));
        parcel.recycle();
        assertTrue(pipe[1].getFd() > 2, "it stays its owner's");
        try (AutoCloseOutputStream out = new AutoCloseOutputStream(read)) {
            out.write(9);
        }
        assertArrayEquals(new byte[] {9}, drain());
        assertEquals(Parcelable.CONTENTS_FILE_DESCRIPTOR, read.describeContents());
        assertEquals(3, ParcelFileDescriptor.CREATOR.newArray(3).length);
    }

    @Test
    void shouldBeClosedOnceItIsWrittenAsAResult() throws IOException {
        parcel.writeTypedObject(pipe[1], Parcelable.PARCELABLE_WRITE_RETURN_VALUE);

        assertThrows(IllegalStateException.class, pipe[1]::getFd);
        parcel.recycle();
        assertArrayEquals(new byte[0], drain());
    }

    @Test
    void shouldTellASenderThatListensThatItWillNotHearMore(@TempDir Path directory) throws IOException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("status"));
        try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listening.bind(address);
            Set<Integer> before = sockets();
            try (SocketChannel theirs = SocketChannel.open(address)) {
                Set<Integer> added = sockets();
                added.removeAll(before);
                assertEquals(1, added.size(), "descriptors of one socket");
                try (SocketChannel ours = listening.accept()) {
                    try (ParcelFileDescriptor channel =
                            ParcelFileDescriptor.fromFd(added.iterator().next())) {
                        receiveWithStatusChannel(channel);
                    }
                    theirs.shutdownOutput();

                    assertArrayEquals(
                            new byte[] {0, 0, 0, 2},
                            Channels.newInputStream(ours).readAllBytes());
                }
            }
        }
    }

    /** The numbers of the sockets this process has open. */
    private static Set<Integer> sockets() throws IOException {
        Set<Integer> numbers = new HashSet<>();
        for (File descriptor : new File("/proc/self/fd").listFiles()) {
            try {
                if (Files.readSymbolicLink(descriptor.toPath()).toString().startsWith("socket:")) {
                    numbers.add(Integer.valueOf(descriptor.getName()));
                }
            } catch (NoSuchFileException e) {
                continue; // the one that lists them
            }
        }
        return numbers;
    }

    /** What a hostile sender would give: a write to it waits for ever. */
    @Test
    @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a thread in write(2) is not interrupted
    void shouldNotWaitForASenderWhoseChannelIsAFullPipe() throws IOException {
        int filled = fillPipe();

        assertTrue(filled >= 4096, "bytes the pipe took: " + filled);
        receiveWithStatusChannel(pipe[1]);

        assertEquals(filled, drain().length);
    }

    /** How many bytes the pipe took. */
    private int fillPipe() throws IOException {
        int filled = 0;
        // Another opening of the pipe, so that the one under test waits as the sender left it.
        OwnedDescriptor filler = OwnedDescriptor.open("/proc/self/fd/" + pipe[1].getFd(), O_WRONLY | O_NONBLOCK, 0);
        try (FileOutputStream out = new FileOutputStream(filler.java)) {
            while (true) {
                out.write(0);
                filled++;
            }
        } catch (IOException full) {
            return filled;
        }
    }

    private void receiveWithStatusChannel(ParcelFileDescriptor channel) throws IOException {
        parcel.writeInt(1);
        parcel.writeFileDescriptor(FileDescriptor.in);
        parcel.writeFileDescriptor(channel.getFileDescriptor());
        parcel.setDataPosition(0);
        ParcelFileDescriptor.CREATOR.createFromParcel(parcel).close();
        parcel.recycle();
    }

    @Test
    void shouldSayWhatIsMissing() {
        BadParcelableException missing =
                assertThrows(BadParcelableException.class, () -> ParcelFileDescriptor.CREATOR.createFromParcel(parcel));
        assertTrue(missing.getMessage().contains("no file descriptor"), missing.getMessage());
        parcel.writeLong(0);
        parcel.writeLong(0);
        parcel.writeLong(0);
        parcel.setDataPosition(0);
        assertThrows(BadParcelableException.class, parcel::readFileDescriptor);
        assertFalse(parcel.hasFileDescriptors());
    }

    @Test
    void shouldCarryRawDescriptorsAndArraysOfThem() throws IOException {
        FileDescriptor writing = pipe[1].getFileDescriptor();
        parcel.writeRawFileDescriptor(writing);
        parcel.writeRawFileDescriptorArray(new FileDescriptor[] {writing, writing});
        parcel.writeRawFileDescriptorArray(null);
        parcel.writeRawFileDescriptorArray(new FileDescriptor[] {writing});
        parcel.writeRawFileDescriptorArray(new FileDescriptor[0]);
        parcel.setDataPosition(0);

        write(parcel.readRawFileDescriptor(), 1);
        int number = 2;
        for (FileDescriptor element : parcel.createRawFileDescriptorArray()) {
            write(element, number++);
        }
        assertNull(parcel.createRawFileDescriptorArray());
        FileDescriptor[] one = new FileDescriptor[1];
        parcel.readRawFileDescriptorArray(one);
        write(one[0], number);
        assertThrows(RuntimeException.class, () -> parcel.readRawFileDescriptorArray(one));
        parcel.recycle();

        assertArrayEquals(new byte[] {1, 2, 3, 4}, drain());
    }

    private static void write(FileDescriptor descriptor, int value) throws IOException {
        try (FileOutputStream out = new FileOutputStream(descriptor)) {
            out.write(value);
        }
    }

    @Test
    void shouldRefuseAClosedDescriptorByName() throws IOException {
        FileDescriptor closed = pipe[1].getFileDescriptor();
        pipe[1].close();

        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> parcel.writeFileDescriptor(closed));
        assertTrue(refused.getMessage().contains(closed.toString()), refused.getMessage());
        assertTrue(refused.getMessage().contains("it is closed"), refused.getMessage());
        assertThrows(IllegalArgumentException.class, () -> parcel.writeTypedObject(pipe[1], 0));
        assertThrows(NullPointerException.class, () -> parcel.writeFileDescriptor(null));
    }

    // Buffers, and the descriptors in them

    @Test
    void shouldReadBuffersOfAParcelThatIsNotSent() throws IOException {
        ByteBuffer numbers = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
        numbers.putInt(4, pipe[1].getFd());
        parcel.writeInt(1);
        int parent = Buffers.write(parcel, numbers);
        Buffers.writeDescriptorArray(parcel, 1, parent, 4);
        parcel.setDataPosition(4);

        assertEquals(pipe[1].getFd(), Buffers.view(parcel).getInt(4));
        ParcelFileDescriptor[] copies = Buffers.createDescriptorArray(parcel);
        assertNull(Buffers.createDescriptorArray(parcel));
        write(copies[0].getFileDescriptor(), 5);

        assertArrayEquals(new byte[] {5}, drain());
        parcel.setDataPosition(4);
        assertThrows(BadParcelableException.class, () -> Buffers.createDescriptorArray(parcel));
        parcel.setDataPosition(44);
        assertThrows(BadParcelableException.class, () -> Buffers.view(parcel));
    }
}
