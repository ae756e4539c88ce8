package io.github.binder4j.runtime;

import io.github.binder4j.driver.DriverClosedException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The platform threads that carry to one device what virtual threads (JDK 21) ask of it.
 *
 * <p>The kernel knows OS threads: a virtual thread that changed its carrier in the middle of a call would read another
 * thread's reply. A callback that the call triggers runs on the carrying thread too. So every virtual thread in a call takes
 * one; one that finds none free has another started, and from the limit on waits, first come first served.
 */
public final class Carriers {
    /** System property for the limit of devices that set none. */
    public static final String PROPERTY = "binder4j.maxCarriers";
    /** The limit if the property sets none either. */
    public static final int DEFAULT_MAX_THREADS = 1024;

    private static final System.Logger LOG = System.getLogger(Carriers.class.getName());
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long TELL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ProcessState process;

    /** Guards what follows. Not a monitor: before JDK 24 that would hold on to the virtual thread's own carrier. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition changed = lock.newCondition();
    private final Deque<FutureTask<?>> waiting = new ArrayDeque<>();
    private int maxThreads = maxFromProperty();
    private int threads;
    /** Of the threads, those that have no work, or have been woken for one that is waiting. */
    private int idle;

    private int lastNumber;
    private boolean closed;
    /** Whether a call waits because of the limit, and that was noticed. */
    private boolean atLimit;

    private long lastTold = System.nanoTime() - TELL_NANOS;

    Carriers(ProcessState process) {
        this.process = process;
    }

    private static int maxFromProperty() {
        int max = Integer.getInteger(PROPERTY, DEFAULT_MAX_THREADS);
        if (max < 1) {
            throw new IllegalArgumentException("-D" + PROPERTY + "=" + max + ": 1 or more");
        }
        return max;
    }

    /** Work that may fail in one checked way. */
    interface Work<T, X extends Exception> {
        T call() throws X;
    }

    /**
     * How many there may be at a time. Those above that end when they are done.
     *
     * @throws IllegalArgumentException if it is less than 1
     */
    public void setMaxThreads(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("setMaxCarriers(" + count + "): 1 or more");
        }
        lock.lock();
        try {
            maxThreads = count;
            while (waiting.size() > idle && threads < maxThreads) {
                startThread(waiting.peek());
                waiting.remove();
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Runs {@code work} here if this is a platform thread, else on one, and waits. */
    void run(Runnable work) {
        if (PlatformThreads.isCurrentVirtual()) {
            this.<Void, RuntimeException>call(() -> {
                work.run();
                return null;
            });
        } else {
            work.run();
        }
    }

    /**
     * Runs {@code work} on a platform thread and waits, uninterruptibly, as a call in the driver would.
     *
     * @throws DriverClosedException if the device is closed before one was free
     */
    @SuppressWarnings("unchecked") // Work throws X or what is unchecked
    <T, X extends Exception> T call(Work<T, X> work) throws X {
        FutureTask<T> task = new FutureTask<>((Callable<T>) work::call);
        submit(task);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (CancellationException e) {
                    throw new DriverClosedException(process.path());
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

    private void submit(FutureTask<?> task) {
        lock.lock();
        try {
            if (closed) {
                throw new DriverClosedException(process.path());
            }
            if (waiting.size() < idle) {
                waiting.add(task);
                changed.signal();
            } else if (threads < maxThreads) {
                startThread(task);
            } else {
                waiting.add(task);
                noticeLimit();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The caller holds the lock. */
    private void startThread(FutureTask<?> first) {
        DeviceThreads maker = process.deviceThreads();
        maker.start(maker.make("binder-carrier-" + ++lastNumber, () -> carry(first)));
        threads++;
    }

    private void carry(FutureTask<?> first) {
        for (FutureTask<?> task = first; task != null; task = next()) {
            task.run();
        }
    }

    /** What this thread does next; null if that is to end. */
    private FutureTask<?> next() {
        lock.lock();
        try {
            long left = IDLE_NANOS;
            idle++;
            while (waiting.isEmpty() && left > 0 && !closed && threads <= maxThreads) {
                left = awaitChange(left);
            }
            idle--;
            FutureTask<?> task = threads <= maxThreads ? waiting.poll() : null;
            if (task == null) {
                threads--;
                changed.signal(); // for another, had it been this one that was woken for a task
            }
            atLimit &= !waiting.isEmpty();
            return task;
        } finally {
            lock.unlock();
        }
    }

    private long awaitChange(long nanos) {
        long start = System.nanoTime();
        try {
            return changed.awaitNanos(nanos);
        } catch (InterruptedException e) { // by what it ran before: nobody has this thread stop
            return nanos - (System.nanoTime() - start);
        }
    }

    /** Tells of the limit when calls begin to wait because of it; of quick changes not each. The caller holds the lock. */
    private void noticeLimit() {
        long now = System.nanoTime();
        if (atLimit || now - lastTold < TELL_NANOS) {
            return;
        }
        atLimit = true;
        lastTold = now;
        int count = threads;
        process.janitor().submit(() -> tellLimit(count));
    }

    private void tellLimit(int count) {
        FlightRecords.carrierLimit(process, count);
        process.events().publish(listener -> listener.onCarrierLimit(count));
        LOG.log(
                System.Logger.Level.WARNING,
                "calls of virtual threads to {0} wait: all {1} platform threads that may carry them are in calls;"
                        + " BinderDevice.setMaxCarriers or -D{2} allows more",
                process.path(),
                count,
                PROPERTY);
    }

    /** Ends those that carry nothing, and later the others; calls that wait for one fail. */
    void close() {
        lock.lock();
        try {
            closed = true;
            waiting.forEach(task -> task.cancel(false));
            waiting.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** How many calls wait to be carried. */
    int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /** How many there are. */
    int size() {
        lock.lock();
        try {
            return threads;
        } finally {
            lock.unlock();
        }
    }
}
