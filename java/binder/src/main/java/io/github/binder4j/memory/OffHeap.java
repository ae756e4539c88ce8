package io.github.binder4j.memory;

import io.github.binder4j.natives.NativeMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A block of memory at an address the driver can be given.
 *
 * <p>The block lives as long as this object is reachable: whoever passes {@link #address} to the kernel keeps a
 * reference until the kernel is done with it.
 */
public final class OffHeap {
    /** The block, little endian: the byte order of the driver and of parcels. */
    public final ByteBuffer bytes;

    /** Where the block begins. */
    public final long address;

    private OffHeap(ByteBuffer bytes, long address) {
        this.bytes = bytes.order(ByteOrder.LITTLE_ENDIAN);
        this.address = address;
    }

    /** Allocates a zeroed block of {@code sizeBytes}. */
    public static OffHeap allocate(int sizeBytes) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(sizeBytes);
        return new OffHeap(bytes, NativeMemory.addressOf(bytes));
    }

    /** A read-only view of memory that somebody else owns and keeps mapped. */
    public static OffHeap viewReadOnly(long address, int sizeBytes) {
        return new OffHeap(NativeMemory.directBuffer(address, sizeBytes).asReadOnlyBuffer(), address);
    }

    /** A buffer over memory that somebody else owns and keeps mapped; derived from no other, so that it can be watched. */
    public static ByteBuffer window(long address, int sizeBytes) {
        return NativeMemory.directBuffer(address, sizeBytes);
    }

    /** Where a direct buffer begins, its position aside. */
    public static long addressOf(ByteBuffer direct) {
        return NativeMemory.addressOf(direct);
    }

    /** The size of the block in bytes. */
    public int size() {
        return bytes.capacity();
    }
}
