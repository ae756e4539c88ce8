package io.github.binder4j.parcel;

import io.github.binder4j.files.OwnedDescriptor;
import io.github.binder4j.memory.OffHeap;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Memory that a parcel points at, and the driver copies along with it: {@code binder_buffer_object}.
 *
 * <p>The driver puts the buffers one after the other behind the object table, and their new addresses into the objects:
 *
 * <pre>
 *   | data, objects among it | object table | buffer | buffer | ... |
 * </pre>
 *
 * An object is known by its index in the table. {@code binder_fixup_parent} writes the address of a child into its parent,
 * and {@code binder_validate_fixup} wants children in order: of the last buffer or of what that one is in, at ascending
 * offsets (drivers/android/binder.c). What we do not check of that the driver does; it refuses the parcel with EINVAL.
 */
public final class BufferObjects {
    private static final int POINTER_SIZE = 8;

    private BufferObjects() {}

    // Writing

    /**
     * Points at the remaining bytes of a direct buffer, which the parcel keeps reachable until it is emptied.
     *
     * @return its index in the object table
     * @throws IllegalArgumentException if the buffer is not direct
     */
    public static int write(ParcelData parcel, ByteBuffer buffer) {
        return write(parcel, buffer, 0, 0, 0);
    }

    /**
     * The same, of a buffer whose address the receiver finds in another, too.
     *
     * @param parent index of that other
     * @param parentOffset where in it the eight bytes of the address are
     * @throws IllegalArgumentException if there is no such buffer, or no such place in it
     */
    public static int writeChild(ParcelData parcel, ByteBuffer buffer, int parent, long parentOffset) {
        checkParent(parcel, parent, parentOffset, POINTER_SIZE);
        return write(parcel, buffer, FlatObject.PTR_HAS_PARENT, parent, parentOffset);
    }

    /** Points at the memory a view is of, which the parcel keeps as it is until it is emptied. */
    public static int write(ParcelData parcel, Window view) {
        parcel.checkWritableObject();
        Window.Held held = view.heldBytes();
        try {
            return write(parcel, held.bytes, held, 0, 0, 0);
        } catch (Throwable e) {
            held.release();
            throw e;
        }
    }

    private static int write(ParcelData parcel, ByteBuffer buffer, int flags, int parent, long parentOffset) {
        if (!buffer.isDirect()) {
            throw new IllegalArgumentException("a buffer on the heap (" + buffer.remaining()
                    + " bytes): the driver copies from memory that does not move, so pass a direct buffer, or copy the"
                    + " bytes into the parcel");
        }
        parcel.checkWritableObject();
        ByteBuffer kept = buffer.slice();
        return write(parcel, kept, kept, flags, parent, parentOffset);
    }

    /** Points at all of {@code memory}; {@code object} stands in the parcel for it. */
    private static int write(
            ParcelData parcel, ByteBuffer memory, Object object, int flags, int parent, long parentOffset) {
        int length = memory.capacity();
        int at = parcel.extend(FlatObject.PTR_SIZE);
        ByteBuffer bytes = parcel.bytes();
        bytes.putInt(at, FlatObject.TYPE_PTR);
        bytes.putInt(at + FlatObject.FLAGS, flags);
        bytes.putLong(at + FlatObject.POINTER, OffHeap.addressOf(memory));
        bytes.putLong(at + FlatObject.PTR_LENGTH, length);
        bytes.putLong(at + FlatObject.PTR_PARENT, parent);
        bytes.putLong(at + FlatObject.PTR_PARENT_OFFSET, parentOffset);
        parcel.addBuffersSize(length);
        return parcel.addObject(at, FlatObject.PTR_SIZE, object);
    }

    /** What an object of a parcel built here points at; null if it is no buffer. */
    private static ByteBuffer bufferOf(Object object) {
        if (object instanceof Window.Held held) {
            return held.bytes;
        }
        return object instanceof ByteBuffer buffer ? buffer : null;
    }

    /**
     * Says that a buffer holds descriptors of this process: the driver replaces their numbers by those of the copies it
     * installs in the receiver, and closes these when the receiver frees the parcel.
     *
     * @param count how many ints
     * @param parent index of the buffer
     * @param parentOffset where in it they are; a multiple of four
     */
    public static void writeDescriptorArray(ParcelData parcel, int count, int parent, long parentOffset) {
        if (count < 0) {
            throw new IllegalArgumentException("an array of " + count + " file descriptors");
        }
        checkParent(parcel, parent, parentOffset, count * (long) Integer.BYTES);
        parcel.checkWritableObject();
        int at = parcel.extend(FlatObject.FDA_SIZE);
        ByteBuffer bytes = parcel.bytes();
        bytes.putInt(at, FlatObject.TYPE_FDA);
        bytes.putInt(at + FlatObject.FLAGS, 0);
        bytes.putLong(at + FlatObject.FDA_COUNT, count);
        bytes.putLong(at + FlatObject.FDA_PARENT, parent);
        bytes.putLong(at + FlatObject.FDA_PARENT_OFFSET, parentOffset);
        parcel.addObject(at, FlatObject.FDA_SIZE, null);
    }

    private static void checkParent(ParcelData parcel, int parent, long offset, long length) {
        ByteBuffer buffer = parent < 0 || parent >= parcel.objectCount() ? null : bufferOf(parcel.object(parent));
        if (buffer == null) {
            throw new IllegalArgumentException("object " + parent + " of the parcel's " + parcel.objectCount()
                    + " is no buffer, so it cannot be a parent: pass what writing the buffer returned");
        }
        if (parcel.objectPosition(parent) == 0) {
            throw new IllegalArgumentException(
                    "a parent at the very beginning of the parcel: the driver takes its position"
                            + " 0 for none, so write something, such as the interface token, before it");
        }
        if (offset < 0 || length > buffer.remaining() || offset > buffer.remaining() - length) {
            throw new IllegalArgumentException("offset " + offset + " in a parent of " + buffer.remaining() + " bytes: "
                    + length + " bytes must fit there");
        }
    }

    // Reading

    /**
     * A view of the next buffer.
     *
     * @return null if nothing is there
     * @throws IllegalArgumentException if the bytes here are no buffer, or one the driver did not copy
     */
    public static Window read(ParcelData parcel) {
        int at = parcel.takeObject(FlatObject.TYPE_PTR, FlatObject.PTR_SIZE, "buffer");
        if (at < 0) {
            return null;
        }
        if (!parcel.isReceived()) {
            return parcel.viewOf(bufferOf(parcel.object(parcel.objectIndex(at))));
        }
        return parcel.viewOf(received(parcel, at));
    }

    /** The buffer that an object in a received parcel points at; valid only until that is emptied. */
    private static ByteBuffer received(ParcelData parcel, int at) {
        ByteBuffer bytes = parcel.bytes();
        long length = bytes.getLong(at + FlatObject.PTR_LENGTH);
        int buffer = parcel.offsetOfBuffer(bytes.getLong(at + FlatObject.POINTER), length);
        return bytes.slice(buffer, (int) length);
    }

    /**
     * The next array of descriptors.
     *
     * @return copies, the caller's to close; null if nothing is there
     * @throws IllegalArgumentException if the bytes here are no such array, or one the driver did not install
     * @throws IOException if this process may not open so many
     */
    public static OwnedDescriptor[] readDescriptorArray(ParcelData parcel) throws IOException {
        long use = parcel.use();
        int start = parcel.position();
        int at = parcel.takeObject(FlatObject.TYPE_FDA, FlatObject.FDA_SIZE, "array of file descriptors");
        if (at < 0) {
            return null;
        }
        try {
            return duplicateAll(parcel, use, numbers(parcel, at));
        } catch (IOException e) {
            parcel.setPosition(start);
            throw e;
        } finally {
            Reference.reachabilityFence(parcel);
        }
    }

    private static int[] numbers(ParcelData parcel, int at) {
        long count = parcel.bytes().getLong(at + FlatObject.FDA_COUNT);
        long parent = parcel.bytes().getLong(at + FlatObject.FDA_PARENT);
        long offset = parcel.bytes().getLong(at + FlatObject.FDA_PARENT_OFFSET);
        ByteBuffer buffer = parent(parcel, parent);
        if (offset < 0
                || count < 0
                || count > buffer.remaining() / Integer.BYTES
                || offset > buffer.remaining() - count * Integer.BYTES) {
            throw new IllegalArgumentException("an array of " + count + " file descriptors at offset " + offset
                    + " of a buffer of " + buffer.remaining() + " bytes");
        }
        int[] numbers = new int[(int) count];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = buffer.getInt((int) offset + i * Integer.BYTES);
        }
        return numbers;
    }

    /** The buffer an array of descriptors lies in; of a received parcel valid only until that is emptied. */
    private static ByteBuffer parent(ParcelData parcel, long index) {
        int known = index < 0 || index >= parcel.objectCount() ? -1 : (int) index;
        if (known < 0 || parcel.objectType(known) != FlatObject.TYPE_PTR) {
            throw new IllegalArgumentException("object " + index + " of the parcel's " + parcel.objectCount()
                    + " is no buffer, so no array of file descriptors is in it");
        }
        if (!parcel.isReceived()) {
            return bufferOf(parcel.object(known)).duplicate().order(ByteOrder.LITTLE_ENDIAN);
        }
        return received(parcel, parcel.receivedAt(known, FlatObject.PTR_SIZE)).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static OwnedDescriptor[] duplicateAll(ParcelData parcel, long use, int[] numbers) throws IOException {
        OwnedDescriptor[] copies = new OwnedDescriptor[numbers.length];
        try {
            for (int i = 0; i < copies.length; i++) {
                copies[i] = Descriptors.duplicate(parcel, use, numbers[i]);
            }
            return copies;
        } catch (Throwable e) {
            OwnedDescriptor.dropAll(copies);
            throw e;
        }
    }
}
