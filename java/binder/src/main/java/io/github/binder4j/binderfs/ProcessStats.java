package io.github.binder4j.binderfs;

/**
 * Figures of a process that has a device open. A figure the kernel does not print is 0.
 *
 * @param pid its number outside of any container
 * @param context the name of the device
 * @param threads that have entered the driver and not left it for good
 * @param requestedThreads the driver has asked for, which have not come yet
 * @param startedThreads the driver has asked for, which came
 * @param maxThreads the driver may ask for
 * @param readyThreads that wait for work
 * @param freeAsyncSpaceBytes of its receive area that oneway transactions may still take
 * @param nodes its objects
 * @param refs its references
 * @param strongRefs the sum of their strong counts
 * @param weakRefs the sum of their weak counts
 * @param buffers of its receive area in use
 * @param activePages of its receive area in use
 * @param reclaimablePages of its receive area that have memory and are not in use
 * @param freePages of its receive area that have no memory
 * @param pagesHighWatermark the most pages that ever had memory
 * @param pendingTransactions no thread of it has received yet
 * @param counters commands it sent and received
 */
public record ProcessStats(
        int pid,
        String context,
        int threads,
        int requestedThreads,
        int startedThreads,
        int maxThreads,
        int readyThreads,
        long freeAsyncSpaceBytes,
        int nodes,
        int refs,
        int strongRefs,
        int weakRefs,
        int buffers,
        int activePages,
        int reclaimablePages,
        int freePages,
        long pagesHighWatermark,
        int pendingTransactions,
        Counters counters) {}
