package io.github.binder4j.files;

import io.github.binder4j.natives.BinderNative;

/**
 * Closes what came from a peer.
 *
 * <p>close(2) may wait for as long as a peer likes: for the process behind a file of FUSE, or for the other end of a socket that
 * lingers. So only what cannot is closed on the thread that has done with it, the rest on threads that nobody waits for; a
 * number is free at the latest when its descriptor's turn has come.
 */
public final class Closer {
    /** As many peers, or files of one, as may be stuck before others' descriptors stay open for it. */
    private static final int THREADS = 32;

    private static final SpareThreads SPARE = new SpareThreads("binder-closer", THREADS);

    private Closer() {}

    /** Closes a number that no Java object stands for, and does not wait for that. */
    public static void close(int number) {
        if (BinderNative.closeAtOnce(number) > 0) {
            run(() -> BinderNative.closeFd(number));
        }
    }

    /** Runs something else that closes descriptors of a peer's. */
    public static void run(Runnable closing) {
        SPARE.run(closing);
    }
}
