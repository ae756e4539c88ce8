package io.github.binder4j.bench.transport;

/** Counts messages without an answer, and lets others wait until so many have come. */
public final class Arrivals {
    private long count;
    private long awaited = Long.MAX_VALUE;

    /** Counts one. Any thread may. */
    public synchronized void add() {
        if (++count >= awaited) {
            awaited = Long.MAX_VALUE;
            notifyAll();
        }
    }

    /** Returns how many there are, when there are at least so many. One thread may wait. */
    public synchronized long await(long atLeast) {
        while (count < atLeast) {
            awaited = atLeast;
            try {
                wait();
            } catch (InterruptedException e) {
                throw new IllegalStateException("interrupted while waiting for message " + atLeast, e);
            }
        }
        return count;
    }
}
