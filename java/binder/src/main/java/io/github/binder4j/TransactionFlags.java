package io.github.binder4j;

/** Flags for {@link android.os.IBinder#transact} that Android's {@code IBinder} has no name for. */
public final class TransactionFlags {
    /**
     * Of a oneway call to a frozen process: it takes the place of one with the same code and flags, from this process to the
     * same object, that waits there (TF_UPDATE_TXN).
     */
    public static final int UPDATE_TXN = 0x40;

    private TransactionFlags() {}
}
