package io.github.binder4j.runtime;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Makes the threads of one device, and sees them end.
 *
 * <p>They are daemons, and have nothing of the thread that happens to have them made: neither its inheritable values nor its
 * class loader, which would stay for as long as the device is open.
 */
class DeviceThreads {
    private static final long POLL_MS = 1;

    /** Those that have not ended, and some that have. */
    private final Set<Thread> made = ConcurrentHashMap.newKeySet();

    /** Makes a thread that runs {@code work} when it is started. */
    Thread make(String name, Runnable work) {
        made.removeIf(thread -> thread.getState() == Thread.State.TERMINATED);
        Thread thread = new Thread(null, work, name, 0, false);
        thread.setDaemon(true);
        thread.setContextClassLoader(DeviceThreads.class.getClassLoader());
        made.add(thread);
        return thread;
    }

    /**
     * Starts a thread that {@link #make} made.
     *
     * @throws OutOfMemoryError if the system gives none; then it is forgotten
     */
    void start(Thread thread) {
        try {
            thread.start();
        } catch (Throwable e) {
            made.remove(thread);
            throw e;
        }
    }

    /**
     * Waits until a thread has ended, unless that is the calling one.
     *
     * @param deadline as {@link System#nanoTime} has it
     * @return false if it has not
     */
    static boolean awaitEnd(Thread thread, long deadline) {
        return awaitEnd(thread, deadline, any -> false);
    }

    /** Waits until those threads have ended that run no code of the program's, which may take as long as it likes. */
    void awaitEnds(long deadline, Predicate<Thread> inUserCode) {
        for (Thread thread : made) {
            awaitEnd(thread, deadline, inUserCode);
        }
    }

    private static boolean awaitEnd(Thread thread, long deadline, Predicate<Thread> inUserCode) {
        if (thread == Thread.currentThread()) {
            return true;
        }
        boolean interrupted = false;
        while (thread.isAlive() && !inUserCode.test(thread) && System.nanoTime() - deadline < 0) {
            try {
                TimeUnit.MILLISECONDS.timedJoin(thread, POLL_MS);
            } catch (InterruptedException e) {
                interrupted = true; // kept for the program
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }
}
