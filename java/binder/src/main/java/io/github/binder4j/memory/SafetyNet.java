package io.github.binder4j.memory;

import java.lang.ref.Cleaner;

/** Gives back what a program dropped without giving it back itself. */
public final class SafetyNet {
    /**
     * One thread for the whole process, of the JDK's own making: it has nothing of the thread that happens to be first here.
     *
     * <p>What is registered is kept with the class loader of its action until it is cleaned or found dropped, so what is
     * registered for a device is cleaned when that is closed.
     */
    public static final Cleaner CLEANER = Cleaner.create();

    private SafetyNet() {}
}
