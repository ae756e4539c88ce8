package io.github.binder4j.runtime;

import io.github.binder4j.driver.DriverThread;
import io.github.binder4j.driver.NoKernel;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * A thread sets a buffer aside and arms the janitor, as the janitor disarms itself and looks: it sees the buffer, or is armed and
 * will look again. Else the buffer, and the oneway calls that wait for it, would wait for that thread's next call.
 *
 * <p>r1: the janitor saw the buffer. r2: it is armed.
 *
 * <p>Does not prove that an armed janitor wakes, nor that a sweep looks at every thread: it looks at none here, but the test does
 * in its place.
 */
@JCStressTest
@Outcome(
        id = {"true, true", "true, false", "false, true"},
        expect = Expect.ACCEPTABLE,
        desc = "seen now or later")
@Outcome(id = "false, false", expect = Expect.FORBIDDEN, desc = "forgotten")
@State
public class ArmedOrSeen {
    private static final ProcessState PROCESS = DeferredFreeOnce.PROCESS;

    private final Janitor janitor = new Janitor(PROCESS); // not started
    private final ThreadState thread = new ThreadState(PROCESS, new DriverThread(new NoKernel().device()));

    public ArmedOrSeen() {
        janitor.arm(); // by an earlier buffer: else nothing is swept
    }

    @Actor
    public void free() {
        thread.freeBuffer(1, 8);
        janitor.arm();
    }

    @Actor
    public void sweep(ZZ_Result r) {
        janitor.sweep();
        r.r1 = thread.hasPendingFree();
    }

    @Arbiter
    public void end(ZZ_Result r) {
        r.r2 = janitor.isArmed();
        thread.takePendingFree();
        PROCESS.counters.retire(thread.counts());
    }
}
