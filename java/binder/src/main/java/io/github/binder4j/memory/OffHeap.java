package io.github.binder4j.memory;

import io.github.binder4j.natives.NativeMemory;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A block of memory at an address the driver can be given.
 *
 * <p>The block lives as long as this object is reachable: whoever passes {@link #address} to the kernel keeps a
 * reference until the kernel is done with it.
 */
public final class OffHeap {
    /** No memory. */
    public static final OffHeap NONE = allocate(0);

    /** The block, little endian: the byte order of the driver and of parcels. */
    public final ByteBuffer bytes;

    /** Where the block begins. */
    public final long address;

    /** Written before what is there changes, by {@link #isGone}'s rule. */
    private boolean gone;

    /** What every buffer derived from {@link #bytes} keeps reachable. */
    private final ByteBuffer root;

    private OffHeap(ByteBuffer root, ByteBuffer bytes, long address) {
        this.root = root;
        this.bytes = bytes.order(ByteOrder.LITTLE_ENDIAN);
        this.address = address;
    }

    /** Allocates a zeroed block of {@code sizeBytes}. */
    public static OffHeap allocate(int sizeBytes) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(sizeBytes);
        return new OffHeap(bytes, bytes, NativeMemory.addressOf(bytes));
    }

    /** A read-only view of memory that somebody else owns and keeps mapped. */
    public static OffHeap viewReadOnly(long address, int sizeBytes) {
        ByteBuffer root = NativeMemory.directBuffer(address, sizeBytes);
        return new OffHeap(root, root.asReadOnlyBuffer(), address);
    }

    /** Where a direct buffer begins, its position aside. */
    public static long addressOf(ByteBuffer direct) {
        return NativeMemory.addressOf(direct);
    }

    /** Runs {@code action} when neither this block nor a buffer derived from its own is reachable any more. */
    public void whenUnreachable(Runnable action) {
        SafetyNet.CLEANER.register(root, action);
    }

    /** Says, before the memory is replaced, that it will be. */
    public void setGone() {
        gone = true;
        VarHandle.fullFence();
    }

    /**
     * Whether the memory was replaced by other: false after a read, and a fence for loads, means that what was read was there.
     */
    public boolean isGone() {
        return gone;
    }

    /** The size of the block in bytes. */
    public int size() {
        return bytes.capacity();
    }
}
