package io.github.binder4j.runtime;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Carries what a virtual thread (JDK 21) asks of the driver to a platform thread.
 *
 * <p>The kernel knows OS threads: a virtual thread that changed its carrier in the middle of a call would read another
 * thread's reply. A callback that the call triggers runs on the carrying thread too.
 */
final class PlatformThreads {
    private static final MethodHandle IS_VIRTUAL = isVirtualHandle();

    private PlatformThreads() {}

    /** Work that may fail in one checked way. */
    interface Work<T, X extends Exception> {
        T call() throws X;
    }

    static boolean isCurrentVirtual() {
        if (IS_VIRTUAL == null) {
            return false;
        }
        try {
            return (boolean) IS_VIRTUAL.invokeExact(Thread.currentThread());
        } catch (Throwable e) {
            throw new AssertionError("Thread.isVirtual does not throw", e);
        }
    }

    /** Runs {@code work} here if this is a platform thread, else on one, and waits. */
    static void run(Runnable work) {
        if (isCurrentVirtual()) {
            PlatformThreads.<Void, RuntimeException>call(() -> {
                work.run();
                return null;
            });
        } else {
            work.run();
        }
    }

    /** Runs {@code work} on a platform thread and waits, uninterruptibly, as a call in the driver would. */
    @SuppressWarnings("unchecked") // Work throws X or what is unchecked
    static <T, X extends Exception> T call(Work<T, X> work) throws X {
        Future<T> done = Carriers.EXECUTOR.submit((Callable<T>) work::call);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return done.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    if (e.getCause() instanceof Error error) {
                        throw error;
                    }
                    throw (X) e.getCause();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static MethodHandle isVirtualHandle() {
        try {
            return MethodHandles.lookup().findVirtual(Thread.class, "isVirtual", MethodType.methodType(boolean.class));
        } catch (NoSuchMethodException e) {
            return null; // before JDK 21 there are none
        } catch (IllegalAccessException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Made when the first virtual thread calls. */
    private static final class Carriers {
        private static final AtomicInteger NUMBER = new AtomicInteger(1);

        static final ExecutorService EXECUTOR = Executors.newCachedThreadPool(runnable -> {
            Thread thread = new Thread(runnable, "binder-carrier-" + NUMBER.getAndIncrement());
            thread.setDaemon(true);
            return thread;
        });
    }
}
