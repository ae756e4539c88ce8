package io.github.binder4j.runtime;

import java.util.EnumMap;
import java.util.Map;
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

    public final LongAdder calls = new LongAdder();
    public final LongAdder onewayCalls = new LongAdder();
    public final LongAdder served = new LongAdder();
    public final LongAdder servedOneway = new LongAdder();
    public final LongAdder bytesSent = new LongAdder();
    public final LongAdder bytesReceived = new LongAdder();
    public final LongAdder repliesFailed = new LongAdder();
    public final LongAdder pendingFrozen = new LongAdder();
    public final LongAdder spamSuspects = new LongAdder();
    public final LongAdder obituaries = new LongAdder();
    public final LongAdder unknownReturns = new LongAdder();
    public final LongAdder leakedBuffers = new LongAdder();

    private final Map<Failure, LongAdder> failures = new EnumMap<>(Failure.class);

    Counters() {
        for (Failure kind : Failure.values()) {
            failures.put(kind, new LongAdder());
        }
    }

    void failed(Failure kind) {
        failures.get(kind).increment();
    }

    public long failures(Failure kind) {
        return failures.get(kind).sum();
    }
}
