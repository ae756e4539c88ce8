package io.github.binder4j.bench.aeron;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.FragmentAssembler;
import io.aeron.Subscription;
import io.aeron.logbuffer.Header;
import io.github.binder4j.bench.transport.Shapes;
import io.github.binder4j.bench.worker.Connection;
import io.github.binder4j.bench.worker.Message;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;

/** Two logs: what is sent and what is answered. Others take their place when messages become larger or smaller by far. */
final class AeronConnection implements Connection {
    private final Aeron aeron;
    private final IdleStrategy waiting = Logs.idleStrategy();
    private final FragmentAssembler assembler = new FragmentAssembler(this::take);
    private final MutableDirectBuffer flush = new UnsafeBuffer(Message.of(Message.FLUSH, 0));

    private String channel;
    private ExclusivePublication requests;
    private Subscription answers;
    /** Messages without an answer: sent and received, and how many of them in former logs. */
    private long flushed;

    private long flushedBefore;

    private MutableDirectBuffer outgoing;
    /** What is to be answered, and the sequence of its answer. */
    private DirectBuffer asked;

    private long expectedSequence;
    private boolean answered;

    AeronConnection(Aeron aeron) {
        this.aeron = aeron;
    }

    @Override
    public void prepare(String shape, int sizeBytes) {
        open(Logs.channel(sizeBytes));
        outgoing = new UnsafeBuffer(Message.of(Shapes.kindOf(shape), sizeBytes));
    }

    /** Does nothing if these are the logs that are open. */
    private void open(String wanted) {
        if (wanted.equals(channel)) {
            return;
        }
        if (channel != null) {
            requests.close();
            answers.close();
        }
        channel = wanted;
        requests = aeron.addExclusivePublication(wanted, Logs.REQUESTS);
        answers = aeron.addSubscription(Logs.IPC, requests.sessionId());
        Logs.awaitReader(requests);
        flushedBefore = flushed;
        flush(flushed); // the server opens its log for the first message: that is nobody's call
    }

    @Override
    public void exchange(long sequence) {
        outgoing.putLong(Message.SEQUENCE_OFFSET, sequence, LITTLE_ENDIAN);
        ask(outgoing, sequence);
    }

    @Override
    public void send(long sequence) {
        outgoing.putLong(Message.SEQUENCE_OFFSET, sequence, LITTLE_ENDIAN);
        write(outgoing);
    }

    @Override
    public void flush(long sent) {
        ask(flush, sent - flushedBefore);
        flushed = sent;
    }

    private void write(DirectBuffer message) {
        Logs.write(requests, message, 0, message.capacity(), waiting);
    }

    private void ask(DirectBuffer message, long sequence) {
        asked = message;
        expectedSequence = sequence;
        answered = false;
        write(message);
        waiting.reset();
        while (!answered) {
            waiting.idle(answers.poll(assembler, Logs.FRAGMENTS_AT_ONCE));
        }
    }

    private void take(DirectBuffer buffer, int offset, int length, Header header) {
        Logs.check(buffer, offset, length);
        Message.checkAnswer(
                buffer.getInt(offset, LITTLE_ENDIAN),
                length - Message.HEADER_BYTES,
                buffer.getLong(offset + Message.SEQUENCE_OFFSET, LITTLE_ENDIAN),
                asked.getInt(0, LITTLE_ENDIAN),
                asked.capacity() - Message.HEADER_BYTES,
                expectedSequence);
        answered = true;
    }
}
