package io.github.binder4j.runtime;

import io.github.binder4j.runtime.Counters.Often;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JI_Result;

/**
 * What is counted has happened: who sees a buffer counted as freed sees what its reader did before, so memory that nobody
 * counts as received is read by nobody.
 *
 * <p>r1: freed. r2: what the reader wrote.
 *
 * <p>Does not prove that every reader counts after its last read.
 */
@JCStressTest
@Outcome(
        id = {"0, 0", "0, 1", "1, 1"},
        expect = Expect.ACCEPTABLE,
        desc = "in the order it happened")
@Outcome(id = "1, 0", expect = Expect.FORBIDDEN, desc = "counted before it was done")
@State
public class CountedIsDone {
    private final Counters counters = new Counters();
    private final Counters.OfThread counts = counters.ofThread();
    private int done;

    @Actor
    public void serve() {
        done = 1;
        counts.add(Often.BUFFERS_FREED, 1);
    }

    @Actor
    public void ask(JI_Result r) {
        r.r1 = counters.sum(Often.BUFFERS_FREED);
        r.r2 = done;
    }
}
