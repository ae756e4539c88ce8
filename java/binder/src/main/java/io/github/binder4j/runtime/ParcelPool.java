package io.github.binder4j.runtime;

import io.github.binder4j.parcel.ParcelData;
import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Recycled parcels, so that a call allocates none.
 *
 * <p>One pool per platform thread: no lock. Virtual threads, of which there may be a million, share a few: one takes a pool
 * for itself as long as it takes a parcel or gives it back, and does without if another has it at that moment.
 */
public final class ParcelPool {
    private static final int CAPACITY = 16;

    /**
     * Weak, as a thread that goes on would keep it and the library's class loader: it is held by the thread's state on each
     * device. One that uses none begins anew when the collector has run.
     */
    private static final ThreadLocal<WeakReference<ParcelPool>> OF_THREAD = new ThreadLocal<>();

    /** Whose parcels these are; null of those that virtual threads share. */
    private final Thread home;

    private final ParcelData[] free = new ParcelData[CAPACITY];
    private int count;

    private ParcelPool(Thread home) {
        this.home = home;
    }

    /** The calling thread's, which is a platform thread. */
    static ParcelPool ofThread() {
        WeakReference<ParcelPool> known = OF_THREAD.get();
        ParcelPool pool = known == null ? null : known.get();
        return pool == null ? make() : pool;
    }

    private static ParcelPool make() {
        ParcelPool pool = new ParcelPool(Thread.currentThread());
        OF_THREAD.set(new WeakReference<>(pool));
        return pool;
    }

    /** An empty parcel to build. */
    public static ParcelData obtain() {
        return PlatformThreads.isCurrentVirtual() ? Shared.take() : ofThread().take();
    }

    private ParcelData take() {
        if (count == 0) {
            ParcelData created = new ParcelData();
            created.setHome(home);
            return created;
        }
        ParcelData parcel = free[--count];
        free[count] = null;
        parcel.reuse();
        return parcel;
    }

    /** Another thread may be at work in what has strayed, and what is at home elsewhere is looked for by nobody here. */
    private void keep(ParcelData parcel) {
        if (count < CAPACITY && !parcel.hasStrayed() && parcel.home() == home) {
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
        if (parcel.isLent()) {
            return;
        }
        if (PlatformThreads.isCurrentVirtual()) {
            Shared.keep(parcel);
        } else {
            ofThread().keep(parcel);
        }
    }

    /**
     * The pools of virtual threads. Each is in its place, or with the thread that took it out. Weak, as nothing but this class
     * holds them: the safety net, which knows the parcels, would keep the library's class loader. They begin anew when the
     * collector has run.
     */
    private static final class Shared {
        /** A power of two. */
        private static final int POOLS =
                Integer.highestOneBit(Runtime.getRuntime().availableProcessors()) * 2;

        private static final AtomicReferenceArray<WeakReference<ParcelPool>> PLACES = new AtomicReferenceArray<>(POOLS);

        static ParcelData take() {
            ParcelData parcel = takeOrNew();
            parcel.setHome(Thread.currentThread());
            return parcel;
        }

        private static ParcelData takeOrNew() {
            int place = place();
            WeakReference<ParcelPool> known = PLACES.getAndSet(place, null);
            ParcelPool pool = known == null ? null : known.get();
            if (pool == null) {
                return new ParcelData();
            }
            try {
                return pool.take();
            } finally {
                PLACES.set(place, known);
            }
        }

        static void keep(ParcelData parcel) {
            parcel.setHome(null);
            int place = place();
            WeakReference<ParcelPool> known = PLACES.getAndSet(place, null);
            ParcelPool pool = known == null ? null : known.get();
            if (pool == null) {
                pool = new ParcelPool(null);
                known = new WeakReference<>(pool);
            }
            pool.keep(parcel);
            PLACES.set(place, known);
        }

        private static int place() {
            return Thread.currentThread().hashCode() & POOLS - 1;
        }
    }
}
