package io.github.binder4j.bench.transport;

import io.github.binder4j.bench.worker.Connection;
import io.github.binder4j.bench.worker.Message;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/** Messages on a stream of bytes: what sockets and pipes have in common. One thread at a time. */
final class Framed implements Connection {
    private final ReadableByteChannel in;
    private final WritableByteChannel out;
    private final ByteBuffer received = ByteBuffer.allocateDirect(Message.HEADER_BYTES + Message.MAX_PAYLOAD_BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    private ByteBuffer outgoing;
    private final ByteBuffer flush = Message.of(Message.FLUSH, 0);

    Framed(ReadableByteChannel in, WritableByteChannel out) {
        this.in = in;
        this.out = out;
        received.limit(0);
    }

    @Override
    public void prepare(String shape, int sizeBytes) {
        outgoing = Message.of(Shapes.kindOf(shape), sizeBytes);
    }

    @Override
    public void exchange(long sequence) throws IOException {
        outgoing.putLong(Message.SEQUENCE_OFFSET, sequence);
        write(outgoing);
        takeAnswer(outgoing);
    }

    @Override
    public void send(long sequence) throws IOException {
        outgoing.putLong(Message.SEQUENCE_OFFSET, sequence);
        write(outgoing);
    }

    @Override
    public void flush(long sent) throws IOException {
        flush.putLong(Message.SEQUENCE_OFFSET, sent);
        write(flush);
        takeAnswer(flush);
    }

    private void takeAnswer(ByteBuffer message) throws IOException {
        next();
        int start = received.position();
        int size = received.getInt(start + Message.SIZE_OFFSET);
        Message.checkAnswer(
                received.getInt(start),
                size,
                received.getLong(start + Message.SEQUENCE_OFFSET),
                message.getInt(0),
                message.getInt(Message.SIZE_OFFSET),
                message.getLong(Message.SEQUENCE_OFFSET));
        Message.checkPayload(received, start + Message.HEADER_BYTES, size);
        received.position(start + Message.HEADER_BYTES + size);
    }

    /** Answers messages until the other side closes. */
    void serve() throws IOException {
        ByteBuffer answer = Message.of(Message.CALL, 0);
        long oneways = 0;
        while (nextOrEnd()) {
            int start = received.position();
            int kind = received.getInt(start);
            int end = start + Message.HEADER_BYTES + received.getInt(start + Message.SIZE_OFFSET);
            Message.checkPayload(received, start + Message.HEADER_BYTES, end - start - Message.HEADER_BYTES);
            switch (kind) {
                case Message.ONEWAY -> oneways++;
                case Message.ECHO -> echo(start, end);
                case Message.CALL, Message.FLUSH -> {
                    answer.putInt(0, kind);
                    long sequence = kind == Message.CALL ? received.getLong(start + Message.SEQUENCE_OFFSET) : oneways;
                    write(answer.putLong(Message.SEQUENCE_OFFSET, sequence));
                }
                default -> throw new IOException("message of kind " + kind);
            }
            received.position(end);
        }
    }

    /** Sends back what lies in the buffer, from where it lies. */
    private void echo(int start, int end) throws IOException {
        int limit = received.limit();
        received.limit(end).position(start);
        while (received.hasRemaining()) {
            out.write(received);
        }
        received.limit(limit);
    }

    private void next() throws IOException {
        if (!nextOrEnd()) {
            throw new EOFException("the server closed the connection");
        }
    }

    /** Has one whole message between position and limit; false if the stream ended before its first byte. */
    private boolean nextOrEnd() throws IOException {
        if (!atLeast(Message.HEADER_BYTES)) {
            return false;
        }
        int size = received.getInt(received.position() + Message.SIZE_OFFSET);
        if (size < 0 || size > Message.MAX_PAYLOAD_BYTES) {
            throw new IOException("message of " + size + " bytes");
        }
        if (!atLeast(Message.HEADER_BYTES + size)) {
            throw new EOFException("the stream ended within a message of " + size + " bytes");
        }
        return true;
    }

    private boolean atLeast(int bytes) throws IOException {
        while (received.remaining() < bytes) {
            if (!fill(bytes)) {
                return false;
            }
        }
        return true;
    }

    /** Reads as much as there is room for; what is there moves only if the message would not fit behind it. */
    private boolean fill(int bytes) throws IOException {
        if (!received.hasRemaining()) {
            received.position(0).limit(0);
        } else if (received.position() + bytes > received.capacity()) {
            received.compact().flip();
        }
        int start = received.position();
        received.position(received.limit()).limit(received.capacity());
        try {
            return in.read(received) >= 0;
        } finally {
            received.limit(received.position()).position(start);
        }
    }

    private void write(ByteBuffer message) throws IOException {
        message.rewind();
        while (message.hasRemaining()) {
            out.write(message);
        }
    }
}
