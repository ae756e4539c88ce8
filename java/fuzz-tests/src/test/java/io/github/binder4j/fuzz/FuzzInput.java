package io.github.binder4j.fuzz;

import java.util.Arrays;

/** The bytes a fuzz target makes its decisions from; zeros when they are used up. */
public final class FuzzInput {
    private final byte[] bytes;
    private int at;

    public FuzzInput(byte[] bytes) {
        this.bytes = bytes;
    }

    public boolean hasNext() {
        return at < bytes.length;
    }

    /** 0 to 255. */
    public int nextByte() {
        return hasNext() ? bytes[at++] & 0xff : 0;
    }

    /** Little endian, as are the others. */
    public int nextShort() {
        return nextByte() | nextByte() << 8;
    }

    public int nextInt() {
        return nextShort() | nextShort() << 16;
    }

    public long nextLong() {
        return nextInt() & 0xffffffffL | (long) nextInt() << 32;
    }

    /** As many as there are, up to {@code length}. */
    public byte[] nextBytes(int length) {
        int from = at;
        at = Math.min(bytes.length, at + length);
        return Arrays.copyOfRange(bytes, from, at);
    }
}
