package io.github.binder4j.runtime;

import io.github.binder4j.driver.BinderDriver;
import io.github.binder4j.driver.DriverClosedException;
import io.github.binder4j.driver.DriverException;
import io.github.binder4j.driver.DriverThread;
import io.github.binder4j.driver.ProtocolVersionException;
import io.github.binder4j.errors.BinderUnavailableException;
import io.github.binder4j.files.Closer;
import io.github.binder4j.memory.OffHeap;
import io.github.binder4j.memory.SafetyNet;
import io.github.binder4j.parcel.ObjectBinding;
import io.github.binder4j.parcel.ParcelData;
import io.github.binder4j.parcel.ReceivedObjects;
import java.lang.ref.Cleaner;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * This process as one binder device sees it: its driver, threads, nodes and handles.
 *
 * <p>Thread-safe. Nothing of one device is valid on another.
 */
public final class ProcessState implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ProcessState.class.getName());

    static final Cleaner CLEANER = SafetyNet.CLEANER;

    /** A received buffer up to this size may wait for its thread's next command, or until the janitor has looked twice. */
    private static final int MAX_DEFERRED_FREE = 16 * 1024;
    /** Of the mapping, one part in so many may wait like that; more for a moment, while threads enter. */
    private static final int DEFERRED_SHARE = 8;

    private static final long CLOSE_DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long CLOSE_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final BinderDriver driver;
    /** Holds them. Copied on write: the janitor walks it ten times a second and makes no garbage. */
    private final CopyOnWriteArrayList<ThreadState> threads = new CopyOnWriteArrayList<>();

    /** Weak, for a thread's state leads here: a thread that goes on would keep every device it ever used. */
    private final ThreadLocal<WeakReference<ThreadState>> currentThread = new ThreadLocal<>();

    private final NodeTable nodes = new NodeTable();
    private final HandleTable handles = new HandleTable();
    private final RemoteObject contextManager = new RemoteObject(this, 0, 0);
    private final ContextManagerRole managerRole;

    final Counters counters = new Counters();
    final DriverRegistry registry = new DriverRegistry(nodes, counters);
    final ServedFailures servedFailures = new ServedFailures(this);
    private final DeviceThreads deviceThreads;
    private final DeviceEvents events;
    private final ProxyCounts proxyCounts;
    private final Departures departures = new Departures(this);
    private final AtomicBoolean unknownReported = new AtomicBoolean();

    /** Addresses of received buffers whose descriptors the driver closes with them, which may take as long as a peer likes. */
    private final SlowBuffers slowToFree = new SlowBuffers();

    private volatile int deferredFreeLimit = MAX_DEFERRED_FREE;

    private final LooperPool loopers;
    private final Carriers carriers;
    private final Janitor janitor;

    private boolean descriptorClosed;
    private boolean unmapped;

    /** This process on an open device, which it closes; not if this fails. */
    ProcessState(BinderDriver driver) {
        this(driver, new DeviceThreads());
    }

    ProcessState(BinderDriver driver, DeviceThreads deviceThreads) {
        this.driver = driver;
        this.managerRole = new ContextManagerRole(driver);
        this.deviceThreads = deviceThreads;
        this.events = new DeviceEvents(driver.path().getFileName().toString(), deviceThreads);
        this.proxyCounts = new ProxyCounts(events);
        this.loopers = new LooperPool(this);
        this.carriers = new Carriers(this);
        this.janitor = new Janitor(this);
        janitor.start(); // last: nothing that fails leaves it running
    }

    /**
     * Opens a device.
     *
     * @throws BinderUnavailableException saying why it cannot be used and what to do
     */
    public static ProcessState open(Path device, int mappingSize) {
        TraceSwitch.asAsked();
        try {
            return of(BinderDriver.open(device, mappingSize), new DeviceThreads());
        } catch (DriverException e) {
            throw DeviceDiagnosis.explain(device, e);
        } catch (ProtocolVersionException e) {
            throw new BinderUnavailableException(e.getMessage(), 0);
        }
    }

    /** This process on an open device, which is closed again if anything fails. */
    static ProcessState of(BinderDriver driver, DeviceThreads threads) {
        ProcessState process = null;
        try {
            process = new ProcessState(driver, threads);
            process.loopers.setMaxThreads(LooperPool.DEFAULT_MAX_THREADS);
            driver.enableOnewaySpamDetection();
            return process;
        } catch (Throwable e) {
            undo(process == null ? driver::discard : process::close, e);
            throw e;
        }
    }

    private static void undo(Runnable undo, Throwable cause) {
        try {
            undo.run();
        } catch (Throwable e) {
            cause.addSuppressed(e);
        }
    }

    public BinderDriver driver() {
        return driver;
    }

    /** Where the device is, for messages. */
    public Path path() {
        return driver.path();
    }

    /** Whether {@link #close} was called. */
    public boolean isClosed() {
        return driver.isClosing();
    }

    public LooperPool loopers() {
        return loopers;
    }

    /** What takes virtual threads' calls to this device. */
    public Carriers carriers() {
        return carriers;
    }

    DeviceThreads deviceThreads() {
        return deviceThreads;
    }

    /** Where events are told. */
    public DeviceEvents events() {
        return events;
    }

    public Counters counters() {
        return counters;
    }

    // Threads

    /** The calling thread's state; made when the thread first enters this device. Not for virtual threads. */
    ThreadState thread() {
        ThreadState state = threadOrNull();
        return state != null ? state : enterThread();
    }

    private ThreadState enterThread() {
        checkOpen();
        ThreadState state = new ThreadState(this, new DriverThread(driver));
        threads.add(state); // before the thread can use it: who closes the device must see who is in the driver
        if (driver.isClosing()) {
            forget(state); // those that were there may have been forgotten already
            throw new DriverClosedException(driver.path());
        }
        currentThread.set(new WeakReference<>(state));
        janitor.threadEntered();
        shareDeferredFrees();
        return state;
    }

    /** The calling thread's state, or null if it never entered this device. */
    ThreadState threadOrNull() {
        WeakReference<ThreadState> state = currentThread.get();
        return state == null ? null : state.get();
    }

    /** Lets go of what a thread held that has ended. One with a buffer left stays until the janitor has taken that. */
    void forgetIfEnded(ThreadState state) {
        if (!state.owner().isAlive() && !state.hasPendingFree()) {
            forget(state);
            shareDeferredFrees();
        }
    }

    private void forget(ThreadState state) {
        threads.remove(state);
        counters.retire(state.counts());
    }

    void leaveThread(ThreadState state) {
        forget(state);
        if (threadOrNull() == state) {
            currentThread.remove();
        }
        shareDeferredFrees();
    }

    private void shareDeferredFrees() {
        int share = driver.mappingSize() / DEFERRED_SHARE / Math.max(1, threads.size());
        deferredFreeLimit = Math.min(MAX_DEFERRED_FREE, share);
    }

    /** Up to which size a thread may keep its last buffer for its next command: all together must leave room to receive. */
    int deferredFreeLimit() {
        return deferredFreeLimit;
    }

    List<ThreadState> threads() {
        return threads;
    }

    Janitor janitor() {
        return janitor;
    }

    Departures departures() {
        return departures;
    }

    ProxyCounts proxyCounts() {
        return proxyCounts;
    }

    /** Has a platform thread take {@code commands} to the driver before this returns; silent once the device is closed. */
    void commandNow(Consumer<DriverThread> commands) {
        try {
            carriers.run(() -> thread().commandNow(commands));
        } catch (DriverClosedException | BinderUnavailableException e) {
            // The driver dropped everything this process held when the descriptor was closed.
            return;
        }
    }

    /** Gives a buffer back whose descriptors the driver closes meanwhile, for as long as a peer likes. */
    private void freeSlowly(long address) {
        try {
            thread().freeSlowly(address);
        } catch (DriverClosedException e) {
            // The driver took back every buffer when the descriptor was closed.
            return;
        }
    }

    /** As {@link #commandNow}, or, on a thread about to write or read anyway, with that. */
    void commandSoon(Consumer<DriverThread> commands) {
        ThreadState thread = threadOrNull();
        if (thread != null && thread.isCurrent() && thread.writesSoon()) {
            thread.command(commands);
        } else {
            commandNow(commands);
        }
    }

    void checkOpen() {
        if (driver.isClosing()) {
            throw new DriverClosedException(driver.path());
        }
    }

    // Calls

    /**
     * Calls a remote object and waits for its reply, or, if oneway, until the driver has taken the call.
     *
     * @param reply empty, receives the reply; null to drop it
     * @return {@link Status#OK} or what the callee answered in its place
     * @throws TransactionFailure if the driver did not deliver the call or its reply
     */
    public int transact(RemoteObject target, int code, ParcelData data, ParcelData reply, int flags)
            throws TransactionFailure {
        if (PlatformThreads.isCurrentVirtual()) {
            return carriers.call(() -> thread().transact(target, code, data, reply, flags));
        }
        return thread().transact(target, code, data, reply, flags);
    }

    // Polling: a program's own event loop serves

    /**
     * Makes the calling thread the one that serves this device, whenever it calls {@link #servePolled}.
     *
     * @throws IllegalStateException if the device is served already, or the thread is virtual
     */
    public void startPolling() {
        checkPlatformThread();
        loopers.startPolling();
    }

    /** Waits until {@link #servePolled} has something to do; false if {@code timeoutMs} is over, -1 being never. */
    public boolean awaitCommands(long timeoutMs) {
        checkPlatformThread();
        return thread().awaitCommands(timeoutMs);
    }

    /** Serves what has arrived, and waits for nothing. On the thread that {@link #startPolling} was called on. */
    public void servePolled() {
        checkPlatformThread();
        thread().servePolled();
    }

    private static void checkPlatformThread() {
        if (PlatformThreads.isCurrentVirtual()) {
            throw new IllegalStateException("a virtual thread cannot poll: the driver knows OS threads");
        }
    }

    // Objects: sending

    private final ObjectBinding binding = new ObjectBinding() {
        @Override
        public long pointerOf(Object object) {
            if (object == managerRole.object()) {
                return 0; // its node is handle 0's
            }
            return object instanceof LocalObject local ? local.beginSend(nodes).ptr : -1;
        }

        @Override
        public int flagsOf(Object object) {
            return ((LocalObject) object).flags();
        }

        @Override
        public int handleOf(Object object) {
            return ((RemoteObject) object).handle();
        }
    };

    /**
     * Gives the objects in {@code data} their numbers on this device and holds them until {@link #endSend}.
     *
     * @return null; or an object that is dead and has no number any more, with which nothing can be sent and nothing is held
     * @throws IllegalArgumentException if one is a proxy of another device; then nothing is held
     */
    RemoteObject beginSend(ParcelData data) {
        data.checkSendable();
        for (int i = 0; i < data.objectCount(); i++) {
            if (data.object(i) instanceof RemoteObject remote && remote.process() != this) {
                throw new IllegalArgumentException(
                        "a proxy of " + remote.process().driver.path() + " cannot be sent through " + driver.path()
                                + ": handles mean something to one opening of a device only");
            }
        }
        for (int i = 0; i < data.objectCount(); i++) {
            if (data.object(i) instanceof LocalObject) {
                loopers.start();
                break;
            }
        }
        for (int i = 0; i < data.objectCount(); i++) {
            if (data.object(i) instanceof RemoteObject remote && !remote.beginSend()) {
                endRemoteSends(data, i);
                return remote;
            }
        }
        try {
            data.bindObjects(binding);
        } catch (Throwable e) {
            endRemoteSends(data, data.objectCount());
            throw e;
        }
        return null;
    }

    private static void endRemoteSends(ParcelData data, int count) {
        for (int i = 0; i < count; i++) {
            if (data.object(i) instanceof RemoteObject remote) {
                remote.endSend();
            }
        }
    }

    void endSend(ParcelData data) {
        endRemoteSends(data, data.objectCount());
        for (int i = 0; i < data.objectCount(); i++) {
            LocalNode node = data.object(i) instanceof LocalObject ? nodes.find(data.boundPointer(i)) : null;
            if (node != null) { // null also for our own context manager, whose node is handle 0's
                node.sendDone();
            }
        }
    }

    // Objects: receiving

    /** Turns {@code parcel} into a window on the buffer whose command {@code io} holds, or frees that and throws. */
    void receive(ParcelData parcel, DriverThread io, ThreadState receiver) {
        try {
            lookInto(parcel, io, receiver);
        } finally {
            io.received();
        }
        if (driver.isClosing()) {
            parcel.recycle();
            throw new DriverClosedException(driver.path());
        }
    }

    private void lookInto(ParcelData parcel, DriverThread io, ThreadState receiver) {
        OffHeap mapping = driver.mapping();
        long address = io.dataAddress();
        long dataAt = address - mapping.address;
        long offsetsAt = io.offsetsAddress() - mapping.address;
        int dataSize = checkInMapping("data", dataAt, io.dataSize());
        int offsetsSize = checkInMapping("object table", offsetsAt, io.offsetsSize());
        ReceivedBuffer buffer;
        try {
            buffer = ReceivedBuffer.of(parcel);
        } catch (Throwable e) {
            discard(io);
            throw e;
        }
        int objectCount = offsetsSize / Long.BYTES;
        Counters.OfThread counts = receiver.counts();
        counts.add(Counters.Often.BUFFERS_RECEIVED, 1);
        buffer.arrived(receiver, (int) dataAt, dataSize, (int) offsetsAt, objectCount);
        if (buffer.sizeBytes() > dataSize // an array of descriptors lies in a buffer beside the data
                && ReceivedObjects.areClosedByDriver(
                        mapping.bytes, (int) dataAt, dataSize, (int) offsetsAt, objectCount)) {
            slowToFree.add(address);
        }
        counts.add(Counters.Often.BYTES_RECEIVED, buffer.sizeBytes());
        parcel.receive(mapping, (int) dataAt, dataSize, (int) offsetsAt, objectCount, buffer);
    }

    /** Frees the buffer whose command {@code io} holds, which no parcel receives. */
    void discard(DriverThread io) {
        closeDescriptors(io);
        io.received();
        io.freeBuffer(io.dataAddress());
    }

    private void closeDescriptors(DriverThread io) {
        if (io.offsetsSize() == 0) {
            return;
        }
        OffHeap mapping = driver.mapping();
        long dataAt = io.dataAddress() - mapping.address;
        long tableAt = io.offsetsAddress() - mapping.address;
        int dataSize = checkInMapping("data", dataAt, io.dataSize());
        int objectCount = checkInMapping("object table", tableAt, io.offsetsSize()) / Long.BYTES;
        ReceivedObjects.closeDescriptors(
                ReceivedObjects.descriptors(mapping.bytes, (int) dataAt, dataSize, (int) tableAt, objectCount));
    }

    /** The security context of the caller whose BR_TRANSACTION {@code io} holds; null if the object asks for none. */
    String securityContext(DriverThread io) {
        long address = io.securityContextAddress();
        if (address == 0) {
            return null;
        }
        OffHeap mapping = driver.mapping();
        long at = address - mapping.address;
        checkInMapping("security context", at, 1);
        int start = (int) at;
        int end = start;
        while (end < mapping.size() && mapping.bytes.get(end) != 0) {
            end++;
        }
        byte[] text = new byte[end - start];
        mapping.bytes.get(start, text);
        return new String(text, StandardCharsets.UTF_8);
    }

    private int checkInMapping(String what, long at, long size) {
        int mapped = driver.mappingSize();
        if (size < 0 || at < 0 || at > mapped - size) {
            throw new IllegalStateException("the driver delivered a buffer outside its mapping: " + what + " at offset "
                    + at + ", " + size + " bytes, of " + mapped);
        }
        return (int) size;
    }

    /** The object published under {@code ptr}. */
    Object localObject(long ptr) {
        LocalObject object = findLocal(ptr);
        if (object == null) {
            throw new IllegalArgumentException("no object of this process is known as 0x" + Long.toHexString(ptr));
        }
        return object;
    }

    /** The object published under {@code ptr}, 0 being our context manager, or null. */
    LocalObject findLocal(long ptr) {
        if (ptr == 0) {
            return managerRole.callee();
        }
        LocalNode node = nodes.find(ptr);
        return node == null ? null : node.object();
    }

    /** The stand-in for a handle that has just arrived; a new one is added to {@code unacquired}. */
    RemoteObject remoteObject(int handle, int stability, List<RemoteObject> unacquired) {
        if (handle == 0) {
            return contextManager;
        }
        synchronized (handles) {
            RemoteObject known = handles.find(handle);
            if (known != null) {
                return known;
            }
            RemoteObject created = new RemoteObject(this, handle, stability);
            int uid = ThreadState.identity().uid();
            unacquired.add(created);
            proxyCounts.added(uid);
            created.own(new HandleReference(this, handle, uid));
            if (!handles.put(created)) {
                created.disown();
            }
            return created;
        }
    }

    /** {@code object} gives its reference back: its handle will be another's. */
    void forget(RemoteObject object) {
        synchronized (handles) {
            handles.remove(object);
        }
    }

    /** Whether a thread has yet to hand a call of {@code object} to the driver; see {@link Departures}. */
    boolean isCalling(RemoteObject object) {
        for (ThreadState thread : threads) {
            if (thread.isCalling(object)) {
                return true;
            }
        }
        return false;
    }

    /** Runs an obituary, on this thread. */
    void tell(Runnable obituary) {
        ThreadState state = threadOrNull();
        if (state == null) {
            UserCode.run(obituary);
        } else {
            state.tell(obituary);
        }
    }

    /** Sends BC_ACQUIRE for every object in the list and empties it. */
    void acquireAll(List<RemoteObject> unacquired) {
        if (unacquired.isEmpty()) {
            return;
        }
        commandNow(io -> putAcquires(io, unacquired));
        letGo(unacquired);
    }

    private static void letGo(List<RemoteObject> acquired) {
        for (RemoteObject object : acquired) {
            object.letGo();
        }
        acquired.clear();
    }

    private static void putAcquires(DriverThread io, List<RemoteObject> unacquired) {
        for (RemoteObject object : unacquired) {
            io.acquire(object.handle());
        }
    }

    /**
     * Gives a buffer back, at once or with the next command; {@code unacquired} is acquired before and emptied.
     *
     * @param thread the calling thread's state, or null
     */
    void freeBuffer(ThreadState thread, long address, int size, List<RemoteObject> unacquired) {
        countFreed(thread, size);
        if (driver.isClosing()) {
            // The driver took back every buffer when the descriptor was closed.
            if (!unacquired.isEmpty()) {
                unacquired.clear();
            }
        } else if (slowToFree.remove(address)) {
            acquireAll(unacquired);
            Closer.run(() -> freeSlowly(address));
        } else if (!unacquired.isEmpty()) {
            commandNow(io -> {
                putAcquires(io, unacquired);
                io.freeBuffer(address);
            });
            letGo(unacquired);
        } else if (thread == null) {
            janitor.submit(() -> commandNow(io -> io.freeBuffer(address)));
        } else {
            freeOn(thread, address, size);
        }
    }

    private void countFreed(ThreadState thread, int size) {
        if (thread == null) {
            counters.add(Counters.Often.BUFFERS_FREED, 1);
            counters.add(Counters.Often.BYTES_FREED, size);
        } else {
            thread.counts().add(Counters.Often.BUFFERS_FREED, 1);
            thread.counts().add(Counters.Often.BYTES_FREED, size);
        }
    }

    private static void freeOn(ThreadState thread, long address, int size) {
        try {
            thread.freeBuffer(address, size);
        } catch (DriverClosedException e) {
            // The driver took back every buffer when the descriptor was closed.
            return;
        }
    }

    // Context manager

    /** Whoever is context manager: our own object if that is this process, since the driver refuses that call. */
    public Object contextManager() {
        LocalObject own = managerRole.object();
        return own != null ? own : contextManager;
    }

    /**
     * Claims handle 0 of this device for {@code manager}.
     *
     * @throws IllegalStateException if it is taken, saying by whom, or the first one to have it ran as another user
     */
    public void becomeContextManager(LocalObject manager) {
        managerRole.claim(manager);
    }

    ContextManagerRole managerRole() {
        return managerRole;
    }

    // Numbers

    /** Objects of this process the driver knows. */
    public int liveNodes() {
        return nodes.size();
    }

    /** Stand-ins for objects of other processes. */
    public int liveProxies() {
        return handles.size();
    }

    /** Received buffers not yet given back. */
    public long liveBuffers() {
        // First: what is freed between the two sums counts as live then, and none comes out as less than 0.
        long freed = counters.sum(Counters.Often.BUFFERS_FREED);
        return counters.sum(Counters.Often.BUFFERS_RECEIVED) - freed;
    }

    /** Bytes of data in them. */
    public long liveBufferBytes() {
        long freed = counters.sum(Counters.Often.BYTES_FREED);
        return counters.sum(Counters.Often.BYTES_RECEIVED) - freed;
    }

    /** Stand-ins for objects of other processes, by the user they came from. */
    public Map<Integer, Integer> proxiesByUid() {
        return proxyCounts.byUid();
    }

    /**
     * From how many proxies of one user on {@link DeviceEvents.Listener#onProxyLimit} is told, and to how many they must
     * fall before it is told again.
     *
     * @throws IllegalArgumentException unless 0 <= low < high
     */
    public void setProxyWatermarks(int high, int low) {
        proxyCounts.setWatermarks(high, low);
    }

    /** The driver said a word this library does not know: counted, told, and logged once. */
    void unknownReturn(int command) {
        counters.unknownReturns.increment();
        events.publish(listener -> listener.onUnknownReturn(command));
        if (unknownReported.compareAndSet(false, true)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the driver behind {0} says 0x{1}, which this library does not know: passed over, as any further will be",
                    path(),
                    Integer.toHexString(command));
        }
    }

    // Closing

    /**
     * Closes the device: wakes every thread blocked in it, waits for them to leave, and gives everything back.
     *
     * <p>A call that waits for a reply fails with {@link DriverClosedException}. A looper that is in user code leaves when
     * that returns. The mapping goes at once, for it holds the device's file, by whose end others learn of the end of our
     * objects: parcels that were received through it, and views, refuse to be read from then on.
     *
     * <p>When this returns, the device's own threads have ended, but for those that run code of the program's and the calling
     * one, which end when that returns; and nothing that outlives the device leads to it, not the safety net either.
     *
     * @throws IllegalStateException if a thread is still inside the driver after two seconds; the descriptor stays open. Or if
     *     the housekeeping thread still runs by then; all else is given back
     */
    @Override
    public void close() {
        driver.beginClose();
        carriers.close(); // before waiting: a call that waits to be carried is not in the driver
        closeDescriptor(System.nanoTime() + CLOSE_DEADLINE_NANOS);
        janitor.stop();
        events.stop();
        nodes.clear();
        registry.end();
        handles.end();
        managerRole.end();
        long deadline = System.nanoTime()
                + CLOSE_DEADLINE_NANOS; // of its own: the threads that left last may have used the other
        try {
            janitor.awaitEnd(deadline);
            deviceThreads.awaitEnds(deadline, this::isInUserCode);
        } finally {
            // A thread's state holds its parcels, and the safety net what those belong to.
            threads.removeIf(state -> !state.isInUserCode());
        }
    }

    private void closeDescriptor(long deadline) {
        synchronized (driver) {
            if (!descriptorClosed) {
                awaitNobodyInDriver(deadline);
                driver.closeDescriptor();
                descriptorClosed = true;
            }
            if (!unmapped) {
                driver.unmap();
                unmapped = true;
            }
        }
    }

    private void awaitNobodyInDriver(long deadline) {
        boolean interrupted = false;
        while (isInDriver()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(
                        "still inside " + driver.path() + " after 2 s: " + describeThreadsInDriver());
            }
            driver.wakeThreads();
            interrupted |= Thread.interrupted(); // kept for the program: an interrupted thread does not park
            LockSupport.parkNanos(CLOSE_POLL_NANOS);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isInUserCode(Thread thread) {
        return events.isTelling(thread)
                || threads.stream().anyMatch(state -> state.owner() == thread && state.isInUserCode());
    }

    private boolean isInDriver() {
        return driver.isControlled() || threads.stream().anyMatch(ThreadState::isInDriver);
    }

    private String describeThreadsInDriver() {
        List<Thread> inside = threads.stream()
                .filter(ThreadState::isInDriver)
                .map(ThreadState::owner)
                .toList();
        return inside.isEmpty() ? "a call that freezes a process, or changes the device" : "threads " + inside;
    }
}
