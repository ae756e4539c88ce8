package io.github.binder4j.binderfs;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A thread that has entered the driver and not left it for good.
 *
 * @param tid its number
 * @param looper the driver's bits, see {@link #states}
 * @param needsReturn whether the driver wants it to go back to its program
 * @param temporaryReferences how often the driver holds it for a moment
 * @param transactions what it sent and waits for, or serves, the innermost first; then what waits for it
 * @param work what else waits for it
 */
public record ThreadRecord(
        int tid,
        int looper,
        boolean needsReturn,
        int temporaryReferences,
        List<TransactionRecord> transactions,
        List<WorkRecord> work) {

    /** The bits of {@code looper}, as in drivers/android/binder_internal.h, from the lowest. */
    public enum LooperState {
        /** BC_REGISTER_LOOPER: the driver asked for it. */
        REGISTERED,
        /** BC_ENTER_LOOPER: it came by itself. */
        ENTERED,
        /** BC_EXIT_LOOPER. */
        EXITED,
        /** It registered or entered when it should not have. */
        INVALID,
        /** It waits in the driver for work. */
        WAITING,
        /** It has polled the device. */
        POLL
    }

    /**
     * What the thread is doing.
     *
     * @return the states whose bits are set; none for a thread that has sent something and never looked for work
     */
    public Set<LooperState> states() {
        Set<LooperState> states = EnumSet.noneOf(LooperState.class);
        for (LooperState state : LooperState.values()) {
            if ((looper & 1 << state.ordinal()) != 0) {
                states.add(state);
            }
        }
        return states;
    }
}
