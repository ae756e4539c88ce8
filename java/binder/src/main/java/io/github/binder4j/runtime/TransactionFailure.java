package io.github.binder4j.runtime;

import static io.github.binder4j.driver.Commands.*;

import io.github.binder4j.driver.Commands;
import io.github.binder4j.driver.Errno;
import io.github.binder4j.parcel.Descriptors;
import io.github.binder4j.parcel.ParcelData;

/**
 * The driver did not deliver a transaction or its reply, or the reply is none; the API turns it into the exception Android has
 * for it.
 */
public final class TransactionFailure extends Exception {
    private static final long serialVersionUID = 1L;

    private final int status;

    private final Counters.Failure kind;

    /**
     * @param requestTaken whether the driver had taken the request. It was not served therefore: the driver installs the
     *     descriptors in it when a thread of the callee reads it, and drops it if it cannot ({@code binder_apply_fd_fixups} in
     *     {@code binder_thread_read}, drivers/android/binder.c), for which it gives no reason
     * @param data the request
     */
    TransactionFailure(
            int outcome, int extendedError, boolean requestTaken, RemoteObject target, int code, ParcelData data) {
        super(describe(outcome, extendedError, requestTaken, target, code, data));
        this.status = statusOf(outcome);
        this.kind = kindOf(outcome, extendedError);
    }

    private TransactionFailure(String message) {
        super(message);
        this.status = Status.FAILED_TRANSACTION;
        this.kind = Counters.Failure.FAILED;
    }

    /** The callee answered with a status in place of a reply, and fewer bytes of it than an int has. */
    static TransactionFailure statusCutShort(int size, RemoteObject target, int code) {
        return new TransactionFailure("the callee answered with a status of " + size + " bytes, which has 4 ["
                + target.describe(null) + " code=0x" + Integer.toHexString(code) + ", "
                + target.process().path()
                + "]: it does not speak the protocol");
    }

    /** The request carries a proxy whose object is dead, and whose handle was given back. */
    static TransactionFailure deadInParcel(RemoteObject dead, RemoteObject target, int code) {
        return new TransactionFailure("an object in the parcel is dead, and its proxy cannot be sent any more: ["
                + dead.describe(null) + "]; the call of [" + target.describe(null) + " code=0x"
                + Integer.toHexString(code) + ", " + target.process().path() + "] was not made");
    }

    /** One of {@link Status}: DEAD_OBJECT, FROZEN_OBJECT, FAILED_TRANSACTION or NO_MEMORY. */
    public int status() {
        return status;
    }

    /** Whether a receive buffer, the callee's or ours, had no room. */
    public boolean outOfBufferSpace() {
        return kind == Counters.Failure.NO_ROOM;
    }

    Counters.Failure kind() {
        return kind;
    }

    private static Counters.Failure kindOf(int outcome, int extendedError) {
        return switch (outcome) {
            case BR_DEAD_REPLY -> Counters.Failure.DEAD;
            case BR_FROZEN_REPLY -> Counters.Failure.FROZEN;
            default -> extendedError == -Errno.ENOSPC ? Counters.Failure.NO_ROOM : Counters.Failure.FAILED;
        };
    }

    private static int statusOf(int outcome) {
        return switch (outcome) {
            case BR_DEAD_REPLY -> Status.DEAD_OBJECT;
            case BR_FROZEN_REPLY -> Status.FROZEN_OBJECT;
            case BR_ERROR -> Status.NO_MEMORY;
            default -> Status.FAILED_TRANSACTION;
        };
    }

    private static String describe(
            int outcome, int extendedError, boolean requestTaken, RemoteObject target, int code, ParcelData data) {
        return "transaction failed: " + meaning(outcome, extendedError, requestTaken, target, data) + " ["
                + target.describe(data.interfaceName()) + " code=0x" + Integer.toHexString(code) + " data="
                + (data.dataSize() + data.buffersSize()) + " bytes, objects=" + data.objectCount() + ", "
                + Commands.name(outcome)
                + (extendedError == 0 ? "" : ", extended error " + Errno.describe(-extendedError)) + ", "
                + target.process().path() + "]";
    }

    private static String meaning(
            int outcome, int extendedError, boolean requestTaken, RemoteObject target, ParcelData data) {
        if (outcome == BR_DEAD_REPLY) {
            return target.isContextManager()
                    ? "no context manager on " + target.process().path() + ": start servicemanager on this device"
                    : "the process that has the object is gone, or ended before it replied";
        }
        if (target.isContextManager() && target.process().managerRole().isHeldByAnotherOpening()) {
            return "the context manager is an object of this process, by another opening of the device, and the driver takes"
                    + " no call of a process to its own context manager (EINVAL): use that opening, or the object itself";
        }
        if (outcome == BR_FROZEN_REPLY) {
            return "the receiving process is frozen: call again when it goes on, or oneway, which waits there";
        }
        return switch (-extendedError) {
            case Errno.ENOSPC -> requestTaken ? noRoomForReply(target.process()) : noRoomForRequest();
            case Errno.EPERM -> "file descriptors are not accepted there, or a security policy denies the call";
            case Errno.EBADF -> "a file descriptor in the parcel is closed";
            case Errno.EINVAL -> "the driver refuses the target or an object in the parcel";
            case 0 -> withoutReason(requestTaken, data);
            default -> (requestTaken ? "its reply" : "the request") + " could not be delivered";
        };
    }

    private static String withoutReason(boolean requestTaken, ParcelData data) {
        if (!requestTaken) {
            return "the request could not be delivered, for which the driver gives no reason";
        }
        boolean carries = Descriptors.areIn(data);
        return (carries ? "the request or its reply" : "its reply")
                + " could not be delivered, for which the driver gives no reason: so it does where the receiver may not open as"
                + " many file descriptors as it carries (ulimit -n)"
                + (carries ? ". It was not served if that was the request" : "");
    }

    private static String noRoomForRequest() {
        return "no room in the receiving process's buffer: send less at a time, or let it finish what it has";
    }

    private static String noRoomForReply(ProcessState process) {
        return "no room for the reply in this process's buffer of "
                + process.driver().mappingSize() + " bytes, of which " + process.liveBufferBytes() + " are taken by "
                + process.liveBuffers()
                + " parcels and views not given back: recycle them, ask for less at a time, or call again if other"
                + " threads were busy, for they give back with their next command";
    }
}
