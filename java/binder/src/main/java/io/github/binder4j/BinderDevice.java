package io.github.binder4j;

import android.os.Binder;
import android.os.IBinder;
import android.os.Parcel;
import android.os.ServiceManager;
import io.github.binder4j.driver.BinderDriver;
import io.github.binder4j.driver.DriverException;
import io.github.binder4j.driver.Errno;
import io.github.binder4j.driver.Timeout;
import io.github.binder4j.memory.OffHeap;
import io.github.binder4j.runtime.ApiBridge;
import io.github.binder4j.runtime.Carriers;
import io.github.binder4j.runtime.Counters;
import io.github.binder4j.runtime.DefaultDevice;
import io.github.binder4j.runtime.DeviceEvents;
import io.github.binder4j.runtime.LooperPool;
import io.github.binder4j.runtime.ProcessState;
import io.github.binder4j.runtime.RemoteObject;
import io.github.binder4j.runtime.ServiceManagerProtocol;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * An open binder device: what it is, who serves it and is served, and its end.
 *
 * <p>The classes of {@code android.os} use the {@link #getDefault default} one. A program may open others: a {@link Binder}
 * may be sent through any of them, a proxy only through the one it came by.
 *
 * <p>What is asked of a closed device fails with {@link IllegalStateException}, and a call of one of its proxies with
 * {@code DeadObjectException}; its numbers stay readable.
 *
 * <p>Thread-safe.
 */
public final class BinderDevice implements AutoCloseable {
    static {
        // The API classes tell the runtime of themselves when the first of them is initialised.
        Parcel.obtain().recycle();
    }

    private final ProcessState process;

    private BinderDevice(ProcessState process) {
        this.process = process;
    }

    /**
     * Returns the device that the classes of {@code android.os} use, opening it if need be: what the system property {@value
     * DefaultDevice#PROPERTY} or the environment variable {@value DefaultDevice#ENVIRONMENT} names, else {@code
     * /dev/binderfs/binder}, else {@code /dev/binder}.
     *
     * @return the default device
     * @throws io.github.binder4j.errors.BinderUnavailableException saying why there is none and what to do
     */
    public static BinderDevice getDefault() {
        return new BinderDevice(DefaultDevice.get());
    }

    /**
     * Opens a device with the usual mapping, besides any that is open: it has threads, objects and proxies of its own.
     * Opening the same path again gives another device, which is another process to the driver.
     *
     * @param path where it is, such as {@code /dev/binderfs/hwbinder}
     * @return the device; the caller closes it
     * @throws io.github.binder4j.errors.BinderUnavailableException saying why it cannot be used and what to do
     */
    public static BinderDevice open(Path path) {
        return open(path, BinderDriver.DEFAULT_MAPPING_SIZE);
    }

    /**
     * Opens a device with a mapping of a chosen size, which bounds what it can receive at a time.
     *
     * @param path where it is
     * @param mappingSizeBytes more than 0; rounded up to whole pages, and down to the driver's limit of 4 MiB
     * @return the device; the caller closes it
     * @throws IllegalArgumentException if the size is not more than 0
     * @throws io.github.binder4j.errors.BinderUnavailableException saying why it cannot be used and what to do
     */
    public static BinderDevice open(Path path, int mappingSizeBytes) {
        if (mappingSizeBytes <= 0) {
            throw new IllegalArgumentException("mapping of " + mappingSizeBytes + " bytes: it must be more than 0");
        }
        ProcessState process = ProcessState.open(path, mappingSizeBytes);
        try {
            return new BinderDevice(process);
        } catch (Throwable e) {
            process.close();
            throw e;
        }
    }

    private static ApiBridge bridge() {
        return ApiBridge.get();
    }

    private BinderDriver driver() {
        return process.driver();
    }

    /**
     * Returns where the device is.
     *
     * @return the path it was opened by
     */
    public Path path() {
        return driver().path();
    }

    /**
     * Returns which protocol the driver speaks.
     *
     * @return its version, as BINDER_VERSION gives it
     */
    public int protocolVersion() {
        return driver().protocolVersion();
    }

    /**
     * Returns the size of the memory the driver copies incoming transactions into.
     *
     * @return bytes; oneway calls may use half of it
     */
    public int mappingSizeBytes() {
        return driver().mappingSize();
    }

    /**
     * Returns where data lies in the memory the driver copied it to. If it lies there, nothing copied it since.
     *
     * @param data a view, as {@link Blobs#view} returns
     * @return how far into this device's mapping it begins; -1 if not all of it lies in the mapping
     * @throws IllegalStateException if the view has ended
     */
    public long offsetInMapping(BlobView data) {
        OffHeap mapping = driver().mapping();
        long offset = data.window().address() - mapping.address;
        return offset >= 0 && offset <= mapping.size() - data.size() ? offset : -1;
    }

    // The context manager and its names

    /**
     * Returns whoever is context manager of this device: handle 0.
     *
     * <p>The driver takes no call of a process to its own context manager. So the proxy that another opening of the same
     * device gives in the manager's process cannot be called or linked to;
     * what is thrown says so.
     *
     * @return a proxy, which is there and can be called even while nobody is manager; the object itself if this opening
     *     claimed handle 0
     */
    public IBinder contextManager() {
        return (IBinder) bridge().binderFor(process.contextManager());
    }

    /**
     * Claims handle 0 of this device for an object of this process (BINDER_SET_CONTEXT_MGR). It is given up by closing the
     * device. Callers wait until threads serve them, which this starts none of: see {@link #joinThreadPool}.
     *
     * @param manager what others reach by handle 0
     * @throws IllegalStateException if another process has it, or this one by this or another opening of the device, or the
     *     first one to have it ran as another user
     */
    public void becomeContextManager(Binder manager) {
        process.becomeContextManager(bridge().localObjectOf(manager));
    }

    /**
     * Finds a service by name through this device's service manager, as {@link ServiceManager#getService}.
     *
     * @param name the name it was added under
     * @return its proxy, or the object itself if it lives in this process; null if there is none of this name
     * @throws IllegalStateException if there is no service manager, or it fails
     */
    public IBinder getService(String name) {
        return (IBinder) services().find(ServiceManagerProtocol.GET_SERVICE, name);
    }

    /**
     * Offers a service through this device's service manager, as {@link ServiceManager#addService}.
     *
     * @param name 1 to 127 characters of {@code A-Z a-z 0-9 _ - . /}
     * @param service what callers of that name get
     * @throws IllegalArgumentException if name or service is null, or the manager refuses them
     * @throws SecurityException if the manager does not allow this user to add it
     * @throws IllegalStateException if there is no service manager, or it fails
     */
    public void addService(String name, IBinder service) {
        services().add(name, service);
    }

    /**
     * Lists the services of this device's service manager.
     *
     * @return their names, sorted
     * @throws IllegalStateException if there is no service manager, or it fails
     */
    public String[] listServices() {
        return services().list();
    }

    private ApiBridge.Services services() {
        return bridge().servicesOf(process);
    }

    // Threads

    /**
     * Makes this thread serve calls to this device's objects; returns when the device is closed.
     */
    public void joinThreadPool() {
        process.loopers().join();
    }

    /**
     * Has the calling thread alone serve this device, from an event loop of the program's own. No pool thread is started
     * from then on.
     *
     * @return what the event loop calls
     * @throws IllegalStateException if the pool has begun to serve: with the first object sent or death watched
     */
    public PolledLooper startPolling() {
        process.startPolling();
        return new PolledLooper(process);
    }

    /**
     * Sets how many threads the driver may ask this process for, besides the first and those that join by themselves.
     * {@value LooperPool#DEFAULT_MAX_THREADS} if never called.
     *
     * @param count 0 or more
     * @throws IllegalArgumentException if negative
     */
    public void setMaxThreads(int count) {
        process.loopers().setMaxThreads(count);
    }

    /**
     * Sets how many platform threads may carry calls of virtual threads to this device at a time. What the system property
     * {@value Carriers#PROPERTY} says, else {@value Carriers#DEFAULT_MAX_THREADS}, if never called.
     *
     * <p>A call of a virtual thread takes one from its beginning to its end, callbacks it triggers included; {@link
     * #joinThreadPool} on a virtual thread takes one until the device is closed. One that finds none free waits, in turn, and
     * {@link DeviceListener#onCarrierLimit} tells of it. So a program can come to a standstill if all of them are in calls
     * that can end only after a further virtual thread has made a call: one that waits to be carried cannot. Calls that wait
     * for nothing but their callee, callbacks included, always end.
     *
     * @param count 1 or more; threads above it end when they are done, others end after a minute without work
     * @throws IllegalArgumentException if it is less than 1
     */
    public void setMaxCarriers(int count) {
        process.carriers().setMaxThreads(count);
    }

    /**
     * Returns how often all threads of the pool were busy for more than 100 ms, during which no further call was served.
     *
     * @return a count since the device was opened
     */
    public int starvations() {
        return process.loopers().starvations();
    }

    // Freezing

    /**
     * Freezes a process: synchronous calls to it fail, on every binder device it has open. Its own threads run on unless
     * something else stops them, as a cgroup's freezer does; only then do oneway calls wait, and {@link
     * TransactionFlags#UPDATE_TXN} has something to replace.
     *
     * @param pid the process, by its number in the kernel's initial pid namespace: a container sees others, and finds these
     *     in the names of the files in binderfs's {@code binder_logs/proc}
     * @param timeout how long to wait for the calls it serves and those it makes to end: zero does not wait, and more than
     *     24 days count as that
     * @return false if some are open after that; it is then not frozen
     * @throws IllegalArgumentException if no process of this id has a binder device open, or {@code timeout} is negative
     */
    public boolean freeze(int pid, Duration timeout) {
        long timeoutMs = Timeout.millis("freeze", timeout);
        try {
            driver().freeze(pid, true, (int) Math.min(timeoutMs, Integer.MAX_VALUE));
            return true;
        } catch (DriverException e) {
            if (e.errno() == Errno.EAGAIN) {
                return false;
            }
            throw freezeRefused(pid, e);
        }
    }

    /**
     * Lets a frozen process go on: synchronous calls to it are taken again.
     *
     * @param pid the process, as for {@link #freeze}
     * @throws IllegalArgumentException if no process of this id has a binder device open
     */
    public void unfreeze(int pid) {
        try {
            driver().freeze(pid, false, 0);
        } catch (DriverException e) {
            throw freezeRefused(pid, e);
        }
    }

    /**
     * Returns what a process has missed since it was frozen.
     *
     * @param pid the process, as for {@link #freeze}
     * @return nothing missed if it is not frozen
     * @throws IllegalArgumentException if no process of this id has a binder device open
     */
    public FrozenInfo frozenInfo(int pid) {
        try {
            long info = driver().frozenInfo(pid);
            int sync = (int) (info >>> Integer.SIZE);
            return new FrozenInfo((sync & 1) != 0, (sync & 2) != 0, (int) info != 0);
        } catch (DriverException e) {
            throw freezeRefused(pid, e);
        }
    }

    private RuntimeException freezeRefused(int pid, DriverException e) {
        return e.errno() == Errno.EINVAL
                ? new IllegalArgumentException(
                        "process " + pid + " cannot be frozen through " + path() + ": it has no binder device open", e)
                : e;
    }

    // Events and numbers

    /**
     * Has a listener told of starvation, suspected spam and the like, from now on.
     *
     * @param listener whom to tell
     * @return what ends it
     */
    public Subscription subscribe(DeviceListener listener) {
        DeviceEvents.Listener adapter = new DeviceEvents.Listener() {
            @Override
            public void onStarvation(int threads, long starvedMs) {
                listener.onStarvation(threads, starvedMs);
            }

            @Override
            public void onOnewaySpamSuspect(RemoteObject target, int code) {
                listener.onOnewaySpamSuspect((IBinder) bridge().binderFor(target), code);
            }

            @Override
            public void onProxyLimit(int uid, int count) {
                listener.onProxyLimit(uid, count);
            }

            @Override
            public void onUnknownReturn(int command) {
                listener.onUnknownReturn(command);
            }

            @Override
            public void onServedCallFailed(String interfaceName, int code, int uid, int pid, Throwable e) {
                listener.onServedCallFailed(interfaceName, code, uid, pid, e);
            }

            @Override
            public void onCarrierLimit(int threads) {
                listener.onCarrierLimit(threads);
            }
        };
        Subscription subscription = () -> process.events().remove(adapter);
        process.events().add(adapter);
        return subscription;
    }

    /**
     * Sets from how many objects of one user, held at once, {@link DeviceListener#onProxyLimit} is told. Never if not called.
     *
     * @param high the count that is reported, once until it has fallen
     * @param low to which it must fall before it is reported again
     * @throws IllegalArgumentException unless {@code 0 <= low < high}
     */
    public void setProxyWatermarks(int high, int low) {
        process.setProxyWatermarks(high, low);
    }

    /**
     * Returns all numbers of this device, each right by itself though calls go on meanwhile.
     *
     * @return a copy
     */
    public DeviceStatistics statistics() {
        Counters counters = process.counters();
        Map<DeviceStatistics.Failure, Long> failures = new EnumMap<>(DeviceStatistics.Failure.class);
        for (Counters.Failure kind : Counters.Failure.values()) {
            failures.put(DeviceStatistics.Failure.valueOf(kind.name()), counters.failures(kind));
        }
        return new DeviceStatistics(
                counters.sum(Counters.Often.CALLS),
                counters.sum(Counters.Often.ONEWAY_CALLS),
                counters.sum(Counters.Often.SERVED),
                counters.sum(Counters.Often.SERVED_ONEWAY),
                counters.sum(Counters.Often.BYTES_SENT),
                counters.sum(Counters.Often.BYTES_RECEIVED),
                failures,
                counters.repliesFailed.sum(),
                counters.servedFailures.sum(),
                counters.spamSuspects.sum(),
                counters.pendingFrozen.sum(),
                counters.obituaries.sum(),
                starvations(),
                counters.unknownReturns.sum(),
                leakedBuffers(),
                liveNodes(),
                liveProxies(),
                process.proxiesByUid(),
                liveBuffers(),
                process.liveBufferBytes(),
                process.loopers().size(),
                process.loopers().busyThreads());
    }

    /**
     * Returns the objects of this process as the driver has them, also those it has not been told it may forget.
     *
     * @return by number; the context manager's is not listed, for it has none
     */
    public List<NodeInfo> nodes() {
        List<NodeInfo> nodes = new ArrayList<>();
        ByteBuffer node = driver().nodeAfter(0);
        while (node.getLong(0) != 0) {
            nodes.add(new NodeInfo(node.getLong(0), node.getInt(16) != 0, node.getInt(20) != 0));
            node = driver().nodeAfter(node.getLong(0));
        }
        return nodes;
    }

    /**
     * Returns how many objects of this process others hold, or may hold.
     *
     * @return objects the driver knows
     */
    public int liveNodes() {
        return process.liveNodes();
    }

    /**
     * Returns how many objects of other processes this one holds.
     *
     * @return proxies not yet collected
     */
    public int liveProxies() {
        return process.liveProxies();
    }

    /**
     * Returns how many received buffers the driver has not been given back.
     *
     * @return buffers of this device's mapping in use
     */
    public long liveBuffers() {
        return process.liveBuffers();
    }

    /**
     * Returns how many received parcels were dropped without {@code recycle()}, and views {@linkplain BlobView#keep() kept}
     * and dropped without {@code close()}; the collector gave their buffers back.
     *
     * @return a count since the device was opened
     */
    public long leakedBuffers() {
        return process.counters().leakedBuffers.sum();
    }

    /**
     * Closes the device. Threads blocked in it leave it; their calls, and later ones, fail. Other processes see this
     * process's objects die. {@link #getDefault} afterwards opens the device anew. Closing a closed device has no effect but
     * to wait for the same.
     *
     * <p>When this returns, the device's own threads have ended, except those that run the program's code (a handler, an
     * obituary, a listener), this one possibly among them: they end when that returns. Nothing leads from a thread that goes
     * on, or from the JVM, to a closed device, so that a class loader which loaded this library can be collected.
     *
     * @throws IllegalStateException if a thread does not leave within two seconds; the device can be closed again then. Or if
     *     the device's housekeeping thread is held up for as long, as by a log handler; all else is closed then
     */
    @Override
    public void close() {
        process.close();
    }
}
