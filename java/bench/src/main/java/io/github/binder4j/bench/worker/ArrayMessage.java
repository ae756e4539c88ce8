package io.github.binder4j.bench.worker;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A {@link Message} as an array of bytes, for transports that take and give such. */
public final class ArrayMessage {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private ArrayMessage() {}

    /** A message ready to be sent. Only its sequence is still to be set. */
    public static byte[] of(int kind, int sizeBytes) {
        return Message.withPayload(ByteBuffer.allocate(Message.HEADER_BYTES + sizeBytes), kind, sizeBytes)
                .array();
    }

    public static void setSequence(byte[] message, long sequence) {
        LONG.set(message, Message.SEQUENCE_OFFSET, sequence);
    }

    public static int kind(byte[] message) {
        return (int) INT.get(message, 0);
    }

    private static int size(byte[] message) {
        return (int) INT.get(message, Message.SIZE_OFFSET);
    }

    public static long sequence(byte[] message) {
        return (long) LONG.get(message, Message.SEQUENCE_OFFSET);
    }

    /** Refuses a message that was cut or mixed up. */
    public static void check(byte[] message) {
        int size = size(message);
        if (message.length != Message.HEADER_BYTES + size) {
            throw new IllegalStateException("a message of " + size + " bytes came as " + message.length);
        }
        if (size >= Long.BYTES) {
            Message.checkMarker((long) LONG.get(message, message.length - Long.BYTES));
        }
    }

    /**
     * What a server answers to a {@link Message#CALL} or {@link Message#ECHO}; the latter's answer is the message itself.
     * Refuses others, and what was cut or mixed up.
     */
    public static byte[] answer(byte[] message) {
        check(message);
        return switch (kind(message)) {
            case Message.CALL -> header(Message.CALL, sequence(message));
            case Message.ECHO -> message;
            default -> throw new IllegalStateException("message of kind " + kind(message));
        };
    }

    /** What a server answers to a {@link Message#FLUSH}. */
    public static byte[] arrived(long oneways) {
        return header(Message.FLUSH, oneways);
    }

    private static byte[] header(int kind, long sequence) {
        byte[] answer = of(kind, 0);
        setSequence(answer, sequence);
        return answer;
    }

    /** Refuses what is not the whole answer to this message, which has its sequence. */
    public static void checkAnswer(byte[] answer, byte[] message) {
        check(answer);
        Message.checkAnswer(
                kind(answer), size(answer), sequence(answer), kind(message), size(message), sequence(message));
    }
}
