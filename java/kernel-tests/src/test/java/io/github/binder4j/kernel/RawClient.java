package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.binder4j.natives.BinderNative;
import io.github.binder4j.natives.NativeMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * A program that speaks to the driver by itself, in whatever words it likes. The driver tells processes apart by what they
 * opened, so to it, and to everybody who is called, this is another process, though it lives in the test's.
 *
 * <p>For one thread at a time; the driver keeps a record of each that used it. Never blocks for longer than {@link
 * Await#PATIENCE}.
 */
final class RawClient implements AutoCloseable {
    static final int BC_TRANSACTION = 0x40406300;
    static final int BC_REPLY = 0x40406301;
    static final int BC_FREE_BUFFER = 0x40086303;
    static final int BC_INCREFS = 0x40046304;
    static final int BC_ACQUIRE = 0x40046305;
    static final int BC_RELEASE = 0x40046306;
    static final int BC_DECREFS = 0x40046307;
    static final int BC_INCREFS_DONE = 0x40106308;
    static final int BC_ACQUIRE_DONE = 0x40106309;
    static final int BC_ATTEMPT_ACQUIRE = 0x4008630a;
    static final int BC_REGISTER_LOOPER = 0x0000630b;
    static final int BC_ENTER_LOOPER = 0x0000630c;
    static final int BC_EXIT_LOOPER = 0x0000630d;
    static final int BC_REQUEST_DEATH = 0x400c630e;
    static final int BC_CLEAR_DEATH = 0x400c630f;
    static final int BC_DEAD_BINDER_DONE = 0x40086310;
    static final int BC_TRANSACTION_SG = 0x40486311;
    static final int BC_REPLY_SG = 0x40486312;

    static final int BR_ERROR = 0x80047200;
    static final int BR_TRANSACTION = 0x80407202;
    static final int BR_REPLY = 0x80407203;
    static final int BR_DEAD_REPLY = 0x7205;
    static final int BR_TRANSACTION_COMPLETE = 0x7206;
    static final int BR_INCREFS = 0x80107207;
    static final int BR_ACQUIRE = 0x80107208;
    static final int BR_RELEASE = 0x80107209;
    static final int BR_DECREFS = 0x8010720a;
    static final int BR_NOOP = 0x720c;
    static final int BR_SPAWN_LOOPER = 0x720d;
    static final int BR_DEAD_BINDER = 0x8008720f;
    static final int BR_CLEAR_DEATH_DONE = 0x80087210;
    static final int BR_FAILED_REPLY = 0x7211;

    static final int TF_ONE_WAY = 0x01;
    static final int TF_STATUS_CODE = 0x08;

    static final int EINVAL = 22;
    static final int EBADF = 9;
    static final int EFAULT = 14;
    static final int ENOSPC = 28;
    static final int EPROTO = 71;
    private static final int EAGAIN = 11;
    private static final int O_NONBLOCK = 04000;

    static final int MAPPING_SIZE = 1 << 20;
    private static final int COMMANDS = 64 * 1024;
    private static final int RETURNS = 256;

    private final int fd;
    private final int mappingSize;
    private final long mapping;
    private boolean closed;

    private final ByteBuffer out = direct(COMMANDS);
    private final ByteBuffer in = direct(RETURNS);
    private final ByteBuffer bwr = direct(48);
    private final ByteBuffer error = direct(12);

    /** What the commands not yet written point at. */
    private Object pinned;

    /** Opens a device with a mapping of {@link #MAPPING_SIZE}. */
    RawClient(Path device) {
        this(device, MAPPING_SIZE);
    }

    /** Opens a device; without a mapping if that is to be of 0 bytes. */
    RawClient(Path device, int mappingSize) {
        this.mappingSize = mappingSize;
        fd = BinderNative.openDevice(device.toString(), O_NONBLOCK);
        assertTrue(fd >= 0, () -> "open " + device + ": " + fd);
        mapping = mappingSize == 0 ? 0 : BinderNative.mapDevice(fd, mappingSize);
        assertTrue(mapping >= 0, () -> "mmap of " + device + ": " + mapping);
        in.limit(0);
    }

    private static ByteBuffer direct(int size) {
        return ByteBuffer.allocateDirect(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** One BR_ command; of a transaction or a reply, what it carries was copied. */
    static final class Event {
        final int command;
        long target;
        long cookie;
        int code;
        int flags;
        ByteBuffer data;
        long[] offsets;
        long buffer;

        private Event(int command) {
            this.command = command;
        }

        boolean isStatus() {
            return command == BR_REPLY && (flags & TF_STATUS_CODE) != 0;
        }

        /** The next int of the data. */
        int int32() {
            return data.getInt();
        }

        @Override
        public String toString() {
            return "BR 0x" + Integer.toHexString(command)
                    + (data == null ? "" : " flags=" + flags + " data=" + data.limit() + " bytes");
        }
    }

    // Writing

    RawClient command(int command) {
        out.putInt(command);
        return this;
    }

    RawClient command(int command, int argument) {
        out.putInt(command).putInt(argument);
        return this;
    }

    RawClient command(int command, long argument) {
        out.putInt(command).putLong(argument);
        return this;
    }

    RawClient command(int command, long pointer, long cookie) {
        out.putInt(command).putLong(pointer).putLong(cookie);
        return this;
    }

    RawClient deathCommand(int command, int handle, long cookie) {
        out.putInt(command).putInt(handle).putLong(cookie);
        return this;
    }

    RawClient transaction(int command, int handle, int code, int flags, RawParcel parcel) {
        ByteBuffer table = parcel.offsetTable();
        return transaction(command, handle, code, flags, parcel, NativeMemory.addressOf(parcel.data), table);
    }

    /** A transaction or reply whose data the driver is to copy from {@code address}. */
    RawClient transaction(
            int command, int handle, int code, int flags, RawParcel parcel, long address, ByteBuffer table) {
        pinned = new Object[] {parcel, table, pinned};
        out.putInt(command).putLong(handle & 0xffffffffL).putLong(0);
        out.putInt(code).putInt(flags).putLong(0);
        out.putLong(parcel.dataSize()).putLong(parcel.offsetsSize());
        out.putLong(address).putLong(NativeMemory.addressOf(table));
        if (command == BC_TRANSACTION_SG || command == BC_REPLY_SG) {
            out.putLong(0);
        }
        return this;
    }

    /** Has the driver execute the commands; returns what the ioctl does, and drops those that were not executed. */
    int write() {
        int result = ioctl(0);
        out.clear();
        pinned = null;
        return result;
    }

    /** As {@link #write}, and all of them must have been executed without a complaint. */
    void writeAll() {
        int size = out.position();
        assertEquals(0, write());
        assertEquals(size, bwr.getLong(8), "bytes executed");
    }

    private int ioctl(int readSize) {
        bwr.putLong(16, NativeMemory.addressOf(out)).putLong(40, NativeMemory.addressOf(in));
        return (int) Math.min(0, BinderNative.writeRead(fd, NativeMemory.addressOf(bwr), out.position(), readSize));
    }

    // Reading

    /** The next command that is no news of our own objects' counts, which are answered as they should be. */
    Event next() {
        long deadline = System.nanoTime() + Await.PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            Event event = poll(1000);
            if (event != null) {
                return event;
            }
        }
        return fail("the driver has nothing to say for " + Await.PATIENCE.toSeconds() + " s");
    }

    /** As {@link #next}, past BR_TRANSACTION_COMPLETE, which of a synchronous call or a reply is no news. */
    Event nextNews() {
        Event event = next();
        return event.command == BR_TRANSACTION_COMPLETE ? nextNews() : event;
    }

    /** As {@link #next}; null if there is nothing for a while, or the client was closed. */
    Event poll(int timeoutMs) {
        while (!closed) {
            while (in.hasRemaining()) {
                Event event = decode();
                if (event != null) {
                    return event;
                }
            }
            if (out.position() > 0) {
                assertEquals(0, write(), "writing what was to be answered");
            }
            if (BinderNative.pollReadable(fd, timeoutMs) == 0) {
                return null;
            }
            int result = ioctl(RETURNS);
            in.position(0).limit((int) bwr.getLong(32));
            assertTrue(result == 0 || result == -EAGAIN, () -> "BINDER_WRITE_READ: " + result);
        }
        return null;
    }

    private Event decode() {
        int command = in.getInt();
        int end = in.position() + (command == BR_ERROR ? 0 : command >>> 16 & 0x3fff);
        Event event = decode(command);
        in.position(end);
        return event;
    }

    private Event decode(int command) {
        switch (command) {
            case BR_NOOP, BR_SPAWN_LOOPER, BR_RELEASE, BR_DECREFS -> {
                return null;
            }
            case BR_INCREFS -> command(BC_INCREFS_DONE, in.getLong(), in.getLong());
            case BR_ACQUIRE -> command(BC_ACQUIRE_DONE, in.getLong(), in.getLong());
            case BR_TRANSACTION, BR_REPLY -> {
                return decodeTransaction(new Event(command));
            }
            case BR_DEAD_BINDER, BR_CLEAR_DEATH_DONE -> {
                Event event = new Event(command);
                event.cookie = in.getLong();
                return event;
            }
            default -> {
                return new Event(command);
            }
        }
        return null;
    }

    private Event decodeTransaction(Event event) {
        event.target = in.getLong();
        event.cookie = in.getLong();
        event.code = in.getInt();
        event.flags = in.getInt();
        in.getLong(); // pid and euid
        int dataSize = (int) in.getLong();
        int offsetsSize = (int) in.getLong();
        event.buffer = in.getLong();
        event.data = direct(dataSize).put(mapped(event.buffer, dataSize)).flip();
        ByteBuffer table = mapped(in.getLong(), offsetsSize);
        event.offsets = new long[offsetsSize / Long.BYTES];
        for (int i = 0; i < event.offsets.length; i++) {
            event.offsets[i] = table.getLong();
        }
        return event;
    }

    private ByteBuffer mapped(long address, int size) {
        assertTrue(address >= mapping && address + size <= mapping + mappingSize, "outside the mapping");
        return size == 0 ? direct(0) : NativeMemory.directBuffer(address, size).order(ByteOrder.LITTLE_ENDIAN);
    }

    // Calling

    /** Calls and waits for what becomes of it; whoever calls back meanwhile is answered by {@code server}. */
    Event call(int handle, int code, RawParcel parcel, Consumer<Event> server) {
        transaction(BC_TRANSACTION, handle, code, 0, parcel);
        return outcome(server);
    }

    Event call(int handle, int code, RawParcel parcel) {
        return call(handle, code, parcel, event -> fail("called back: " + event));
    }

    /** Sends a oneway call; returns BR_TRANSACTION_COMPLETE or what the driver says in its place. */
    int oneway(int handle, int code, RawParcel parcel) {
        transaction(BC_TRANSACTION, handle, code, TF_ONE_WAY, parcel);
        return next().command;
    }

    /** What becomes of the call last written; whoever calls back meanwhile is answered by {@code server}. */
    Event outcome(Consumer<Event> server) {
        Event event = nextNews();
        while (event.command == BR_TRANSACTION) {
            server.accept(event);
            event = nextNews();
        }
        return event;
    }

    void free(Event event) {
        command(BC_FREE_BUFFER, event.buffer);
    }

    /** Answers the transaction and gives its buffer back. */
    void reply(Event event, int flags, RawParcel parcel) {
        free(event);
        transaction(BC_REPLY, 0, 0, flags, parcel);
        writeAll();
    }

    /** Why the last call or reply of this thread failed: an errno. */
    int whyItFailed() {
        assertEquals(0, BinderNative.extendedError(fd, NativeMemory.addressOf(error)));
        return -error.getInt(8);
    }

    /** A reference of our own on the object behind the first handle of a reply, which is freed. */
    int takeHandle(Event reply) {
        assertEquals(BR_REPLY, reply.command);
        assertTrue(reply.offsets.length > 0, () -> "no object in " + reply);
        int at = (int) reply.offsets[0];
        assertEquals(RawParcel.TYPE_HANDLE, reply.data.getInt(at));
        int handle = reply.data.getInt(at + 8);
        command(BC_ACQUIRE, handle);
        free(reply);
        writeAll();
        return handle;
    }

    /** Finds a service at the service manager. */
    int getService(String name) {
        return takeHandle(
                call(0, 1, new RawParcel().token("android.os.IServiceManager").string16(name)));
    }

    /** Claims handle 0. */
    void becomeContextManager() {
        assertEquals(0, BinderNative.becomeContextManager(fd, 0));
    }

    /** Asks the service manager to list an object of ours under a name. */
    Event offer(String name, long pointer) {
        RawParcel arguments =
                new RawParcel().token("android.os.IServiceManager").string16(name);
        return call(0, 5, arguments.binder(pointer).int32(0).int32(8));
    }

    /** Offers an object of ours under a name. */
    void addService(String name, long pointer) {
        Event reply = offer(name, pointer);
        assertEquals(BR_REPLY, reply.command);
        assertEquals(0, reply.int32(), "the service manager refuses");
        free(reply);
        writeAll();
    }

    // The end

    /** Tells the driver that the calling thread is gone. */
    void threadExit() {
        assertEquals(0, BinderNative.threadExit(fd));
    }

    boolean isClosed() {
        return closed;
    }

    /** Ends this process, in the driver's eyes. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            if (mapping != 0) {
                BinderNative.unmapDevice(mapping, mappingSize);
            }
            BinderNative.closeFd(fd);
        }
    }
}
