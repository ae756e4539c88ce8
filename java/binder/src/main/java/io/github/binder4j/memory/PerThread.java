package io.github.binder4j.memory;

import java.lang.ref.WeakReference;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * A value of each thread, whose class is the library's.
 *
 * <p>A {@link ThreadLocal} is not enough: a thread holds what is in it, and that its class loader, which would stay for as
 * long as any thread goes on that once came here. So a thread's own reference is weak, and this table, which goes with the
 * loader, holds the values. Those of threads that have ended go when other threads come.
 *
 * <p>Thread-safe. {@link #get} takes no lock and allocates nothing after a thread's first.
 */
public final class PerThread<T> {
    private static final int FIRST_SWEEP = 64;

    /** Not a record: two are never equal, whatever their values say. */
    private static final class Owned<T> {
        final Thread owner;
        final T value;

        Owned(Thread owner, T value) {
            this.owner = owner;
            this.value = value;
        }
    }

    private final Supplier<T> initial;
    private final ThreadLocal<WeakReference<T>> current = new ThreadLocal<>();
    private final Set<Owned<T>> values = ConcurrentHashMap.newKeySet();
    /** At twice as many as the last sweep left, so that sweeping costs a thread little on average. */
    private volatile int nextSweep = FIRST_SWEEP;

    /** Threads begin with what {@code initial} gives. */
    public PerThread(Supplier<T> initial) {
        this.initial = initial;
    }

    /** The calling thread's value. */
    public T get() {
        WeakReference<T> known = current.get();
        return known == null ? make() : known.get();
    }

    private T make() {
        T value = initial.get();
        values.add(new Owned<>(Thread.currentThread(), value));
        current.set(new WeakReference<>(value));
        if (values.size() >= nextSweep) {
            values.removeIf(owned -> !owned.owner.isAlive());
            nextSweep = Math.max(FIRST_SWEEP, 2 * values.size());
        }
        return value;
    }

    /** How many threads have a value here, those included that have ended and are not yet forgotten. */
    int size() {
        return values.size();
    }
}
