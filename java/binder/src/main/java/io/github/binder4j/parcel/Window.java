package io.github.binder4j.parcel;

import io.github.binder4j.memory.OffHeap;
import io.github.binder4j.memory.SafetyNet;
import java.lang.invoke.VarHandle;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A view of memory that a parcel holds: what is behind the views a program gets.
 *
 * <p>It ends when the parcel is emptied, or, once the program {@linkplain #keep() keeps} it, when it is closed; and with the
 * device. Every access after that throws {@link IllegalStateException}. An access that the end overtakes throws too: one value
 * is read first and then the end is looked for, see "ended before freed" in {@link ParcelData}; a copy has a share in the
 * {@link Lease} meanwhile. No buffer leaves this class but to code of the library and the JDK that does not keep it.
 *
 * <p>Thread-safe.
 */
public final class Window implements AutoCloseable {
    /** Read-only, little endian. */
    private final ByteBuffer bytes;

    private final ParcelData parcel;
    private final OffHeap source;
    private final Lease lease;

    private volatile boolean closed;
    /** The share of a view that is kept; null while it is not. */
    private volatile Share share;

    private Cleaner.Cleanable cleanable;

    /**
     * @param memory which the view is of, from 0 to its capacity
     * @param parcel which stays reachable as long as the view, so that it is not taken for dropped
     * @param source what the memory is part of, if it can go away with a device
     */
    Window(ByteBuffer memory, ParcelData parcel, OffHeap source, Lease lease) {
        this.bytes = memory.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
        this.parcel = parcel;
        this.source = source;
        this.lease = lease;
    }

    /** The size of the view in bytes. */
    public int size() {
        return bytes.capacity();
    }

    // Life

    /** Makes the view last until it is closed. Has no effect on one that is kept already. */
    public synchronized void keep() {
        Lease held = hold();
        if (share != null) {
            held.release();
            return;
        }
        Share taken = new Share(held);
        cleanable = SafetyNet.CLEANER.register(this, taken);
        share = taken;
    }

    /** Ends the view. Doing so again has no effect. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true; // before the memory may go
            if (share != null) {
                share.closed = true;
                cleanable.clean();
            }
        }
    }

    /** Whether an access would not throw now. */
    public boolean isOpen() {
        return !closed && !source.isGone() && (share != null || !lease.isViewsEnded());
    }

    private void check() {
        if (!isOpen()) {
            throw new IllegalStateException(
                    closed || share != null
                            ? "view used after close(), or after its device was closed"
                            : "view used after its parcel ended, by recycle() or the return of the call, or after close(): "
                                    + "keep() makes one last until it is closed");
        }
    }

    /** What is given up when a view that is kept is closed or found dropped. Does not lead to the view. */
    private static final class Share implements Runnable {
        private final Lease lease;
        private boolean closed;

        Share(Lease lease) {
            this.lease = lease;
        }

        @Override
        public void run() {
            if (!closed) {
                lease.leaked();
            }
            lease.release();
        }
    }

    // One value

    /** The byte at an index. */
    public byte get(int index) {
        check();
        byte value = bytes.get(index);
        endRead();
        return value;
    }

    /** The two bytes from an index, little endian. */
    public short getShort(int index) {
        check();
        short value = bytes.getShort(index);
        endRead();
        return value;
    }

    /** The four bytes from an index, little endian. */
    public int getInt(int index) {
        check();
        int value = bytes.getInt(index);
        endRead();
        return value;
    }

    /** The eight bytes from an index, little endian. */
    public long getLong(int index) {
        check();
        long value = bytes.getLong(index);
        endRead();
        return value;
    }

    private void endRead() {
        VarHandle.loadLoadFence();
        check();
        Reference.reachabilityFence(this);
    }

    // Copies

    /** What is done with the memory of a view while it cannot go. */
    public interface Copy<X extends Exception> {
        /** @param bytes its own to move, little endian; not to be kept */
        void from(ByteBuffer bytes) throws X;
    }

    /** Runs {@code copy}, which the end of the view does not overtake. */
    public <X extends Exception> void copy(Copy<X> copy) throws X {
        Lease held = hold();
        try {
            copy.from(bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN));
        } finally {
            held.release();
            Reference.reachabilityFence(this);
        }
        if (source.isGone()) {
            check();
        }
    }

    /** Takes a share in the lease. */
    private Lease hold() {
        boolean held = lease.hold();
        if (!held || !isOpen()) {
            if (held) {
                lease.release();
            }
            check();
            throw new IllegalStateException("view used while its parcel ended");
        }
        return lease;
    }

    // For the library

    /** Where the view begins, in memory. */
    public long address() {
        check();
        return OffHeap.addressOf(bytes);
    }

    /** The memory, held until {@link Held#release} for somebody who reads it by its address. */
    Held heldBytes() {
        return new Held(bytes, hold());
    }

    /** Memory of a view that a parcel points at. */
    static final class Held {
        final ByteBuffer bytes;
        private final Lease lease;

        private Held(ByteBuffer bytes, Lease lease) {
            this.bytes = bytes;
            this.lease = lease;
        }

        void release() {
            lease.release();
        }
    }
}
