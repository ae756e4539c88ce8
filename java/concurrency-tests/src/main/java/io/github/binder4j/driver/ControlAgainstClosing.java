package io.github.binder4j.driver;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * A call that is no thread's in particular against the closing of the device: either it is refused, or who closes sees that it
 * is inside, or that it has left, and then all it did.
 *
 * <p>r1: it made its system call. r2: who closes saw it inside. r3: who closes saw that it had ended.
 *
 * <p>Does not prove that who closes asks about every such call, nor that one inside is woken.
 */
@JCStressTest
@Outcome(id = "0, 0, 0", expect = Expect.ACCEPTABLE, desc = "refused")
@Outcome(id = "0, 1, 0", expect = Expect.ACCEPTABLE, desc = "refused, and waited for meanwhile")
@Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "inside, and waited for")
@Outcome(id = "1, 1, 1", expect = Expect.ACCEPTABLE, desc = "inside, and waited for")
@Outcome(id = "1, 0, 1", expect = Expect.ACCEPTABLE, desc = "had left")
@Outcome(id = "1, 0, 0", expect = Expect.FORBIDDEN, desc = "inside, and the descriptor is closed")
@State
public class ControlAgainstClosing {
    private final NoKernel kernel = new NoKernel();
    private final BinderDriver device = kernel.device();

    @Actor
    public void enter(III_Result r) {
        try {
            device.setMaxThreads(1);
        } catch (DriverClosedException refused) {
            // r1 says so.
        }
        r.r1 = kernel.ended;
    }

    @Actor
    public void close(III_Result r) {
        kernel.device().beginClose();
        r.r2 = device.isControlled() ? 1 : 0;
        r.r3 = kernel.ended;
    }
}
