package io.github.binder4j.runtime;

import io.github.binder4j.driver.BinderDriver;
import java.util.Arrays;

/**
 * On whose behalf a thread acts: the caller it serves, or this process itself; and on whose account, the work source.
 *
 * <p>Packed as Android packs it, user id above process id, so that a program can keep it in one long. Confined to its
 * thread.
 */
public final class CallingIdentity {
    /** The work source of a call that names none. */
    public static final int UNSET_WORK_SOURCE = -1;

    private static final int PID = (int) ProcessHandle.current().pid();
    private static final int UID = BinderDriver.effectiveUid();
    private static final long OWN = pack(UID, PID);

    /**
     * The bit above the process id of this process's identity where the program asked for it: a caller of this very process
     * has the same numbers, and a security context.
     */
    private static final long CLEARED = 1L << Integer.SIZE - 1;

    /** The bit above the user id of a packed work source: whether calls made from here name it. */
    private static final long PROPAGATED = 1L << Integer.SIZE;

    private static final int INITIAL_DEPTH = 4;
    /** Longs that a call being served puts aside. */
    private static final int SAVED = 3;

    private static final long NO_WORK_SOURCE = UNSET_WORK_SOURCE & 0xffffffffL;

    private long packed = OWN;
    /** The identity of the call being served, to which {@link #servedContext} belongs. */
    private long served = OWN;

    private String servedContext;
    private long workSource = NO_WORK_SOURCE;

    private long[] saved = new long[SAVED * INITIAL_DEPTH];
    private String[] savedContexts = new String[INITIAL_DEPTH];
    private int depth;

    /** The current thread's. */
    public static CallingIdentity current() {
        return ThreadState.identity();
    }

    public int pid() {
        return (int) (packed & ~CLEARED);
    }

    public int uid() {
        return (int) (packed >>> Integer.SIZE);
    }

    /** The process id of the caller being served, whomever this thread acts for at the moment; elsewhere this process's. */
    int servedPid() {
        return (int) served;
    }

    /** The user id of the caller being served; elsewhere this process's. */
    int servedUid() {
        return (int) (served >>> Integer.SIZE);
    }

    /** The caller's security context; null if the object called asks for none, or this thread acts for this process. */
    public String securityContext() {
        return packed == served ? servedContext : null;
    }

    /** Whether this thread serves a call. */
    public boolean isServing() {
        return depth > 0;
    }

    /** Acts as this process from now on; returns what {@link #restore} takes. */
    public long clear() {
        long before = packed;
        packed = OWN | CLEARED;
        return before;
    }

    public void restore(long token) {
        packed = token;
    }

    // The calls being served, one in another

    /**
     * Acts for the caller of a call that begins to be served.
     *
     * @param sender as {@link #pack} makes it
     */
    void enter(long sender, String context) {
        if (depth * SAVED == saved.length) {
            saved = Arrays.copyOf(saved, saved.length * 2);
            savedContexts = Arrays.copyOf(savedContexts, savedContexts.length * 2);
        }
        saved[depth * SAVED] = packed;
        saved[depth * SAVED + 1] = served;
        saved[depth * SAVED + 2] = workSource;
        savedContexts[depth++] = servedContext;
        packed = sender;
        served = sender;
        servedContext = context;
        workSource = NO_WORK_SOURCE;
    }

    /** The call ends: all is as before {@link #enter}, whatever its code has set. */
    void leave() {
        servedContext = savedContexts[--depth];
        savedContexts[depth] = null;
        packed = saved[depth * SAVED];
        served = saved[depth * SAVED + 1];
        workSource = saved[depth * SAVED + 2];
    }

    // Work source

    /** On whose account this thread works: a user id, or {@link #UNSET_WORK_SOURCE}. */
    public int workSource() {
        return (int) workSource;
    }

    /** What a call made now names as its work source. */
    public int propagatedWorkSource() {
        return (workSource & PROPAGATED) != 0 ? (int) workSource : UNSET_WORK_SOURCE;
    }

    /** Works on {@code uid}'s account, and says so in calls; returns what {@link #restoreWorkSource} takes. */
    public long setWorkSource(int uid) {
        long before = workSource;
        workSource = PROPAGATED | uid & 0xffffffffL;
        return before;
    }

    /** The call being served named {@code uid}; calls made meanwhile do not, unless the program says so. */
    public void receiveWorkSource(int uid) {
        workSource = workSource & PROPAGATED | uid & 0xffffffffL;
    }

    public void restoreWorkSource(long token) {
        workSource = token;
    }

    /** What {@link #restoreWorkSource} takes to come back to now. */
    public long workSourceToken() {
        return workSource;
    }

    private static long pack(int uid, int pid) {
        return (long) uid << Integer.SIZE | pid & 0xffffffffL;
    }
}
