package io.github.binder4j.runtime;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Where it becomes known that a call to an object of this process failed, and its caller is not told why.
 *
 * <p>Any peer brings that about as often as it likes: with a wrong token, a parcel cut short, calls nested without end. So none
 * of it reaches a thread's handler for uncaught exceptions, at which servers end; subscribers hear of it, and a line is
 * logged at a limited rate. What no peer can be blamed for, an {@link Error} of the program, goes to the handler.
 *
 * <p>Thread-safe.
 */
final class ServedFailures {
    private static final System.Logger LOG = System.getLogger(ServedFailures.class.getName());

    private final ProcessState process;
    private final RateLimitedLog log;

    /** That wait to be reported. */
    private final AtomicInteger refusals = new AtomicInteger();

    ServedFailures(ProcessState process) {
        this(process, LOG);
    }

    ServedFailures(ProcessState process, System.Logger log) {
        this.process = process;
        this.log = new RateLimitedLog(log, System::nanoTime);
    }

    /**
     * Reports a call that failed; throws nothing, since its caller is still to be answered.
     *
     * @param caller on whose behalf the thread acts
     * @param target what was called; null if nothing is known by that number
     * @param withStack whether the log shows where {@code e} comes from
     */
    void failed(CallingIdentity caller, LocalObject target, int code, Throwable e, boolean withStack) {
        process.counters.servedFailures.increment();
        report(new Call(caller.servedUid(), caller.servedPid(), target, code), e, withStack);
    }

    /**
     * Reports a call that was refused because the stack of the calling thread is nearly used up. It is too short to report on, so
     * the janitor does.
     *
     * @param nestedIn how many calls are open on the thread
     */
    void refused(CallingIdentity caller, LocalObject target, int code, int nestedIn) {
        process.counters.servedFailures.increment();
        if (refusals.get() < DeviceEvents.MAX_WAITING) {
            refusals.incrementAndGet();
            Call call = new Call(caller.servedUid(), caller.servedPid(), target, code);
            process.janitor().submit(new Refusal(call, nestedIn));
        }
    }

    /** Not a lambda, whose first use takes more stack than is left where it is made. */
    private final class Refusal implements Runnable {
        private final Call call;
        private final int nestedIn;

        Refusal(Call call, int nestedIn) {
            this.call = call;
            this.nestedIn = nestedIn;
        }

        @Override
        public void run() {
            refusals.decrementAndGet();
            Throwable e = new StackOverflowError("refused a call nested in " + nestedIn
                    + " others on a thread whose stack is nearly used up; the JVM's option -Xss makes it larger");
            report(call, e, false);
        }
    }

    /** A call, and who made it. */
    private record Call(int uid, int pid, LocalObject target, int code) {
        String interfaceName() {
            return target == null ? null : target.interfaceName();
        }
    }

    private void report(Call call, Throwable e, boolean withStack) {
        try {
            publish(call, e);
            if (e instanceof Error && !isBroughtAboutByPeers(e)) {
                UserCode.report(e);
            } else {
                log.warn(() -> describe(call, e), withStack ? e : null);
            }
        } catch (Throwable unreportable) {
            return; // a logger of the program's that fails, or an exception that cannot be described
        }
    }

    /** Calls nested in one another use up the stack, and a length that a handler believes the heap. */
    private static boolean isBroughtAboutByPeers(Throwable e) {
        return e instanceof StackOverflowError || e instanceof OutOfMemoryError;
    }

    private void publish(Call call, Throwable e) {
        String interfaceName = call.interfaceName();
        FlightRecords.servedCallFailed(process, interfaceName, call.code, call.uid, call.pid, e);
        process.events()
                .publishOften(listener -> listener.onServedCallFailed(interfaceName, call.code, call.uid, call.pid, e));
    }

    private String describe(Call call, Throwable e) {
        return "a call to " + process.path() + " failed [interface=" + call.interfaceName() + " code=0x"
                + Integer.toHexString(call.code) + ", caller: user " + Integer.toUnsignedString(call.uid)
                + ", process " + call.pid + "]: " + e;
    }
}
