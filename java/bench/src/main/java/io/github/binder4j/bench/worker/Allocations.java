package io.github.binder4j.bench.worker;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Bytes that threads have allocated on the Java heap, ever. */
final class Allocations {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    static long ofThisThread() {
        return THREADS.getCurrentThreadAllocatedBytes();
    }

    /** Of all threads that live but the one that asks: what it allocates is for the measurement. */
    static long ofTheOthers() {
        long self = Thread.currentThread().getId();
        long sum = 0;
        for (long id : THREADS.getAllThreadIds()) {
            sum += id == self ? 0 : Math.max(0, THREADS.getThreadAllocatedBytes(id));
        }
        return sum;
    }

    /** What a server says when it is asked. */
    String answer(String line) {
        return line.equals("allocated") ? "allocated " + ofTheOthers() : "failed: cannot understand \"" + line + '"';
    }
}
