package io.github.binder4j.bench.transport;

import io.github.binder4j.bench.result.Transports;
import io.github.binder4j.bench.worker.Connection;
import io.github.binder4j.bench.worker.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** The JDK's channels on stream sockets; the server has a thread for each connection. */
abstract class Sockets implements Transport {
    private final String name;
    private final StandardProtocolFamily family;

    private Sockets(String name, StandardProtocolFamily family) {
        this.name = name;
        this.family = family;
    }

    /** The address is a path. */
    static final class Unix extends Sockets {
        Unix() {
            super(Transports.UNIX, StandardProtocolFamily.UNIX);
        }

        @Override
        SocketAddress parse(String address) {
            return UnixDomainSocketAddress.of(address);
        }

        @Override
        void tune(SocketChannel channel) {}
    }

    /** The address is a port of the loopback interface. */
    static final class Tcp extends Sockets {
        Tcp() {
            super(Transports.TCP, StandardProtocolFamily.INET);
        }

        @Override
        SocketAddress parse(String address) {
            return new InetSocketAddress(
                    InetAddress.getLoopbackAddress(), Integer.parseInt(address.substring(address.indexOf(':') + 1)));
        }

        @Override
        void tune(SocketChannel channel) throws IOException {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
    }

    abstract SocketAddress parse(String address);

    abstract void tune(SocketChannel channel) throws IOException;

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final void serve(String address, int threads) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(family);
        server.bind(parse(address), threads);
        Serving.thread(name + " accept", () -> {
            while (true) {
                SocketChannel connection = server.accept();
                tune(connection);
                Serving.thread(name, () -> new Framed(connection, connection).serve());
            }
        });
    }

    @Override
    public final Connection connect(String address, int index) throws IOException {
        SocketChannel channel = SocketChannel.open(parse(address));
        tune(channel);
        return new Framed(channel, channel);
    }
}
