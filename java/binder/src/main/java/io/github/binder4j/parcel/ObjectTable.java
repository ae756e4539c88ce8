package io.github.binder4j.parcel;

import io.github.binder4j.memory.OffHeap;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Where the objects in a parcel begin, in ascending order, and, of a parcel built here, what they are.
 *
 * <p>That of a received parcel is the driver's own, read in place.
 */
final class ObjectTable {
    private static final int INITIAL_OBJECTS = 4;

    private int[] positions = new int[INITIAL_OBJECTS];
    private Object[] objects = new Object[INITIAL_OBJECTS];
    private int count;
    /** Where the last object written ends. */
    private int end;

    /** The positions as the kernel reads them. */
    private OffHeap laidOut;

    /** The mapping a received table lies in; null for one that is built here. */
    private ByteBuffer mapping;

    private int mappedAt;

    void receive(ByteBuffer mapping, int at, int count) {
        this.mapping = mapping;
        this.mappedAt = at;
        this.count = count;
    }

    void clear() {
        if (mapping == null && count > 0) {
            Arrays.fill(objects, 0, count, null);
        }
        mapping = null;
        count = 0;
        end = 0;
    }

    int count() {
        return count;
    }

    /** Where an object begins. That of a received one is the driver's word. */
    long position(int index) {
        return mapping == null ? positions[index] : mapping.getLong(mappedAt + index * Long.BYTES);
    }

    /** What was written there. Only for a table built here. */
    Object object(int index) {
        return objects[index];
    }

    /** Which object begins at a position; negative if none does. */
    int indexOf(int at) {
        int low = 0;
        int high = count - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            long found = position(middle);
            if (found == at) {
                return middle;
            }
            if (found < at) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -1;
    }

    /** Refuses a position that the driver would. */
    void checkAscending(int at) {
        if (at < end) {
            throw new IllegalStateException("object written at " + at + ", before or over the one at "
                    + positions[count - 1] + ": objects are written in ascending order");
        }
    }

    /** Adds an object that lies from {@code at} to {@code end}; returns its index. */
    int add(int at, int end, Object object) {
        if (count == objects.length) {
            objects = Arrays.copyOf(objects, count * 2);
            positions = Arrays.copyOf(positions, count * 2);
        }
        positions[count] = at;
        objects[count] = object;
        this.end = end;
        return count++;
    }

    /** Writes the positions down for the kernel. */
    void layOut() {
        if (laidOut == null || laidOut.size() < sizeBytes()) {
            laidOut = OffHeap.allocate(positions.length * Long.BYTES);
        }
        for (int i = 0; i < count; i++) {
            laidOut.bytes.putLong(i * Long.BYTES, positions[i]);
        }
    }

    /** Where {@link #layOut} wrote them; 0 if there are none. */
    long address() {
        return count == 0 ? 0 : laidOut.address;
    }

    int sizeBytes() {
        return count * Long.BYTES;
    }
}
