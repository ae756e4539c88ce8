package io.github.binder4j.bench.aeron;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.aeron.ExclusivePublication;
import io.aeron.Publication;
import io.github.binder4j.bench.worker.Message;
import java.util.concurrent.TimeUnit;
import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/** What both sides do with logs. */
final class Logs {
    /** That all connections write to; the answers to each come in the stream whose number is the session's. */
    static final int REQUESTS = 1;

    /** For subscriptions, which read logs of any size. */
    static final String IPC = "aeron:ipc";

    static final int FRAGMENTS_AT_ONCE = 10;

    private static final int SMALLEST_TERM_BYTES = 4 * 1024 * 1024;
    /** So many messages fit into a term: Aeron takes none that is more than an eighth, and a few are to be under way. */
    private static final int MESSAGES_IN_TERM = 16;

    /** With one processor nothing changes while somebody spins. */
    private static final int SPINS = Runtime.getRuntime().availableProcessors() > 1 ? 100 : 0;

    private static final int YIELDS = 10_000;

    private static final long SHORTEST_SLEEP_NANOS = TimeUnit.MICROSECONDS.toNanos(1);
    /** Aeron's own is 1 ms: who has nothing to do is to leave the processors to those who are measured. */
    private static final long LONGEST_SLEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private Logs() {}

    /**
     * How one end of a log waits for the other: it spins 100 times, not at all if there is one processor only; then it offers
     * the processor to others 10,000 times, which covers the time of any answer; then it sleeps.
     */
    static IdleStrategy idleStrategy() {
        return new BackoffIdleStrategy(SPINS, YIELDS, SHORTEST_SLEEP_NANOS, LONGEST_SLEEP_NANOS);
    }

    /** The driver's, as Aeron has it by default but for the longest sleep: no message waits for the driver. */
    static IdleStrategy driverIdleStrategy() {
        return new BackoffIdleStrategy(10, 20, SHORTEST_SLEEP_NANOS, LONGEST_SLEEP_NANOS);
    }

    /** A log for messages with so large a payload. */
    static String channel(int payloadBytes) {
        int wanted = MESSAGES_IN_TERM * (Message.HEADER_BYTES + payloadBytes);
        return channelOfTerm(Math.max(SMALLEST_TERM_BYTES, BitUtil.findNextPositivePowerOfTwo(wanted)));
    }

    static String channelOfTerm(int termBytes) {
        return IPC + "?term-length=" + termBytes;
    }

    static void awaitReader(ExclusivePublication log) {
        IdleStrategy waiting = idleStrategy();
        while (!log.isConnected()) {
            waiting.idle();
        }
    }

    /** Refuses a message that was cut or mixed up. */
    static void check(DirectBuffer buffer, int offset, int length) {
        int size = buffer.getInt(offset + Message.SIZE_OFFSET, LITTLE_ENDIAN);
        if (length != Message.HEADER_BYTES + size) {
            throw new IllegalStateException("a message of " + size + " bytes came as " + length);
        }
        if (size >= Long.BYTES) {
            Message.checkMarker(buffer.getLong(offset + length - Long.BYTES, LITTLE_ENDIAN));
        }
    }

    /** Writes a message, which it waits for if there is no room. */
    static void write(ExclusivePublication log, DirectBuffer buffer, int offset, int length, IdleStrategy waiting) {
        long position = log.offer(buffer, offset, length);
        if (position < 0) {
            waiting.reset();
            while (position < 0) {
                refuseUnlessFull(position);
                waiting.idle();
                position = log.offer(buffer, offset, length);
            }
        }
    }

    private static void refuseUnlessFull(long position) {
        if (position != Publication.BACK_PRESSURED && position != Publication.ADMIN_ACTION) {
            throw new IllegalStateException("cannot write a message: " + Publication.errorString(position));
        }
    }
}
