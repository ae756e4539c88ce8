package io.github.binder4j.runtime;

import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * The thread of one device that tells the driver what no other thread is about to.
 *
 * <p>It runs what the collector finds (references and buffers of dropped objects) and takes over the small buffer that a
 * thread keeps for its next call, when that call does not come: a call thus needs no system call of its own to give its
 * reply back, and an idle thread holds no buffer. It also starts loopers that are missing, and forgets threads that have
 * ended.
 */
final class Janitor {
    private static final long SWEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** How soon a thread is missed that has ended when there was nothing to do any more. */
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final ProcessState process;
    private final ConcurrentLinkedQueue<Runnable> work = new ConcurrentLinkedQueue<>();
    private final Thread thread;
    /** Whether some thread may have a buffer waiting. */
    private volatile boolean armed;

    /** Whether this thread looks again by itself; false while no other has entered the device. */
    private volatile boolean watching;

    private volatile boolean stopped;

    /** Whether the sweep under way has found what another is to look at. */
    private boolean waiting;

    private final Runnable sweep = this::sweep;
    private final Consumer<ThreadState> sweepThread = this::sweepThread;
    private final Consumer<ThreadState> forgetEnded;

    Janitor(ProcessState process) {
        this.process = process;
        this.forgetEnded = process::forgetIfEnded;
        this.thread = process.deviceThreads()
                .make("binder-janitor-" + process.driver().path().getFileName(), this::run);
    }

    void start() {
        process.deviceThreads().start(thread);
    }

    void stop() {
        stopped = true;
        LockSupport.unpark(thread);
    }

    /**
     * Waits until the stopped thread has ended, unless it is the calling one, which ends when it returns.
     *
     * @param deadline as {@link System#nanoTime} has it
     * @throws IllegalStateException if it has not ended by then
     */
    void awaitEnd(long deadline) {
        if (!DeviceThreads.awaitEnd(thread, deadline)) {
            throw new IllegalStateException(process.path() + " is closed, but its " + thread + " still runs at "
                    + Arrays.toString(thread.getStackTrace()));
        }
    }

    /** Runs {@code task} on the janitor's thread, soon. */
    void submit(Runnable task) {
        work.add(task);
        LockSupport.unpark(thread);
    }

    /** A thread has a buffer waiting. Costs a read while sweeps go on. */
    void arm() {
        if (!armed) {
            armed = true;
            LockSupport.unpark(thread);
        }
    }

    boolean isArmed() {
        return armed;
    }

    /** A thread is to be missed when it ends. */
    void threadEntered() {
        if (!watching) {
            LockSupport.unpark(thread);
        }
    }

    private void run() {
        while (!stopped) {
            runWork();
            if (armed) {
                LockSupport.parkNanos(this, SWEEP_NANOS);
                UserCode.run(sweep);
            } else if (work.isEmpty() && !stopped) { // asked again: what ran may have used up the permit of who stops
                idle();
            }
        }
    }

    private void idle() {
        watching = false; // before looking: who enters after this wakes this thread
        if (process.threads().isEmpty()) {
            LockSupport.park(this);
        } else {
            watching = true;
            LockSupport.parkNanos(this, IDLE_NANOS);
            process.threads().forEach(forgetEnded);
        }
    }

    private void runWork() {
        for (Runnable task = work.poll(); task != null; task = work.poll()) {
            UserCode.run(task);
        }
    }

    /** Makes no garbage: it goes on for as long as calls are made, which make none. */
    void sweep() {
        armed = false; // before looking: who sets a buffer aside after this arms again
        boolean done = false;
        try {
            waiting = process.loopers().checkStarvation();
            waiting |= process.loopers().startMissing();
            waiting |= process.departures().goOn();
            process.threads().forEach(sweepThread);
            done = !waiting;
        } finally {
            if (!done) {
                armed = true;
            }
        }
    }

    private void sweepThread(ThreadState state) {
        if (state.hasPendingFree()) {
            if (state.idleSinceLastSweep()) {
                free(state.takePendingFree());
            } else {
                waiting = true;
            }
        }
        process.forgetIfEnded(state);
    }

    private void free(long address) {
        if (address != 0) {
            process.commandNow(io -> io.freeBuffer(address));
        }
    }
}
