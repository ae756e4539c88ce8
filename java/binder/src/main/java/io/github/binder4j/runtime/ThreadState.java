package io.github.binder4j.runtime;

import static io.github.binder4j.driver.Commands.*;

import io.github.binder4j.driver.DriverClosedException;
import io.github.binder4j.driver.DriverThread;
import io.github.binder4j.driver.TransactionHandler;
import io.github.binder4j.memory.OffHeap;
import io.github.binder4j.memory.Payload;
import io.github.binder4j.memory.PerThread;
import io.github.binder4j.parcel.ParcelData;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;

/**
 * One platform thread on one device: the calls it makes, the calls it serves, and on whose behalf.
 *
 * <p>The kernel keeps a transaction stack per OS thread: a call and everything nested in it, in both directions, stays on
 * one. While a thread waits for a reply it serves the transactions sent back to it.
 *
 * <p><b>System calls.</b> A synchronous call is one: BC_TRANSACTION goes out and BR_REPLY comes in. A served call is two:
 * BC_REPLY is answered at once with BR_TRANSACTION_COMPLETE, which no read for the next call can skip (see {@code
 * docs/decisions}); a pool thread mostly makes both in one crossing into C.
 *
 * <p>Confined to its thread, except what is said to be otherwise.
 */
final class ThreadState implements TransactionHandler {
    private static final VarHandle PENDING_FREE;
    private static final VarHandle CALLING;
    private static final VarHandle SERVICE;
    private static final VarHandle BUSY_SINCE;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            PENDING_FREE = lookup.findVarHandle(ThreadState.class, "pendingFree", long.class);
            CALLING = lookup.findVarHandle(ThreadState.class, "calling", RemoteObject.class);
            BUSY_SINCE = lookup.findVarHandle(ThreadState.class, "busySince", long.class);
            SERVICE = lookup.findVarHandle(ThreadState.class, "service", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final PerThread<CallingIdentity> IDENTITY = new PerThread<>(CallingIdentity::new);

    /** From how many calls nested in one another on it may a thread's stack be short: they take a few KiB each. */
    private static final int DEEPLY_NESTED = 32;

    /** No word of the driver's, which was not asked: it has told of the death of the object. */
    private static final int DEAD_ALREADY = -1;

    /** No outcome: the driver has not taken the call or reply. */
    private static final int NOT_TAKEN = 0;

    /** In bytes. Copying a larger one takes so long that a crossing saved does not show. */
    private static final int LARGEST_OWED_REPLY = 16 * 1024;

    private final ProcessState process;
    private final DriverThread io;
    private final Thread owner = Thread.currentThread();

    private final Counters.OfThread counts;
    private final ParcelPool parcels = ParcelPool.ofThread();
    private final CallingIdentity identity = identity();
    private final StatusReply statusReply = new StatusReply();

    private boolean looper;
    private int servedDepth;
    /** How many obituaries, nested in one another, this thread is telling. */
    private int obituaries;
    /** How many calls and replies of this thread, nested in one another, wait for what becomes of them. */
    private int awaitedOutcomes;

    /** Whether the kernel's record of this thread was dropped with calls in it; another {@link ThreadState} follows. */
    private boolean abandoned;
    /** Whether that was told to the driver, for which the stack may have been too short where it was noticed. */
    private boolean left;
    /** Whether the driver took the request of the synchronous call that has just ended: if that failed, its reply did. */
    private boolean requestTaken;

    /** An outcome that came while this thread was about to send something else, and how deep the call is whose it is; or 0. */
    private int earlierOutcome;

    private int earlierDepth;
    /** Why the call failed whose outcome that is, taken before a later call made the driver forget it; or 0. */
    private int earlierExtendedError;
    /** That of the call which has just been told its outcome late; or 0. */
    private int keptExtendedError;
    /** Whether a program's event loop has this thread serve. */
    private boolean polled;
    /** Whether this thread is about to write a reply or to read: what it frees now travels with that. */
    private boolean commandsFollow;

    /** Whether this thread is in {@link #freeSlowly}. */
    private volatile boolean freesSlowly;

    /** Whose handle this thread may be about to hand to the driver. Written before the object is asked whether it is dead. */
    private volatile RemoteObject calling;

    /** Odd while this thread serves a call, and another number for each. */
    private volatile int service;

    private volatile long busySince = LooperPool.FREE;

    /** The answer to the call that this pool thread has served last, for it to send as it goes to read the next; or null. */
    private ParcelData owedReply;

    private int owedFlags;

    /** Address of a small buffer that goes back with the next command, or 0. Shared with the janitor. */
    private volatile long pendingFree;

    /** How often {@link #pendingFree} was set, written before it: tells the janitor whether the thread has been idle. */
    private int frees;

    private int freesSeenByJanitor;

    ThreadState(ProcessState process, DriverThread io) {
        this.process = process;
        this.io = io;
        this.counts = process.counters.ofThread();
    }

    Counters.OfThread counts() {
        return counts;
    }

    /** Whether the calling thread is the one this is of, and the driver knows it as that. */
    boolean isCurrent() {
        return owner == Thread.currentThread() && !left;
    }

    ProcessState process() {
        return process;
    }

    /** Any thread may ask. */
    Thread owner() {
        return owner;
    }

    /** Whether who closes the device must wait for this thread. Any thread may ask. */
    boolean isInDriver() {
        return io.isInDriver() && !freesSlowly && owner.isAlive();
    }

    /**
     * Gives a buffer back whose descriptors the driver closes on this thread ({@code binder_deferred_fd_close}), which may take as
     * long as a peer likes. Nobody who closes the device waits for that: the system call holds the file by itself, reads
     * nothing, and is not made again.
     */
    void freeSlowly(long address) {
        freesSlowly = true;
        try {
            commandNow(commands -> commands.freeBuffer(address));
        } finally {
            freesSlowly = false;
        }
    }

    /** Runs an obituary, on this thread. */
    void tell(Runnable obituary) {
        obituaries++;
        try {
            UserCode.run(obituary);
        } finally {
            obituaries--;
        }
    }

    /** Whether the thread serves a call or tells of a death. Any thread may ask, again and again: it learns of it soon. */
    boolean isInUserCode() {
        return servedDepth > 0 || obituaries > 0;
    }

    // Calling

    int transact(RemoteObject target, int code, ParcelData data, ParcelData reply, int flags)
            throws TransactionFailure {
        RemoteObject dead = process.beginSend(data);
        if (dead != null) {
            throw failed(TransactionFailure.deadInParcel(dead, target, code));
        }
        count(data, flags);
        FlightRecords.Call event = FlightRecords.beginCall();
        boolean answered = false;
        int outcome = 0;
        try {
            outcome = send(target, code, data, flags);
            answered = true;
            return outcome == BR_REPLY ? takeReply(reply, target, code) : checkSent(outcome, target, code, data);
        } finally {
            if (!answered && !left) {
                abandon();
            }
            process.endSend(data);
            flushIfIdle();
            if (event != null) {
                event.end(target, code, flags, data, reply, outcome == DEAD_ALREADY ? BR_DEAD_REPLY : outcome);
            }
        }
    }

    private int send(RemoteObject target, int code, ParcelData data, int flags) {
        int outcome = NOT_TAKEN;
        try {
            while (outcome == NOT_TAKEN) {
                calling = target; // volatile: who gives the handle back sees it, or the death is seen here
                if (target.isDead()) {
                    return DEAD_ALREADY;
                }
                putPendingFree();
                io.transaction(target.handle(), code, flags | TF_ACCEPT_FDS, data);
                outcome = awaitOutcome((flags & TF_ONE_WAY) != 0);
            }
            return outcome;
        } finally {
            CALLING.setRelease(this, null);
        }
    }

    /** Whether this thread may be about to hand the object's handle to the driver. Any thread may ask. */
    boolean isCalling(RemoteObject object) {
        return calling == object;
    }

    private void count(ParcelData data, int flags) {
        counts.add((flags & TF_ONE_WAY) == 0 ? Counters.Often.CALLS : Counters.Often.ONEWAY_CALLS, 1);
        counts.add(Counters.Often.BYTES_SENT, data.dataSize() + data.buffersSize());
    }

    /** What the driver said about our objects is answered now, if no later command of this thread is sure to come. */
    private void flushIfIdle() {
        if (!looper && servedDepth == 0 && !abandoned) {
            io.leaveUnread();
            if (io.hasCommands() && !process.isClosed()) {
                io.flush();
            }
        }
    }

    /**
     * Serves what comes in until the driver says what became of the BC_TRANSACTION or BC_REPLY that was added last; or that it
     * has not taken it, which then is to be added again: it takes none while it has an error to tell of an earlier one ({@code
     * binder_thread_write} loops while {@code thread->return_error.cmd == BR_OK}).
     */
    private int awaitOutcome(boolean completeIsOutcome) {
        boolean taken = false; // not the field: a call served meanwhile has outcomes of its own
        awaitedOutcomes++;
        try {
            while (true) {
                if (abandoned) {
                    throw new IllegalStateException("a nested call on this thread failed in a way that lost this one");
                }
                io.writeRead();
                if (io.discardUnsentTransaction()) {
                    dispatchEarlier();
                    return NOT_TAKEN;
                }
                int outcome = io.dispatchNext(this, process.registry);
                if (outcome == 0 && earlierOutcome != 0) {
                    outcome = takeEarlierOutcome();
                }
                boolean complete = outcome == BR_TRANSACTION_COMPLETE
                        || outcome == BR_ONEWAY_SPAM_SUSPECT
                        || outcome == BR_TRANSACTION_PENDING_FROZEN;
                if (outcome != 0 && (completeIsOutcome || !complete)) {
                    requestTaken = taken;
                    return outcome;
                }
                taken |= complete;
            }
        } finally {
            if (earlierDepth >= awaitedOutcomes) {
                earlierOutcome = 0;
            }
            awaitedOutcomes--;
        }
    }

    /** Dispatches what was read while the driver did not take a call or reply: outcomes are of what it took before. */
    private void dispatchEarlier() {
        while (io.hasReturns()) {
            int outcome = io.dispatchNext(this, process.registry);
            if (outcome == BR_REPLY) {
                process.discard(io);
            } else if (outcome != 0) {
                keepEarlierOutcome(outcome);
            }
        }
    }

    /**
     * The call or reply around the one that was not taken, if there is one, waits for it. Not for BR_ERROR: that is of a death
     * request ({@code binder_thread_write}), and the call goes on.
     */
    private void keepEarlierOutcome(int outcome) {
        int extendedError = io.takeExtendedError();
        if (outcome != BR_ERROR && awaitedOutcomes > 1) {
            earlierOutcome = outcome;
            earlierDepth = awaitedOutcomes - 1;
            earlierExtendedError = outcome == BR_TRANSACTION_COMPLETE ? 0 : extendedError;
        }
    }

    private int takeEarlierOutcome() {
        if (earlierDepth != awaitedOutcomes) {
            return 0;
        }
        int outcome = earlierOutcome;
        earlierOutcome = 0;
        keptExtendedError = earlierExtendedError;
        return outcome;
    }

    private int takeExtendedError() {
        int kept = keptExtendedError;
        keptExtendedError = 0;
        return kept != 0 ? kept : io.takeExtendedError();
    }

    /**
     * Gives up a call whose outcome will not be waited for: the kernel drops its record of the thread, so that a late reply
     * cannot be taken for that of the next call.
     */
    private void abandon() {
        abandoned = true;
        io.discardUnsentTransaction();
        leave();
    }

    private int checkSent(int outcome, RemoteObject target, int code, ParcelData data) throws TransactionFailure {
        switch (outcome) {
            case BR_TRANSACTION_COMPLETE -> {}
            case BR_TRANSACTION_PENDING_FROZEN -> process.counters.pendingFrozen.increment();
            case BR_ONEWAY_SPAM_SUSPECT -> {
                process.counters.spamSuspects.increment();
                FlightRecords.onewaySpam(target, data.interfaceName(), code);
                process.events().publish(listener -> listener.onOnewaySpamSuspect(target, code));
            }
            case DEAD_ALREADY -> throw failed(new TransactionFailure(BR_DEAD_REPLY, 0, false, target, code, data));
            default ->
                throw failed(new TransactionFailure(outcome, takeExtendedError(), requestTaken, target, code, data));
        }
        return Status.OK;
    }

    private TransactionFailure failed(TransactionFailure failure) {
        process.counters.failed(failure.kind());
        return failure;
    }

    private int takeReply(ParcelData reply, RemoteObject target, int code) throws TransactionFailure {
        boolean status = (io.flags() & TF_STATUS_CODE) != 0;
        ParcelData received;
        try {
            received = reply == null || status ? ParcelPool.obtain() : reply;
        } catch (Throwable e) {
            process.discard(io);
            throw e;
        }
        process.receive(received, io, this);
        if (received == reply) {
            return Status.OK;
        }
        int size = received.size();
        int result = status ? received.readInt() : Status.OK;
        ParcelPool.recycle(received);
        if (status && size < Integer.BYTES) {
            throw TransactionFailure.statusCutShort(size, target, code); // read as 0, it would tell of success
        }
        if (result != Status.OK) {
            process.counters.failed(Counters.Failure.STATUS);
        }
        return result;
    }

    // Serving

    /**
     * Serves calls until the device is closed; then tells the driver, and forgets this thread.
     *
     * @return false at once if it serves already; true if this state was abandoned and the thread may join with another
     */
    boolean joinPool(boolean registered) {
        if (looper) {
            return false;
        }
        looper = true;
        try {
            if (registered) {
                io.registerLooper();
            } else {
                io.enterLooper();
            }
            while (!abandoned) {
                boolean replies = owedReply != null;
                if (replies) {
                    replies = payReply();
                } else {
                    putPendingFree();
                    io.writeRead();
                }
                int outcome = io.dispatchNext(this, process.registry);
                if (replies && outcome != 0 && outcome != BR_TRANSACTION_COMPLETE) {
                    replyRefused();
                }
                dropUnaskedReply(outcome);
            }
            return true;
        } finally {
            looper = false;
            if (!left) {
                leave();
            }
        }
    }

    /** Tells the driver this thread is done; it may come back, as a new one. */
    void leave() {
        try {
            if (!process.isClosed()) {
                putPendingFree();
                io.exitLooper();
                io.flush();
            }
        } finally {
            io.exit();
            left = true;
            process.leaveThread(this);
        }
    }

    // Serving from a program's event loop

    /** Makes this thread one that serves, when its program calls {@link #servePolled}. */
    void startPolling() {
        if (looper) {
            throw new IllegalStateException("this thread serves " + process.path() + " already");
        }
        io.enterLooper();
        io.flush();
        polled = true;
    }

    /** Waits until {@link #servePolled} has something to do; false if {@code timeoutMs} is over, -1 being never. */
    boolean awaitCommands(long timeoutMs) {
        keepPolling();
        return io.awaitReadable(timeoutMs);
    }

    /** Serves what has arrived, and waits for nothing. */
    void servePolled() {
        keepPolling();
        try {
            while (!abandoned && io.awaitReadable(0)) {
                putPendingFree();
                io.writeRead();
                dropUnaskedReply(io.dispatchNext(this, process.registry));
            }
        } finally {
            io.leaveUnread();
        }
        if (!abandoned && io.hasCommands()) {
            io.flush();
        }
    }

    /** A call that was given up had the driver forget this thread: it enters again. */
    private void keepPolling() {
        if (!polled) {
            startPolling();
        }
    }

    /**
     * Answers the call served last and waits for the next, in one crossing into C.
     *
     * @return whether what was read tells what became of the answer; false if that is known already
     */
    private boolean payReply() {
        ParcelData reply = owedReply;
        owedReply = null;
        try {
            putReply(Status.OK, reply, owedFlags);
            io.replyAndRead();
            if (!io.discardUnsentTransaction()) {
                return true;
            }
            dispatchEarlier();
            reply(Status.OK, reply, owedFlags);
            return false;
        } finally {
            io.discardUnsentTransaction();
            takeBack(reply, true);
        }
    }

    /** An outcome read by a looper was asked for by nobody who waits. */
    private void dropUnaskedReply(int outcome) {
        if (outcome == BR_REPLY) {
            process.discard(io);
        }
    }

    @Override
    public void onUnknownReturn(int command) {
        process.unknownReturn(command);
    }

    @Override
    public void onSpawnLooper() {
        process.loopers().spawn();
    }

    @Override
    public void onTransaction() {
        boolean poolThread = looper && servedDepth == 0;
        boolean interrupted = Thread.interrupted(); // is not meant for this call, nor are others for what that leaves
        enterIdentity();
        FlightRecords.Served event = FlightRecords.beginServed();
        if (event != null) {
            event.peerPid = identity.pid();
            event.peerUid = identity.uid();
            event.dataSize = io.dataSize();
        }
        servedDepth++;
        if (servedDepth == 1) {
            SERVICE.setRelease(this, service + 1); // seen by others when this thread passes the fence that receiving is
        }
        if (poolThread) {
            BUSY_SINCE.setRelease(this, process.loopers().busySince());
        }
        try {
            serve(io.target(), io.code(), io.flags(), event);
        } finally {
            if (poolThread) {
                process.loopers().endBusy(busySince);
                BUSY_SINCE.setRelease(this, LooperPool.FREE);
            }
            if (servedDepth == 1) {
                SERVICE.setRelease(this, service + 1);
            }
            servedDepth--;
            identity.leave();
            UserCode.leaveInterrupted(interrupted);
        }
    }

    private void enterIdentity() {
        String securityContext;
        try {
            securityContext = process.securityContext(io);
        } catch (Throwable e) {
            process.discard(io);
            throw e;
        }
        identity.enter(io.sender(), securityContext);
    }

    /** Since when this pool thread has been busy, in the words of {@link LooperPool}. Any thread may ask. */
    long busySince() {
        return busySince;
    }

    /** Which call this thread serves; another number for each. Any thread may ask. */
    int service() {
        return service;
    }

    static boolean isServing(int service) {
        return (service & 1) != 0;
    }

    /** Answers a call whatever happens while it is served: a caller left without one would wait for ever. */
    private void serve(long ptr, int code, int flags, FlightRecords.Served event) {
        ParcelData data = null;
        ParcelData reply = null;
        boolean received = false;
        boolean bound = false;
        boolean owed = false;
        int status;
        try {
            data = parcels.lend();
            reply = parcels.lend();
            received = true;
            process.receive(data, io, this);
            counts.add((flags & TF_ONE_WAY) == 0 ? Counters.Often.SERVED : Counters.Often.SERVED_ONEWAY, 1);
            status = dispatch(ptr, code, data, reply, flags);
            if (status == Status.OK && (flags & TF_ONE_WAY) == 0) {
                bound = process.beginSend(reply) == null;
                status = bound
                        ? Status.OK
                        : Status.FAILED_TRANSACTION; // as if the driver had refused the dead object in it
            }
        } catch (DriverClosedException e) {
            throw e;
        } catch (Throwable e) {
            status = failed(ptr, code, e);
        }
        try {
            // Before the reply, so that it travels with it.
            takeBack(data, received);
            if ((flags & TF_ONE_WAY) == 0 && !abandoned) {
                owed = answer(status, reply, flags & TF_CLEAR_BUF);
            }
        } finally {
            if (bound) {
                process.endSend(reply);
            }
            if (event != null) {
                event.end(
                        process, ptr, code, flags, status == Status.OK && reply != null ? reply.dataSize() : 0, status);
            }
            if (!owed) {
                takeBack(reply, true);
            }
        }
    }

    private int dispatch(long ptr, int code, ParcelData data, ParcelData reply, int flags) {
        if (servedDepth > DEEPLY_NESTED && !StackReserve.isThere()) {
            process.servedFailures.refused(identity, process.findLocal(ptr), code, servedDepth - 1);
            return Status.UNKNOWN_ERROR;
        }
        LocalObject target = process.findLocal(ptr);
        return target == null ? Status.DEAD_OBJECT : target.transact(code, data, reply, flags);
    }

    /** Has it known that the call being served failed; returns what its caller is told. */
    private int failed(long ptr, int code, Throwable e) {
        Throwable cause = e instanceof LocalObject.Failure failure ? failure.getCause() : e;
        boolean withStack = servedDepth <= DEEPLY_NESTED && !(cause instanceof StackOverflowError);
        process.servedFailures.failed(identity, process.findLocal(ptr), code, cause, withStack);
        if (e instanceof LocalObject.Failure failure) {
            return failure.status;
        }
        return e instanceof IllegalArgumentException ? Status.BAD_TYPE : Status.UNKNOWN_ERROR;
    }

    /** Recycles a parcel lent to a call, or frees the buffer it could not receive; with the command that follows. */
    private void takeBack(ParcelData parcel, boolean received) {
        commandsFollow = true;
        try {
            if (!received) {
                process.discard(io);
            }
            if (parcel != null) {
                parcels.takeBack(parcel);
            }
        } finally {
            commandsFollow = false;
        }
    }

    /**
     * Whether this thread goes back to the pool's loop, with nothing but the reply left to do. What that holds is held until
     * the next call comes, which may be long: neither objects nor much memory.
     */
    private boolean mayOwe(ParcelData reply) {
        return looper
                && servedDepth == 1
                && awaitedOutcomes == 0
                && reply.objectCount() == 0
                && reply.dataSize() <= LARGEST_OWED_REPLY;
    }

    /** Replies now, or notes the reply for {@link #payReply}, which then takes the parcel back; tells whether it is owed. */
    private boolean answer(int status, ParcelData reply, int flags) {
        countReply(status, reply);
        if (status == Status.OK && mayOwe(reply)) {
            owedReply = reply;
            owedFlags = flags;
            return true;
        }
        reply(status, reply, flags);
        return false;
    }

    private void reply(int status, ParcelData reply, int flags) {
        int outcome = NOT_TAKEN;
        while (outcome == NOT_TAKEN && !abandoned) {
            putReply(status, reply, flags);
            outcome = awaitOutcome(true);
        }
        if (outcome != BR_TRANSACTION_COMPLETE && !abandoned) {
            replyRefused();
        }
    }

    /**
     * The driver knows of no call that this thread could answer. Of a reply that cannot be delivered the caller hears, and this
     * thread BR_TRANSACTION_COMPLETE ({@code binder_transaction}, where {@code in_reply_to} is set).
     */
    private void replyRefused() {
        process.counters.repliesFailed.increment();
        takeExtendedError(); // else the next failed call of this thread would be told this reason
    }

    private void putReply(int status, ParcelData reply, int flags) {
        putPendingFree();
        if (status == Status.OK) {
            io.reply(flags, reply);
        } else {
            io.reply(flags | TF_STATUS_CODE, statusReply.of(status));
        }
    }

    private void countReply(int status, ParcelData reply) {
        counts.add(Counters.Often.BYTES_SENT, status == Status.OK ? reply.dataSize() : Integer.BYTES);
    }

    /** The int that travels in place of a reply; made beforehand, so that running out of memory can be told. */
    private static final class StatusReply implements Payload {
        private final OffHeap block = OffHeap.allocate(Integer.BYTES);

        StatusReply of(int status) {
            block.bytes.putInt(0, status);
            return this;
        }

        @Override
        public long dataAddress() {
            return block.address;
        }

        @Override
        public int dataSize() {
            return Integer.BYTES;
        }

        @Override
        public long offsetsAddress() {
            return 0;
        }

        @Override
        public int offsetsSize() {
            return 0;
        }
    }

    // Commands that wait for nothing

    /** Whether this thread takes what is added now to the driver before it waits for anything else. */
    boolean writesSoon() {
        return looper && servedDepth == 0 && awaitedOutcomes == 0;
    }

    /** Adds commands; see {@link #writesSoon}. */
    void command(Consumer<DriverThread> commands) {
        commands.accept(io);
    }

    /** Adds commands and takes them to the driver. */
    void commandNow(Consumer<DriverThread> commands) {
        commands.accept(io);
        io.flush();
    }

    /** Gives a buffer back: with this thread's next command if it is small or that is about to come, else at once. */
    void freeBuffer(long address, int size) {
        if (commandsFollow) {
            io.freeBuffer(address);
        } else if (size > process.deferredFreeLimit()) {
            io.freeBuffer(address);
            io.flush();
        } else {
            deferFree(address);
        }
    }

    private void deferFree(long address) {
        long earlier = pendingFree == 0 ? 0 : takePendingFree(); // only this thread makes it anything else
        frees++;
        pendingFree = address; // volatile: if arm() finds the janitor armed, that has yet to look here
        if (earlier != 0) {
            io.freeBuffer(earlier);
            io.flush();
        }
        process.janitor().arm();
    }

    private void putPendingFree() {
        if (pendingFree != 0) {
            long address = takePendingFree();
            if (address != 0) {
                io.freeBuffer(address);
            }
        }
    }

    /** Takes over the buffer that waits, or 0. Any thread. */
    long takePendingFree() {
        return (long) PENDING_FREE.getAndSet(this, 0L);
    }

    boolean hasPendingFree() {
        return pendingFree != 0;
    }

    /** Whether the thread has freed nothing since the janitor asked last. Only the janitor asks. */
    boolean idleSinceLastSweep() {
        int now = frees;
        boolean idle = now == freesSeenByJanitor || !owner.isAlive();
        freesSeenByJanitor = now;
        return idle;
    }

    // Calling identity

    /** On whose behalf the current thread acts; whichever device the call came through. */
    static CallingIdentity identity() {
        return IDENTITY.get();
    }
}
