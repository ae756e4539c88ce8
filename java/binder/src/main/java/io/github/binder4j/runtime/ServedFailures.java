package io.github.binder4j.runtime;

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
    void report(CallingIdentity caller, LocalObject target, int code, Throwable e, boolean withStack) {
        try {
            process.counters.servedFailures.increment();
            publish(caller.servedUid(), caller.servedPid(), target, code, e);
            if (e instanceof Error && !isBroughtAboutByPeers(e)) {
                UserCode.report(e);
            } else {
                log.warn(() -> describe(caller, target, code, e), withStack ? e : null);
            }
        } catch (Throwable unreportable) {
            return; // a logger of the program's that fails, or a stack too short even for this
        }
    }

    /** Calls nested in one another use up the stack, and a length that a handler believes the heap. */
    private static boolean isBroughtAboutByPeers(Throwable e) {
        return e instanceof StackOverflowError || e instanceof OutOfMemoryError;
    }

    private void publish(int uid, int pid, LocalObject target, int code, Throwable e) {
        String interfaceName = interfaceName(target);
        FlightRecords.servedCallFailed(process, interfaceName, code, uid, pid, e);
        process.events().publishOften(listener -> listener.onServedCallFailed(interfaceName, code, uid, pid, e));
    }

    private String describe(CallingIdentity caller, LocalObject target, int code, Throwable e) {
        return "a call to " + process.path() + " failed [interface=" + interfaceName(target) + " code=0x"
                + Integer.toHexString(code) + ", caller: user " + Integer.toUnsignedString(caller.servedUid())
                + ", process "
                + caller.servedPid() + "]: " + e;
    }

    private static String interfaceName(LocalObject target) {
        return target == null ? null : target.interfaceName();
    }
}
