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
        Thread[] threads = new Thread[MAX_THREADS];
        int count = Thread.enumerate(threads);
        long sum = 0;
        for (int i = 0; i < count; i++) {
            if (threads[i].getName().startsWith("binder-binder-")) {
                sum += THREADS.getThreadAllocatedBytes(threads[i].getId());
            }
        }
        return sum;
    }

    /** Bytes since the calling thread began. */
    static long ofThisThread() {
        return THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
    }
}
