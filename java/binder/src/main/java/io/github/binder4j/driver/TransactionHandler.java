package io.github.binder4j.driver;

/** Receives what needs a thread rather than a table. Called on the thread that read the command. */
public interface TransactionHandler {
    /**
     * BR_TRANSACTION: a call has arrived; {@link DriverThread} holds its fields until the next read.
     *
     * <p>May run user code, which may enter the driver again on this thread: an implementation takes what it needs
     * from the fields first.
     */
    void onTransaction();

    /** BR_SPAWN_LOOPER: the driver has no thread waiting and wants one more. */
    void onSpawnLooper();

    /** A command this library does not know was passed over by the size it is encoded with. */
    void onUnknownReturn(int command);
}
