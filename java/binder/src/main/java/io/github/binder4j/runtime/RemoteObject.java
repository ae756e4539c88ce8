package io.github.binder4j.runtime;

import io.github.binder4j.driver.DriverException;
import io.github.binder4j.driver.DriverThread;
import io.github.binder4j.driver.Errno;
import java.lang.ref.Cleaner;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * An object of another process, behind a handle of one device: what a proxy is to the runtime.
 *
 * <p>Owns one strong reference on its handle, given back once: when this object becomes unreachable, or when the driver has
 * told of its death and nobody can be about to use the number ({@link Departures}). From its death on it is called and watched no
 * more; when the reference has gone it has no number, and is not sent any more either.
 *
 * <p>Handle 0 is different: it names whoever is context manager at the moment of a call, so it needs a reference only while
 * its death is watched, and outlives the death of one manager.
 *
 * <p>Death notification, of which the driver allows one per handle, serves any number of recipients:
 *
 * <pre>
 *            link                    BR_DEAD_BINDER
 *   IDLE ------------> REQUESTED ----------------------> DEAD (handle 0: IDLE)
 *    ^                  |    ^                            ^
 *    |      last unlink |    | cleared, and linked again  |
 *    |                  v    |                            |
 *    +---------------- CLEARING --------------------------+
 *         cleared                  BR_DEAD_BINDER
 * </pre>
 *
 * While it is REQUESTED or CLEARING the process holds this object, so that an obituary is not lost to the collector.
 */
public final class RemoteObject {
    private enum Death {
        IDLE,
        REQUESTED,
        CLEARING,
        DEAD
    }

    private final ProcessState process;
    private final int handle;
    private final int stability;

    private volatile int ownerPid;

    private volatile Death death = Death.IDLE;
    private long deathCookie;
    /** Whether the driver keeps the request of a dead object. */
    private boolean requestKept;

    /** Its handle may be another object's by now. */
    private boolean gone;
    /** Who holds the handle for as long as it takes; guarded by this object. */
    private int holds;

    private HandleReference reference;
    private Cleaner.Cleanable collection;
    /** Made with the first recipient; guarded by this object. */
    private ByIdentity<Runnable> recipients;
    /** Made with the first frozen-state callback; guarded by this object. */
    private FrozenWatch frozenWatch;

    /** Of the context manager: sends under way, and whether a reference was taken for them. */
    private int sends;

    private boolean heldForSends;

    /** The API object that wraps this one for as long as both live; set by the layer above. */
    public volatile Object facade;

    RemoteObject(ProcessState process, int handle, int stability) {
        this.process = process;
        this.handle = handle;
        this.stability = stability;
    }

    /** Owns {@code reference} from now on, and is held until the driver has been told. */
    synchronized void own(HandleReference reference) {
        this.reference = reference;
        this.collection = ProcessState.CLEANER.register(this, reference);
        holds++;
    }

    /**
     * The device is closed, and with it the reference. As long as it were registered the cleaner would lead to the device, and so
     * to the class loader of a program that keeps this object in a static.
     */
    synchronized void disown() {
        collection.clean();
    }

    public ProcessState process() {
        return process;
    }

    public int handle() {
        return handle;
    }

    /** libbinder's stability level, as it arrived with the handle. */
    public int stability() {
        return stability;
    }

    boolean isContextManager() {
        return handle == 0;
    }

    /** Whether the driver has reported the death of the object. Reports come only while a recipient is linked. */
    public boolean isDead() {
        return death == Death.DEAD;
    }

    /** What this is, for messages; {@code interfaceName} is what a call said it calls, null if nothing. */
    public String describe(String interfaceName) {
        int pid = ownerPid;
        return "handle=" + handle + " pid=" + (pid == 0 ? "unknown" : pid)
                + (interfaceName == null ? "" : " interface=" + interfaceName);
    }

    /** The process that has the object; 0 while nobody asked. */
    public int ownerPid() {
        return ownerPid;
    }

    public void setOwnerPid(int pid) {
        ownerPid = pid;
    }

    // The use of the number

    /** Keeps the handle this object's until {@link #letGo}; false if it is that no more. */
    synchronized boolean hold() {
        if (gone) {
            return false;
        }
        holds++;
        return true;
    }

    synchronized void letGo() {
        holds--;
    }

    /**
     * Gives the reference of a dead object back, and with it the number, unless somebody may be about to use that.
     *
     * @return false if somebody may
     */
    synchronized boolean giveBack() {
        if (holds > 0 || process.isCalling(this)) {
            return false;
        }
        gone = true;
        process.forget(this);
        if (reference.take()) {
            process.commandSoon(this::putGivenBack);
        }
        collection.clean();
        return true;
    }

    /**
     * Takes the requests back first: the driver drops them only with the handle's last reference, which a buffer may have, and
     * until then ignores another request, of a stand-in made later for this handle.
     */
    private void putGivenBack(DriverThread io) {
        if (requestKept) {
            io.clearDeathNotification(handle, deathCookie);
        }
        if (frozenWatch != null) {
            frozenWatch.putEnd(io);
        }
        io.release(handle);
    }

    /**
     * Holds the object for a send, until {@link #endSend}.
     *
     * @return false if it has no number any more
     */
    boolean beginSend() {
        if (!isContextManager()) {
            return hold();
        }
        beginManagerSend();
        return true;
    }

    void endSend() {
        if (isContextManager()) {
            endManagerSend();
        } else {
            letGo();
        }
    }

    /**
     * Holds the context manager for a send: anybody may call handle 0, but only who has a reference may send it ({@code
     * binder_get_node_from_ref}). A watch has one, which must stay the only one: when the manager has changed, a second would
     * be on its successor, and giving that back would end the watch.
     */
    private synchronized void beginManagerSend() {
        if (sends == 0 && death != Death.REQUESTED && death != Death.CLEARING) {
            process.commandNow(io -> io.acquire(handle));
            heldForSends = true;
        }
        sends++;
    }

    private synchronized void endManagerSend() {
        sends--;
        if (sends == 0 && heldForSends) {
            heldForSends = false;
            process.commandNow(io -> io.release(handle));
        }
    }

    // Death

    /**
     * Has {@code obituary} run once when the object dies, on a looper thread; or on one that links to handle 0 and finds its
     * process dead, see {@link #presumeDead}.
     *
     * @param identity by what {@link #unlinkToDeath} finds it again
     * @return false if the object is already dead: nothing will run
     */
    public boolean linkToDeath(Object identity, Runnable obituary) {
        process.checkOpen();
        synchronized (this) {
            if (death == Death.DEAD) {
                return false;
            }
            if (death == Death.IDLE) {
                request();
            }
            if (recipients == null) {
                recipients = new ByIdentity<>();
            }
            recipients.add(identity, obituary);
        }
        process.loopers().start();
        return true;
    }

    /**
     * Drops the recipient linked first under {@code identity}.
     *
     * @return false if there is none: it was never linked, or the object died and its obituary has run or is running
     */
    public synchronized boolean unlinkToDeath(Object identity) {
        if (recipients == null || recipients.remove(identity) == null) {
            return false;
        }
        if (recipients.isEmpty() && death == Death.REQUESTED) {
            death = Death.CLEARING;
            process.commandNow(io -> io.clearDeathNotification(handle, deathCookie));
        }
        return true;
    }

    /** The object was found dead without the driver's saying so: obituaries run here, unless they have run. */
    public void presumeDead() {
        long cookie;
        synchronized (this) {
            cookie = deathCookie;
        }
        RemoteObject watched = process.registry.forgetDeath(cookie);
        if (watched != null) {
            watched.onDead(cookie);
        }
    }

    private void request() {
        deathCookie = process.registry.watchDeath(this);
        try {
            process.commandNow(io -> {
                if (isContextManager()) {
                    io.acquire(handle);
                }
                io.requestDeathNotification(handle, deathCookie);
            });
        } catch (Throwable e) {
            process.registry.forgetDeath(deathCookie);
            throw e;
        }
        death = Death.REQUESTED; // its end is told under this object's lock
    }

    /** BR_CLEAR_DEATH_NOTIFICATION_DONE for {@code cookie}, which the process has forgotten. */
    synchronized void onCleared(long cookie) {
        if (death != Death.CLEARING || deathCookie != cookie) {
            return;
        }
        death = Death.IDLE;
        if (isContextManager()) {
            process.commandNow(io -> io.release(handle));
        }
        if (!recipients.isEmpty()) {
            request();
        }
    }

    /** BR_DEAD_BINDER for {@code cookie}, which the process has forgotten. Runs the obituaries on this thread. */
    void onDead(long cookie) {
        List<Runnable> told;
        synchronized (this) {
            if (deathCookie != cookie || death == Death.IDLE || death == Death.DEAD) {
                return;
            }
            boolean requested = death == Death.REQUESTED;
            told = recipients.values(); // made with the request
            recipients.clear();
            if (isContextManager()) {
                death = Death.IDLE;
                process.commandNow(io -> putManagerEnd(io, cookie, requested));
            } else {
                death = Death.DEAD;
                requestKept = requested;
            }
        }
        told.forEach(process::tell);
        if (!isContextManager()) {
            process.departures().begin(this); // goes before BC_DEAD_BINDER_DONE, as libbinder's end of a request does
        }
    }

    /** At once: handle 0 is the next manager's when nobody refers to it by the old one. */
    private void putManagerEnd(DriverThread io, long cookie, boolean requested) {
        if (requested) {
            io.clearDeathNotification(handle, cookie);
        }
        io.release(handle);
    }

    // Frozen state

    /**
     * Has {@code told} run on {@code executor} with whether the object's process is frozen: soon, and at each change.
     *
     * @param identity by what {@link #removeFrozenCallback} finds it again
     * @return false if the object is dead: nothing will run
     * @throws UnsupportedOperationException for handle 0, or if the driver has no such notification
     */
    public boolean addFrozenCallback(Object identity, Executor executor, Consumer<Boolean> told) {
        if (isContextManager()) {
            throw new UnsupportedOperationException(
                    "frozen-state callbacks need an object that stays the same; handle 0 of " + process.path()
                            + " is whoever is context manager at the moment");
        }
        FrozenWatch watch = frozenWatch();
        // Linked as itself: the callback may be a death recipient too.
        if (!linkToDeath(watch, watch::onDead)) {
            return false;
        }
        if (!hold()) {
            return false; // it has died since, and the watch been told
        }
        try {
            return watch.add(identity, executor, told);
        } catch (DriverException e) {
            unlinkToDeath(watch);
            throw e.errno() == Errno.EINVAL ? noFreezeNotifications(e) : e;
        } finally {
            letGo();
        }
    }

    private synchronized FrozenWatch frozenWatch() {
        if (frozenWatch == null) {
            frozenWatch = new FrozenWatch(this);
        }
        return frozenWatch;
    }

    private UnsupportedOperationException noFreezeNotifications(DriverException e) {
        return new UnsupportedOperationException(
                "the driver behind " + process.path() + " has no freeze notifications (Linux 6.12 brought them): "
                        + e.getMessage(),
                e);
    }

    /** Removes the callback added first under {@code identity}; false if there is none. */
    public boolean removeFrozenCallback(Object identity) {
        if (!hold()) {
            return false;
        }
        try {
            FrozenWatch watch = frozenWatch();
            boolean removed = watch.remove(identity);
            if (removed) {
                unlinkToDeath(watch);
            }
            return removed;
        } finally {
            letGo();
        }
    }
}
