package android.os;

import io.github.binder4j.files.OwnedDescriptor;
import java.io.Closeable;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * A file descriptor that may be sent to another process, which gets a copy.
 *
 * <p>It is the owner of its descriptor, and closes it. One that is dropped without {@link #close} is closed once neither it
 * nor its {@link #getFileDescriptor} nor a stream on that is reachable.
 */
public class ParcelFileDescriptor implements Parcelable, Closeable {
    /** For {@link #open}: for reading. */
    public static final int MODE_READ_ONLY = 0x10000000;

    /** For {@link #open}: for writing. */
    public static final int MODE_WRITE_ONLY = 0x20000000;

    /** For {@link #open}: for both. */
    public static final int MODE_READ_WRITE = 0x30000000;

    /** For {@link #open}: create the file if it is not there. */
    public static final int MODE_CREATE = 0x08000000;

    /** For {@link #open}: empty the file. */
    public static final int MODE_TRUNCATE = 0x04000000;

    /** For {@link #open}: write at the end. */
    public static final int MODE_APPEND = 0x02000000;

    private static final int O_WRONLY = 01;
    private static final int O_RDWR = 02;
    private static final int O_CREAT = 0100;
    private static final int O_TRUNC = 01000;
    private static final int O_APPEND = 02000;
    private static final int CREATED_FILE_MODE = 0660;

    /** What a sender that asked to be told how its descriptor fares is told by one who will not say. */
    private static final int STATUS_DETACHED = 2;

    /** Reads what {@link #writeToParcel} wrote. */
    public static final Creator<ParcelFileDescriptor> CREATOR = new Creator<>() {
        @Override
        public ParcelFileDescriptor createFromParcel(Parcel source) {
            boolean hasStatusChannel = source.readInt() != 0;
            OwnedDescriptor descriptor = source.readDescriptor();
            if (descriptor == null) {
                throw new BadParcelableException(
                        "no file descriptor where a ParcelFileDescriptor has one: the parcel ends at "
                                + source.dataSize());
            }
            if (hasStatusChannel) {
                declineStatus(source.readDescriptor());
            }
            return new ParcelFileDescriptor(descriptor);
        }

        @Override
        public ParcelFileDescriptor[] newArray(int size) {
            return new ParcelFileDescriptor[size];
        }
    };

    private final OwnedDescriptor descriptor;

    ParcelFileDescriptor(OwnedDescriptor descriptor) {
        this.descriptor = descriptor;
    }

    /** Android's channel is a socket. It is the peer's choice, so it may be anything: nothing here may wait for it. */
    private static void declineStatus(OwnedDescriptor channel) {
        if (channel != null) {
            channel.sendNumber(STATUS_DETACHED);
            channel.drop();
        }
    }

    // Where they come from

    /**
     * Opens a file.
     *
     * @param file which
     * @param mode {@link #MODE_READ_ONLY}, {@link #MODE_WRITE_ONLY} or {@link #MODE_READ_WRITE}, and any of the others. A
     *     created file is its owner's and group's to read and write, less the umask
     * @return the open file
     * @throws FileNotFoundException if it cannot be opened, saying why
     * @throws IllegalArgumentException if {@code mode} has none of the first three
     */
    public static ParcelFileDescriptor open(File file, int mode) throws FileNotFoundException {
        try {
            return new ParcelFileDescriptor(OwnedDescriptor.open(file.getPath(), openFlags(mode), CREATED_FILE_MODE));
        } catch (FileNotFoundException e) {
            throw e;
        } catch (IOException e) {
            FileNotFoundException notFound = new FileNotFoundException(e.getMessage());
            notFound.initCause(e);
            throw notFound;
        }
    }

    private static int openFlags(int mode) {
        int access = switch (mode & MODE_READ_WRITE) {
            case MODE_READ_ONLY -> 0;
            case MODE_WRITE_ONLY -> O_WRONLY;
            case MODE_READ_WRITE -> O_RDWR;
            default ->
                throw new IllegalArgumentException("mode 0x" + Integer.toHexString(mode)
                        + ": it must have MODE_READ_ONLY, MODE_WRITE_ONLY or MODE_READ_WRITE");
        };
        return access
                | ((mode & MODE_CREATE) != 0 ? O_CREAT : 0)
                | ((mode & MODE_TRUNCATE) != 0 ? O_TRUNC : 0)
                | ((mode & MODE_APPEND) != 0 ? O_APPEND : 0);
    }

    /**
     * Copies a descriptor.
     *
     * @param original stays its owner's to close
     * @return the copy, close-on-exec
     * @throws IOException if {@code original} is closed, or this process may not open another
     */
    public static ParcelFileDescriptor dup(FileDescriptor original) throws IOException {
        return new ParcelFileDescriptor(OwnedDescriptor.duplicate(original));
    }

    /**
     * Copies this descriptor.
     *
     * @return the copy, close-on-exec
     * @throws IOException if this one is closed, or this process may not open another
     */
    public ParcelFileDescriptor dup() throws IOException {
        return dup(descriptor.java);
    }

    /**
     * Copies a descriptor.
     *
     * @param fd its number; stays its owner's to close
     * @return the copy, close-on-exec
     * @throws IOException if {@code fd} is not open, or this process may not open another
     */
    public static ParcelFileDescriptor fromFd(int fd) throws IOException {
        return new ParcelFileDescriptor(OwnedDescriptor.duplicate(fd));
    }

    /**
     * Takes over a descriptor.
     *
     * @param fd its number, which nobody else closes from now on
     * @return its owner
     * @throws IllegalArgumentException if {@code fd} is negative
     */
    public static ParcelFileDescriptor adoptFd(int fd) {
        if (fd < 0) {
            throw new IllegalArgumentException("adoptFd(" + fd + "): a file descriptor is 0 or more");
        }
        return new ParcelFileDescriptor(OwnedDescriptor.adopt(fd));
    }

    /**
     * Makes a pipe.
     *
     * @return the end to read from, and the end to write to; both close-on-exec
     * @throws IOException if this process may not open so many
     */
    public static ParcelFileDescriptor[] createPipe() throws IOException {
        OwnedDescriptor[] ends = OwnedDescriptor.pipe();
        return new ParcelFileDescriptor[] {new ParcelFileDescriptor(ends[0]), new ParcelFileDescriptor(ends[1])};
    }

    // Use

    /**
     * Returns the descriptor for use with Java's streams. Closing one of these closes this.
     *
     * @return the descriptor, of which this stays the owner
     */
    public FileDescriptor getFileDescriptor() {
        return descriptor.java;
    }

    /**
     * Returns the descriptor's number.
     *
     * @return the number, of which this stays the owner
     * @throws IllegalStateException if this is closed
     */
    public int getFd() {
        return checkOpen(descriptor.number());
    }

    /**
     * Gives the descriptor away.
     *
     * @return its number, the caller's to close
     * @throws IllegalStateException if this is closed
     */
    public int detachFd() {
        return checkOpen(descriptor.detach());
    }

    private static int checkOpen(int number) {
        if (number < 0) {
            throw new IllegalStateException("this ParcelFileDescriptor is closed or was detached");
        }
        return number;
    }

    /**
     * Closes the descriptor, and every stream on it. Doing so again has no effect.
     *
     * @throws IOException if the system reports an error; the descriptor is closed nevertheless
     */
    @Override
    public void close() throws IOException {
        descriptor.close();
    }

    /** Closes the descriptor, if it was not, without waiting for that: a peer's may take as long as it likes. */
    void drop() {
        descriptor.drop();
    }

    @Override
    public int describeContents() {
        return CONTENTS_FILE_DESCRIPTOR;
    }

    /**
     * Writes a copy of the descriptor.
     *
     * @param dest owns the copy
     * @param flags with {@link #PARCELABLE_WRITE_RETURN_VALUE} this is closed afterwards
     * @throws IllegalArgumentException if this is closed
     */
    @Override
    public void writeToParcel(Parcel dest, int flags) {
        try {
            dest.writeInt(0); // no status channel
            dest.writeFileDescriptor(descriptor.java);
        } finally {
            if ((flags & PARCELABLE_WRITE_RETURN_VALUE) != 0) {
                descriptor.drop();
            }
        }
    }

    @Override
    public String toString() {
        int number = descriptor.number();
        return "{ParcelFileDescriptor: " + (number < 0 ? "closed" : number) + "}";
    }

    /**
     * Reads from a descriptor, and closes it with itself.
     *
     * <p>Every method works on pipes, sockets and terminals too.
     */
    public static class AutoCloseInputStream extends FileInputStream {
        private final ParcelFileDescriptor source;
        private final InputStream bytes = new Bytes();

        /**
         * Creates a stream.
         *
         * @param source is closed with this
         */
        public AutoCloseInputStream(ParcelFileDescriptor source) {
            super(source.getFileDescriptor());
            this.source = source;
        }

        @Override
        public byte[] readAllBytes() throws IOException {
            return bytes.readAllBytes();
        }

        @Override
        public byte[] readNBytes(int len) throws IOException {
            return bytes.readNBytes(len);
        }

        /**
         * Skips bytes: in a file by moving its position, which may be beyond its end, or back; of anything else by reading.
         *
         * @param n how many; in a file, back if negative
         * @return how many were skipped
         * @throws IOException if {@code n} is negative and there is no way back, or if reading fails
         */
        @Override
        public long skip(long n) throws IOException {
            try {
                return super.skip(n);
            } catch (IOException e) {
                if (n < 0) {
                    throw e;
                }
                return bytes.skip(n);
            }
        }

        @Override
        public void close() throws IOException {
            try {
                super.close();
            } finally {
                source.close();
            }
        }

        /**
         * The same stream for those methods that java.io.FileInputStream has for files alone: that of JDK 17 asks anything for
         * a length and a position.
         */
        private final class Bytes extends InputStream {
            @Override
            public int read() throws IOException {
                return AutoCloseInputStream.this.read();
            }

            @Override
            public int read(byte[] b, int off, int len) throws IOException {
                return AutoCloseInputStream.this.read(b, off, len);
            }
        }
    }

    /** Writes to a descriptor, and closes it with itself. */
    public static class AutoCloseOutputStream extends FileOutputStream {
        private final ParcelFileDescriptor sink;

        /**
         * Creates a stream.
         *
         * @param sink is closed with this
         */
        public AutoCloseOutputStream(ParcelFileDescriptor sink) {
            super(sink.getFileDescriptor());
            this.sink = sink;
        }

        @Override
        public void close() throws IOException {
            try {
                super.close();
            } finally {
                sink.close();
            }
        }
    }
}
