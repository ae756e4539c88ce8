package io.github.binder4j.runtime;

/** Runs what a program handed us where no caller is there to take an exception. */
public final class UserCode {
    private UserCode() {}

    /** Runs {@code code}; what it throws goes to the thread's handler for uncaught exceptions, and the thread goes on. */
    public static void run(Runnable code) {
        try {
            code.run();
        } catch (Throwable e) {
            report(e);
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
