package io.github.binder4j.parcel;

import io.github.binder4j.files.OwnedDescriptor;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What arrives with a parcel besides its bytes, whether or not anybody reads it.
 *
 * <p>Offsets are in the mapping; the caller has checked that data and table lie in it. A position in the table is looked at
 * only if an object there would lie in the data, which the driver has checked ({@code binder_get_object} in
 * drivers/android/binder.c).
 */
public final class ReceivedObjects {
    private static final int[] NONE = {};

    private ReceivedObjects() {}

    /**
     * The descriptors that the driver installed in this process for objects of BINDER_TYPE_FD. They are to be closed once when
     * the buffer is freed: freeing does not close them. Those of a BINDER_TYPE_FDA it does, see {@link
     * #areClosedByDriver}.
     *
     * @return their numbers, to be known even when the mapping is gone
     */
    public static int[] descriptors(ByteBuffer mapping, int dataAt, int dataSize, int tableAt, int count) {
        int[] numbers = NONE;
        for (int i = 0; i < count; i++) {
            int at = find(FlatObject.TYPE_FD, FlatObject.SIZE, mapping, dataAt, dataSize, tableAt, i);
            if (at >= 0) {
                numbers = Arrays.copyOf(numbers, numbers.length + 1);
                numbers[numbers.length - 1] = mapping.getInt(at + FlatObject.POINTER);
            }
        }
        return numbers;
    }

    /** Closes what {@link #descriptors} found. */
    public static void closeDescriptors(int[] numbers) {
        for (int number : numbers) {
            OwnedDescriptor.closeNumber(number);
        }
    }

    /**
     * Whether there are descriptors that the driver closes when it is given the buffer back, on the thread that does so: those of
     * a BINDER_TYPE_FDA ({@code binder_transaction_buffer_release}, {@code binder_deferred_fd_close}).
     */
    public static boolean areClosedByDriver(ByteBuffer mapping, int dataAt, int dataSize, int tableAt, int count) {
        for (int i = 0; i < count; i++) {
            if (find(FlatObject.TYPE_FDA, FlatObject.FDA_SIZE, mapping, dataAt, dataSize, tableAt, i) >= 0) {
                return true;
            }
        }
        return false;
    }

    /**
     * The bytes behind the object table that the driver filled with the buffers it copied, each rounded up to eight ({@code
     * sg_buf_offset} in {@code binder_transaction}). It tells the receiver no such number.
     *
     * @throws IllegalStateException if they would not lie in the mapping
     */
    public static int buffersSize(ByteBuffer mapping, int dataAt, int dataSize, int tableAt, int count) {
        long room = mapping.capacity() - tableAt - count * (long) Long.BYTES;
        long size = 0;
        for (int i = 0; i < count; i++) {
            int at = find(FlatObject.TYPE_PTR, FlatObject.PTR_SIZE, mapping, dataAt, dataSize, tableAt, i);
            if (at >= 0) {
                long length = mapping.getLong(at + FlatObject.PTR_LENGTH);
                long rounded = length + 7 & ~7;
                if (length < 0 || rounded < 0 || rounded > room - size) {
                    throw new IllegalStateException("the driver delivered a buffer outside its mapping: " + length
                            + " bytes behind " + size + " others, where there is room for " + room);
                }
                size += rounded;
            }
        }
        return (int) size;
    }

    /** Where in the mapping an object lies, or -1 if it is not of this type. */
    private static int find(int type, int size, ByteBuffer mapping, int dataAt, int dataSize, int tableAt, int index) {
        long position = mapping.getLong(tableAt + index * Long.BYTES);
        if (position < 0 || position > dataSize - size) {
            return -1;
        }
        int at = dataAt + (int) position;
        return mapping.getInt(at) == type ? at : -1;
    }
}
