package android.os;

import io.github.binder4j.errors.FrozenObjectException;
import io.github.binder4j.runtime.RemoteObject;
import io.github.binder4j.runtime.Status;
import io.github.binder4j.runtime.TransactionFailure;
import java.util.NoSuchElementException;

/** Turns a status into the exception Android throws for it ({@code signalExceptionForError}); the number stays in the text. */
final class StatusErrors {
    private StatusErrors() {}

    /**
     * What a callee answered in place of a reply.
     *
     * @return true for OK, false if it does not know the code
     */
    static boolean check(int status, RemoteObject target, int code, String interfaceName) throws RemoteException {
        if (status == Status.OK) {
            return true;
        }
        if (status == Status.UNKNOWN_TRANSACTION) {
            return false;
        }
        String message = "the callee answered with status " + Status.describe(status) + " ["
                + target.describe(interfaceName) + " code=0x" + Integer.toHexString(code) + ", "
                + target.process().path() + "]";
        switch (status) {
            case Status.NO_MEMORY -> throw new OutOfMemoryError(message);
            case Status.BAD_VALUE, Status.BAD_TYPE -> throw new IllegalArgumentException(message);
            case Status.BAD_INDEX -> throw new IndexOutOfBoundsException(message);
            case Status.INVALID_OPERATION -> throw new UnsupportedOperationException(message);
            case Status.NAME_NOT_FOUND -> throw new NoSuchElementException(message);
            case Status.PERMISSION_DENIED -> throw new SecurityException(message);
            case Status.UNEXPECTED_NULL -> throw new NullPointerException(message);
            case Status.NOT_ENOUGH_DATA -> throw new ParcelFormatException(message);
            case Status.DEAD_OBJECT -> throw new DeadObjectException(message);
            case Status.FROZEN_OBJECT -> throw new FrozenObjectException(message);
            case Status.ALREADY_EXISTS,
                    Status.NO_INIT,
                    Status.WOULD_BLOCK,
                    Status.TIMED_OUT,
                    Status.FDS_NOT_ALLOWED,
                    Status.UNKNOWN_ERROR -> throw new RuntimeException(message);
            default -> throw new RemoteException(message);
        }
    }

    /** What the driver answered. */
    static RemoteException toRemoteException(TransactionFailure failure) {
        RemoteException result = exceptionFor(failure);
        result.initCause(failure);
        return result;
    }

    private static RemoteException exceptionFor(TransactionFailure failure) {
        if (failure.status() == Status.DEAD_OBJECT) {
            return new DeadObjectException(failure.getMessage());
        }
        if (failure.status() == Status.FROZEN_OBJECT) {
            return new FrozenObjectException(failure.getMessage());
        }
        return failure.outOfBufferSpace()
                ? new TransactionTooLargeException(failure.getMessage())
                : new RemoteException(failure.getMessage());
    }
}
