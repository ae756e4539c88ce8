package io.github.binder4j.parcel;

import io.github.binder4j.files.OwnedDescriptor;
import io.github.binder4j.memory.OffHeap;
import io.github.binder4j.memory.Payload;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/**
 * The bytes of one parcel and the table of the objects in it.
 *
 * <p>Either <em>built</em>: in memory of its own, outside the heap, which the kernel copies from; or <em>received</em>:
 * a window on the driver's mapping, read in place and given back to its {@link BufferOwner} once. Every value starts at
 * a multiple of four; bytes of padding are zero. Reads past the end give 0 or null, as Android's do, because generated
 * proxies rely on it.
 *
 * <p>Objects are kept as Java references until the parcel is sent: only then is it known which device gives them their
 * numbers. Not thread-safe.
 *
 * <p><b>Uses.</b> The same object serves call after call. Each of its uses has a number, and who holds it for a program
 * notes that: before it reads or writes here it compares, and after a read it asks {@link #isInUse} whether what it read was
 * still of that use. This class itself does not ask. The number of a use, in the order of time:
 *
 * <pre>
 *   4n      empty, in a pool
 *   4n + 1  a program has it
 *   4n + 2  the call that it was lent to has returned to the runtime, which is not yet done with it
 *   4n + 4  empty again
 * </pre>
 *
 * <p><b>Invariant "ended before freed":</b> a use, and the lease of its views, end before the memory goes back to the driver.
 * So who still reads then, on another thread, finds the use ended when he looks after his read: he has read another call's
 * bytes only if the driver had the memory, and then he sees the end, too.
 *
 * <p><b>Invariant "nobody else's":</b> who is at work here on another thread than the one this object is pooled for has said so
 * before ({@link #stray}), and then it is not used again when its use ends. So whatever that thread still does here, it does
 * to no other call.
 *
 * <p><b>Invariant "reachable while read":</b> a read of the mapping ends with a fence. A parcel dropped without recycle()
 * gives its buffer back when it is found unreachable, which the JIT lets happen once its fields are loaded.
 */
public final class ParcelData implements Payload {
    private static final int INITIAL_CAPACITY = 512;
    /** A recycled parcel keeps memory up to this size, more than which no receiver takes at once. */
    private static final int KEPT_CAPACITY = 1024 * 1024;

    private static final int BLOB_INLINE = 0;

    /** What of the number of a use says who has the parcel. */
    private static final int HOLDER = 3;

    private static final int TURN_SHIFT = 2;

    private long use = 1;

    /** The thread this parcel is pooled for; only compared. */
    private Object home;
    /** Whether another thread has used it, and may be about to for as long as it likes. */
    private boolean strayed;

    private OffHeap block;
    private ByteBuffer bytes;
    private int base;
    private int size;
    private int position;
    private boolean received;

    private final ObjectTable objects = new ObjectTable();
    /** Of a built parcel, the room for the buffers it points at. Of a received one, -1 until it is asked for. */
    private long buffersSize;

    private int tableAt;
    /** The mapping this is a window on; {@link OffHeap#NONE} of a parcel that is built. */
    private OffHeap mapping = OffHeap.NONE;

    private BufferOwner owner;
    /** Whether a call has this parcel, which a program may recycle but not have back before the call ends. */
    private boolean lent;
    /** How long views of what this parcel holds last; null while there are none. */
    private Lease lease;

    /** The interface whose token was written first, which names the callee in messages; null if none was. */
    private String interfaceName;

    /** The API objects that take turns to stand for this one, a use each; null until the second. Of the layer above. */
    public Object[] facades;

    // Life

    public boolean isLent() {
        return lent;
    }

    public void setLent(boolean lent) {
        this.lent = lent;
    }

    /** The number of the present use. */
    public long use() {
        return use;
    }

    /** How many uses were before this one; the low bits of that. */
    public int turn() {
        return (int) (use >>> TURN_SHIFT);
    }

    /**
     * Whether the parcel is still in a use, asked after a read: false if what was read may be of another, or if the device is
     * closed.
     */
    public boolean isInUse(long use) {
        VarHandle.loadLoadFence();
        boolean gone = mapping.isGone();
        VarHandle.loadLoadFence(); // the mapping looked at is that of this use, if the use goes on
        return this.use == use && !gone;
    }

    /** Refuses what was read if it may be of another use than this. */
    void checkInUse(long use) {
        if (!isInUse(use)) {
            throw new IllegalStateException("parcel used while it ended, or its device was closed");
        }
    }

    /** Whether the parcel is empty and in a pool, or about to go there. */
    public boolean isRecycled() {
        return (use & HOLDER) == 0;
    }

    /** The thread this parcel is pooled for; null if none. */
    public Object home() {
        return home;
    }

    public void setHome(Object thread) {
        home = thread;
    }

    /**
     * A thread that this parcel is not pooled for is about to use it, if the use it means has not ended when this returns. That
     * may end while it is at it, so this parcel has no use after the present one.
     */
    public void stray() {
        if (strayed) {
            VarHandle.loadLoadFence();
            return;
        }
        strayed = true;
        VarHandle.fullFence(); // against that in empty(): one of both threads sees what the other wrote
    }

    /** Whether {@link #stray} was called, and this parcel must not be used again. */
    public boolean hasStrayed() {
        return strayed;
    }

    /** Begins the next use of a recycled parcel, to be built. */
    public void reuse() {
        use++;
    }

    /** The call this parcel was lent to has returned: no program has it any more. No effect on one that was not lent. */
    public void endLoan() {
        if (lent && (use & HOLDER) == 1) {
            use++;
        }
    }

    /**
     * Turns this empty parcel into a window on a received buffer.
     *
     * @param mapping the driver's mapping
     * @param dataAt where in {@code mapping} the data starts; checked by the caller
     * @param offsetsAt where in {@code mapping} the table of u64 object positions starts
     */
    public void receive(OffHeap mapping, int dataAt, int dataSize, int offsetsAt, int objectCount, BufferOwner owner) {
        this.received = true;
        this.owner = owner;
        this.mapping = mapping;
        this.bytes = mapping.bytes;
        this.base = dataAt;
        this.size = dataSize;
        this.position = 0;
        this.tableAt = offsetsAt;
        this.objects.receive(mapping.bytes, offsetsAt, objectCount);
        this.buffersSize = -1;
    }

    /** Who owned the last buffer this parcel received, for it to own the next; null before the first. */
    public BufferOwner lastOwner() {
        return owner;
    }

    /** Whether this is a window on a buffer of the driver. */
    public boolean isReceived() {
        return received;
    }

    /** Empties the parcel and gives a received buffer back. Doing so again has no effect. */
    public void recycle() {
        if (!isRecycled()) {
            empty((use | HOLDER) + 1);
        }
    }

    /** Empties the parcel, which is then one to build. Gives a received buffer back. */
    public void clear() {
        empty(received ? use + HOLDER + 1 : use);
    }

    /** See the invariant "ended before freed". */
    private void empty(long nextUse) {
        boolean wasReceived = received;
        if (use != nextUse) {
            use = nextUse;
            VarHandle.fullFence();
        }
        if (lease != null) {
            endViews();
        }
        if (!wasReceived) {
            closeDescriptors();
        }
        received = false;
        objects.clear();
        buffersSize = 0;
        if (block != null && block.size() > KEPT_CAPACITY) {
            block = null;
        }
        bytes = block == null ? null : block.bytes;
        mapping = OffHeap.NONE;
        base = 0;
        size = 0;
        position = 0;
        interfaceName = null;
        if (wasReceived) {
            owner.free();
        }
    }

    /** Ends the views but those the program keeps; what those are of is not used again here. */
    private void endViews() {
        Lease ending = lease;
        lease = null;
        ending.endViews();
        if (!received && !ending.release()) {
            block = null;
        }
    }

    /** Closes those written here, and lets go what this parcel pointed at; the owner closes those received. */
    private void closeDescriptors() {
        for (int i = 0; i < objects.count(); i++) {
            Object object = objects.object(i);
            if (object instanceof OwnedDescriptor descriptor) {
                descriptor.drop();
            } else if (object instanceof Window.Held held) {
                held.release();
            }
        }
    }

    // Position and size

    public int size() {
        return size;
    }

    public int position() {
        return position;
    }

    /** Bytes between position and end; 0 when the position is past the end. */
    public int available() {
        return Math.max(0, size - position);
    }

    /** Moves to any position, also past the end: reads there give 0, a write fills the gap with zeros. */
    public void setPosition(int position) {
        if (position < 0) {
            throw new IllegalArgumentException("setDataPosition(" + position + "): a position is 0 or more");
        }
        this.position = position;
    }

    public String interfaceName() {
        return interfaceName;
    }

    public void setInterfaceName(String name) {
        interfaceName = name;
    }

    // Sending

    @Override
    public long dataAddress() {
        return size == 0 ? 0 : block.address;
    }

    @Override
    public int dataSize() {
        return size;
    }

    @Override
    public long offsetsAddress() {
        return objects.address();
    }

    @Override
    public int offsetsSize() {
        return objects.sizeBytes();
    }

    @Override
    public long buffersSize() {
        return buffersSize;
    }

    public int objectCount() {
        return objects.count();
    }

    /** The object written {@code index}th. Only for a built parcel. */
    public Object object(int index) {
        return objects.object(index);
    }

    /**
     * Checks that this parcel can be sent.
     *
     * @throws IllegalStateException if it is a received or a recycled one
     */
    public void checkSendable() {
        if (isRecycled()) {
            throw new IllegalStateException("a parcel cannot be sent after recycle()");
        }
        if (received) {
            throw new IllegalStateException("a received parcel cannot be sent on: copy what it holds into a new one");
        }
    }

    /**
     * Gives every object the number it goes by on one device, and lays out the object table for the kernel.
     *
     * @throws IllegalStateException if this is a received parcel
     */
    public void bindObjects(ObjectBinding binding) {
        checkSendable();
        if (objects.count() == 0) {
            return;
        }
        objects.layOut();
        for (int i = 0; i < objects.count(); i++) {
            int at = (int) objects.position(i);
            if (isBinder(bytes.getInt(at))) {
                bindObject(at, objects.object(i), binding);
            }
        }
    }

    private static boolean isBinder(int type) {
        return type == FlatObject.TYPE_BINDER || type == FlatObject.TYPE_HANDLE;
    }

    private void bindObject(int at, Object object, ObjectBinding binding) {
        long pointer = binding.pointerOf(object);
        boolean local = pointer >= 0;
        bytes.putInt(at, local ? FlatObject.TYPE_BINDER : FlatObject.TYPE_HANDLE);
        bytes.putInt(at + FlatObject.FLAGS, local ? FlatObject.NODE_FLAGS | binding.flagsOf(object) : 0);
        bytes.putLong(at + FlatObject.POINTER, local ? pointer : binding.handleOf(object));
        bytes.putLong(at + FlatObject.COOKIE, local ? pointer : 0);
    }

    /**
     * The number that the object written {@code index}th went by when the parcel was bound last; a local one's pointer. 0 if
     * something else was written over the object, which was then not bound.
     */
    public long boundPointer(int index) {
        int at = (int) objects.position(index);
        return isBinder(bytes.getInt(at)) ? bytes.getLong(at + FlatObject.POINTER) : 0;
    }

    // Writing

    private void checkWritable() {
        if (received) {
            throw new IllegalStateException("a received parcel is read-only: its bytes lie in the driver's mapping");
        }
    }

    /** Claims {@code length} bytes, padded, at the position. */
    int extend(int length) {
        checkWritable();
        int at = position;
        int end;
        try {
            end = Math.addExact(at, pad(length));
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    "parcel would exceed 2 GiB: position=" + at + ", adding=" + length + " bytes", e);
        }
        if (end > capacity()) {
            grow(end);
        }
        zero(size, at);
        position = end;
        size = Math.max(size, end);
        return at;
    }

    private int capacity() {
        return block == null ? 0 : block.size();
    }

    private void grow(int needed) {
        long doubled = Math.max(INITIAL_CAPACITY, capacity() * 2L);
        OffHeap larger = OffHeap.allocate((int) Math.max(needed, Math.min(doubled, Integer.MAX_VALUE - 8)));
        if (size > 0) {
            larger.bytes.put(0, bytes, 0, size);
        }
        block = larger;
        bytes = larger.bytes;
    }

    void zero(int from, int to) {
        for (int i = from; i < to; i++) {
            bytes.put(i, (byte) 0);
        }
    }

    static int pad(int length) {
        return Math.addExact(length, 3) & ~3;
    }

    public void writeInt(int value) {
        int at = extend(Integer.BYTES);
        bytes.putInt(at, value);
    }

    public void writeLong(long value) {
        int at = extend(Long.BYTES);
        bytes.putLong(at, value);
    }

    /** A String16: the number of UTF-16 units, the units, a zero unit; -1 for null. */
    public void writeString16(String value) {
        String16.write(this, value);
    }

    /** A String16 of which there are few, each written often. */
    public void writeInterfaceName(String name) {
        InterfaceName.write(this, name);
    }

    /** Bytes without a length, padded. */
    public void writeBytes(byte[] source, int offset, int length) {
        int at = extend(length);
        bytes.put(at, source, offset, length);
        zero(at + length, at + pad(length));
    }

    /** The remaining bytes of {@code source} without a length, padded; the position of {@code source} is not moved. */
    public void writeBytes(ByteBuffer source) {
        int length = source.remaining();
        int at = extend(length);
        bytes.put(at, source, source.position(), length);
        zero(at + length, at + pad(length));
    }

    /**
     * Copies {@code length} bytes from {@code offset} of another parcel, which keeps its position.
     *
     * @throws IllegalArgumentException if they are not there, are no whole number of words, or objects lie among them
     */
    public void appendFrom(ParcelData source, int offset, int length) {
        if (offset < 0 || length < 0 || length > source.size - offset || length != pad(length)) {
            throw new IllegalArgumentException("appendFrom: offset=" + offset + ", length=" + length
                    + " of a parcel of " + source.size + " bytes; the length is to be a multiple of 4");
        }
        if (source.hasObjectsIn(offset, length)) {
            throw new IllegalArgumentException("appendFrom: there are objects in the " + length + " bytes from "
                    + offset + ": read and write those one by one");
        }
        int at = extend(length);
        if (length > 0) {
            bytes.put(at, source.bytes, source.base + offset, length);
        }
        Reference.reachabilityFence(source);
    }

    /** Whether an object lies, at least in part, in {@code length} bytes from a position. */
    private boolean hasObjectsIn(int from, int length) {
        for (int i = 0; i < objects.count(); i++) {
            long at = objects.position(i);
            if (at < (long) from + length && at + FlatObject.sizeOf(typeAt(i)) > from) {
                return true;
            }
        }
        return false;
    }

    /** The type of an object; 0 if it does not lie in the data. */
    private int typeAt(int index) {
        int at = receivedAt(index, FlatObject.SIZE);
        return at < 0 ? 0 : bytes.getInt(at);
    }

    /** A Java blob kept in the parcel: its length, libbinder's kind 0, the bytes. */
    public void writeBlob(byte[] source, int offset, int length) {
        writeInt(length);
        writeInt(BLOB_INLINE);
        writeBytes(source, offset, length);
    }

    /** A Java blob kept in the parcel, of the remaining bytes of {@code source}, whose position is not moved. */
    public void writeBlob(ByteBuffer source) {
        writeInt(source.remaining());
        writeInt(BLOB_INLINE);
        writeBytes(source);
    }

    /**
     * A strong binder and its stability word.
     *
     * @param object what {@link ObjectBinding} will resolve when the parcel is sent; null writes the null binder
     * @param stability libbinder's level of the object; ignored for null
     */
    public void writeObject(Object object, int stability) {
        if (object != null) {
            checkWritableObject();
        }
        int at = extend(FlatObject.SIZE_WITH_STABILITY);
        bytes.putInt(at, FlatObject.TYPE_BINDER);
        bytes.putInt(at + FlatObject.FLAGS, object == null ? FlatObject.NICE : 0);
        bytes.putLong(at + FlatObject.POINTER, 0);
        bytes.putLong(at + FlatObject.COOKIE, 0);
        bytes.putInt(at + FlatObject.STABILITY, object == null ? 0 : stability);
        if (object != null) {
            addObject(at, FlatObject.SIZE, object);
        }
    }

    /** Checks that an object can be written at the position. */
    void checkWritableObject() {
        checkWritable();
        objects.checkAscending(position);
    }

    /** Lists what was written at {@code at} in the object table; returns its index there. */
    int addObject(int at, int length, Object object) {
        return objects.add(at, at + length, object);
    }

    /** Counts a buffer the parcel points at; the driver starts each at a multiple of eight. */
    void addBuffersSize(int length) {
        buffersSize += length + 7L & ~7L;
    }

    // Reading

    /** Claims {@code length} padded bytes, or -1 if they are not there. */
    int take(int length) {
        if (length < 0 || length > size - position || pad(length) > size - position) {
            return -1;
        }
        int at = base + position;
        position += pad(length);
        return at;
    }

    public int readInt() {
        int at = take(Integer.BYTES);
        int value = at < 0 ? 0 : bytes.getInt(at);
        Reference.reachabilityFence(this);
        return value;
    }

    public long readLong() {
        int at = take(Long.BYTES);
        long value = at < 0 ? 0 : bytes.getLong(at);
        Reference.reachabilityFence(this);
        return value;
    }

    ByteBuffer bytes() {
        return bytes;
    }

    /** A String16, or null if it is null, missing, cut short or lacks its closing zero. */
    public String readString16() {
        return String16.read(this);
    }

    /** Passes over the next value if it is this name; otherwise stays before it. */
    public boolean skipInterfaceName(String expected) {
        return InterfaceName.skip(this, expected);
    }

    /**
     * What stands before the bytes of a Java blob.
     *
     * @return their number, or -1 for a null or missing blob
     * @throws IllegalArgumentException if the bytes are in shared memory
     */
    public int readBlobLength() {
        if (available() < Integer.BYTES) {
            return -1;
        }
        int length = readInt();
        if (length < 0) {
            return -1;
        }
        int kind = readInt();
        if (kind != BLOB_INLINE) {
            throw new IllegalArgumentException(
                    "blob of kind " + kind
                            + " lies in shared memory behind a file descriptor; only blobs inside the parcel (kind 0) are read");
        }
        return length;
    }

    /** {@code length} padded bytes, or null if they are not there. */
    public byte[] readBytes(int length) {
        int at = take(length);
        if (at < 0) {
            return null;
        }
        byte[] result = new byte[length];
        bytes.get(at, result);
        Reference.reachabilityFence(this);
        return result;
    }

    /** A view of {@code length} padded bytes, which lasts as {@link Window} says; null if they are not there. */
    public Window readView(int length) {
        int at = take(length);
        return at < 0 ? null : viewOf(bytes.slice(at, length));
    }

    /** A view of memory that this parcel holds or points at. */
    Window viewOf(ByteBuffer memory) {
        if (lease == null) {
            lease = received ? owner.lease() : new Lease();
        }
        return new Window(memory, this, mapping, lease);
    }

    /**
     * A strong binder.
     *
     * @return what was written, if this parcel was built here; for a received one what the owner resolves; null for
     *     the null binder or when nothing is there
     * @throws IllegalArgumentException if the bytes here are no binder, or one the driver did not check
     */
    public Object readObject() {
        int start = position;
        int at = take(FlatObject.SIZE_WITH_STABILITY);
        if (at < 0) {
            return null;
        }
        int type = bytes.getInt(at);
        long pointer = bytes.getLong(at + FlatObject.POINTER);
        int stability = bytes.getInt(at + FlatObject.STABILITY);
        int index = objects.indexOf(start);
        Reference.reachabilityFence(this);
        if (index < 0 && type == FlatObject.TYPE_BINDER && pointer == 0) {
            return null;
        }
        if (index < 0 || !isBinder(type)) {
            throw notThere("strong binder", start, at, index);
        }
        if (!received) {
            return objects.object(index);
        }
        return type == FlatObject.TYPE_BINDER ? owner.localObject(pointer) : remoteObject((int) pointer, stability);
    }

    private Object remoteObject(int handle, int stability) {
        Object object = owner.remoteObject(handle, stability);
        Reference.reachabilityFence(this);
        return object;
    }

    /**
     * Claims the object at the position.
     *
     * @return where its bytes are; -1 if nothing is there
     * @throws IllegalArgumentException if the bytes here are no object of this type, or one the driver did not check
     */
    int takeObject(int type, int length, String what) {
        int start = position;
        int index = objects.indexOf(start);
        int at = take(length);
        if (at < 0 && (index < 0 || available() < FlatObject.SIZE)) {
            return -1;
        }
        if (at < 0 || index < 0 || bytes.getInt(at) != type) {
            throw notThere(what, start, base + start, index);
        }
        return at;
    }

    private IllegalArgumentException notThere(String what, int start, int at, int index) {
        position = start;
        String found = "0x" + Integer.toHexString(bytes.getInt(at));
        String text = "no " + what + " at position " + start + " of a parcel of " + size + " bytes: ";
        return new IllegalArgumentException(
                index < 0
                        ? text + "the object table does not list it (word " + found + ")"
                        : text + "the object there is of type " + found);
    }

    /** Which object begins at an offset in {@link #bytes}. */
    int objectIndex(int at) {
        return objects.indexOf(at - base);
    }

    /** Where an object begins, from the start of the parcel. */
    long objectPosition(int index) {
        return objects.position(index);
    }

    /** Where a received object of a size is in {@link #bytes}; -1 if the table leads out of the data. */
    int receivedAt(int index, int length) {
        long at = objects.position(index);
        return at < 0 || at > size - length ? -1 : base + (int) at;
    }

    /** The type of an object; 0 if the table leads out of the data. */
    int objectType(int index) {
        int type = typeAt(index);
        boolean cut = type == FlatObject.TYPE_PTR && receivedAt(index, FlatObject.PTR_SIZE) < 0;
        Reference.reachabilityFence(this);
        return cut ? 0 : type;
    }

    /**
     * Where in {@link #bytes} a buffer is that the driver copied behind this received parcel.
     *
     * @throws IllegalArgumentException if the address leads out of those
     */
    int offsetOfBuffer(long address, long length) {
        int first = tableAt + objects.sizeBytes();
        if (buffersSize < 0) {
            buffersSize = ReceivedObjects.buffersSize(bytes, base, size, tableAt, objects.count());
        }
        long at = address - mapping.address;
        if (at < first || length < 0 || length > buffersSize || at - first > buffersSize - length) {
            throw new IllegalArgumentException("a buffer of " + length + " bytes at offset " + at
                    + " of the mapping: those of this parcel take " + buffersSize + " bytes from " + first);
        }
        return (int) at;
    }
}
