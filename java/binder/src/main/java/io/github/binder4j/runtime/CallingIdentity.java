package io.github.binder4j.runtime;

import io.github.binder4j.driver.BinderDriver;

/**
 * On whose behalf a thread acts: the caller it serves, or this process itself.
 *
 * <p>Packed as Android packs it, user id above process id, so that a program can keep it in one long. Confined to its
 * thread.
 */
public final class CallingIdentity {
    private static final int PID = (int) ProcessHandle.current().pid();
    private static final int UID = BinderDriver.effectiveUid();

    private long packed = pack(UID, PID);

    /** The current thread's. */
    public static CallingIdentity current() {
        return ThreadState.identity();
    }

    public int pid() {
        return (int) packed;
    }

    public int uid() {
        return (int) (packed >>> Integer.SIZE);
    }

    /** Acts as this process from now on; returns what {@link #restore} takes. */
    public long clear() {
        return set(UID, PID);
    }

    public void restore(long token) {
        packed = token;
    }

    long set(int uid, int pid) {
        long before = packed;
        packed = pack(uid, pid);
        return before;
    }

    private static long pack(int uid, int pid) {
        return (long) uid << Integer.SIZE | pid & 0xffffffffL;
    }
}
