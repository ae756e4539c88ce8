package io.github.binder4j.runtime;

import io.github.binder4j.driver.DriverClosedException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The threads of one device that serve calls.
 *
 * <p>The pool begins when this process first has something to be called at: an object sent, a death watched. Its main looper
 * enters by itself; the driver asks for more, up to the maximum, with BR_SPAWN_LOOPER when a call finds no thread waiting.
 * Pool threads are daemons: a program that only serves stays by joining the pool itself.
 *
 * <p>The driver asks for a thread once and waits for it, so one that cannot be started, or that a failure ends, is missing
 * until the janitor has started another.
 */
public final class LooperPool {
    /** What libbinder asks for. */
    public static final int DEFAULT_MAX_THREADS = 15;

    private static final System.Logger LOG = System.getLogger(LooperPool.class.getName());
    private static final long STARVATION_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long RESTART_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ProcessState process;
    private final AtomicBoolean started = new AtomicBoolean();
    private final AtomicInteger threadNumber = new AtomicInteger(1);
    private final AtomicInteger loopers = new AtomicInteger();
    /** When the starvation that was reported last began. */
    private final AtomicLong reported = new AtomicLong(NEVER);

    private final AtomicInteger starvations = new AtomicInteger();

    /** Threads the driver has asked for, once, and that were not started. */
    private final AtomicInteger missingRegistered = new AtomicInteger();
    /** Loopers that a failure ended. */
    private final AtomicInteger missingEntered = new AtomicInteger();
    /** When the missing were started last, or tried to be; the janitor's. */
    private long lastRestart = System.nanoTime() - RESTART_NANOS;

    private final Look janitorsLook = new Look();

    private volatile int maxThreads;

    LooperPool(ProcessState process) {
        this.process = process;
    }

    /**
     * How many threads the driver may ask for, besides the main looper and those that join by themselves.
     *
     * @throws IllegalArgumentException if negative
     */
    public void setMaxThreads(int count) {
        if (count < 0) {
            throw new IllegalArgumentException("setMaxThreads(" + count + "): 0 or more");
        }
        process.driver().setMaxThreads(count);
        maxThreads = count;
    }

    /** Starts the main looper if it was not. */
    public void start() {
        if (!started.get() && started.compareAndSet(false, true)) {
            try {
                startThread(false);
            } catch (Throwable e) {
                started.set(false);
                throw e;
            }
        }
    }

    /**
     * Has the calling thread alone serve, from a program's event loop: no pool thread is started.
     *
     * @throws IllegalStateException if the pool was started
     */
    void startPolling() {
        if (!started.compareAndSet(false, true)) {
            throw new IllegalStateException("the pool of " + process.path()
                    + " has loopers already: poll a device that has sent no object, watched no death, and has no other"
                    + " thread that serves");
        }
        boolean polling = false;
        try {
            setMaxThreads(0);
            process.thread().startPolling();
            polling = true;
        } finally {
            started.set(polling);
        }
    }

    /** BR_SPAWN_LOOPER: the driver counts the thread from its BC_REGISTER_LOOPER. Serving goes on without it if need be. */
    void spawn() {
        try {
            startThread(true);
        } catch (Throwable e) {
            UserCode.report(e);
            missing(missingRegistered);
        }
    }

    private void startThread(boolean registered) {
        String name = "binder-" + process.path().getFileName() + "-" + threadNumber.getAndIncrement();
        DeviceThreads maker = process.deviceThreads();
        maker.start(maker.make(name, () -> runThread(registered)));
    }

    private void runThread(boolean registered) {
        AtomicInteger kind = registered ? missingRegistered : missingEntered;
        try {
            process.thread();
            kind = missingEntered; // the driver hears of this thread now, and would refuse a second that registers
            join(registered);
        } catch (DriverClosedException e) {
            return;
        } catch (Throwable e) {
            UserCode.report(e);
            missing(kind);
        }
    }

    private void missing(AtomicInteger kind) {
        kind.incrementAndGet();
        process.janitor().arm();
    }

    /**
     * Starts the loopers that are missing, at most once a second, so that one which fails at once does not do so in a tight
     * loop; tells whether one is missing still. Called by the janitor. Why they are missing was reported.
     */
    boolean startMissing() {
        if (isMissing() && System.nanoTime() - lastRestart >= RESTART_NANOS) {
            try {
                startMissing(missingRegistered, true);
                startMissing(missingEntered, false);
            } catch (Throwable e) {
                return true; // still no thread to be had
            } finally {
                lastRestart = System.nanoTime();
            }
        }
        return isMissing();
    }

    private void startMissing(AtomicInteger kind, boolean registered) {
        for (int left = kind.get(); left > 0; left--) {
            startThread(registered);
            kind.decrementAndGet();
        }
    }

    private boolean isMissing() {
        return missingRegistered.get() > 0 || missingEntered.get() > 0;
    }

    /** Makes the calling thread a looper until the device is closed; returns at once if it is one already. */
    public void join() {
        started.set(true); // a program's own thread is as good as the main looper
        process.carriers().run(() -> join(false));
    }

    private void join(boolean registered) {
        loopers.incrementAndGet();
        try {
            boolean asked = registered;
            while (process.thread().joinPool(asked)) {
                asked = false; // again, as a thread the driver has not seen
            }
        } catch (DriverClosedException e) {
            return; // the end of every looper
        } finally {
            loopers.decrementAndGet();
        }
    }

    // Starvation

    /*
     * Each looper writes down for itself since when it has been busy, and nobody counts. All are busy since the last of them
     * became it, and until the first is free: that one has been busy as long or longer, so it looks at the others if it has been
     * for long, and the janitor looks for as long as none is free.
     *
     * The driver spawns up to the maximum; a pool that is smaller is one that is still growing, and is never starved. So the
     * loopers of such a pool, which most are for ever, need not look at the clock: who makes a grown pool full does.
     */

    /** Since when a looper has been busy that is free. */
    static final long FREE = 0;

    /** Since when a looper has been busy that became it while the pool was growing: before any that became it later. */
    private static final long LONG_AGO = 2;

    private static final long NEVER = 4;

    /** A looper begins to serve: since when it has been busy. */
    long busySince() {
        if (loopers.get() <= maxThreads) {
            return LONG_AGO;
        }
        process.janitor().arm(); // in case nobody becomes free
        return now();
    }

    /** A looper that has been busy {@code since} is about to be free; it still counts as busy. */
    void endBusy(long since) {
        if (since != LONG_AGO && now() - since > STARVATION_NANOS) {
            long starvedMs = takeStarvation(new Look().fullSince());
            if (starvedMs > 0) {
                process.janitor().submit(() -> report(starvedMs)); // not here: a reply may have to be sent yet
            }
        }
    }

    /** Reports a starvation that has lasted long enough, once; tells whether one may be that has not. */
    boolean checkStarvation() {
        long since = janitorsLook.fullSince();
        long starvedMs = takeStarvation(since);
        if (starvedMs > 0) {
            report(starvedMs);
        }
        return since != FREE && since != reported.get();
    }

    /** A time that is neither of the values that are none, a nanosecond of which does not matter. */
    private static long now() {
        return System.nanoTime() | 1;
    }

    /** A look at every looper. Used again by the janitor, which makes no garbage. */
    private final class Look implements Consumer<ThreadState> {
        private int busy;
        private long last;

        /** Since when every looper of a grown pool has been busy; {@link #FREE} if one is free. */
        long fullSince() {
            busy = 0;
            last = LONG_AGO;
            process.threads().forEach(this);
            return busy > maxThreads && busy >= loopers.get() && last != LONG_AGO ? last : FREE;
        }

        @Override
        public void accept(ThreadState thread) {
            long since = thread.busySince();
            if (since != FREE) {
                busy++;
                last = last == LONG_AGO || since != LONG_AGO && since - last > 0 ? since : last;
            }
        }
    }

    /** For how many milliseconds every looper has been busy, if that is to be reported and nobody does; else 0. */
    private long takeStarvation(long since) {
        long before = reported.get();
        long starved = now() - since;
        return since != FREE && since != before && starved > STARVATION_NANOS && reported.compareAndSet(before, since)
                ? TimeUnit.NANOSECONDS.toMillis(starved)
                : 0;
    }

    private void report(long starvedMs) {
        starvations.incrementAndGet();
        int threads = loopers.get();
        FlightRecords.starvation(process, threads, starvedMs);
        process.events().publish(listener -> listener.onStarvation(threads, starvedMs));
        LOG.log(
                System.Logger.Level.WARNING,
                "binder thread pool of {0} ({1} threads) starved for {2} ms: every thread is busy serving calls",
                process.path(),
                threads,
                starvedMs);
    }

    /** How often every thread of the pool was busy for more than 100 ms. */
    public int starvations() {
        return starvations.get();
    }

    /** Loopers that are serving a call. */
    public int busyThreads() {
        int busy = 0;
        for (ThreadState thread : process.threads()) {
            if (thread.busySince() != FREE) {
                busy++;
            }
        }
        return busy;
    }

    /** What {@link #setMaxThreads} was given last. */
    public int maxThreads() {
        return maxThreads;
    }

    /** Threads that serve or wait to. */
    public int size() {
        return loopers.get();
    }
}
