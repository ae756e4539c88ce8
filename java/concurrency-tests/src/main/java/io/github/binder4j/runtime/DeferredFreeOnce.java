package io.github.binder4j.runtime;

import io.github.binder4j.driver.DriverThread;
import io.github.binder4j.driver.NoKernel;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJJ_Result;

/**
 * A thread frees two small buffers, 1 and 2, while the janitor takes over the one that waits: each is given back once, by the
 * thread, by the janitor, or by who takes the last.
 *
 * <p>r1: the sum of what the thread gave back. r2: what the janitor took. r3: what still waited.
 *
 * <p>Does not prove that the janitor looks again; see {@link ArmedOrSeen}.
 */
@JCStressTest
@Outcome(id = "1, 0, 2", expect = Expect.ACCEPTABLE, desc = "the janitor came too early or too late")
@Outcome(id = "0, 1, 2", expect = Expect.ACCEPTABLE, desc = "the janitor took the first")
@Outcome(id = "1, 2, 0", expect = Expect.ACCEPTABLE, desc = "the janitor took the second")
@Outcome(expect = Expect.FORBIDDEN, desc = "freed twice, or never")
@State
public class DeferredFreeOnce {
    /** One for all: it has threads of its own. */
    static final ProcessState PROCESS = new ProcessState(new NoKernel().device());

    private final NoKernel kernel = new NoKernel();
    private final ThreadState thread = new ThreadState(PROCESS, new DriverThread(kernel.device()));

    @Actor
    public void free() {
        thread.freeBuffer(1, 8);
        thread.freeBuffer(2, 8);
    }

    @Actor
    public void sweep(JJJ_Result r) {
        r.r2 = thread.takePendingFree();
    }

    @Arbiter
    public void end(JJJ_Result r) {
        r.r1 = kernel.freed;
        r.r3 = thread.takePendingFree();
        PROCESS.counters.retire(thread.counts());
    }
}
