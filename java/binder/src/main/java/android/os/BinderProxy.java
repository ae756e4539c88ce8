package android.os;

import io.github.binder4j.driver.DriverClosedException;
import io.github.binder4j.driver.DriverException;
import io.github.binder4j.runtime.ProcessState;
import io.github.binder4j.runtime.RemoteObject;
import io.github.binder4j.runtime.ReservedCode;
import io.github.binder4j.runtime.Status;
import io.github.binder4j.runtime.TransactionFailure;
import java.io.FileDescriptor;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;

/** Stands for an object of another process. The same object arriving twice is the same proxy. */
final class BinderProxy implements IBinder {
    static {
        ApiAccess.install();
    }

    private final RemoteObject remote;
    /** A call got no answer: the object's process has ended, or only the thread that served it. */
    private volatile boolean unanswered;
    /** The driver refused a call because the object's process has ended. */
    private volatile boolean foundDead;

    private volatile String descriptor;

    private BinderProxy(RemoteObject remote) {
        this.remote = remote;
    }

    /** The proxy of {@code remote}: one for as long as that lives. */
    static BinderProxy of(RemoteObject remote) {
        Object known = remote.facade;
        if (known == null) {
            synchronized (remote) {
                known = remote.facade;
                if (known == null) {
                    known = new BinderProxy(remote);
                    remote.facade = known;
                }
            }
        }
        return (BinderProxy) known;
    }

    /** The API object for what the runtime resolved: a {@link LocalBinder}, a {@link RemoteObject}, or null. */
    static IBinder binderFor(Object resolved) {
        if (resolved instanceof LocalBinder local) {
            return local.binder();
        }
        return resolved == null ? null : of((RemoteObject) resolved);
    }

    RemoteObject remote() {
        return remote;
    }

    @Override
    public boolean transact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
        if (data == reply) {
            throw new IllegalArgumentException("transact: data and reply are the same parcel");
        }
        int status = statusOf(code, data, reply, flags);
        return StatusErrors.check(status, remote, code, data.data().interfaceName());
    }

    /** Calls, and returns what the callee answered in place of an exception. */
    private int statusOf(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
        try {
            ProcessState process = remote.process();
            return process.transact(
                    remote, code, data.data(), reply == null ? null : reply.emptied(), flags & ~PRIVATE_FLAGS);
        } catch (TransactionFailure e) {
            if (e.status() == Status.DEAD_OBJECT && !isContextManager()) {
                unanswered = true;
            }
            throw StatusErrors.toRemoteException(e);
        } catch (DriverClosedException e) {
            throw closed(e);
        } catch (DriverException e) {
            throw refused(e);
        }
    }

    private static RemoteException refused(DriverException e) {
        RemoteException refused = new RemoteException("the driver refuses: " + e.getMessage());
        refused.initCause(e);
        return refused;
    }

    private static DeadObjectException closed(DriverClosedException e) {
        DeadObjectException dead =
                new DeadObjectException(e.getMessage() + " by this process: its proxies are of no use any more");
        dead.initCause(e);
        return dead;
    }

    /** Flags of libbinder that mean something to it alone; the driver rejects none but has no use for them. */
    private static final int PRIVATE_FLAGS = 0x10000000;

    @Override
    public String getInterfaceDescriptor() throws RemoteException {
        String known = descriptor;
        if (known == null) {
            known = ask(INTERFACE_TRANSACTION, Parcel::readString);
            descriptor = known;
        }
        return known;
    }

    @Override
    public boolean pingBinder() {
        Parcel data = Parcel.obtain();
        Parcel reply = Parcel.obtain();
        try {
            return statusOf(PING_TRANSACTION, data, reply, 0) == Status.OK;
        } catch (RemoteException e) {
            return false;
        } finally {
            reply.recycle();
            data.recycle();
        }
    }

    @Override
    public boolean isBinderAlive() {
        return !remote.process().isClosed() && !isDead();
    }

    /** Whether the object is dead, which a call without an answer does not tell: the driver is asked once after it. */
    private boolean isDead() {
        if (foundDead || remote.isDead()) {
            return true;
        }
        if (!unanswered) {
            return false;
        }
        unanswered = false; // first: a call that fails meanwhile asks again
        if (!isTaken()) {
            foundDead = true;
        }
        return foundDead;
    }

    /** Whether the driver takes a call of the object, which it does as long as its process lives; waits for nobody. */
    private boolean isTaken() {
        Parcel data = Parcel.obtain();
        try {
            remote.process().transact(remote, PING_TRANSACTION, data.data(), null, FLAG_ONEWAY);
            return true;
        } catch (TransactionFailure e) {
            return e.status() != Status.DEAD_OBJECT;
        } catch (DriverClosedException | DriverException e) {
            return true; // no word of the object
        } finally {
            data.recycle();
        }
    }

    @Override
    public void dump(FileDescriptor fd, String[] args) throws RemoteException {
        DebugProtocol.dump(this, fd, args, 0);
    }

    @Override
    public void dumpAsync(FileDescriptor fd, String[] args) throws RemoteException {
        DebugProtocol.dump(this, fd, args, FLAG_ONEWAY);
    }

    @Override
    public IBinder getExtension() throws RemoteException {
        return ask(ReservedCode.EXTENSION, Parcel::readStrongBinder);
    }

    /** What a reserved code without arguments is answered with; 0 or null if the object does not know the code. */
    private <T> T ask(int code, Function<Parcel, T> answer) throws RemoteException {
        Parcel data = Parcel.obtain();
        Parcel reply = Parcel.obtain();
        try {
            transact(code, data, reply, 0);
            return answer.apply(reply);
        } finally {
            reply.recycle();
            data.recycle();
        }
    }

    @Override
    public IInterface queryLocalInterface(String descriptor) {
        return null;
    }

    @Override
    public void linkToDeath(DeathRecipient recipient, int flags) throws RemoteException {
        Objects.requireNonNull(recipient, "linkToDeath: the recipient is null");
        boolean linked;
        try {
            linked = isAliveForLink() && remote.linkToDeath(recipient, () -> recipient.binderDied(this));
        } catch (DriverClosedException e) {
            throw closed(e);
        } catch (DriverException e) {
            throw refused(e);
        }
        if (!linked) {
            throw deadAlready("linkToDeath");
        }
        if (isContextManager() && !pingBinder()) {
            remote.presumeDead(); // it ended before the driver had the request, which then names nobody
        }
    }

    private DeadObjectException deadAlready(String what) {
        return new DeadObjectException(what + ": the object behind handle " + remote.handle() + " of "
                + remote.process().path() + " is dead already");
    }

    /** Handle 0 names somebody only while there is a manager, which only asking tells. */
    private boolean isAliveForLink() throws RemoteException {
        if (remote.process().isClosed()) {
            throw new DriverClosedException(remote.process().path());
        }
        if (isContextManager()) {
            ping();
            return true;
        }
        return !isDead();
    }

    /** Returns if the object answers, whatever it says; throws why it does not. */
    private void ping() throws RemoteException {
        Parcel data = Parcel.obtain();
        Parcel reply = Parcel.obtain();
        try {
            statusOf(PING_TRANSACTION, data, reply, 0);
        } finally {
            reply.recycle();
            data.recycle();
        }
    }

    private boolean isContextManager() {
        return remote.handle() == 0;
    }

    @Override
    public boolean unlinkToDeath(DeathRecipient recipient, int flags) {
        Objects.requireNonNull(recipient, "unlinkToDeath: the recipient is null");
        if (remote.unlinkToDeath(recipient)) {
            return true;
        }
        if (isBinderAlive()) {
            throw new NoSuchElementException("unlinkToDeath: recipient is not linked: " + recipient);
        }
        return false;
    }

    @Override
    public void addFrozenStateChangeCallback(Executor executor, FrozenStateChangeCallback callback)
            throws RemoteException {
        Objects.requireNonNull(executor, "addFrozenStateChangeCallback: the executor is null");
        Objects.requireNonNull(callback, "addFrozenStateChangeCallback: the callback is null");
        Consumer<Boolean> told = frozen -> callback.onFrozenStateChanged(
                this, frozen ? FrozenStateChangeCallback.STATE_FROZEN : FrozenStateChangeCallback.STATE_UNFROZEN);
        boolean added;
        try {
            added = !isDead() && remote.addFrozenCallback(callback, executor, told);
        } catch (DriverClosedException e) {
            throw closed(e);
        } catch (DriverException e) {
            throw refused(e);
        }
        if (!added) {
            throw deadAlready("addFrozenStateChangeCallback");
        }
    }

    @Override
    public boolean removeFrozenStateChangeCallback(FrozenStateChangeCallback callback) {
        Objects.requireNonNull(callback, "removeFrozenStateChangeCallback: the callback is null");
        return remote.removeFrozenCallback(callback);
    }

    @Override
    public String toString() {
        return "BinderProxy[" + (descriptor == null ? "" : descriptor + ", ") + "handle " + remote.handle() + " of "
                + remote.process().path() + "]";
    }
}
