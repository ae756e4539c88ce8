package io.github.binder4j.binderfs;

import io.github.binder4j.driver.Commands;

/**
 * A transaction that was sent, or was to be.
 *
 * @param id the driver's number of it, unique in the kernel
 * @param kind whether it is a call, oneway, or a reply
 * @param fromPid the sender
 * @param fromTid the sending thread
 * @param toPid the receiver; 0 if the driver did not find one
 * @param toTid the thread it went to, 0 if to any
 * @param context the name of the device
 * @param node the node it is for; 0 for a reply, and if the driver did not find one
 * @param handle the sender's handle; 0 for a reply, which has none
 * @param dataSizeBytes of its payload
 * @param offsetsSizeBytes of its object table, 8 per object
 * @param returnError what the driver answered the sender instead of BR_TRANSACTION_COMPLETE: a BR_ command; 0 if it did not
 *     fail
 * @param returnErrorParam why: a negative errno; 0 if it did not fail
 * @param returnErrorLine where in the kernel's drivers/android/binder.c it failed; 0 if it did not
 * @param complete false if the driver was still writing the record, whose values may then be of two transactions
 */
public record LoggedTransaction(
        int id,
        TransactionKind kind,
        int fromPid,
        int fromTid,
        int toPid,
        int toTid,
        String context,
        int node,
        int handle,
        long dataSizeBytes,
        long offsetsSizeBytes,
        int returnError,
        int returnErrorParam,
        int returnErrorLine,
        boolean complete) {

    /**
     * Whether it failed when it was sent. What became of it later does not show here.
     *
     * @return true if the driver answered with an error
     */
    public boolean hasFailed() {
        return returnError != 0;
    }

    /**
     * The driver's answer in words.
     *
     * @return as {@code BR_DEAD_REPLY}; a number as {@code 0x7299} if this library does not know the command; empty if it
     *     did not fail
     */
    public String returnErrorName() {
        return switch (returnError) {
            case 0 -> "";
            case Commands.BR_DEAD_REPLY -> "BR_DEAD_REPLY";
            case Commands.BR_FAILED_REPLY -> "BR_FAILED_REPLY";
            case Commands.BR_FROZEN_REPLY -> "BR_FROZEN_REPLY";
            case Commands.BR_ONEWAY_SPAM_SUSPECT -> "BR_ONEWAY_SPAM_SUSPECT";
            case Commands.BR_TRANSACTION_PENDING_FROZEN -> "BR_TRANSACTION_PENDING_FROZEN";
            default -> "0x" + Integer.toHexString(returnError);
        };
    }
}
