package io.github.binder4j.files;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Threads for what a peer may make wait, for as long as it likes: none that serves, calls or collects is held by it.
 *
 * <p>A task waits for another only if all the threads there may be are held. A thread ends when it has had nothing to do for a
 * while. Thread-safe.
 */
final class SpareThreads {
    private static final long IDLE_MS = 10_000;

    private final String name;
    private final int limit;
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private int threads;
    private int idle;
    private int number;

    /**
     * @param name of the threads, before their number
     * @param limit how many there are at most
     */
    SpareThreads(String name, int limit) {
        this.name = name;
        this.limit = limit;
    }

    /** Runs a task on one of the threads; at the latest when one of them is not held any more. */
    synchronized void run(Runnable task) {
        tasks.add(task);
        if (tasks.size() > idle && threads < limit) {
            start();
        }
        notify();
    }

    /** Whether a task would have to wait for another's end. */
    synchronized boolean areAllHeld() {
        return threads == limit && tasks.size() >= idle;
    }

    private void start() {
        Thread thread = new Thread(null, this::work, name + "-" + ++number, 0, false);
        thread.setDaemon(true);
        thread.setContextClassLoader(null); // it is nobody's in particular
        threads++;
        try {
            thread.start();
        } catch (Throwable e) {
            threads--; // the next task tries again, or a thread there is comes to this one
        }
    }

    private void work() {
        boolean idle = false;
        try {
            for (Runnable task = next(); task != null; task = next()) {
                task.run();
            }
            idle = true;
        } finally {
            if (!idle) {
                replace();
            }
        }
    }

    /** A task failed, and ends its thread. */
    private synchronized void replace() {
        threads--;
        if (!tasks.isEmpty()) {
            start();
        }
    }

    /** Waits for a task; null if there is none for so long that the thread is to end. */
    private synchronized Runnable next() {
        long deadline = System.nanoTime() + IDLE_MS * 1_000_000;
        idle++;
        try {
            while (tasks.isEmpty()) {
                long leftMs = (deadline - System.nanoTime()) / 1_000_000;
                if (leftMs <= 0) {
                    threads--;
                    return null;
                }
                waitFor(leftMs);
            }
            return tasks.poll();
        } finally {
            idle--;
        }
    }

    private void waitFor(long ms) {
        try {
            wait(ms);
        } catch (InterruptedException e) {
            return; // nobody has a reason to: it looks again
        }
    }
}
