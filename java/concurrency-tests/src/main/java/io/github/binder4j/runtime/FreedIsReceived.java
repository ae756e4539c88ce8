package io.github.binder4j.runtime;

import io.github.binder4j.runtime.Counters.Often;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/**
 * What one thread counts, in the order it counts it, as another sums it up: who asks first how many buffers were freed, then how
 * many were received, never finds more of the former, and so never takes a mapping for unused that is not.
 *
 * <p>r1: freed. r2: received.
 *
 * <p>Does not prove that who closes a device asks in this order, nor that each buffer is counted.
 */
@JCStressTest
@Outcome(
        id = {"0, 0", "0, 1", "1, 1", "0, 2", "1, 2", "2, 2"},
        expect = Expect.ACCEPTABLE,
        desc = "none or one is live")
@Outcome(expect = Expect.FORBIDDEN, desc = "more freed than received")
@State
public class FreedIsReceived {
    private final Counters counters = new Counters();
    private final Counters.OfThread counts = counters.ofThread();

    @Actor
    public void serve() {
        counts.add(Often.BUFFERS_RECEIVED, 1);
        counts.add(Often.BUFFERS_FREED, 1);
        counts.add(Often.BUFFERS_RECEIVED, 1);
        counts.add(Often.BUFFERS_FREED, 1);
    }

    @Actor
    public void ask(JJ_Result r) {
        r.r1 = counters.sum(Often.BUFFERS_FREED);
        r.r2 = counters.sum(Often.BUFFERS_RECEIVED);
    }
}
