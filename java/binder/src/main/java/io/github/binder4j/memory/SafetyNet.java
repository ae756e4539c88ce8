package io.github.binder4j.memory;

import java.lang.ref.Cleaner;

/** Gives back what a program dropped without giving it back itself. */
public final class SafetyNet {
    /** One thread for the whole process. */
    public static final Cleaner CLEANER = Cleaner.create(runnable -> {
        Thread thread = new Thread(runnable, "binder-cleaner");
        thread.setDaemon(true);
        return thread;
    });

    private SafetyNet() {}
}
