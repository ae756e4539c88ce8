package io.github.binder4j.runtime;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;

/** What has happened on one device since it was opened. Adding takes no lock and makes no object. */
public final class Counters {
    /** How a call of this process can fail. */
    public enum Failure {
        /** BR_DEAD_REPLY. */
        DEAD,
        /** BR_FROZEN_REPLY. */
        FROZEN,
        /** BR_FAILED_REPLY with ENOSPC: a receive buffer had no room. */
        NO_ROOM,
        /** BR_FAILED_REPLY or BR_ERROR for another reason. */
        FAILED,
        /** The callee answered with a status in place of a reply. */
        STATUS
    }

    /** What happens in every call: each thread of the device counts it for itself. */
    public enum Often {
        CALLS,
        ONEWAY_CALLS,
        SERVED,
        SERVED_ONEWAY,
        BYTES_SENT,
        BUFFERS_RECEIVED,
        BYTES_RECEIVED,
        BUFFERS_FREED,
        BYTES_FREED;

        private static final int COUNT = values().length;
    }

    public final LongAdder repliesFailed = new LongAdder();
    public final LongAdder servedFailures = new LongAdder();
    public final LongAdder pendingFrozen = new LongAdder();
    public final LongAdder spamSuspects = new LongAdder();
    public final LongAdder obituaries = new LongAdder();
    public final LongAdder unknownReturns = new LongAdder();
    public final LongAdder leakedBuffers = new LongAdder();

    private final Map<Failure, LongAdder> failures = new EnumMap<>(Failure.class);
    /** What was counted by threads that have ended, or have no counts of their own. */
    private final Map<Often, LongAdder> others = new EnumMap<>(Often.class);

    private final Set<OfThread> threads = new HashSet<>();

    Counters() {
        for (Failure kind : Failure.values()) {
            failures.put(kind, new LongAdder());
        }
        for (Often what : Often.values()) {
            others.put(what, new LongAdder());
        }
    }

    void failed(Failure kind) {
        failures.get(kind).increment();
    }

    public long failures(Failure kind) {
        return failures.get(kind).sum();
    }

    /** Counts on a thread that has no {@link OfThread}. */
    void add(Often what, long n) {
        others.get(what).add(n);
    }

    /** All that was counted; what a thread is adding at this moment may be missing. */
    public synchronized long sum(Often what) {
        long sum = others.get(what).sum();
        for (OfThread counts : threads) {
            sum += counts.get(what);
        }
        return sum;
    }

    /** Counts for the calling thread to add to. */
    synchronized OfThread ofThread() {
        OfThread counts = new OfThread();
        threads.add(counts);
        return counts;
    }

    /** Keeps what a thread counted that is dead, or is the calling one. */
    synchronized void retire(OfThread counts) {
        if (threads.remove(counts)) {
            counts.retired = true;
            for (Often what : Often.values()) {
                add(what, counts.get(what));
            }
        }
    }

    /** The counts of one thread. Only that thread adds, so it need not lock the memory they are in; any may read. */
    final class OfThread {
        private static final VarHandle VALUE = MethodHandles.arrayElementVarHandle(long[].class);
        /** In longs, before and after: another thread's counts are not to be in the same cache line. */
        private static final int PADDING = 8;

        private final long[] values = new long[PADDING + Often.COUNT + PADDING];
        private boolean retired;

        private OfThread() {}

        void add(Often what, long n) {
            if (retired) {
                Counters.this.add(what, n);
                return;
            }
            int at = PADDING + what.ordinal();
            VALUE.setRelease(values, at, values[at] + n); // after what is counted: a buffer freed is read no more
        }

        private long get(Often what) {
            return (long) VALUE.getAcquire(values, PADDING + what.ordinal());
        }
    }
}
