package android.os;

import java.io.FileDescriptor;
import java.util.concurrent.Executor;

/**
 * An object that can be called from another process: either a {@link Binder} of this one, called directly, or a proxy for
 * one elsewhere. The caller need not know which. Safe for use from any number of threads.
 */
public interface IBinder {
    /** The first code a service may give one of its methods. */
    int FIRST_CALL_TRANSACTION = 0x00000001;

    /** The last code a service may give one of its methods. */
    int LAST_CALL_TRANSACTION = 0x00ffffff;

    /** Asks for nothing but an answer: {@code _PNG}. */
    int PING_TRANSACTION = ('_' << 24) | ('P' << 16) | ('N' << 8) | 'G';

    /** Asks for the interface descriptor: {@code _NTF}. */
    int INTERFACE_TRANSACTION = ('_' << 24) | ('N' << 16) | ('T' << 8) | 'F';

    /** Asks for a description for people: {@code _DMP}. */
    int DUMP_TRANSACTION = ('_' << 24) | ('D' << 16) | ('M' << 8) | 'P';

    /** Asks to run a command of a shell: {@code _CMD}. */
    int SHELL_COMMAND_TRANSACTION = ('_' << 24) | ('C' << 16) | ('M' << 8) | 'D';

    /** Says that system properties have changed: {@code _SPR}. */
    int SYSPROPS_TRANSACTION = ('_' << 24) | ('S' << 16) | ('P' << 8) | 'R';

    /** Do not wait for the callee; there is no reply. Calls to one object are served one at a time, in order. */
    int FLAG_ONEWAY = 0x00000001;

    /** The driver zeroes the receiver's copy of the data when it is freed. */
    int FLAG_CLEAR_BUF = 0x00000020;

    /**
     * Returns the name of the interface this object implements.
     *
     * @return the descriptor, or null if it has none
     * @throws RemoteException if a remote object cannot be asked
     */
    String getInterfaceDescriptor() throws RemoteException;

    /**
     * Returns whether the object answers.
     *
     * @return true if its process served a call just now; always true for a local object
     */
    boolean pingBinder();

    /**
     * Returns whether the process that has the object lives, as far as this process knows. After a call that got no answer,
     * which may be because of the thread that served it alone, the driver is asked once; the object is not waited for.
     *
     * @return false once the death was reported here, or found so. It may die right after true was returned
     */
    boolean isBinderAlive();

    /**
     * Returns the implementation of an interface if it lives in this process.
     *
     * @param descriptor name of the interface
     * @return what the object was given with {@link Binder#attachInterface}, if that has this name; null for a proxy
     */
    IInterface queryLocalInterface(String descriptor);

    /**
     * Calls the object.
     *
     * <p>A local object is called on this thread. A remote one is served by a thread of its process, while this one waits
     * and serves what is called back.
     *
     * @param code which method: {@link #FIRST_CALL_TRANSACTION} to {@link #LAST_CALL_TRANSACTION}, or a reserved one
     * @param data the arguments; still the caller's to recycle. Must not be a received parcel
     * @param reply receives the results, ready to be read; null if {@code flags} has {@link #FLAG_ONEWAY} or nobody reads
     *     them
     * @param flags 0, or {@link #FLAG_ONEWAY} with {@link #FLAG_CLEAR_BUF} as wanted
     * @return what {@link Binder#onTransact} returned; false if the object does not know {@code code}
     * @throws DeadObjectException if the process that has the object is gone, which is known without the driver once its death
     *     was reported here; or if the thread that served the call ended before it replied, see {@link #isBinderAlive}
     * @throws TransactionTooLargeException if a buffer had no room for arguments or reply
     * @throws io.github.binder4j.errors.FrozenObjectException if its process is frozen
     * @throws RuntimeException if the callee answered with a status of libbinder's in place of a reply: of the class Android
     *     throws for that status, such as SecurityException for PERMISSION_DENIED
     * @throws RemoteException if the call failed in another way, of which the message names the driver's reason; or if {@code
     *     data} holds a proxy whose object has died, see {@link Parcel#writeStrongBinder}
     */
    boolean transact(int code, Parcel data, Parcel reply, int flags) throws RemoteException;

    /** Is told once that the process with an object died. */
    interface DeathRecipient {
        /**
         * Called once for each time it was linked, on a looper thread; or, of the context manager, on a thread that links to it
         * and finds it dead.
         */
        void binderDied();

        /**
         * Called as {@link #binderDied()} is, which it calls.
         *
         * @param who the proxy that died
         */
        default void binderDied(IBinder who) {
            binderDied();
        }
    }

    /**
     * Has {@code recipient} told when the process with this object dies. No effect on a local object.
     *
     * <p>The proxy is kept from the collector while a recipient is linked. When the last one has been told of a death, the handle
     * goes back to the driver: the proxy cannot be sent any more, and the same object arriving again is another proxy.
     *
     * @param recipient whom to tell; may be linked several times, and is then told as often
     * @param flags 0
     * @throws NullPointerException if {@code recipient} is null and the object is remote
     * @throws DeadObjectException if it is dead already; the recipient will not be called
     * @throws RemoteException if the driver cannot be told
     */
    void linkToDeath(DeathRecipient recipient, int flags) throws RemoteException;

    /**
     * Takes back one {@link #linkToDeath} of the same recipient (by identity).
     *
     * @param recipient whom not to tell
     * @param flags 0
     * @return true if it will not be told; false if the object died, so it was or is being told. Always true for a local
     *     object
     * @throws NullPointerException if {@code recipient} is null and the object is remote
     * @throws java.util.NoSuchElementException if the recipient is not linked and the object is alive
     */
    boolean unlinkToDeath(DeathRecipient recipient, int flags);

    /**
     * Has the object describe itself for people, and waits until it has.
     *
     * @param fd where it writes; stays the caller's
     * @param args what the caller wants to know; may be null
     * @throws RemoteException if a remote object cannot be asked
     */
    void dump(FileDescriptor fd, String[] args) throws RemoteException;

    /**
     * Has the object describe itself for people; a remote one oneway.
     *
     * @param fd where it writes; stays the caller's
     * @param args what the caller wants to know; may be null
     * @throws RemoteException if a remote object cannot be asked
     */
    void dumpAsync(FileDescriptor fd, String[] args) throws RemoteException;

    /**
     * Returns the object that extends this one with an interface of somebody else's.
     *
     * @return what {@link Binder#setExtension} was given; null if it has none
     * @throws RemoteException if a remote object cannot be asked
     */
    default IBinder getExtension() throws RemoteException {
        throw new IllegalStateException("getExtension is not implemented by " + this);
    }

    /** Is told whether the process with an object is frozen. */
    interface FrozenStateChangeCallback {
        /** The process is frozen: synchronous calls to it fail. */
        int STATE_FROZEN = 0;

        /** The process runs. */
        int STATE_UNFROZEN = 1;

        /**
         * Called soon after it was added, with the present state, and at each change.
         *
         * @param who the proxy it was added to
         * @param state {@link #STATE_FROZEN} or {@link #STATE_UNFROZEN}
         */
        void onFrozenStateChanged(IBinder who, int state);
    }

    /**
     * Has {@code callback} told on the thread that learns of a state: a looper thread, or this one before this returns, if
     * another callback has been told the state already. See {@link #addFrozenStateChangeCallback(Executor,
     * FrozenStateChangeCallback)}.
     *
     * @param callback whom to tell
     * @throws NullPointerException as there
     * @throws RemoteException as there
     */
    default void addFrozenStateChangeCallback(FrozenStateChangeCallback callback) throws RemoteException {
        addFrozenStateChangeCallback(Runnable::run, callback);
    }

    /**
     * Has {@code callback} told whether the process with this object is frozen, one state at a time and in order. Changes
     * that follow each other faster than they are told may be left out, never the last.
     *
     * <p>The proxy is kept from the collector until the callback is removed or the object dies.
     *
     * @param executor where the callback runs
     * @param callback whom to tell; may be added several times, and is then told as often
     * @throws NullPointerException if {@code executor} or {@code callback} is null and the object is remote
     * @throws DeadObjectException if the object is dead
     * @throws RemoteException if the driver cannot be told
     * @throws UnsupportedOperationException if the object is local or handle 0, or the driver has no such notification
     */
    default void addFrozenStateChangeCallback(Executor executor, FrozenStateChangeCallback callback)
            throws RemoteException {
        throw new UnsupportedOperationException(
                "frozen-state callbacks are for objects of other processes, not " + this);
    }

    /**
     * Takes back one {@link #addFrozenStateChangeCallback(Executor, FrozenStateChangeCallback)} of the same callback (by
     * identity). A state that is being told still arrives.
     *
     * @param callback whom not to tell
     * @return false if it was not there, or the object died
     * @throws NullPointerException if {@code callback} is null and the object is remote
     */
    default boolean removeFrozenStateChangeCallback(FrozenStateChangeCallback callback) {
        throw new UnsupportedOperationException(
                "frozen-state callbacks are for objects of other processes, not " + this);
    }
}
