package io.github.binder4j.runtime;

/**
 * Whether the current thread has stack enough to serve one more call nested in those it has open.
 *
 * <p>How deep calls nest is up to every process in the chain, also to a hostile one. A stack that overflows in the middle of
 * talking to the driver costs the thread all its open calls; one found to be nearly used up costs the last call alone.
 */
final class StackReserve {
    /** Frames of {@link #use}, which the JIT may make as small as 32 bytes: 64 KiB at least. */
    private static final int FRAMES = 2048;

    private StackReserve() {}

    /** Uses the reserve, to see whether it is there. */
    static boolean isThere() {
        try {
            return use(FRAMES) == FRAMES;
        } catch (StackOverflowError e) {
            return false;
        }
    }

    private static int use(int frames) {
        return frames == 0 ? 0 : 1 + use(frames - 1);
    }
}
