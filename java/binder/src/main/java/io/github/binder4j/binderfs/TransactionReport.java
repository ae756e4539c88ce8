package io.github.binder4j.binderfs;

import io.github.binder4j.driver.Commands;

/**
 * A transaction that failed, as the driver told of it. Processes and threads have the numbers of the initial pid namespace,
 * which in a container are not those that the process sees itself.
 *
 * @param error what the driver answered the sender, a BR_ number; {@link #errorName} has its name
 * @param context the name of the device, as {@code binder}; instances of binderfs are not told apart
 * @param fromPid the sender's process
 * @param fromTid the sender's thread
 * @param toPid the receiver's process; 0 if the driver had none, as with a dead receiver or an unknown handle
 * @param toTid the receiver's thread; 0 if none had been chosen, as with most transactions that are no reply
 * @param isReply whether it was the reply to a transaction
 * @param flags the transaction's flags, TF_ONE_WAY (1) among them
 * @param code the transaction's code; a reply has 0
 * @param dataSizeBytes the size of its data
 */
public record TransactionReport(
        int error,
        String context,
        int fromPid,
        int fromTid,
        int toPid,
        int toTid,
        boolean isReply,
        int flags,
        int code,
        long dataSizeBytes) {
    /**
     * Returns what the driver answered the sender.
     *
     * @return the name of {@link #error}, as {@code BR_DEAD_REPLY}; the number in hexadecimal if it is none that senders get
     */
    public String errorName() {
        return switch (error) {
            case Commands.BR_DEAD_REPLY -> "BR_DEAD_REPLY";
            case Commands.BR_FAILED_REPLY -> "BR_FAILED_REPLY";
            case Commands.BR_FROZEN_REPLY -> "BR_FROZEN_REPLY";
            case Commands.BR_ONEWAY_SPAM_SUSPECT -> "BR_ONEWAY_SPAM_SUSPECT";
            case Commands.BR_TRANSACTION_PENDING_FROZEN -> "BR_TRANSACTION_PENDING_FROZEN";
            default -> "0x" + Integer.toHexString(error);
        };
    }

    /**
     * Describes the transaction in a line.
     *
     * @return as {@code BR_FAILED_REPLY on binder: call 100:101 -> 200:0 code=0x1 flags=0x10 size=2000000}
     */
    @Override
    public String toString() {
        String kind = isReply ? "reply" : (flags & Commands.TF_ONE_WAY) != 0 ? "oneway" : "call";
        return errorName() + " on " + context + ": " + kind + " " + fromPid + ":" + fromTid + " -> " + toPid + ":"
                + toTid
                + " code=0x" + Integer.toHexString(code) + " flags=0x" + Integer.toHexString(flags) + " size="
                + dataSizeBytes;
    }
}
