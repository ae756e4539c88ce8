package io.github.binder4j.driver;

import io.github.binder4j.memory.OffHeap;
import io.github.binder4j.natives.NativeMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/** System calls that do nothing but tell that they were made; the device has nothing to say. */
public final class NoKernel implements DriverCalls {
    private static final OffHeap MAPPING = OffHeap.allocate(64 * 1024);
    private static final int BWR_WRITE_BUFFER = 16;

    /** Plain: orders nothing. */
    public int ended;

    /** The sum of the addresses of buffers given back. */
    public long freed;

    private final BinderDriver device =
            new BinderDriver(this, new Descriptor(Path.of("/dev/none"), -7, -8, 1), 8, MAPPING);

    public BinderDriver device() {
        return device;
    }

    @Override
    public long writeRead(int fd, long bwrAddress, int writeSize, int readSize) {
        if (writeSize > 0) {
            long writeBuffer = view(bwrAddress, 48).getLong(BWR_WRITE_BUFFER);
            noteFreed(view(writeBuffer, writeSize));
        }
        ended = 1;
        return (long) writeSize << Integer.SIZE;
    }

    private void noteFreed(ByteBuffer commands) {
        while (commands.hasRemaining()) {
            int word = commands.getInt();
            if (word != Commands.BC_FREE_BUFFER) {
                throw new AssertionError(Commands.name(word));
            }
            freed += commands.getLong();
        }
    }

    private static ByteBuffer view(long address, int size) {
        return NativeMemory.directBuffer(address, size).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public long replyAndRead(int fd, long bwrAddress, int writeSize, int readSize) {
        return writeRead(fd, bwrAddress, writeSize, readSize);
    }

    @Override
    public int pollReadable(int fd, int timeoutMs) {
        ended = 1;
        return 1;
    }

    @Override
    public int setMaxThreads(int fd, int count) {
        ended = 1;
        return 0;
    }

    @Override
    public int enterThread(long deviceSlot) {
        return 0;
    }

    @Override
    public int leaveThread(long deviceSlot) {
        return 0;
    }

    @Override
    public int extendedError(int fd, long outAddress) {
        return -1;
    }

    @Override
    public int becomeContextManager(int fd, int nodeFlags) {
        return 0;
    }

    @Override
    public int enableOnewaySpamDetection(int fd, int enable) {
        return 0;
    }

    @Override
    public int freeze(int fd, int pid, int enable, int timeoutMs) {
        return 0;
    }

    @Override
    public int frozenInfo(int fd, long inOutAddress) {
        return 0;
    }

    @Override
    public int nodeDebugInfo(int fd, long inOutAddress) {
        return 0;
    }

    @Override
    public int nodeInfoForRef(int fd, long inOutAddress) {
        return 0;
    }

    @Override
    public int wakeThreads(int fd, int copy) {
        return 0;
    }

    @Override
    public void close(int fd, int copy, long deviceSlot) {}

    @Override
    public int replaceMapping(long address, long size) {
        return 0;
    }

    @Override
    public Runnable unmapping(long address, long size) {
        return () -> {};
    }
}
