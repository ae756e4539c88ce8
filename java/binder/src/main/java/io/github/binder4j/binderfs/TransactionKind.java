package io.github.binder4j.binderfs;

/** What a transaction is to those between whom it goes. */
public enum TransactionKind {
    /** Its sender waits for a reply. */
    CALL,
    /** Oneway: its sender does not wait. */
    ASYNC,
    /** The answer to a call. */
    REPLY
}
