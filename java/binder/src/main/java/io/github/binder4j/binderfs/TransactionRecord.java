package io.github.binder4j.binderfs;

import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A transaction on its way: sent, and not yet answered, or not yet received. Both a thread that waits for the reply and
 * the one that serves the call have it, with the same id.
 *
 * @param role where the driver has it
 * @param id the driver's number of it, unique in the kernel
 * @param kind whether it is a call, oneway, or a reply
 * @param fromPid the sender; 0 for one that has ended, and on Linux 6.1 for any oneway one
 * @param fromTid the sending thread, or 0 likewise
 * @param toPid the receiver; 0 if it has ended
 * @param toTid the thread that serves it, 0 before one does
 * @param code the code it was sent with
 * @param flags TF_ONE_WAY and others
 * @param priority of the thread that serves it, as the kernel prints it
 * @param elapsedMs since it was sent; empty on kernels that do not say
 * @param node the node it is for; empty for a reply, with the sender, and when its buffer was freed
 * @param dataSizeBytes of its payload; empty with the sender and when its buffer was freed
 * @param offsetsSizeBytes of its object table, 8 per object; empty likewise
 */
public record TransactionRecord(
        Role role,
        int id,
        TransactionKind kind,
        int fromPid,
        int fromTid,
        int toPid,
        int toTid,
        int code,
        int flags,
        String priority,
        OptionalLong elapsedMs,
        OptionalInt node,
        OptionalLong dataSizeBytes,
        OptionalLong offsetsSizeBytes) {

    /** Where the driver has a transaction. */
    public enum Role {
        /** With the thread that sent it and waits. */
        OUTGOING,
        /** With the thread that serves it. */
        INCOMING,
        /** With a thread that neither sent nor serves it, which is a fault of the driver's. */
        BAD,
        /** With a process or a thread that has not received it yet. */
        PENDING,
        /** With a node whose last oneway transaction is still being served, or its buffer not yet freed. */
        PENDING_ASYNC
    }
}
