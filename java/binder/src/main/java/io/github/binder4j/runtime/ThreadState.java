package io.github.binder4j.runtime;

import static io.github.binder4j.driver.Commands.*;

import io.github.binder4j.driver.DriverThread;
import io.github.binder4j.driver.TransactionHandler;
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
 * BC_REPLY is answered at once with BR_TRANSACTION_COMPLETE, which no read for the next call can skip. See {@code
 * docs/decisions}.
 *
 * <p>Confined to its thread, except what is said to be otherwise.
 */
final class ThreadState implements TransactionHandler {
    /** Buffers up to this size wait for the thread's next command; a larger one goes back at once. */
    private static final int DEFERRED_FREE_LIMIT = 4096;

    private static final VarHandle PENDING_FREE;

    static {
        try {
            PENDING_FREE = MethodHandles.lookup().findVarHandle(ThreadState.class, "pendingFree", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final ThreadLocal<CallingIdentity> IDENTITY = new ThreadLocal<>();

    private final ProcessState process;
    private final DriverThread io;
    private final Thread owner = Thread.currentThread();

    private boolean looper;
    private int servedDepth;
    /** Whether this thread is about to write a reply or to read: what it frees now travels with that. */
    private boolean commandsFollow;

    /** Address of a small buffer that goes back with the next command, or 0. Shared with the janitor. */
    @SuppressWarnings("unused") // through PENDING_FREE
    private volatile long pendingFree;

    /** How often {@link #pendingFree} was set: tells the janitor whether the thread has been idle. */
    private volatile int frees;

    private int freesSeenByJanitor;

    ThreadState(ProcessState process, DriverThread io) {
        this.process = process;
        this.io = io;
    }

    /** Any thread may ask. */
    Thread owner() {
        return owner;
    }

    /** Any thread may ask. */
    boolean isInDriver() {
        return io.isInDriver();
    }

    // Calling

    int transact(RemoteObject target, int code, ParcelData data, ParcelData reply, int flags)
            throws TransactionFailure {
        process.beginSend(data);
        try {
            putPendingFree();
            io.transaction(target.handle(), code, flags | TF_ACCEPT_FDS, data);
            int outcome = awaitOutcome((flags & TF_ONE_WAY) != 0);
            return outcome == BR_REPLY ? takeReply(reply) : checkSent(outcome, target, code, data.dataSize());
        } finally {
            process.endSend(data);
        }
    }

    /** Serves what comes in until the driver says what became of the last BC_TRANSACTION or BC_REPLY. */
    private int awaitOutcome(boolean completeIsOutcome) {
        while (true) {
            io.writeRead();
            int outcome = io.dispatchNext(this, process.registry);
            boolean complete = outcome == BR_TRANSACTION_COMPLETE
                    || outcome == BR_ONEWAY_SPAM_SUSPECT
                    || outcome == BR_TRANSACTION_PENDING_FROZEN;
            if (outcome != 0 && (completeIsOutcome || !complete)) {
                return outcome;
            }
        }
    }

    private int checkSent(int outcome, RemoteObject target, int code, int dataSize) throws TransactionFailure {
        return switch (outcome) {
            case BR_TRANSACTION_COMPLETE, BR_ONEWAY_SPAM_SUSPECT, BR_TRANSACTION_PENDING_FROZEN -> Status.OK;
            default -> throw new TransactionFailure(outcome, io.takeExtendedError(), target, code, dataSize);
        };
    }

    private int takeReply(ParcelData reply) {
        boolean status = (io.flags() & TF_STATUS_CODE) != 0;
        ParcelData received = reply == null || status ? ParcelPool.obtain() : reply;
        process.receive(received, io);
        if (received == reply) {
            return Status.OK;
        }
        int result = status ? received.readInt() : Status.OK;
        ParcelPool.recycle(received);
        return result;
    }

    // Serving

    /** Serves calls until the device is closed; then tells the driver, and forgets this thread. No effect if it serves already. */
    void joinPool(boolean registered) {
        if (looper) {
            return;
        }
        looper = true;
        try {
            if (registered) {
                io.registerLooper();
            } else {
                io.enterLooper();
            }
            while (true) {
                putPendingFree();
                io.writeRead();
                // Outcomes that arrive here were asked for by nobody who waits.
                io.dispatchNext(this, process.registry);
            }
        } finally {
            looper = false;
            leave();
        }
    }

    /** Tells the driver this thread is done; it may come back, as a new one. */
    void leave() {
        io.exit();
        process.leaveThread(this);
    }

    @Override
    public void onSpawnLooper() {
        process.loopers().spawn();
    }

    @Override
    public void onTransaction() {
        long ptr = io.target();
        int code = io.code();
        int flags = io.flags();
        ParcelData data = ParcelPool.obtain();
        ParcelData reply = ParcelPool.obtain();
        CallingIdentity identity = identity();
        long outer = identity.set(io.senderEuid(), io.senderPid());
        boolean poolThread = looper && servedDepth == 0;
        servedDepth++;
        if (poolThread) {
            process.loopers().busy();
        }
        try {
            process.receive(data, io);
            int status = dispatch(ptr, code, data, reply, flags);
            commandsFollow = true;
            ParcelPool.recycle(data);
            commandsFollow = false;
            if ((flags & TF_ONE_WAY) == 0) {
                reply(status, reply, flags & TF_CLEAR_BUF);
            }
        } finally {
            if (poolThread) {
                process.loopers().idle();
            }
            servedDepth--;
            identity.restore(outer);
            ParcelPool.recycle(data);
            ParcelPool.recycle(reply);
        }
    }

    private int dispatch(long ptr, int code, ParcelData data, ParcelData reply, int flags) {
        LocalObject target = process.findLocal(ptr);
        return target == null ? Status.DEAD_OBJECT : target.transact(code, data, reply, flags);
    }

    private void reply(int status, ParcelData reply, int flags) {
        int sentStatus = status == Status.OK ? bindReply(reply) : status;
        try {
            if (sentStatus != Status.OK) {
                reply.clear();
                reply.writeInt(sentStatus);
                flags |= TF_STATUS_CODE;
            }
            putPendingFree();
            io.reply(flags, reply);
            // A reply that fails is the caller's to hear of: it gets BR_FAILED_REPLY or BR_DEAD_REPLY, we get this.
            awaitOutcome(true);
        } finally {
            process.endSend(reply);
        }
    }

    private int bindReply(ParcelData reply) {
        try {
            process.beginSend(reply);
            return Status.OK;
        } catch (IllegalArgumentException e) {
            UserCode.report(e);
            return Status.BAD_TYPE;
        }
    }

    // Commands that wait for nothing

    /** Adds commands and takes them to the driver. */
    void commandNow(Consumer<DriverThread> commands) {
        commands.accept(io);
        io.flush();
    }

    /** Gives a buffer back: with this thread's next command if it is small or that is about to come, else at once. */
    void freeBuffer(long address, int size) {
        if (commandsFollow) {
            io.freeBuffer(address);
        } else if (size > DEFERRED_FREE_LIMIT) {
            io.freeBuffer(address);
            io.flush();
        } else {
            deferFree(address);
        }
    }

    private void deferFree(long address) {
        long earlier = (long) PENDING_FREE.getAndSet(this, address);
        frees++;
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
        CallingIdentity identity = IDENTITY.get();
        if (identity == null) {
            identity = new CallingIdentity();
            IDENTITY.set(identity);
        }
        return identity;
    }
}
