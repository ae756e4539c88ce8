package io.github.binder4j.runtime;

import io.github.binder4j.memory.OffHeap;
import io.github.binder4j.parcel.BufferOwner;
import io.github.binder4j.parcel.Lease;
import io.github.binder4j.parcel.ParcelData;
import io.github.binder4j.parcel.ReceivedObjects;
import java.lang.ref.Cleaner;
import java.util.ArrayList;
import java.util.List;

/**
 * The buffer of the driver that a received parcel is a window on, from arrival to BC_FREE_BUFFER.
 *
 * <p>One per parcel, used again for each buffer the parcel receives; it does not refer to the parcel, so that a parcel
 * dropped without {@code recycle()} is noticed.
 *
 * <p><b>Invariant "acquire before free":</b> the buffer holds a reference on every handle in it. A stand-in made from such a
 * handle is kept here until its own BC_ACQUIRE has gone to the driver, in the same write as the BC_FREE_BUFFER and before
 * it. So it cannot be collected, and its reference given back, before it has one.
 */
final class ReceivedBuffer implements BufferOwner {
    private static final Cleaner CLEANER = ProcessState.CLEANER;

    private ProcessState process;
    private ThreadState receiver;
    private long address;
    private int size;
    /** The descriptors that came with it. */
    private int[] descriptors;

    private final List<RemoteObject> unacquired = new ArrayList<>(0);
    private BufferLease lease;

    /** The record of {@code parcel}, made and watched over from the first buffer it receives. */
    static ReceivedBuffer of(ParcelData parcel) {
        if (parcel.lastOwner() instanceof ReceivedBuffer known) {
            return known;
        }
        ReceivedBuffer created = new ReceivedBuffer();
        CLEANER.register(parcel, created::freeLeaked);
        return created;
    }

    /** A buffer came; where it lies is said as to {@link ReceivedObjects}. */
    void arrived(ThreadState receiver, int dataAt, int dataSize, int tableAt, int objectCount) {
        ProcessState process = receiver.process();
        OffHeap mapping = process.driver().mapping();
        this.size = dataSize;
        this.descriptors = null;
        if (objectCount > 0) {
            this.size += ReceivedObjects.buffersSize(mapping.bytes, dataAt, dataSize, tableAt, objectCount);
            // Now: when the buffer goes back the device may be closed, and its mapping gone.
            this.descriptors = ReceivedObjects.descriptors(mapping.bytes, dataAt, dataSize, tableAt, objectCount);
        }
        this.process = process;
        this.receiver = receiver;
        this.address = mapping.address + dataAt;
    }

    /** The bytes of data, and of buffers beside it. */
    int sizeBytes() {
        return size;
    }

    @Override
    public Object localObject(long ptr) {
        return process.localObject(ptr);
    }

    @Override
    public Object remoteObject(int handle, int stability) {
        return process.remoteObject(handle, stability, unacquired);
    }

    @Override
    public Lease lease() {
        lease = new BufferLease(process, address, size);
        return lease;
    }

    @Override
    public void free() {
        if (address == 0) {
            return;
        }
        ProcessState process = this.process;
        ThreadState receiver = this.receiver;
        Lease leased = lease;
        long freed = address;
        address = 0;
        lease = null;
        // The cleaner holds this object, and a thread's state its parcels: one kept here would never be collected.
        this.process = null;
        this.receiver = null;
        if (descriptors != null) {
            ReceivedObjects.closeDescriptors(descriptors);
        }
        if (leased == null) {
            // Nearly always freed by the thread it came to, which then need not be looked up.
            ThreadState thread = receiver.isCurrent() ? receiver : process.threadOrNull();
            process.freeBuffer(thread, freed, size, unacquired);
        } else {
            process.acquireAll(unacquired);
            leased.release();
        }
    }

    /** The safety net: gives back what a parcel that was dropped without {@code recycle()} held. */
    void freeLeaked() {
        if (address != 0) {
            process.counters.leakedBuffers.increment();
            free();
        }
    }

    /** Of a buffer with views of it: it goes back when the parcel and every view that is kept are done with it. */
    private static final class BufferLease extends Lease {
        private final ProcessState process;
        private final long address;
        private final int size;

        BufferLease(ProcessState process, long address, int size) {
            this.process = process;
            this.address = address;
            this.size = size;
        }

        @Override
        protected void over() {
            process.freeBuffer(process.threadOrNull(), address, size, List.of());
        }

        @Override
        protected void leaked() {
            process.counters.leakedBuffers.increment();
        }
    }
}
