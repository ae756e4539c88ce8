package io.github.binder4j.runtime;

import io.github.binder4j.parcel.ParcelData;

/**
 * Recycled parcels, so that a call allocates none.
 *
 * <p>One pool per platform thread: no lock. A virtual thread has none, for there may be a million of them; its parcels are
 * made and dropped.
 */
public final class ParcelPool {
    private static final int CAPACITY = 16;

    private static final ThreadLocal<ParcelPool> POOL = ThreadLocal.withInitial(ParcelPool::new);

    private final ParcelData[] free = new ParcelData[CAPACITY];
    private int count;

    private ParcelPool() {}

    /** An empty parcel to build. */
    public static ParcelData obtain() {
        if (!PlatformThreads.isCurrentVirtual()) {
            ParcelPool pool = POOL.get();
            if (pool.count > 0) {
                ParcelData parcel = pool.free[--pool.count];
                pool.free[pool.count] = null;
                parcel.reuse();
                return parcel;
            }
        }
        return new ParcelData();
    }

    /** An empty parcel for one call to a program's code, which {@link #takeBack} ends. */
    static ParcelData lend() {
        ParcelData parcel = obtain();
        parcel.setLent(true);
        return parcel;
    }

    /** Recycles a lent parcel, whatever the program did with it. */
    static void takeBack(ParcelData parcel) {
        parcel.setLent(false);
        if (parcel.isRecycled()) {
            parcel.reuse();
        }
        recycle(parcel);
    }

    /**
     * Gives back what {@code parcel} holds; no effect if it was recycled before.
     *
     * <p>A lent one does not return to the pool: it would be handed out again while the call it was lent to still has it.
     */
    public static void recycle(ParcelData parcel) {
        if (parcel.isRecycled()) {
            return;
        }
        parcel.recycle();
        if (!parcel.isLent() && !PlatformThreads.isCurrentVirtual()) {
            ParcelPool pool = POOL.get();
            if (pool.count < CAPACITY) {
                pool.free[pool.count++] = parcel;
            }
        }
    }
}
