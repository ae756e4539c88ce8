package io.github.binder4j;

import io.github.binder4j.parcel.Window;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Objects;
import java.util.zip.Checksum;

/**
 * Bytes of a parcel, read where they are: of a received parcel, in the memory the driver copied them to. Read-only.
 *
 * <p><b>How long.</b> A view ends with the parcel it was read from: when that is recycled, and in a served call when {@code
 * onTransact} returns. One that the program {@linkplain #keep() keeps} lasts until {@link #close}, on whatever thread. Every
 * view also ends when the device it came through is closed. An access after the end, or that the end overtakes, throws {@link
 * IllegalStateException}; it never reads other memory.
 *
 * <p><b>What it costs.</b> The bytes of a view are missing from the space in which this process receives, and oneway calls to
 * the object that received them wait: of a view that is not kept as long as the parcel lasts, of one that is until {@code
 * close()}. A kept view that is dropped instead is closed when the collector finds it, which may be late, and counts as leaked
 * ({@link DeviceStatistics#leakedBuffers}).
 *
 * <p><b>Byte order.</b> {@code getShort}, {@code getInt} and {@code getLong} read little endian, as everything in a parcel is;
 * {@link Integer#reverseBytes} and its kin make the other of it.
 *
 * <p>There is no {@code ByteBuffer} to be had of a view, for nothing could take that back from the program when the view ends.
 * Whoever needs one copies, or has the view write itself somewhere.
 *
 * <p>Indices are from 0 to {@link #size}; one outside throws {@link IndexOutOfBoundsException}. Thread-safe.
 */
public final class BlobView implements AutoCloseable {
    /** What is copied at a time for code that is not the JDK's, which might keep the view's own memory. */
    private static final int CHUNK = 8192;

    private final Window window;

    BlobView(Window window) {
        this.window = window;
    }

    Window window() {
        return window;
    }

    /**
     * Returns how many bytes there are, also after the end.
     *
     * @return 0 or more
     */
    public int size() {
        return window.size();
    }

    // Life

    /**
     * Makes this view last until {@link #close}, whatever becomes of the parcel: to be read on another thread after {@code
     * onTransact} has returned. Has no effect on a view that is kept already.
     *
     * @return this view
     * @throws IllegalStateException if it has ended
     */
    public BlobView keep() {
        window.keep();
        return this;
    }

    /**
     * Says whether the view has not ended yet. Another thread may end it at any time.
     *
     * @return false if an access would throw
     */
    public boolean isOpen() {
        return window.isOpen();
    }

    /** Ends this view; if it was kept, its memory goes back to the driver, unless other views keep that. */
    @Override
    public void close() {
        window.close();
    }

    // One value

    /**
     * Returns one byte.
     *
     * @param index its place
     * @return the byte
     * @throws IllegalStateException if the view has ended
     */
    public byte get(int index) {
        return window.get(index);
    }

    /**
     * Returns two bytes as a short, little endian.
     *
     * @param index the place of the first
     * @return the value
     * @throws IllegalStateException if the view has ended
     */
    public short getShort(int index) {
        return window.getShort(index);
    }

    /**
     * Returns four bytes as an int, little endian.
     *
     * @param index the place of the first
     * @return the value
     * @throws IllegalStateException if the view has ended
     */
    public int getInt(int index) {
        return window.getInt(index);
    }

    /**
     * Returns eight bytes as a long, little endian.
     *
     * @param index the place of the first
     * @return the value
     * @throws IllegalStateException if the view has ended
     */
    public long getLong(int index) {
        return window.getLong(index);
    }

    // Many

    /**
     * Copies bytes to fill an array.
     *
     * @param index the place of the first
     * @param destination receives as many as it is long
     * @throws IllegalStateException if the view has ended
     */
    public void get(int index, byte[] destination) {
        get(index, destination, 0, destination.length);
    }

    /**
     * Copies bytes to part of an array.
     *
     * @param index the place of the first
     * @param destination receives them
     * @param offset where in it
     * @param length how many
     * @throws IllegalStateException if the view has ended
     */
    public void get(int index, byte[] destination, int offset, int length) {
        Objects.checkFromIndexSize(index, length, size());
        window.copy(bytes -> bytes.get(index, destination, offset, length));
    }

    /**
     * Copies bytes to fill what remains of a buffer, direct or not, whose position moves to its limit.
     *
     * @param index the place of the first
     * @param destination receives them
     * @throws IllegalStateException if the view has ended
     */
    public void get(int index, ByteBuffer destination) {
        int length = destination.remaining();
        Objects.checkFromIndexSize(index, length, size());
        window.copy(bytes -> destination.put(bytes.position(index).limit(index + length)));
    }

    /**
     * Copies all bytes.
     *
     * @return a new array
     * @throws IllegalStateException if the view has ended
     */
    public byte[] toByteArray() {
        byte[] result = new byte[size()];
        get(0, result);
        return result;
    }

    /**
     * Adds all bytes to a checksum, without copying them if it is one of the JDK's.
     *
     * @param checksum is updated
     * @throws IllegalStateException if the view has ended
     */
    public void update(Checksum checksum) {
        if (isOfTheJdk(checksum)) {
            window.copy(checksum::update);
        } else {
            window.copy(bytes -> inChunks(bytes, checksum::update));
        }
    }

    /**
     * Writes all bytes to a channel, without a copy on the heap; straight from where they are if the channel is the JDK's.
     *
     * <p>While this lasts the view does not end.
     *
     * @param channel where to; blocking
     * @throws IOException if that throws one; some bytes may have been written
     * @throws IllegalBlockingModeException if the channel is in non-blocking mode
     * @throws IllegalStateException if the view has ended
     */
    public void writeTo(WritableByteChannel channel) throws IOException {
        if (channel instanceof SelectableChannel selectable && !selectable.isBlocking()) {
            throw new IllegalBlockingModeException();
        }
        if (isOfTheJdk(channel)) {
            window.copy(bytes -> writeAll(bytes, channel));
        } else {
            window.copy(bytes -> writeCopies(bytes, channel));
        }
    }

    /**
     * Writes all bytes to a stream, some thousands at a time.
     *
     * @param stream where to
     * @throws IOException if that throws one; some bytes may have been written
     * @throws IllegalStateException if the view has ended
     */
    public void writeTo(OutputStream stream) throws IOException {
        window.<IOException>copy(bytes -> inChunks(bytes, stream::write));
    }

    /**
     * Returns a stream of all bytes, which ends with the view: it throws {@link IllegalStateException} then. Closing it does
     * not close the view. Not thread-safe.
     *
     * @return a new stream
     */
    public InputStream inputStream() {
        return new Stream();
    }

    /** Whether it is of a class that is known not to keep a buffer it is given. */
    private static boolean isOfTheJdk(Object object) {
        return object.getClass().getClassLoader() == null;
    }

    private static void writeAll(ByteBuffer bytes, WritableByteChannel channel) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static void writeCopies(ByteBuffer bytes, WritableByteChannel channel) throws IOException {
        inChunks(bytes, (chunk, offset, length) -> writeAll(ByteBuffer.wrap(chunk, offset, length), channel));
    }

    private interface Sink<X extends Exception> {
        void take(byte[] chunk, int offset, int length) throws X;
    }

    /** Each chunk is a new array: who is given one may keep it. */
    private static <X extends Exception> void inChunks(ByteBuffer bytes, Sink<X> sink) throws X {
        while (bytes.hasRemaining()) {
            byte[] chunk = new byte[Math.min(CHUNK, bytes.remaining())];
            bytes.get(chunk);
            sink.take(chunk, 0, chunk.length);
        }
    }

    @Override
    public String toString() {
        return "BlobView[" + size() + " bytes, " + (isOpen() ? "open" : "ended") + "]";
    }

    private final class Stream extends InputStream {
        private int position;

        @Override
        public int read() {
            return position < size() ? BlobView.this.get(position++) & 0xff : -1;
        }

        @Override
        public int read(byte[] destination, int offset, int length) {
            Objects.checkFromIndexSize(offset, length, destination.length);
            int read = Math.min(length, available());
            if (read == 0) {
                return length == 0 ? 0 : -1;
            }
            BlobView.this.get(position, destination, offset, read);
            position += read;
            return read;
        }

        @Override
        public long skip(long count) {
            int skipped = (int) Math.max(0, Math.min(count, available()));
            position += skipped;
            return skipped;
        }

        @Override
        public int available() {
            return size() - position;
        }
    }
}
