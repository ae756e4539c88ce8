package io.github.binder4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.Parcel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.Pipe;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.zip.CRC32;
import java.util.zip.Checksum;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class BlobViewTest {
    /** More than is copied at a time. */
    private static final int SIZE = 20_001;

    private final byte[] bytes = new byte[SIZE];
    private final Parcel parcel = Parcel.obtain();
    private final BlobView view;

    BlobViewTest() {
        for (int i = 0; i < SIZE; i++) {
            bytes[i] = (byte) (i * 31);
        }
        parcel.writeBlob(bytes);
        parcel.setDataPosition(0);
        view = Blobs.view(parcel);
    }

    @AfterEach
    void recycle() {
        parcel.recycle();
    }

    @Test
    void shouldReadValuesLittleEndian() {
        assertEquals(SIZE, view.size());
        assertEquals(bytes[SIZE - 1], view.get(SIZE - 1));
        assertEquals((short) 0x3e1f, view.getShort(1));
        assertEquals(0x7c5d3e1f, view.getInt(1));
        assertEquals(0xf8d9ba9b7c5d3e1fL, view.getLong(1));
    }

    @Test
    void shouldRefuseIndicesOutside() {
        for (Executable use : List.<Executable>of(
                () -> view.get(-1),
                () -> view.get(SIZE),
                () -> view.getShort(SIZE - 1),
                () -> view.getInt(SIZE - 3),
                () -> view.getLong(SIZE - 7),
                () -> view.get(1, new byte[SIZE]),
                () -> view.get(-1, new byte[0]),
                () -> view.get(0, new byte[4], 1, 4),
                () -> view.get(1, ByteBuffer.allocate(SIZE)))) {
            assertThrows(IndexOutOfBoundsException.class, use);
        }
    }

    @Test
    void shouldCopyToArraysAndBuffers() {
        assertArrayEquals(bytes, view.toByteArray());
        byte[] part = new byte[10];
        view.get(100, part, 2, 7);
        assertArrayEquals(Arrays.copyOfRange(bytes, 100, 107), Arrays.copyOfRange(part, 2, 9));
        for (ByteBuffer destination : List.of(ByteBuffer.allocate(60), ByteBuffer.allocateDirect(60))) {
            destination.position(3).limit(53);
            view.get(100, destination);
            assertEquals(53, destination.position());
            assertEquals(ByteBuffer.wrap(bytes, 100, 50), destination.position(3));
        }
    }

    @Test
    void shouldWriteItselfToStreamsAndChannels(@TempDir Path directory) throws IOException {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        view.writeTo(stream);
        assertArrayEquals(bytes, stream.toByteArray());

        ByteArrayOutputStream behind = new ByteArrayOutputStream();
        view.writeTo(Channels.newChannel(behind));
        assertArrayEquals(bytes, behind.toByteArray());

        Path file = directory.resolve("blob");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            view.writeTo(channel);
        }
        assertArrayEquals(bytes, Files.readAllBytes(file));
    }

    @Test
    void shouldRefuseAChannelThatDoesNotBlock() throws IOException {
        Pipe pipe = Pipe.open();
        pipe.source().close();
        try (Pipe.SinkChannel sink = pipe.sink()) {
            sink.configureBlocking(false);
            assertThrows(IllegalBlockingModeException.class, () -> view.writeTo(sink));
        }
    }

    @Test
    void shouldAddItselfToAChecksum() {
        CRC32 expected = new CRC32();
        expected.update(bytes);
        CRC32 crc = new CRC32();
        view.update(crc);
        assertEquals(expected.getValue(), crc.getValue());
    }

    /** What it is given it may keep: that is never the memory of the view. */
    @Test
    void shouldGiveCodeOfOthersCopies() throws IOException {
        Keeper keeper = new Keeper();
        view.writeTo(keeper);
        view.update(keeper);

        assertEquals(6, keeper.kept.size());
        for (ByteBuffer kept : keeper.kept) {
            assertTrue(kept.hasArray());
        }
        assertNotSame(keeper.kept.get(0).array(), keeper.kept.get(1).array());
        assertArrayEquals(bytes, keeper.first(3));
        parcel.recycle();
        assertArrayEquals(bytes, keeper.first(3));
    }

    private static final class Keeper implements WritableByteChannel, Checksum {
        final List<ByteBuffer> kept = new ArrayList<>();

        byte[] first(int count) {
            ByteBuffer all = ByteBuffer.allocate(SIZE);
            kept.subList(0, count).forEach(each -> all.put(each.duplicate().flip()));
            return all.array();
        }

        @Override
        public int write(ByteBuffer source) {
            int length = source.remaining();
            source.position(source.limit());
            kept.add(source);
            return length;
        }

        @Override
        public void update(byte[] chunk, int offset, int length) {
            kept.add(ByteBuffer.wrap(chunk, offset, length));
        }

        @Override
        public void update(int value) {
            throw new AssertionError();
        }

        @Override
        public long getValue() {
            return 0;
        }

        @Override
        public void reset() {}

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    @Test
    void shouldBeReadAsAStream() throws IOException {
        InputStream stream = view.inputStream();
        assertEquals(SIZE, stream.available());
        assertEquals(bytes[0] & 0xff, stream.read());
        assertEquals(99, stream.skip(99));
        byte[] part = new byte[20];
        assertEquals(10, stream.read(part, 5, 10));
        assertArrayEquals(Arrays.copyOfRange(bytes, 100, 110), Arrays.copyOfRange(part, 5, 15));
        assertArrayEquals(Arrays.copyOfRange(bytes, 110, SIZE), stream.readAllBytes());
        assertEquals(-1, stream.read());
        assertEquals(-1, stream.read(part));
        assertEquals(0, stream.read(part, 0, 0));
        assertEquals(0, stream.skip(5));
        stream.close();
        assertTrue(view.isOpen());
    }

    @Test
    void shouldBeWrittenToAnotherParcel() {
        Parcel other = Parcel.obtain();
        Blobs.write(other, view);
        int buffer = Buffers.write(other, view);
        other.setDataPosition(0);

        assertArrayEquals(bytes, other.readBlob());
        assertArrayEquals(bytes, Buffers.view(other).toByteArray());
        assertEquals(0, buffer);
        other.recycle();
    }

    // The end

    @Test
    void shouldEndWithItsParcel() {
        parcel.recycle();
        assertEnded();
        assertEquals("BlobView[20001 bytes, ended]", view.toString());
    }

    @Test
    void shouldEndWhenClosed() {
        try (BlobView closed = view) {
            assertSame(view, closed);
            assertTrue(closed.isOpen());
        }
        assertEnded();
        view.close();
    }

    @Test
    void shouldLastUntilClosedWhenKept() throws Exception {
        assertSame(view, view.keep());
        view.keep();
        parcel.recycle();
        Parcel next = Parcel.obtain();
        next.writeBlob(new byte[SIZE]);

        FutureTask<byte[]> elsewhere = new FutureTask<>(view::toByteArray);
        new Thread(elsewhere).start();
        assertArrayEquals(bytes, elsewhere.get());
        next.recycle();
        view.close();
        assertEnded();
    }

    @Test
    void shouldStayInAParcelItWasWrittenToThoughItEnds() {
        Parcel other = Parcel.obtain();
        Buffers.write(other, view);
        parcel.recycle();
        Parcel next = Parcel.obtain();
        next.writeBlob(new byte[SIZE]);
        assertEnded();

        other.setDataPosition(0);
        assertArrayEquals(bytes, Buffers.view(other).toByteArray());
        next.recycle();
        other.recycle();
    }

    private void assertEnded() {
        assertFalse(view.isOpen());
        assertEquals(SIZE, view.size());
        Parcel other = Parcel.obtain();
        InputStream stream = view.inputStream();
        for (Executable use : List.<Executable>of(
                () -> view.get(0),
                () -> view.getShort(0),
                () -> view.getInt(0),
                () -> view.getLong(0),
                () -> view.get(0, new byte[1]),
                () -> view.get(0, new byte[1], 0, 1),
                () -> view.get(0, ByteBuffer.allocate(1)),
                view::toByteArray,
                () -> view.update(new CRC32()),
                () -> view.update(new Keeper()),
                () -> view.writeTo(new ByteArrayOutputStream()),
                () -> view.writeTo(Channels.newChannel(new ByteArrayOutputStream())),
                stream::read,
                stream::readAllBytes,
                () -> Blobs.write(other, view),
                () -> Buffers.write(other, view),
                view::keep)) {
            assertThrows(IllegalStateException.class, use);
        }
        assertEquals(0, other.dataSize());
        other.recycle();
    }
}
