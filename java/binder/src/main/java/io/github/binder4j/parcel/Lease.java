package io.github.binder4j.parcel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * How long the memory that one use of a parcel holds must stay as it is, for the sake of views of it.
 *
 * <p>The parcel has a share in it until it is emptied, each view that the program keeps has one until it is closed, and so has
 * each copy out of it until it is done. The last to give its share up gives the memory back. Thread-safe.
 */
public class Lease {
    private static final VarHandle SHARES;

    static {
        try {
            SHARES = MethodHandles.lookup().findVarHandle(Lease.class, "shares", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile int shares = 1;
    private volatile boolean viewsEnded;

    /** One of memory that nobody waits for. */
    protected Lease() {}

    /** The last share was given up. */
    protected void over() {}

    /** A view that the program kept was dropped without being closed. */
    protected void leaked() {}

    /** Ends the views that the program does not keep, before the parcel gives its share up. */
    final void endViews() {
        viewsEnded = true;
    }

    final boolean isViewsEnded() {
        return viewsEnded;
    }

    /** Takes a share, if the memory was not given back. */
    final boolean hold() {
        int held = shares;
        while (held > 0) {
            if (SHARES.compareAndSet(this, held, held + 1)) {
                return true;
            }
            held = shares;
        }
        return false;
    }

    /** Gives a share up; tells whether it was the last. */
    public final boolean release() {
        boolean last = (int) SHARES.getAndAdd(this, -1) == 1;
        if (last) {
            over();
        }
        return last;
    }
}
