package io.github.binder4j.kernel;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** How much a thread has allocated on the heap. */
final class Allocations {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final int MAX_THREADS = 100;

    private Allocations() {}

    /** Bytes since they began, of the threads of this process that serve the default device. */
    static long ofLoopers() {
        return ofThreads("binder-binder-");
    }

    /** Bytes since it began, of the janitor of the default device. */
    static long ofJanitor() {
        return ofThreads("binder-janitor-binder");
    }

    private static long ofThreads(String prefix) {
        Thread[] threads = new Thread[MAX_THREADS];
        int count = Thread.enumerate(threads);
        long sum = 0;
        boolean found = false;
        for (int i = 0; i < count; i++) {
            if (threads[i].getName().startsWith(prefix)) {
                found = true;
                sum += THREADS.getThreadAllocatedBytes(threads[i].getId());
            }
        }
        if (!found) {
            throw new AssertionError("no thread's name begins with " + prefix);
        }
        return sum;
    }

    /** Bytes since the calling thread began. */
    static long ofThisThread() {
        return THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
    }
}
