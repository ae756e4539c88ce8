package io.github.binder4j.files;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A socket whose last close(2) waits for its other end, which reads nothing: until {@link #close} resets the connection.
 *
 * <p>Of an IPv4 connection on this machine: the kernel lists it in {@code /proc/net/tcp}.
 */
public final class LingeringSocket implements AutoCloseable {
    private static final int LINGER_SECONDS = 3600;
    /** {@code TCP_FIN_WAIT1}: closed, with data that the other end has not taken. */
    private static final String CLOSING = "04";

    private final SocketChannel socket;
    private final SocketChannel otherEnd;
    private final String address;

    public LingeringSocket() throws IOException {
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.INET)) {
            server.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0));
            socket = SocketChannel.open(StandardProtocolFamily.INET);
            socket.connect(server.getLocalAddress());
            otherEnd = server.accept();
        }
        address = String.format("0100007F:%04X", ((InetSocketAddress) socket.getLocalAddress()).getPort());
        socket.setOption(StandardSocketOptions.SO_LINGER, LINGER_SECONDS);
        socket.configureBlocking(false);
        ByteBuffer bytes = ByteBuffer.allocate(64 * 1024);
        do {
            bytes.clear();
        } while (socket.write(bytes) > 0);
    }

    /** The number of our descriptor. */
    public int number() throws IOException {
        String link = "socket:[" + inode() + "]";
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(path -> link.equals(target(path)))
                    .map(path -> Integer.parseInt(path.getFileName().toString()))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** By which the kernel knows the socket, whatever its descriptors. */
    public String inode() throws IOException {
        return record().get(9);
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return ""; // closed meanwhile
        }
    }

    /** Closes our descriptor, which is not the last if it was copied. */
    public void closeOwn() throws IOException {
        socket.close();
    }

    /** Whether the last descriptor is being closed, and that waits for the other end. */
    public boolean isClosing() throws IOException {
        return record().get(3).equals(CLOSING);
    }

    /** The words of the socket's line: {@code get_tcp4_sock} in net/ipv4/tcp_ipv4.c. */
    private List<String> record() throws IOException {
        return Files.readAllLines(Path.of("/proc/net/tcp")).stream()
                .map(line -> List.of(line.strip().split(" +")))
                .filter(words -> words.get(1).equals(address))
                .findFirst()
                .orElseThrow(() -> new IOException("no connection from " + address));
    }

    @Override
    public void close() throws IOException {
        otherEnd.close(); // with data nobody read: a reset
        socket.close();
    }
}
