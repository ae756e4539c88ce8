package io.github.binder4j.runtime;

import io.github.binder4j.parcel.ParcelData;
import java.lang.ref.WeakReference;

/**
 * Recycled parcels, so that a call allocates none.
 *
 * <p>One pool per platform thread: no lock. A virtual thread has none, for there may be a million of them; its parcels are
 * made and dropped.
 */
public final class ParcelPool {
    private static final int CAPACITY = 16;

    /**
     * Weak, as a thread that goes on would keep it and the library's class loader: it is held by the thread's state on each
     * device. One that uses none begins anew when the collector has run.
     */
    private static final ThreadLocal<WeakReference<ParcelPool>> OF_THREAD = new ThreadLocal<>();

    private final ParcelData[] free = new ParcelData[CAPACITY];
    private int count;

    private ParcelPool() {}

    /** The calling thread's, which is a platform thread. */
    static ParcelPool ofThread() {
        WeakReference<ParcelPool> known = OF_THREAD.get();
        ParcelPool pool = known == null ? null : known.get();
        return pool == null ? make() : pool;
    }

    private static ParcelPool make() {
        ParcelPool pool = new ParcelPool();
        OF_THREAD.set(new WeakReference<>(pool));
        return pool;
    }

    /** An empty parcel to build. */
    public static ParcelData obtain() {
        return PlatformThreads.isCurrentVirtual()
                ? new ParcelData()
                : ofThread().take();
    }

    private ParcelData take() {
        if (count == 0) {
            return new ParcelData();
        }
        ParcelData parcel = free[--count];
        free[count] = null;
        parcel.reuse();
        return parcel;
    }

    private void keep(ParcelData parcel) {
        if (count < CAPACITY) {
            free[count++] = parcel;
        }
    }

    /** An empty parcel for one call to a program's code, which {@link #takeBack} ends. */
    ParcelData lend() {
        ParcelData parcel = take();
        parcel.setLent(true);
        return parcel;
    }

    /** Recycles a lent parcel, whatever the program did with it. */
    void takeBack(ParcelData parcel) {
        parcel.setLent(false);
        if (parcel.isRecycled()) {
            parcel.reuse();
        }
        parcel.recycle();
        keep(parcel);
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
            ofThread().keep(parcel);
        }
    }
}
