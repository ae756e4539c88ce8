package android.os;

import io.github.binder4j.parcel.ParcelData;
import io.github.binder4j.runtime.LocalObject;
import io.github.binder4j.runtime.ReservedCode;
import io.github.binder4j.runtime.Status;

/** A {@link Binder} as the runtime sees it: turns a transaction into {@code onTransact}, and its end into a status. */
final class LocalBinder extends LocalObject {
    private final Binder binder;

    LocalBinder(Binder binder) {
        this.binder = binder;
    }

    Binder binder() {
        return binder;
    }

    @Override
    protected String interfaceName() {
        return binder.binder4jDescriptor();
    }

    @Override
    protected int transact(int code, ParcelData data, ParcelData reply, int flags) {
        Parcel results = Parcel.of(reply);
        try {
            switch (code) {
                case IBinder.PING_TRANSACTION -> {
                    return Status.OK;
                }
                case ReservedCode.EXTENSION -> {
                    results.writeStrongBinder(binder.getExtension());
                    return Status.OK;
                }
                case ReservedCode.DEBUG_PID -> {
                    results.writeInt((int) ProcessHandle.current().pid());
                    return Status.OK;
                }
                default -> {}
            }
            return binder.onTransact(code, Parcel.of(data), results, flags) ? Status.OK : Status.UNKNOWN_TRANSACTION;
        } catch (Throwable e) {
            return failed(e, results, (flags & IBinder.FLAG_ONEWAY) != 0);
        } finally {
            data.endLoan();
            reply.endLoan();
        }
    }

    private static int failed(Throwable e, Parcel reply, boolean oneway) {
        if (oneway || ExceptionCode.of(e) == ExceptionCode.NONE) {
            throw new Failure(statusOf(e), e);
        }
        reply.data().clear();
        reply.writeException((RuntimeException) e);
        return Status.OK;
    }

    /** What has no exception code: libbinder's mapping of a Java exception that {@code execTransact} lets through. */
    private static int statusOf(Throwable e) {
        if (e instanceof OutOfMemoryError) {
            return Status.NO_MEMORY;
        }
        return e instanceof RemoteException ? Status.UNKNOWN_TRANSACTION : Status.UNKNOWN_ERROR;
    }
}
