package io.github.binder4j.runtime;

/**
 * Runs what a program handed us where no caller is there to take an exception.
 *
 * <p>Only what the program itself brings about is reported: see {@link ServedFailures} for what peers do.
 */
public final class UserCode {
    private UserCode() {}

    /**
     * Runs {@code code}; what it throws goes to the thread's handler for uncaught exceptions, and the thread goes on, neither
     * more nor less interrupted than it was.
     */
    public static void run(Runnable code) {
        boolean interrupted = Thread.interrupted();
        try {
            code.run();
        } catch (Throwable e) {
            report(e);
        } finally {
            leaveInterrupted(interrupted);
        }
    }

    /** Ends code of a program's: whether the thread is interrupted is again as it was before that. */
    static void leaveInterrupted(boolean before) {
        if (before) {
            Thread.currentThread().interrupt();
        } else {
            Thread.interrupted();
        }
    }

    /** Hands {@code e} to the current thread's handler for uncaught exceptions; what that throws is ignored, as by the JVM. */
    public static void report(Throwable e) {
        Thread thread = Thread.currentThread();
        try {
            thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
        } catch (Throwable ignored) {
            return;
        }
    }
}
