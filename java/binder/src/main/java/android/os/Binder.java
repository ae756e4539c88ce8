package android.os;

import io.github.binder4j.runtime.CallingIdentity;
import io.github.binder4j.runtime.DefaultDevice;
import java.io.FileDescriptor;
import java.io.PrintWriter;

/**
 * An object of this process that others may call.
 *
 * <p>The driver hears of it when it is first sent to another process, not before, so a constructor may pass {@code this}
 * on within the process. While another process holds it, it is kept from the collector here.
 *
 * <p>Calls arrive on looper threads, several at a time: an implementation is thread-safe.
 */
public class Binder implements IBinder {
    /** The work source of a call that names none. */
    public static final int UNSET_WORKSOURCE = CallingIdentity.UNSET_WORK_SOURCE;

    static {
        ApiAccess.install();
    }

    @SuppressWarnings("this-escape") // kept, not used, until this object is first sent
    private final LocalBinder local = new LocalBinder(this);

    private volatile IInterface owner;
    private volatile String descriptor;
    private volatile IBinder extension;

    /** Creates an object without an interface. */
    public Binder() {}

    /**
     * Creates an object with an interface name and no implementation to query.
     *
     * @param descriptor name of the interface; may be null
     */
    public Binder(String descriptor) {
        this.descriptor = descriptor;
    }

    /** What the runtime knows this object as. Named so that no method of a stub generated into this package clashes. */
    final LocalBinder binder4jObject() {
        return local;
    }

    /** The interface it was given, whatever a subclass makes of {@link #getInterfaceDescriptor}. */
    final String binder4jDescriptor() {
        return descriptor;
    }

    /**
     * Says which interface this object implements.
     *
     * @param owner the implementation, usually this object
     * @param descriptor name of the interface
     */
    public void attachInterface(IInterface owner, String descriptor) {
        this.owner = owner;
        this.descriptor = descriptor;
    }

    @Override
    public String getInterfaceDescriptor() {
        return descriptor;
    }

    @Override
    public boolean pingBinder() {
        return true;
    }

    @Override
    public boolean isBinderAlive() {
        return true;
    }

    @Override
    public IInterface queryLocalInterface(String descriptor) {
        String own = this.descriptor;
        return own != null && own.equals(descriptor) ? owner : null;
    }

    /**
     * Serves a call.
     *
     * <p>An exception thrown here reaches the caller if it is one that can be written (see {@link Parcel#writeException}). Of
     * others, and of all that a oneway call throws, the caller hears nothing: {@link
     * io.github.binder4j.DeviceListener#onServedCallFailed} does, and a line is logged, once a second at most. An {@link Error}
     * that no caller can cause goes to the thread's handler for uncaught exceptions as well.
     *
     * <p>The thread is not interrupted when this begins; an interrupt left when it ends does not reach the next call.
     *
     * @param code which method
     * @param data the arguments, from position 0; valid until this returns, read in place from the driver's mapping
     * @param reply where results go; never null, dropped for a oneway call
     * @param flags how it was called: {@link IBinder#FLAG_ONEWAY} or 0, and others
     * @return false if {@code code} is unknown
     * @throws RemoteException if this method called another process and that failed; the caller is told the code is unknown
     */
    protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
        if (code == INTERFACE_TRANSACTION) {
            reply.writeString(getInterfaceDescriptor());
            return true;
        }
        switch (code) {
            case DUMP_TRANSACTION -> DebugProtocol.serveDump(this, data, reply);
            case SHELL_COMMAND_TRANSACTION -> DebugProtocol.serveShellCommand(this, data, reply);
            case PING_TRANSACTION, SYSPROPS_TRANSACTION -> {}
            default -> {
                return false;
            }
        }
        return true;
    }

    /**
     * Describes this object for people: has {@link #dump(FileDescriptor, PrintWriter, String[])} write to {@code fd}.
     *
     * <p>In a call that is served, where {@code fd} is the caller's and may be a pipe that nobody reads, the writer waits for the
     * reader two seconds in all. What it wrote by then reaches the reader later; what does not fit in 256 KiB beyond that is
     * lost, which the caller is told. An implementation that writes to {@code fd} itself waits for as long as the caller likes,
     * with a thread of the pool.
     *
     * @param fd where to write; stays the caller's
     * @param args what the caller wants to know; null for nothing in particular
     */
    @Override
    public void dump(FileDescriptor fd, String[] args) {
        DebugProtocol.print(fd, out -> dump(fd, out, args == null ? new String[0] : args));
    }

    @Override
    public void dumpAsync(FileDescriptor fd, String[] args) {
        dump(fd, args);
    }

    /**
     * Describes this object for people. Writes nothing if not overridden.
     *
     * @param fd where {@code fout} writes to; the caller's, so that who writes to it directly waits for as long as that likes
     * @param fout flushed when this returns
     * @param args what the caller wants to know; not null
     */
    protected void dump(FileDescriptor fd, PrintWriter fout, String[] args) {}

    /**
     * Runs a command of a shell on this object. If not overridden says on {@code err} that there are none.
     *
     * <p>Only root, user 2000 (the shell of adb) and the user of this process get here; others are answered with a {@link
     * SecurityException}. Reading {@code in} and writing to the others waits for as long as the caller likes, with a thread of
     * the pool.
     *
     * @param in what the command reads
     * @param out where it writes
     * @param err where it writes errors
     * @param args the command's words
     * @return its result; 0 for success
     */
    public int handleShellCommand(
            ParcelFileDescriptor in, ParcelFileDescriptor out, ParcelFileDescriptor err, String[] args) {
        DebugProtocol.print(err.getFileDescriptor(), errors -> errors.println("No shell command implementation."));
        return 0;
    }

    /**
     * Attaches an object with an interface of somebody else's, which callers get with {@link #getExtension}.
     *
     * @param extension the object; null for none
     */
    public final void setExtension(IBinder extension) {
        this.extension = extension;
    }

    @Override
    public final IBinder getExtension() {
        return extension;
    }

    /** Calls {@link #onTransact} on this thread; no driver is involved. */
    @Override
    public final boolean transact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
        data.setDataPosition(0);
        Parcel results = reply == null ? Parcel.obtain() : reply;
        long workSource = CallingIdentity.current().workSourceToken();
        try {
            boolean known = onTransact(code, data, results, flags);
            results.setDataPosition(0);
            return known;
        } finally {
            CallingIdentity.current().restoreWorkSource(workSource);
            if (reply == null) {
                results.recycle();
            }
        }
    }

    @Override
    public void linkToDeath(DeathRecipient recipient, int flags) {}

    @Override
    public boolean unlinkToDeath(DeathRecipient recipient, int flags) {
        return true;
    }

    /**
     * Returns the process on whose behalf this thread acts.
     *
     * @return in {@link #onTransact} the caller's process id, 0 if the call is oneway or the caller's process is not visible
     *     here; elsewhere this process's
     */
    public static final int getCallingPid() {
        return CallingIdentity.current().pid();
    }

    /**
     * Returns the user on whose behalf this thread acts.
     *
     * @return in {@link #onTransact} the caller's effective user id; elsewhere this process's
     */
    public static final int getCallingUid() {
        return CallingIdentity.current().uid();
    }

    /**
     * Has this thread act on its own process's behalf, as a service does before it makes checked calls of its own.
     *
     * @return what {@link #restoreCallingIdentity} takes
     */
    public static final long clearCallingIdentity() {
        return CallingIdentity.current().clear();
    }

    /**
     * Undoes {@link #clearCallingIdentity}.
     *
     * @param token what that returned on this thread
     */
    public static final void restoreCallingIdentity(long token) {
        CallingIdentity.current().restore(token);
    }

    /**
     * Returns the user on whose account this thread works: another than the caller when that works for somebody.
     *
     * @return in {@link #onTransact}, once it has read the interface token, what the caller named; what {@link
     *     #setCallingWorkSourceUid} set since; else {@link #UNSET_WORKSOURCE}
     */
    public static final int getCallingWorkSourceUid() {
        return CallingIdentity.current().workSource();
    }

    /**
     * Has this thread work on another user's account, and say so in the calls it makes.
     *
     * @param workSource a user id
     * @return what {@link #restoreCallingWorkSource} takes
     */
    public static final long setCallingWorkSourceUid(int workSource) {
        return CallingIdentity.current().setWorkSource(workSource);
    }

    /**
     * Has this thread work on nobody's account, and say so in the calls it makes.
     *
     * @return what {@link #restoreCallingWorkSource} takes
     */
    public static final long clearCallingWorkSource() {
        return setCallingWorkSourceUid(UNSET_WORKSOURCE);
    }

    /**
     * Undoes {@link #setCallingWorkSourceUid} or {@link #clearCallingWorkSource}.
     *
     * @param token what that returned on this thread
     */
    public static final void restoreCallingWorkSource(long token) {
        CallingIdentity.current().restoreWorkSource(token);
    }

    /**
     * Makes this thread serve calls to the default device's objects; returns when that device is closed.
     *
     * @throws io.github.binder4j.errors.BinderUnavailableException if there is no usable device
     */
    public static final void joinThreadPool() {
        DefaultDevice.get().loopers().join();
    }
}
