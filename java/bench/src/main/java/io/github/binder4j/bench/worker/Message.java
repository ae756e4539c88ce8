package io.github.binder4j.bench.worker;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The message that every transport carries, so that all do the same work. Little endian:
 *
 * <pre>
 *   0        4        8                16                      16 + size
 *   +--------+--------+----------------+------------------------+
 *   | kind   | size   | sequence       | payload                |
 *   +--------+--------+----------------+------------------------+
 * </pre>
 *
 * The answer has the same form: the kind and the sequence of what it answers, and the payload again for {@link #ECHO}, none
 * else. For {@link #FLUSH} its sequence is the number of {@link #ONEWAY} messages received so far. The last eight bytes of a
 * payload are {@link #MARKER}, which the receiver looks for: what came came whole.
 */
public final class Message {
    /** Answered by a header. */
    public static final int CALL = 1;
    /** Answered by the same payload. */
    public static final int ECHO = 2;
    /** Not answered. */
    public static final int ONEWAY = 3;
    /** Answered when every {@link #ONEWAY} message has arrived; its sequence says how many there are. */
    public static final int FLUSH = 4;

    public static final int HEADER_BYTES = 16;
    public static final int SIZE_OFFSET = 4;
    public static final int SEQUENCE_OFFSET = 8;
    public static final long MARKER = 0x6a34_6272_6564_696eL;
    /** No transport is asked for more. */
    public static final int MAX_PAYLOAD_BYTES = 1024 * 1024;

    private Message() {}

    /** A message ready to be sent, outside the Java heap; its position is 0. Only its sequence is still to be set. */
    public static ByteBuffer of(int kind, int sizeBytes) {
        return withPayload(ByteBuffer.allocateDirect(HEADER_BYTES + sizeBytes), kind, sizeBytes);
    }

    /** The same, in a buffer that is large enough. */
    static ByteBuffer withPayload(ByteBuffer buffer, int kind, int sizeBytes) {
        buffer.clear().order(ByteOrder.LITTLE_ENDIAN).limit(HEADER_BYTES + sizeBytes);
        buffer.putInt(0, kind).putInt(SIZE_OFFSET, sizeBytes);
        mark(buffer, HEADER_BYTES, sizeBytes);
        return buffer;
    }

    /** A payload without its header; its position is 0. */
    public static ByteBuffer payload(int sizeBytes) {
        ByteBuffer payload = ByteBuffer.allocateDirect(sizeBytes).order(ByteOrder.LITTLE_ENDIAN);
        mark(payload, 0, sizeBytes);
        return payload;
    }

    private static void mark(ByteBuffer buffer, int offset, int sizeBytes) {
        if (sizeBytes >= Long.BYTES) {
            buffer.putLong(offset + sizeBytes - Long.BYTES, MARKER);
        }
    }

    /**
     * Refuses a payload that was cut or mixed up.
     *
     * @param buffer where it lies, little endian
     * @param offset where it begins
     */
    public static void checkPayload(ByteBuffer buffer, int offset, int sizeBytes) {
        if (sizeBytes >= Long.BYTES) {
            checkMarker(buffer.getLong(offset + sizeBytes - Long.BYTES));
        }
    }

    /** Refuses a payload whose last eight bytes are other than {@link #MARKER}. */
    public static void checkMarker(long lastEightBytes) {
        if (lastEightBytes != MARKER) {
            throw new IllegalStateException("a payload ends with " + Long.toHexString(lastEightBytes) + " instead of "
                    + Long.toHexString(MARKER));
        }
    }

    /**
     * Refuses the header of an answer that is not the one to this message.
     *
     * @param kind of the answer, as are size and sequence
     * @param sentKind of the message, as are the others
     */
    public static void checkAnswer(
            int kind, int sizeBytes, long sequence, int sentKind, int sentSizeBytes, long sentSequence) {
        int expectedBytes = sentKind == ECHO ? sentSizeBytes : 0;
        if (kind != sentKind || sizeBytes != expectedBytes) {
            throw new IllegalStateException("the answer is of kind " + kind + " with " + sizeBytes
                    + " bytes instead of kind " + sentKind + " with " + expectedBytes);
        }
        checkSequence(sequence, sentSequence);
    }

    /** Refuses the answer to another message. */
    public static void checkSequence(long received, long expected) {
        if (received != expected) {
            throw new IllegalStateException("the answer is to message " + received + " instead of " + expected);
        }
    }
}
