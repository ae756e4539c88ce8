package io.github.binder4j.runtime;

import io.github.binder4j.runtime.Counters.Often;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/**
 * A thread that leaves hands over what it counted, once, whoever else finds that it has left; who sums up meanwhile misses none
 * of it and counts none twice. What the thread counts after that is not lost.
 *
 * <p>r1: a sum meanwhile. r2: the sum in the end.
 *
 * <p>Does not prove that the counts of a thread that lives are retired by that thread only, on which this rests.
 */
@JCStressTest
@Outcome(
        id = {"5, 7", "7, 7"},
        expect = Expect.ACCEPTABLE,
        desc = "each once")
@Outcome(expect = Expect.FORBIDDEN, desc = "lost or counted twice")
@State
public class RetiringKeepsCounts {
    private final Counters counters = new Counters();
    private final Counters.OfThread counts = counters.ofThread();

    public RetiringKeepsCounts() {
        counts.add(Often.CALLS, 5);
    }

    @Actor
    public void leave() {
        counters.retire(counts);
        counts.add(Often.CALLS, 2);
    }

    @Actor
    public void ask(JJ_Result r) {
        r.r1 = counters.sum(Often.CALLS);
    }

    @Arbiter
    public void end(JJ_Result r) {
        counters.retire(counts);
        r.r2 = counters.sum(Often.CALLS);
    }
}
