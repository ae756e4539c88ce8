package io.github.binder4j.driver;

import static io.github.binder4j.driver.Commands.*;

import io.github.binder4j.memory.OffHeap;
import io.github.binder4j.memory.Payload;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;

/**
 * The two command streams of one OS thread on one device.
 *
 * <p>BC_ commands collect in the write buffer until {@link #writeRead}, {@link #replyAndRead} or {@link #flush} takes them to the driver; BR_
 * commands are decoded in place by {@link #dispatchNext}. Everything lies in one block:
 *
 * <pre>
 *   0            48    64                     64+WRITE_CAPACITY           +READ_CAPACITY   +12
 *   | binder_write_read | write buffer (BC_)  | read buffer (BR_)         | extended error |
 * </pre>
 *
 * <p>Confined to its thread, as the kernel's record of it is. Allocates nothing after construction.
 *
 * <p><b>Invariant "transaction last":</b> BC_TRANSACTION and BC_REPLY are the last command of a write. One that fails
 * stops the write ({@code binder_thread_write} loops while {@code thread->return_error.cmd == BR_OK}), and what followed
 * it would be executed by a later call, out of order.
 *
 * <p><b>Invariant "user code last":</b> BR_TRANSACTION, BR_DEAD_BINDER and BR_FROZEN_BINDER end a read ({@code
 * binder_thread_read}), so when user code runs nothing of this thread's read buffer is left that a nested call could overwrite.
 */
public final class DriverThread {
    private static final int BWR_WRITE_CONSUMED = 8;
    private static final int BWR_WRITE_BUFFER = 16;
    private static final int BWR_READ_BUFFER = 40;

    private static final int WRITE_BUFFER = 64;
    private static final int WRITE_CAPACITY = 1024;
    private static final int READ_BUFFER = WRITE_BUFFER + WRITE_CAPACITY;
    /** The driver delivers an item only while 76 bytes are left ({@code binder_thread_read}); this is several. */
    private static final int READ_CAPACITY = 512;

    private static final int EXTENDED_ERROR = READ_BUFFER + READ_CAPACITY;
    private static final int BLOCK_SIZE = EXTENDED_ERROR + 16;

    private static final int TRANSACTION_DATA_SIZE = 64;
    private static final int BUFFERS_SIZE = TRANSACTION_DATA_SIZE;
    private static final int TRANSACTION_DATA_SG_SIZE = TRANSACTION_DATA_SIZE + 8;

    private static final long POLL_SLICE_MS = 100;

    private static final VarHandle IN_DRIVER;

    static {
        try {
            IN_DRIVER = MethodHandles.lookup().findVarHandle(DriverThread.class, "inDriver", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final DriverCalls calls;
    private final Descriptor descriptor;
    private final OffHeap block = OffHeap.allocate(BLOCK_SIZE);
    private final ByteBuffer bytes = block.bytes;

    private int writeEnd = WRITE_BUFFER;
    /** Where the BC_TRANSACTION or BC_REPLY that the driver has not taken begins, or -1. */
    private int unsentTransaction = -1;

    private int readPosition = READ_BUFFER;
    private int readEnd = READ_BUFFER;
    private int payload;
    private int command;
    /** Whether a buffer may be among what the last read brought and was not looked into: until then this thread is inside. */
    private boolean bufferAwaits;
    /** Written before {@link Descriptor#closing} is read, so that who closes sees this thread or it sees the closing. */
    private volatile boolean inDriver;

    public DriverThread(BinderDriver driver) {
        this.calls = driver.calls();
        this.descriptor = driver.descriptor();
        bytes.putLong(BWR_WRITE_BUFFER, block.address + WRITE_BUFFER);
        bytes.putLong(BWR_READ_BUFFER, block.address + READ_BUFFER);
        DriverException.check("registering the thread for BINDER_THREAD_EXIT", calls.enterThread(descriptor.slot));
    }

    /** Tells the driver that this thread is done with it: the kernel drops its record of the thread. */
    public void exit() {
        CommandTrace.call(descriptor, "BINDER_THREAD_EXIT");
        calls.leaveThread(descriptor.slot);
        received(); // whatever was left of a read, nobody looks into it
    }

    /**
     * Whether the thread is inside an ioctl, or has not yet looked into the buffer that the last one brought. May be asked from
     * any thread.
     */
    public boolean isInDriver() {
        return inDriver;
    }

    /**
     * What the runtime must know of the buffer in the command being dispatched is noted, the descriptors in it before all: it
     * does not matter any more if the mapping goes. Until then this thread counts as inside the driver, whatever system calls
     * it makes.
     */
    public void received() {
        bufferAwaits = false;
        leaveDriver();
    }

    /**
     * What is left of the last read is dispatched when this thread comes again, for which who closes need not wait. After the
     * outcome of its last call a driver says nothing with a buffer.
     */
    public void leaveUnread() {
        if (bufferAwaits) {
            received();
        }
    }

    // BC_: what this thread tells the driver

    /** Whether commands wait to be taken to the driver. */
    public boolean hasCommands() {
        return writeEnd > WRITE_BUFFER;
    }

    public void enterLooper() {
        put(BC_ENTER_LOOPER, 0);
    }

    public void registerLooper() {
        put(BC_REGISTER_LOOPER, 0);
    }

    public void exitLooper() {
        put(BC_EXIT_LOOPER, 0);
    }

    public void acquire(int handle) {
        bytes.putInt(put(BC_ACQUIRE, 4), handle);
    }

    public void release(int handle) {
        bytes.putInt(put(BC_RELEASE, 4), handle);
    }

    /** Gives a received buffer back. Exactly once per buffer, also for an empty one. */
    public void freeBuffer(long address) {
        bytes.putLong(put(BC_FREE_BUFFER, 8), address);
    }

    public void requestDeathNotification(int handle, long cookie) {
        putHandleCookie(BC_REQUEST_DEATH_NOTIFICATION, handle, cookie);
    }

    public void clearDeathNotification(int handle, long cookie) {
        putHandleCookie(BC_CLEAR_DEATH_NOTIFICATION, handle, cookie);
    }

    public void requestFreezeNotification(int handle, long cookie) {
        putHandleCookie(BC_REQUEST_FREEZE_NOTIFICATION, handle, cookie);
    }

    public void clearFreezeNotification(int handle, long cookie) {
        putHandleCookie(BC_CLEAR_FREEZE_NOTIFICATION, handle, cookie);
    }

    /** Adds the call; see the invariant "transaction last". The payload must stay in place until the write is done. */
    public void transaction(int handle, int code, int flags, Payload data) {
        boolean scattered = data.buffersSize() > 0;
        putTransactionData(scattered ? BC_TRANSACTION_SG : BC_TRANSACTION, handle, code, flags, data);
    }

    /** Adds the reply to the call this thread is serving; see the invariant "transaction last". */
    public void reply(int flags, Payload data) {
        putTransactionData(data.buffersSize() > 0 ? BC_REPLY_SG : BC_REPLY, 0, 0, flags, data);
    }

    private void putTransactionData(int command, int handle, int code, int flags, Payload data) {
        int at = put(command, payloadSize(command));
        unsentTransaction = at - 4;
        bytes.putLong(at, handle & 0xffffffffL);
        bytes.putLong(at + 8, 0);
        bytes.putInt(at + 16, code);
        bytes.putInt(at + 20, flags);
        bytes.putLong(at + 24, 0);
        bytes.putLong(at + 32, data.dataSize());
        bytes.putLong(at + 40, data.offsetsSize());
        bytes.putLong(at + 48, data.dataAddress());
        bytes.putLong(at + 56, data.offsetsAddress());
        if (payloadSize(command) == TRANSACTION_DATA_SG_SIZE) {
            bytes.putLong(at + BUFFERS_SIZE, data.buffersSize());
        }
    }

    /**
     * Takes back a BC_TRANSACTION or BC_REPLY that the driver has not taken: what it points at will not stay in place.
     *
     * @return false if it has, and nothing was taken back
     */
    public boolean discardUnsentTransaction() {
        if (unsentTransaction < 0) {
            return false;
        }
        remove(unsentTransaction, 4 + payloadSize(bytes.getInt(unsentTransaction)));
        unsentTransaction = -1;
        return true;
    }

    private void putHandleCookie(int command, int handle, long cookie) {
        int at = put(command, 12);
        bytes.putInt(at, handle);
        bytes.putLong(at + 4, cookie); // packed: the cookie is not aligned
    }

    private void putPtrCookie(int command, long ptr, long cookie) {
        int at = put(command, 16);
        bytes.putLong(at, ptr);
        bytes.putLong(at + 8, cookie);
    }

    private int put(int command, int payloadSize) {
        if (writeEnd + 4 + payloadSize > WRITE_BUFFER + WRITE_CAPACITY) {
            flush();
            if (writeEnd + 4 + payloadSize > WRITE_BUFFER + WRITE_CAPACITY) {
                throw new IllegalStateException("write buffer full: " + (writeEnd - WRITE_BUFFER) + " of "
                        + WRITE_CAPACITY + " bytes, and the driver takes none before its error is read");
            }
        }
        int at = writeEnd;
        bytes.putInt(at, command);
        writeEnd = at + 4 + payloadSize;
        return at + 4;
    }

    // The system call

    /**
     * Takes the commands to the driver and waits for nothing.
     *
     * <p>The driver takes none while it has an error to report to this thread ({@code thread->return_error}): they then stay,
     * and go with the first write after the read that brings the error. There is no other reason to take a part.
     */
    public void flush() {
        if (hasCommands()) {
            call(0, false);
        }
    }

    /**
     * Takes the commands to the driver and waits until it has something to say: the one system call of a transaction.
     *
     * <p>Returns at once when an earlier read is not yet dispatched to its end. May return with nothing to dispatch: a thread's
     * first read does, and one woken by {@link BinderDriver#wakeThreads}.
     */
    public void writeRead() {
        if (!hasReturns()) {
            call(READ_CAPACITY, false);
        }
    }

    /**
     * Takes the commands, a BC_REPLY the last of them, to the driver, and waits for what it says after BR_TRANSACTION_COMPLETE:
     * the two system calls of a served transaction, without coming back between them. If it first says anything else, and
     * while {@link CommandTrace} writes down what it says, this is {@link #writeRead}.
     *
     * <p>All that an earlier read brought has been dispatched.
     */
    public void replyAndRead() {
        call(READ_CAPACITY, !CommandTrace.isOn());
    }

    private void call(int readSize, boolean pastComplete) {
        if (CommandTrace.isOn()) {
            CommandTrace.toDriver(descriptor, bytes, WRITE_BUFFER, writeEnd);
        }
        long result = enterDriver(readSize, pastComplete);
        keepUnconsumed(result >= 0 ? (int) (result >>> Integer.SIZE) : (int) bytes.getLong(BWR_WRITE_CONSUMED));
        if (result < 0) {
            fail((int) result);
        }
    }

    private void beginReturns(long result) {
        readPosition = READ_BUFFER;
        readEnd = endOfRead(result);
        // Nearly every read begins with it (binder_thread_read), and it is costlier to dispatch than to leave out.
        if (hasReturns() && bytes.getInt(READ_BUFFER) == BR_NOOP) {
            readPosition += 4;
        }
        bufferAwaits = hasReturns();
    }

    /** Nothing is read where the call failed ({@code binder_thread_read} returns its errors before it counts). */
    private static int endOfRead(long result) {
        return READ_BUFFER + (int) Math.max(result, 0);
    }

    private void fail(int error) {
        if (error == -Errno.EINVAL) {
            dropRefused();
        }
        DriverException.check("BINDER_WRITE_READ", error);
    }

    /**
     * Drops the command at which the driver stopped with EINVAL ({@code binder_thread_write}): it took neither that nor what
     * follows, and would refuse it again with every later one. It is none that carries a transaction: what is wrong with
     * those is told by a BR_.
     */
    private void dropRefused() {
        if (hasCommands()) {
            int length = 4 + payloadSize(bytes.getInt(WRITE_BUFFER));
            remove(WRITE_BUFFER, length);
            unsentTransaction = Math.max(-1, unsentTransaction - length);
        }
    }

    private void keepUnconsumed(int consumed) {
        remove(WRITE_BUFFER, consumed);
        if (unsentTransaction >= 0) {
            int at = unsentTransaction - consumed;
            unsentTransaction = at < WRITE_BUFFER ? -1 : at;
        }
    }

    /** Closes the gap that {@code length} bytes at {@code from} leave in the write buffer. */
    private void remove(int from, int length) {
        for (int at = from + length; at < writeEnd; at++) {
            bytes.put(at - length, bytes.get(at));
        }
        writeEnd -= length;
    }

    private long enterDriver(int readSize, boolean pastComplete) {
        int writeSize = writeEnd - WRITE_BUFFER;
        inDriver = true;
        try {
            checkOpen();
            long result = pastComplete
                    ? calls.replyAndRead(descriptor.fd, block.address, writeSize, readSize)
                    : calls.writeRead(descriptor.fd, block.address, writeSize, readSize);
            if (readSize > 0) {
                beginReturns(result);
                if (CommandTrace.isOn()) {
                    // Before leaving: it looks into the buffers that came, which a close unmaps once nobody is inside.
                    CommandTrace.fromDriver(descriptor, bytes, READ_BUFFER, readEnd);
                }
            }
            return result;
        } finally {
            leaveDriver();
        }
    }

    /**
     * Waits until {@link #writeRead} would not block.
     *
     * @param timeoutMs how long; 0 only asks, -1 waits for ever
     * @return false if the time is over
     * @throws DriverClosedException once the device is being closed
     */
    public boolean awaitReadable(long timeoutMs) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        while (!hasReturns()) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            // In slices: nothing wakes a thread in poll(2) when the device is being closed.
            if (poll(timeoutMs < 0 ? POLL_SLICE_MS : Math.max(0, Math.min(left, POLL_SLICE_MS)))) {
                return true;
            }
            if (timeoutMs >= 0 && left <= 0) {
                return false;
            }
        }
        return true;
    }

    private boolean poll(long timeoutMs) {
        inDriver = true;
        try {
            checkOpen();
            boolean readable = DriverException.check("poll", calls.pollReadable(descriptor.fd, (int) timeoutMs)) != 0;
            checkOpen(); // what wakes the threads of a device that is being closed makes it readable too
            return readable;
        } finally {
            leaveDriver();
        }
    }

    /**
     * After a system call, which may have been made between two commands of a read; a buffer that awaits keeps this thread
     * inside. Whoever waits for it to leave may learn of that late: unlike entering, it need not be seen before what follows.
     */
    private void leaveDriver() {
        if (!bufferAwaits) {
            IN_DRIVER.setRelease(this, false);
        }
    }

    private void checkOpen() {
        if (descriptor.closing) {
            bufferAwaits = false; // who closes need not wait for a thread that may fail here
            throw new DriverClosedException(descriptor.path);
        }
    }

    // BR_: what the driver tells this thread

    /** Whether commands of the last read wait to be dispatched. */
    public boolean hasReturns() {
        return readPosition < readEnd;
    }

    /**
     * Dispatches up to the next command that is an outcome for the caller.
     *
     * @return BR_REPLY, whose fields are then readable; BR_TRANSACTION_COMPLETE or what stands in its place; an error
     *     outcome; or 0 when the read is used up
     * @throws IllegalStateException if the last command of the read is cut short, which is then used up
     */
    public int dispatchNext(TransactionHandler handler, ObjectRegistry registry) {
        while (hasReturns()) {
            command = bytes.getInt(readPosition);
            payload = readPosition + 4;
            readPosition = payload + payloadSize(command);
            if (readPosition > readEnd) {
                throw cutShort();
            }
            if (!hasReturns() && !bringsBuffer(command)) {
                received();
            }
            switch (command) {
                case BR_NOOP, BR_OK, BR_FINISHED -> {}
                case BR_SPAWN_LOOPER -> handler.onSpawnLooper();
                case BR_TRANSACTION, BR_TRANSACTION_SEC_CTX -> handler.onTransaction();
                case BR_REPLY,
                        BR_TRANSACTION_COMPLETE,
                        BR_ONEWAY_SPAM_SUSPECT,
                        BR_TRANSACTION_PENDING_FROZEN,
                        BR_DEAD_REPLY,
                        BR_FAILED_REPLY,
                        BR_FROZEN_REPLY,
                        BR_ERROR -> {
                    return command;
                }
                default -> dispatchNotice(handler, registry);
            }
        }
        return 0;
    }

    /** What follows in the block is an earlier read's. */
    private IllegalStateException cutShort() {
        String text = "the driver's words end within " + name(command) + ": " + Math.max(0, readEnd - payload) + " of "
                + payloadSize(command) + " bytes follow it";
        readPosition = readEnd;
        received();
        return new IllegalStateException(text);
    }

    /** Whether a command has a buffer with it, which ends the read ({@code binder_thread_read}). */
    private static boolean bringsBuffer(int command) {
        return command == BR_TRANSACTION || command == BR_REPLY || command == BR_TRANSACTION_SEC_CTX;
    }

    /** What the driver says about objects, and what we do not know; apart, so that what every call brings is compiled into one piece. */
    private void dispatchNotice(TransactionHandler handler, ObjectRegistry registry) {
        switch (command) {
            case BR_INCREFS -> {
                registry.onIncrefs(pointer());
                putPtrCookie(BC_INCREFS_DONE, pointer(), cookie());
            }
            case BR_ACQUIRE -> {
                registry.onAcquire(pointer());
                putPtrCookie(BC_ACQUIRE_DONE, pointer(), cookie());
            }
            case BR_RELEASE -> registry.onRelease(pointer());
            case BR_DECREFS -> registry.onDecrefs(pointer());
            case BR_DEAD_BINDER -> deadBinder(registry, pointer());
            case BR_CLEAR_DEATH_NOTIFICATION_DONE -> registry.onDeathNotificationCleared(pointer());
            case BR_FROZEN_BINDER -> frozenBinder(registry, pointer(), bytes.getInt(payload + 8) != 0);
            case BR_CLEAR_FREEZE_NOTIFICATION_DONE -> registry.onFreezeNotificationCleared(pointer());
            default -> handler.onUnknownReturn(command);
        }
    }

    private void deadBinder(ObjectRegistry registry, long cookie) {
        registry.onDeadBinder(cookie);
        bytes.putLong(put(BC_DEAD_BINDER_DONE, 8), cookie);
    }

    private void frozenBinder(ObjectRegistry registry, long cookie, boolean frozen) {
        registry.onFrozenBinder(cookie, frozen);
        bytes.putLong(put(BC_FREEZE_NOTIFICATION_DONE, 8), cookie);
    }

    // The payload of the command being dispatched: binder_ptr_cookie, a death cookie, or binder_transaction_data

    private long pointer() {
        return bytes.getLong(payload);
    }

    private long cookie() {
        return bytes.getLong(payload + 8);
    }

    /** The node called: the {@code ptr} it was published under, 0 for the context manager. */
    public long target() {
        return bytes.getLong(payload);
    }

    public int code() {
        return bytes.getInt(payload + 16);
    }

    public int flags() {
        return bytes.getInt(payload + 20);
    }

    /**
     * The caller, as the struct has it on a little-endian machine: its process in our pid namespace, 0 for a oneway call, and
     * in the upper half its effective user.
     */
    public long sender() {
        return bytes.getLong(payload + 24);
    }

    public long dataSize() {
        return bytes.getLong(payload + 32);
    }

    public long offsetsSize() {
        return bytes.getLong(payload + 40);
    }

    /** Where the driver put the data: an address inside the mapping, and the name of the buffer when it is freed. */
    public long dataAddress() {
        return bytes.getLong(payload + 48);
    }

    public long offsetsAddress() {
        return bytes.getLong(payload + 56);
    }

    /** Where the driver put the caller's security context, inside the mapping; 0 if the node called asks for none. */
    public long securityContextAddress() {
        return command == BR_TRANSACTION_SEC_CTX ? bytes.getLong(payload + TRANSACTION_DATA_SIZE) : 0;
    }

    /**
     * Why the last BC_TRANSACTION or BC_REPLY of this thread failed; reading it clears it.
     *
     * @return the driver's negative errno, or 0 if it has none to tell
     */
    public int takeExtendedError() {
        inDriver = true;
        try {
            int result = descriptor.closing ? -1 : calls.extendedError(descriptor.fd, block.address + EXTENDED_ERROR);
            return result < 0 ? 0 : bytes.getInt(EXTENDED_ERROR + 8);
        } finally {
            leaveDriver();
        }
    }
}
