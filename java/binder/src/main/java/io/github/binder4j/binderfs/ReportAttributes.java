package io.github.binder4j.binderfs;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The attributes a report consists of, one after another:
 *
 * <pre>
 *   0        2        4          length           multiple of 4
 *   | length | type   | value    | padding        | next attribute
 * </pre>
 *
 * <p>Those of an unknown type are skipped; what a report does not have is 0.
 */
final class ReportAttributes {
    // linux/android/binder_netlink.h
    static final int ERROR = 1;
    static final int CONTEXT = 2;
    static final int FROM_PID = 3;
    static final int FROM_TID = 4;
    static final int TO_PID = 5;
    static final int TO_TID = 6;
    static final int IS_REPLY = 7;
    static final int FLAGS = 8;
    static final int CODE = 9;
    static final int DATA_SIZE = 10;

    private static final int HEADER_BYTES = 4;
    private static final int TYPE_MASK = 0x3fff;

    private final int[] numbers = new int[DATA_SIZE + 1];
    private String context = "";
    private boolean isReply;

    private ReportAttributes() {}

    /**
     * Reads a report from position to limit, in the buffer's byte order; moves the position.
     *
     * @throws IllegalArgumentException if an attribute has a length that cannot be
     */
    static TransactionReport read(ByteBuffer bytes) {
        ReportAttributes attributes = new ReportAttributes();
        while (bytes.hasRemaining()) {
            attributes.readOne(bytes);
        }
        return attributes.report();
    }

    private void readOne(ByteBuffer bytes) {
        int start = bytes.position();
        int room = bytes.remaining();
        int length = room < HEADER_BYTES ? 0 : Short.toUnsignedInt(bytes.getShort(start));
        if (length < HEADER_BYTES || length > room) {
            throw new IllegalArgumentException(
                    "a transaction report is damaged: attribute length=" + length + " in " + room + " bytes");
        }
        int type = bytes.getShort(start + 2) & TYPE_MASK;
        ByteBuffer value =
                bytes.slice(start + HEADER_BYTES, length - HEADER_BYTES).order(bytes.order());
        take(type, value);
        bytes.position(Math.min(start + (length + 3 & ~3), bytes.limit()));
    }

    private void take(int type, ByteBuffer value) {
        switch (type) {
            case CONTEXT -> context = textOf(value);
            case IS_REPLY -> isReply = true;
            case ERROR, FROM_PID, FROM_TID, TO_PID, TO_TID, FLAGS, CODE, DATA_SIZE ->
                numbers[type] = numberOf(type, value);
            default -> {
                // A newer kernel's.
            }
        }
    }

    private static int numberOf(int type, ByteBuffer value) {
        if (value.remaining() != Integer.BYTES) {
            throw new IllegalArgumentException("a transaction report is damaged: attribute type=" + type + " has "
                    + value.remaining() + " bytes, not " + Integer.BYTES);
        }
        return value.getInt();
    }

    /** Without the zero at its end. */
    private static String textOf(ByteBuffer value) {
        String text = StandardCharsets.UTF_8.decode(value).toString();
        int end = text.indexOf('\0');
        return end < 0 ? text : text.substring(0, end);
    }

    private TransactionReport report() {
        return new TransactionReport(
                numbers[ERROR],
                context,
                numbers[FROM_PID],
                numbers[FROM_TID],
                numbers[TO_PID],
                numbers[TO_TID],
                isReply,
                numbers[FLAGS],
                numbers[CODE],
                Integer.toUnsignedLong(numbers[DATA_SIZE]));
    }
}
