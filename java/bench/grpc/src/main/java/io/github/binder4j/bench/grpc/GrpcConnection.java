package io.github.binder4j.bench.grpc;

import io.github.binder4j.bench.transport.Shapes;
import io.github.binder4j.bench.worker.ArrayMessage;
import io.github.binder4j.bench.worker.Connection;
import io.github.binder4j.bench.worker.Message;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/** A channel and, from the first message without an answer on, its stream. */
final class GrpcConnection implements Connection {
    private final Channel channel;
    private final byte[] flush = ArrayMessage.of(Message.FLUSH, 0);
    /** At most one is outstanding: an array, or why there will be none. */
    private final BlockingQueue<Object> receipts = new ArrayBlockingQueue<>(2);

    private byte[] outgoing;
    private StreamObserver<byte[]> stream;

    GrpcConnection(Channel channel) {
        this.channel = channel;
    }

    /** Connects too, if this is the first. */
    @Override
    public void prepare(String shape, int sizeBytes) throws Exception {
        outgoing = ArrayMessage.of(Shapes.kindOf(shape), sizeBytes);
        if (stream == null) {
            stream = open();
            flush(0);
        }
    }

    @Override
    public void exchange(long sequence) {
        ArrayMessage.setSequence(outgoing, sequence);
        byte[] answer = ClientCalls.blockingUnaryCall(channel, Methods.EXCHANGE, CallOptions.DEFAULT, outgoing);
        ArrayMessage.checkAnswer(answer, outgoing);
    }

    /** What gRPC can't send yet it copies and keeps; the flushes bound how much that is. */
    @Override
    public void send(long sequence) {
        ArrayMessage.setSequence(outgoing, sequence);
        stream.onNext(outgoing);
    }

    @Override
    public void flush(long sent) throws IOException, InterruptedException {
        ArrayMessage.setSequence(flush, sent);
        stream.onNext(flush);
        Object receipt = receipts.take();
        if (receipt instanceof Throwable failure) {
            throw new IOException("the stream has failed", failure);
        }
        ArrayMessage.checkAnswer((byte[]) receipt, flush);
    }

    private StreamObserver<byte[]> open() {
        CallOptions inEventLoop = CallOptions.DEFAULT.withExecutor(Runnable::run);
        return ClientCalls.asyncBidiStreamingCall(channel.newCall(Methods.STREAM, inEventLoop), new StreamObserver<>() {
            @Override
            public void onNext(byte[] receipt) {
                receipts.add(receipt);
            }

            @Override
            public void onError(Throwable failure) {
                receipts.offer(failure);
            }

            @Override
            public void onCompleted() {
                receipts.offer(new IOException("the server has ended the stream"));
            }
        });
    }
}
