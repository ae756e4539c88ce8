package io.github.binder4j.bench.grpc;

import io.github.binder4j.bench.result.Transports;
import io.github.binder4j.bench.worker.ArrayMessage;
import io.github.binder4j.bench.worker.Connection;
import io.github.binder4j.bench.worker.Message;
import io.github.binder4j.bench.worker.Transport;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * gRPC on a Unix domain socket, whose path the address is. Each connection is a channel of its own; a call is unary, messages
 * without an answer are those of one stream. Event loops are as many as processors, which is gRPC's own choice; the server
 * answers in them ({@code directExecutor}), since it never waits: the fastest that gRPC offers.
 */
public final class GrpcTransport implements Transport {
    /** It warns of each connection that a Unix socket has no SO_KEEPALIVE, which gRPC asks for; kept, else it is forgotten. */
    private static final Logger BOOTSTRAP = Logger.getLogger("io.netty.bootstrap");

    static {
        BOOTSTRAP.setLevel(Level.SEVERE);
    }

    private EventLoopGroup clientLoops;

    @Override
    public String name() {
        return Transports.GRPC;
    }

    @Override
    public void serve(String address, int threads) throws IOException {
        Server server = NettyServerBuilder.forAddress(new DomainSocketAddress(address))
                .channelType(EpollServerDomainSocketChannel.class)
                .bossEventLoopGroup(loops("accept", 1))
                .workerEventLoopGroup(loops("serve", processors()))
                .directExecutor()
                .addService(service())
                .build();
        server.start();
    }

    @Override
    public synchronized Connection connect(String address, int index) {
        if (clientLoops == null) {
            clientLoops = loops("call", processors());
        }
        return new GrpcConnection(NettyChannelBuilder.forAddress(new DomainSocketAddress(address))
                .channelType(EpollDomainSocketChannel.class)
                .eventLoopGroup(clientLoops)
                .overrideAuthority("localhost")
                .usePlaintext()
                .build());
    }

    private static int processors() {
        return Runtime.getRuntime().availableProcessors();
    }

    private static EventLoopGroup loops(String name, int threads) {
        return new MultiThreadIoEventLoopGroup(
                threads, new DefaultThreadFactory("grpc " + name, true), EpollIoHandler.newFactory());
    }

    private static ServerServiceDefinition service() {
        return ServerServiceDefinition.builder(Methods.SERVICE)
                .addMethod(Methods.EXCHANGE, ServerCalls.asyncUnaryCall(GrpcTransport::answer))
                .addMethod(Methods.STREAM, ServerCalls.asyncBidiStreamingCall(Received::new))
                .build();
    }

    private static void answer(byte[] message, StreamObserver<byte[]> answers) {
        answers.onNext(ArrayMessage.answer(message));
        answers.onCompleted();
    }

    /** A stream as its server sees it; gRPC calls in one thread at a time. */
    private static final class Received implements StreamObserver<byte[]> {
        private final StreamObserver<byte[]> answers;
        private long oneways;

        Received(StreamObserver<byte[]> answers) {
            this.answers = answers;
        }

        @Override
        public void onNext(byte[] message) {
            ArrayMessage.check(message);
            switch (ArrayMessage.kind(message)) {
                case Message.ONEWAY -> oneways++;
                case Message.FLUSH -> answers.onNext(ArrayMessage.arrived(oneways));
                default -> throw new IllegalStateException("message of kind " + ArrayMessage.kind(message));
            }
        }

        @Override
        public void onError(Throwable gone) {}

        @Override
        public void onCompleted() {
            answers.onCompleted();
        }
    }
}
