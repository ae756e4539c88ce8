package io.github.binder4j.bench.grpc;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/** The methods of the service. Their messages are bytes as they are: gRPC without protobuf's share of the work. */
final class Methods {
    static final String SERVICE = "binder4j.Bench";
    static final MethodDescriptor<byte[], byte[]> EXCHANGE = method(MethodType.UNARY, "Exchange");
    static final MethodDescriptor<byte[], byte[]> STREAM = method(MethodType.BIDI_STREAMING, "Stream");

    private Methods() {}

    private static MethodDescriptor<byte[], byte[]> method(MethodType type, String name) {
        return MethodDescriptor.<byte[], byte[]>newBuilder(new Bytes(), new Bytes())
                .setType(type)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, name))
                .build();
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] message) {
            return new Outgoing(message);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                byte[] message = new byte[stream.available()]; // of gRPC's own streams all there is
                int read = stream.readNBytes(message, 0, message.length);
                if (read < message.length || stream.read() >= 0) {
                    throw new IllegalStateException(
                            "a message said to be " + message.length + " bytes long is not; " + read + " were read");
                }
                return message;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Tells gRPC its length and hands over its bytes at once, as protobuf's messages do. */
    private static final class Outgoing extends ByteArrayInputStream implements Drainable, KnownLength {
        Outgoing(byte[] message) {
            super(message);
        }

        @Override
        public int drainTo(OutputStream target) throws IOException {
            int drained = count - pos;
            target.write(buf, pos, drained);
            pos = count;
            return drained;
        }
    }
}
