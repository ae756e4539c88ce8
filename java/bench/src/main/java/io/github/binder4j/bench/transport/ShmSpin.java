package io.github.binder4j.bench.transport;

import io.github.binder4j.bench.result.Transports;
import io.github.binder4j.bench.worker.Connection;
import io.github.binder4j.bench.worker.Message;
import io.github.binder4j.bench.worker.Transport;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A file in memory for each connection, which both sides map and watch: what two JVMs can do without the kernel, for the
 * price of a processor each. The file, in the directory that the address names:
 *
 * <pre>
 *   0      number of the last message sent
 *   64     number of the last message answered
 *   4096   message
 *   then   answer
 * </pre>
 */
final class ShmSpin implements Transport {
    private static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int SENT = 0;
    private static final int ANSWERED = 64;
    private static final int SLOT_BYTES = Message.HEADER_BYTES + Message.MAX_PAYLOAD_BYTES;
    private static final int MESSAGE = 4096;
    private static final int ANSWER = MESSAGE + SLOT_BYTES;
    /** Then the processor is offered to others: with one, nobody else could ever answer. */
    private static final int SPINS = Runtime.getRuntime().availableProcessors() > 1 ? 1_000 : 0;
    /** Then nobody is calling: other transports are at work, and need the processors. */
    private static final int YIELDS = 5_000;

    private static final long NAP_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    @Override
    public String name() {
        return Transports.SHM_SPIN;
    }

    @Override
    public void serve(String address, int threads) throws IOException {
        for (int i = 0; i < threads; i++) {
            Slots slots = new Slots(address, i);
            Serving.thread("slots " + i, slots::serve);
        }
    }

    @Override
    public Connection connect(String address, int index) throws IOException {
        return new Slots(address, index);
    }

    private static final class Slots implements Connection {
        private final ByteBuffer memory;
        private final ByteBuffer message;
        private final ByteBuffer answer;
        private ByteBuffer outgoing;
        private int size;
        private int kind;
        private long number;

        Slots(String directory, int index) throws IOException {
            Path file = Path.of(directory, "slots-" + index);
            try (FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, ANSWER + SLOT_BYTES);
            }
            message = memory.slice(MESSAGE, SLOT_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            answer = memory.slice(ANSWER, SLOT_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        }

        @Override
        public void prepare(String shape, int sizeBytes) {
            kind = Shapes.kindOf(shape);
            size = sizeBytes;
            outgoing = Message.of(kind, sizeBytes);
        }

        /** The payload is copied to where the receiver reads it in place: one copy, as binder makes. */
        @Override
        public void exchange(long sequence) {
            outgoing.putLong(Message.SEQUENCE_OFFSET, sequence);
            message.put(0, outgoing, 0, Message.HEADER_BYTES + size);
            LONG.setRelease(memory, SENT, ++number);
            awaitAtLeast(ANSWERED, number);
            Message.checkSequence(answer.getLong(Message.SEQUENCE_OFFSET), sequence);
            Message.checkPayload(answer, Message.HEADER_BYTES, answer.getInt(Message.SIZE_OFFSET));
        }

        @Override
        public void send(long sequence) {
            throw new UnsupportedOperationException("one slot holds one message: each waits for the one before");
        }

        void serve() {
            for (long next = 1; ; next++) {
                awaitAtLeast(SENT, next);
                int length = message.getInt(Message.SIZE_OFFSET);
                boolean echo = message.getInt(0) == Message.ECHO;
                Message.checkPayload(message, Message.HEADER_BYTES, length);
                answer.put(0, message, 0, Message.HEADER_BYTES + (echo ? length : 0));
                answer.putInt(Message.SIZE_OFFSET, echo ? length : 0);
                LONG.setRelease(memory, ANSWERED, next);
            }
        }

        private void awaitAtLeast(int counter, long wanted) {
            long spins = 0;
            while ((long) LONG.getAcquire(memory, counter) < wanted) {
                if (++spins < SPINS) {
                    Thread.onSpinWait();
                } else if (spins < SPINS + YIELDS) {
                    Thread.yield();
                } else {
                    LockSupport.parkNanos(NAP_NANOS);
                }
            }
        }
    }
}
