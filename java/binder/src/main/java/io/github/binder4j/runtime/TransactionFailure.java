package io.github.binder4j.runtime;

import static io.github.binder4j.driver.Commands.*;

import io.github.binder4j.driver.Errno;

/** The driver did not deliver a transaction or its reply; the API turns it into the exception Android has for it. */
public final class TransactionFailure extends Exception {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final boolean outOfBufferSpace;

    TransactionFailure(int outcome, int extendedError, RemoteObject target, int code, int dataSize) {
        super(describe(outcome, extendedError, target, code, dataSize));
        this.status = statusOf(outcome);
        this.outOfBufferSpace = outcome == BR_FAILED_REPLY && extendedError == -Errno.ENOSPC;
    }

    /** One of {@link Status}: DEAD_OBJECT, FROZEN_OBJECT or FAILED_TRANSACTION. */
    public int status() {
        return status;
    }

    /** Whether a receive buffer, the callee's or ours, had no room. */
    public boolean outOfBufferSpace() {
        return outOfBufferSpace;
    }

    private static int statusOf(int outcome) {
        return switch (outcome) {
            case BR_DEAD_REPLY -> Status.DEAD_OBJECT;
            case BR_FROZEN_REPLY -> Status.FROZEN_OBJECT;
            case BR_ERROR -> Status.NO_MEMORY;
            default -> Status.FAILED_TRANSACTION;
        };
    }

    private static String describe(int outcome, int extendedError, RemoteObject target, int code, int dataSize) {
        String device = target.process().driver().path().toString();
        return "transaction failed: " + meaning(outcome, extendedError, target, device) + " [handle=" + target.handle()
                + " code=0x" + Integer.toHexString(code) + " data=" + dataSize + " bytes, " + name(outcome)
                + (extendedError == 0 ? "" : ", extended error " + Errno.describe(-extendedError)) + ", " + device
                + "]";
    }

    private static String meaning(int outcome, int extendedError, RemoteObject target, String device) {
        if (outcome == BR_DEAD_REPLY) {
            return target.isContextManager()
                    ? "no context manager on " + device + ": start servicemanager on this device"
                    : "the process that has the object is gone, or ended before it replied";
        }
        if (outcome == BR_FROZEN_REPLY) {
            return "the receiving process is frozen";
        }
        return switch (-extendedError) {
            case Errno.ENOSPC ->
                "no room in the receiving process's buffer: send less at a time, or let it finish what it has";
            case Errno.EPERM -> "file descriptors are not accepted there, or a security policy denies the call";
            case Errno.EINVAL -> "the driver refuses the target or an object in the parcel";
            default -> "the driver could not deliver it or its reply";
        };
    }

    private static String name(int outcome) {
        return switch (outcome) {
            case BR_DEAD_REPLY -> "BR_DEAD_REPLY";
            case BR_FAILED_REPLY -> "BR_FAILED_REPLY";
            case BR_FROZEN_REPLY -> "BR_FROZEN_REPLY";
            case BR_ERROR -> "BR_ERROR";
            default -> "BR 0x" + Integer.toHexString(outcome);
        };
    }
}
