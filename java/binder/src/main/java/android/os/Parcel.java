package android.os;

import io.github.binder4j.files.BadDescriptorException;
import io.github.binder4j.files.OwnedDescriptor;
import io.github.binder4j.parcel.Descriptors;
import io.github.binder4j.parcel.ParcelData;
import io.github.binder4j.runtime.CallingIdentity;
import io.github.binder4j.runtime.ParcelPool;
import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;

/**
 * The arguments or results of one call, in the encoding every binder library shares.
 *
 * <p>A parcel is built here or received. A received one is read in place, from the memory the driver copied it to, and
 * belongs to that memory until {@link #recycle}; it cannot be written. Values are read in the order they were written. A
 * read past the end gives 0 or null, as on Android.
 *
 * <p>A parcel ends with {@code recycle()}; one that {@code onTransact} gets, when that returns. A received one cannot be read
 * either once its device is closed. Any use after the end throws {@link IllegalStateException}, on whatever thread; so does a
 * read that the end overtakes. Keep no reference to a parcel that has ended: it comes from and returns to a pool, which hands
 * the same object out again, though not before many others, and never once it was used after its end.
 *
 * <p>Not thread-safe.
 */
public final class Parcel {
    static {
        ApiAccess.install();
    }

    /** Strict-mode policy of a caller without one: libbinder always sets the penalty-gather bit (Android 10 on). */
    private static final int STRICT_MODE_PENALTY_GATHER = 1 << 31;

    /** {@code SYST}: who wrote this speaks the system's libbinder protocol. */
    private static final int INTERFACE_HEADER = 0x53595354;

    /** libbinder's level of an object that promises no more than code built together with it. */
    private static final int STABILITY_SYSTEM = 0b001100;

    /** How much of a string that should be short is shown when it is not what it should be. */
    private static final int SHOWN_LENGTH = 200;

    /** How many objects take turns to stand for one {@link ParcelData}: a power of two. */
    private static final int TURNS = 256;

    /** The use of a parcel that is never handed out again, because somebody keeps it. */
    private static final long RETIRED = 0;

    /** The use of a parcel that was never handed out. */
    private static final long NONE = -1;

    private static final VarHandle USE;

    static {
        try {
            USE = MethodHandles.lookup().findVarHandle(Parcel.class, "use", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final ParcelData data;

    /** Which use of {@link #data} this stands for; in any other this parcel has ended. */
    private long use;

    private Parcel(ParcelData data) {
        this.data = data;
        this.use = NONE;
    }

    /** What stands for the present use of {@code data}. */
    static Parcel of(ParcelData data) {
        Object[] turns = data.facades;
        return turns == null ? firstOf(data) : of(data, turns);
    }

    private static Parcel of(ParcelData data, Object[] turns) {
        int turn = data.turn() & TURNS - 1;
        Parcel parcel = (Parcel) turns[turn];
        if (parcel.use == RETIRED) {
            parcel = new Parcel(data);
            turns[turn] = parcel;
        }
        parcel.use = data.use();
        return parcel;
    }

    /** The first use may be the only one. At the second all are made that there will be, so that none is made in a call. */
    private static Parcel firstOf(ParcelData data) {
        if (data.turn() == 0) {
            Parcel parcel = new Parcel(data);
            parcel.use = data.use();
            return parcel;
        }
        Object[] turns = new Object[TURNS];
        for (int i = 0; i < TURNS; i++) {
            turns[i] = new Parcel(data);
        }
        data.facades = turns;
        return of(data, turns);
    }

    /** What is behind this parcel. */
    ParcelData data() {
        ParcelData data = this.data;
        if (data.use() != use) {
            throw late();
        }
        if (data.home() != Thread.currentThread()) {
            stray(data);
        }
        return data;
    }

    /** Parcels may be passed to another thread, which must not be at work in one that has its next use. */
    private void stray(ParcelData data) {
        data.stray();
        if (data.use() != use) {
            throw late();
        }
    }

    /** Refuses what was read if the parcel ended meanwhile. */
    void check(ParcelData data) {
        if (!data.isInUse(use)) {
            throw late();
        }
    }

    /** What to throw where reading failed with {@code e}: that is of no matter if the parcel ended meanwhile. */
    private RuntimeException failed(ParcelData data, RuntimeException e) {
        return data.isInUse(use) ? e : late();
    }

    private IllegalStateException late() {
        if (data.use() == use) {
            return new IllegalStateException("parcel used after its device was closed");
        }
        retire();
        return new IllegalStateException(
                "parcel used after recycle(), or after the call that it came with had returned: its"
                        + " memory belongs to others");
    }

    /** Somebody keeps this parcel, which has ended, and may use it again: it will not be anybody else's. */
    private void retire() {
        long ended = use;
        if (data.use() != ended) {
            USE.compareAndSet(this, ended, RETIRED); // unless it is handed out at this moment
        }
    }

    /** This parcel with nothing in it. */
    ParcelData emptied() {
        ParcelData data = data();
        data.clear();
        use = data.use();
        return data;
    }

    /**
     * Returns an empty parcel.
     *
     * @return a parcel to build or to receive a reply in; give it back with {@link #recycle}
     */
    public static Parcel obtain() {
        return of(ParcelPool.obtain());
    }

    /**
     * Returns an empty parcel for a call to {@code binder}.
     *
     * @param binder whom the parcel will be sent to
     * @return as {@link #obtain()}
     */
    public static Parcel obtain(IBinder binder) {
        return obtain();
    }

    /** Gives the parcel back, and a received buffer to the driver. Has no effect on a parcel that has ended. */
    public void recycle() {
        if (data.use() == use) {
            ParcelPool.recycle(data());
        } else {
            retire();
        }
    }

    // Position and size

    /**
     * Returns how much the parcel holds.
     *
     * @return bytes
     */
    public int dataSize() {
        return data().size();
    }

    /**
     * Returns how much is left to read.
     *
     * @return bytes from the position to the end
     */
    public int dataAvail() {
        return data().available();
    }

    /**
     * Returns where the next value is read or written.
     *
     * @return bytes from the start
     */
    public int dataPosition() {
        return data().position();
    }

    /**
     * Sets where the next value is read or written.
     *
     * @param position bytes from the start; may lie past the end
     * @throws IllegalArgumentException if negative
     */
    public void setDataPosition(int position) {
        data().setPosition(position);
    }

    /**
     * Checks that everything was read.
     *
     * @throws BadParcelableException if not
     */
    public void enforceNoDataAvail() {
        if (dataAvail() > 0) {
            throw new BadParcelableException("parcel not read to its end: " + dataAvail() + " bytes left of "
                    + dataSize() + ", at position " + dataPosition());
        }
    }

    // The interface token

    /**
     * Writes what a call begins with; the work source if this thread has one to pass on.
     *
     * @param descriptor the interface the call is meant for; not null
     */
    public void writeInterfaceToken(String descriptor) {
        ParcelData data = data();
        data.writeInt(STRICT_MODE_PENALTY_GATHER);
        data.writeInt(CallingIdentity.current().propagatedWorkSource());
        data.writeInt(INTERFACE_HEADER);
        data.writeInterfaceName(descriptor);
        data.setInterfaceName(descriptor);
    }

    /**
     * Reads what a call begins with, and has this thread work on the account of the user it names; see {@link
     * Binder#getCallingWorkSourceUid}.
     *
     * @param descriptor the interface this object implements
     * @throws SecurityException if the call is meant for another one
     */
    public void enforceInterface(String descriptor) {
        ParcelData data = data();
        int workSource;
        int header;
        boolean expected;
        try {
            data.readInt(); // strict-mode policy
            workSource = data.readInt();
            header = data.readInt();
            expected = header == INTERFACE_HEADER && data.skipInterfaceName(descriptor);
        } catch (RuntimeException e) {
            throw failed(data, e);
        }
        check(data);
        CallingIdentity.current().receiveWorkSource(workSource);
        if (!expected) {
            throw new SecurityException("Binder invocation to an incorrect interface: expected " + descriptor
                    + ", found " + shortened(readString()) + " (header 0x" + Integer.toHexString(header) + ")");
        }
    }

    /** A caller's own words, which are in the answer to it and in a log, and may be of any length. */
    private static String shortened(String words) {
        return words == null || words.length() <= SHOWN_LENGTH
                ? words
                : words.substring(0, SHOWN_LENGTH) + "... (" + words.length() + " characters)";
    }

    // Values

    /**
     * Writes an int.
     *
     * @param value four bytes
     */
    public void writeInt(int value) {
        data().writeInt(value);
    }

    /**
     * Reads an int.
     *
     * @return the value, 0 past the end
     */
    public int readInt() {
        ParcelData data = data();
        try {
            int value = data.readInt();
            check(data);
            return value;
        } catch (RuntimeException e) {
            throw failed(data, e);
        }
    }

    /**
     * Writes a long.
     *
     * @param value eight bytes
     */
    public void writeLong(long value) {
        data().writeLong(value);
    }

    /**
     * Reads a long.
     *
     * @return the value, 0 past the end
     */
    public long readLong() {
        ParcelData data = data();
        try {
            long value = data.readLong();
            check(data);
            return value;
        } catch (RuntimeException e) {
            throw failed(data, e);
        }
    }

    /**
     * Writes a float.
     *
     * @param value four bytes
     */
    public void writeFloat(float value) {
        data().writeInt(Float.floatToRawIntBits(value));
    }

    /**
     * Reads a float.
     *
     * @return the value, 0 past the end
     */
    public float readFloat() {
        return Float.intBitsToFloat(readInt());
    }

    /**
     * Writes a double.
     *
     * @param value eight bytes
     */
    public void writeDouble(double value) {
        data().writeLong(Double.doubleToRawLongBits(value));
    }

    /**
     * Reads a double.
     *
     * @return the value, 0 past the end
     */
    public double readDouble() {
        return Double.longBitsToDouble(readLong());
    }

    /**
     * Writes a boolean as an int.
     *
     * @param value written as 1 or 0
     */
    public void writeBoolean(boolean value) {
        data().writeInt(value ? 1 : 0);
    }

    /**
     * Reads a boolean.
     *
     * @return whether the int is not 0
     */
    public boolean readBoolean() {
        return readInt() != 0;
    }

    /**
     * Writes a byte as an int.
     *
     * @param value sign-extended
     */
    public void writeByte(byte value) {
        data().writeInt(value);
    }

    /**
     * Reads a byte.
     *
     * @return the low byte of the int
     */
    public byte readByte() {
        return (byte) readInt();
    }

    /**
     * Writes a string.
     *
     * @param value in UTF-16; may be null
     */
    public void writeString(String value) {
        data().writeString16(value);
    }

    /**
     * Reads a string.
     *
     * @return the value; null if it was null or is cut short
     */
    public String readString() {
        ParcelData data = data();
        try {
            String value = data.readString16();
            check(data);
            return value;
        } catch (RuntimeException e) {
            throw failed(data, e);
        }
    }

    /**
     * Writes a byte array.
     *
     * @param value may be null
     */
    public void writeByteArray(byte[] value) {
        if (value == null) {
            data().writeInt(-1);
        } else {
            writeByteArray(value, 0, value.length);
        }
    }

    /**
     * Writes part of a byte array.
     *
     * @param value may be null
     * @param offset first byte
     * @param length number of bytes
     * @throws IndexOutOfBoundsException if the array has no such part
     */
    public void writeByteArray(byte[] value, int offset, int length) {
        if (value == null) {
            data().writeInt(-1);
            return;
        }
        Objects.checkFromIndexSize(offset, length, value.length);
        data().writeInt(length);
        data().writeBytes(value, offset, length);
    }

    /**
     * Reads a byte array into a new one.
     *
     * @return the value; null if it was null or its length exceeds what is there
     */
    public byte[] createByteArray() {
        int length = readInt();
        return length < 0 ? null : dataAvail() == 0 && length == 0 ? new byte[0] : readBytes(length);
    }

    private byte[] readBytes(int length) {
        ParcelData data = data();
        try {
            byte[] value = data.readBytes(length);
            check(data);
            return value;
        } catch (RuntimeException e) {
            throw failed(data, e);
        }
    }

    /**
     * Reads a byte array into an existing one.
     *
     * @param value receives it
     * @throws RuntimeException if the lengths differ, as on Android
     */
    public void readByteArray(byte[] value) {
        byte[] read = createByteArray();
        if (read == null || read.length != value.length) {
            throw new RuntimeException(
                    "bad array lengths: read " + (read == null ? "null" : read.length) + ", expected " + value.length);
        }
        System.arraycopy(read, 0, value, 0, read.length);
    }

    /**
     * Writes a blob, in the parcel itself whatever its size.
     *
     * @param value may be null
     */
    public void writeBlob(byte[] value) {
        if (value == null) {
            data().writeInt(-1);
        } else {
            writeBlob(value, 0, value.length);
        }
    }

    /**
     * Writes part of an array as a blob, in the parcel itself whatever its size.
     *
     * @param value may be null
     * @param offset first byte
     * @param length number of bytes
     * @throws IndexOutOfBoundsException if the array has no such part
     */
    public void writeBlob(byte[] value, int offset, int length) {
        if (value == null) {
            data().writeInt(-1);
            return;
        }
        Objects.checkFromIndexSize(offset, length, value.length);
        data().writeBlob(value, offset, length);
    }

    /**
     * Copies part of another parcel to this one's position: what a service that passes bytes on needs, without an object of
     * them between.
     *
     * @param parcel what to copy from; its position does not move
     * @param offset first byte, from the start of that parcel
     * @param length number of bytes, a multiple of four
     * @throws IllegalArgumentException if that parcel has no such part, or there are binders or file descriptors in it: those
     *     are read and written one by one
     */
    public void appendFrom(Parcel parcel, int offset, int length) {
        ParcelData source = parcel.data();
        try {
            data().appendFrom(source, offset, length);
        } catch (RuntimeException e) {
            throw parcel.failed(source, e);
        }
        parcel.check(source);
    }

    /**
     * Reads a blob into a new array. To read it in place, see {@code io.github.binder4j.Blobs}.
     *
     * @return the value; null if it was null or its length exceeds what is there
     * @throws BadParcelableException if the blob is in shared memory
     */
    public byte[] readBlob() {
        ParcelData data = data();
        try {
            int length = data.readBlobLength();
            byte[] value = length < 0 ? null : data.readBytes(length);
            check(data);
            return value;
        } catch (IllegalArgumentException e) {
            throw bad(data, e);
        } catch (RuntimeException e) {
            throw failed(data, e);
        }
    }

    private BadParcelableException bad(ParcelData data, IllegalArgumentException e) {
        check(data);
        BadParcelableException bad = new BadParcelableException(e.getMessage());
        bad.initCause(e);
        return bad;
    }

    // Binders

    /**
     * Writes an object others may call.
     *
     * <p>A proxy whose death was told to its recipients gives its handle back when they have returned, and cannot be sent from
     * then on: a call with it in its arguments fails with {@link RemoteException}, and the caller of a reply with it is told that
     * the reply could not be delivered (FAILED_TRANSACTION).
     *
     * @param binder a {@link Binder} of this process or a proxy received from another; may be null
     * @throws IllegalArgumentException if it is an {@code IBinder} of neither kind
     */
    public void writeStrongBinder(IBinder binder) {
        ParcelData data = data();
        if (binder instanceof Binder local) {
            data.writeObject(local.binder4jObject(), STABILITY_SYSTEM);
        } else if (binder instanceof BinderProxy proxy) {
            data.writeObject(proxy.remote(), proxy.remote().stability());
        } else if (binder == null) {
            data.writeObject(null, 0);
        } else {
            throw new IllegalArgumentException("writeStrongBinder("
                    + binder.getClass().getName() + "): a Binder or a proxy received from another process");
        }
    }

    /**
     * Writes the object behind an interface.
     *
     * @param value may be null
     */
    public void writeStrongInterface(IInterface value) {
        writeStrongBinder(value == null ? null : value.asBinder());
    }

    /**
     * Reads an object others may call.
     *
     * @return our own object itself if it came back to us, else its proxy; null if it was null or is missing
     * @throws BadParcelableException if there is something else
     */
    public IBinder readStrongBinder() {
        ParcelData data = data();
        try {
            Object object = data.readObject();
            check(data);
            return BinderProxy.binderFor(object);
        } catch (IllegalArgumentException e) {
            throw bad(data, e);
        } catch (RuntimeException e) {
            throw failed(data, e);
        }
    }

    // File descriptors

    /**
     * Writes a file descriptor: a copy, made now, which this parcel closes when it is recycled. The receiver gets another.
     *
     * @param value stays the caller's, who may close it at once; not null
     * @throws IllegalArgumentException if it is closed
     * @throws IllegalStateException if this process may not open another
     */
    public void writeFileDescriptor(FileDescriptor value) {
        Objects.requireNonNull(value, "writeFileDescriptor(null): a descriptor cannot be null");
        try {
            Descriptors.write(data(), value);
        } catch (BadDescriptorException e) {
            throw new IllegalArgumentException("writeFileDescriptor: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new IllegalStateException("writeFileDescriptor: " + e.getMessage(), e);
        }
    }

    /**
     * Writes a file descriptor as {@link #writeFileDescriptor} does.
     *
     * @param value not null
     */
    public void writeRawFileDescriptor(FileDescriptor value) {
        writeFileDescriptor(value);
    }

    /**
     * Writes an array of file descriptors.
     *
     * @param value may be null; its elements may not
     */
    public void writeRawFileDescriptorArray(FileDescriptor[] value) {
        if (value == null) {
            data().writeInt(-1);
            return;
        }
        data().writeInt(value.length);
        for (FileDescriptor element : value) {
            writeFileDescriptor(element);
        }
    }

    /**
     * Reads a file descriptor.
     *
     * @return a copy, the caller's to close; null if it is missing
     * @throws BadParcelableException if there is something else
     * @throws IllegalStateException if this process may not open another
     */
    public ParcelFileDescriptor readFileDescriptor() {
        OwnedDescriptor copy = readDescriptor();
        return copy == null ? null : new ParcelFileDescriptor(copy);
    }

    /**
     * Reads a file descriptor as Java's streams take it.
     *
     * @return a copy, which closing a stream on it closes; null if it is missing
     * @throws BadParcelableException if there is something else
     * @throws IllegalStateException if this process may not open another
     */
    public FileDescriptor readRawFileDescriptor() {
        OwnedDescriptor copy = readDescriptor();
        return copy == null ? null : copy.java;
    }

    OwnedDescriptor readDescriptor() {
        ParcelData data = data();
        try {
            return Descriptors.read(data);
        } catch (IllegalArgumentException e) {
            throw bad(data, e);
        } catch (IOException e) {
            check(data);
            throw new IllegalStateException("readFileDescriptor: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            throw failed(data, e);
        }
    }

    /**
     * Reads an array of file descriptors into a new one.
     *
     * @return copies, as {@link #readRawFileDescriptor} gives them; null if it was null or its length exceeds what is there
     */
    public FileDescriptor[] createRawFileDescriptorArray() {
        ParcelData data = data();
        OwnedDescriptor[] copies;
        try {
            copies = Descriptors.readArray(data);
        } catch (IllegalArgumentException e) {
            throw bad(data, e);
        } catch (IOException e) {
            check(data);
            throw new IllegalStateException("createRawFileDescriptorArray: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            throw failed(data, e);
        }
        if (copies == null) {
            return null;
        }
        FileDescriptor[] result = new FileDescriptor[copies.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = copies[i].java;
        }
        return result;
    }

    /**
     * Reads an array of file descriptors into an existing one.
     *
     * @param value receives copies, as {@link #readRawFileDescriptor} gives them
     * @throws RuntimeException if the lengths differ, as on Android
     */
    public void readRawFileDescriptorArray(FileDescriptor[] value) {
        int length = readInt();
        if (length != value.length) {
            throw new RuntimeException("bad array lengths: read " + length + ", expected " + value.length);
        }
        for (int i = 0; i < length; i++) {
            value[i] = readRawFileDescriptor();
        }
    }

    /**
     * Says whether the parcel carries file descriptors.
     *
     * @return whether there is one anywhere in it
     */
    public boolean hasFileDescriptors() {
        ParcelData data = data();
        try {
            boolean value = Descriptors.areIn(data);
            check(data);
            return value;
        } catch (RuntimeException e) {
            throw failed(data, e);
        }
    }

    // Parcelables

    /**
     * Writes an object of a class that both sides know.
     *
     * @param value may be null
     * @param flags for {@link Parcelable#writeToParcel}
     * @param <T> its class
     */
    public <T extends Parcelable> void writeTypedObject(T value, int flags) {
        data().writeInt(value == null ? 0 : 1);
        if (value != null) {
            value.writeToParcel(this, flags);
        }
    }

    /**
     * Reads an object of a class that both sides know.
     *
     * @param creator of that class
     * @param <T> the class
     * @return the object; null if it was null or is missing
     */
    public <T> T readTypedObject(Parcelable.Creator<T> creator) {
        return readInt() == 0 ? null : creator.createFromParcel(this);
    }

    // Exceptions

    /** Writes that no exception was thrown; results follow. */
    public void writeNoException() {
        data().writeInt(ExceptionCode.NONE);
    }

    /**
     * Writes an exception in place of results.
     *
     * @param e a {@link SecurityException}, {@link BadParcelableException}, {@link IllegalArgumentException}, {@link
     *     NullPointerException}, {@link IllegalStateException}, {@link UnsupportedOperationException} or {@link
     *     ServiceSpecificException}
     * @throws RuntimeException {@code e} itself, or with it as the cause, if it is none of these
     */
    public void writeException(Exception e) {
        int code = ExceptionCode.of(e);
        if (code == ExceptionCode.NONE) {
            throw e instanceof RuntimeException unchecked ? unchecked : new RuntimeException(e);
        }
        data().writeInt(code);
        data().writeString16(e.getMessage());
        data().writeInt(0); // no stack trace
        if (e instanceof ServiceSpecificException specific) {
            data().writeInt(specific.errorCode);
        }
    }

    /**
     * Reads what a reply begins with.
     *
     * @throws SecurityException and the others of {@link #writeException}, if that is what the callee threw; one of unknown
     *     number as a {@code RuntimeException}
     */
    public void readException() {
        int code = readInt();
        while (code == ExceptionCode.HAS_NOTED_APPOPS_REPLY_HEADER
                || code == ExceptionCode.HAS_STRICT_MODE_REPLY_HEADER) {
            boolean strictMode = code == ExceptionCode.HAS_STRICT_MODE_REPLY_HEADER;
            skipHeader();
            code = strictMode ? ExceptionCode.NONE : readInt();
        }
        if (code == ExceptionCode.NONE) {
            return;
        }
        String message = readString();
        skipHeader(); // stack trace
        int serviceSpecificCode = code == ExceptionCode.SERVICE_SPECIFIC ? readInt() : 0;
        throw ExceptionCode.toException(code, message, serviceSpecificCode);
    }

    /** Skips a block that begins with its size, of which the four bytes of the size are part; 0 is an empty one. */
    private void skipHeader() {
        int start = dataPosition();
        int size = readInt();
        if (size > Integer.BYTES && size <= dataSize() - start) {
            setDataPosition(start + size);
        }
    }
}
