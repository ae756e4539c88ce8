package io.github.binder4j.natives;

import java.nio.Buffer;
import java.nio.ByteBuffer;

/** Direct buffers and their addresses. Bound by hand: JavaCPP's binding of objects needs its own classes. */
public final class NativeMemory {
    static {
        NativeLibrary.load();
    }

    private NativeMemory() {}

    /**
     * Where a direct buffer's memory begins, its position aside.
     *
     * @return the address; 0 if the buffer is not direct
     */
    public static native long addressOf(Buffer buffer);

    /**
     * A buffer over memory that its owner keeps valid as long as the buffer is used.
     *
     * @return a direct, writable, big-endian buffer of {@code size} bytes; writing it is up to the memory's protection
     */
    public static native ByteBuffer directBuffer(long address, long size);
}
