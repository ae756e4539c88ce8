package io.github.binder4j.errors;

import android.os.RemoteException;

/**
 * A synchronous call was refused because the process that has the object is frozen. The object lives: call again when the
 * process goes on, which {@code IBinder.addFrozenStateChangeCallback} tells, or oneway, which waits there.
 */
public final class FrozenObjectException extends RemoteException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message what failed, with values
     */
    public FrozenObjectException(String message) {
        super(message);
    }
}
