package io.github.binder4j.binderfs;

import java.util.OptionalLong;

/**
 * Something other than a transaction that the driver has to tell a process or a thread, or has told it and awaits the
 * answer.
 *
 * @param kind what
 * @param number of RETURN_ERROR the BR_ command, of NODE the node, of UNKNOWN the kernel's type; empty for others
 */
public record WorkRecord(Kind kind, OptionalLong number) {

    /** What there is to tell. */
    public enum Kind {
        /** A transaction failed. */
        RETURN_ERROR,
        /** A transaction was sent. */
        TRANSACTION_COMPLETE,
        /** The counts of a node went up from, or down to, zero. */
        NODE,
        /** An object died. */
        DEAD_BINDER,
        /** An object died, and its obituary was cancelled. */
        DEAD_BINDER_AND_CLEAR,
        /** An obituary was cancelled. */
        CLEAR_DEATH_NOTIFICATION,
        /** The process of an object was frozen or thawed. */
        FROZEN_BINDER,
        /** A notice of freezing was cancelled. */
        CLEAR_FREEZE_NOTIFICATION,
        /** Obituaries were delivered and not yet acknowledged. */
        DELIVERED_DEAD_BINDER,
        /** Notices of freezing were delivered and not yet acknowledged. */
        DELIVERED_FROZEN_BINDER,
        /** What the kernel itself does not know. */
        UNKNOWN
    }
}
