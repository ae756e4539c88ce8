package io.github.binder4j.bench.result;

import java.util.List;

/**
 * The transports a result file may name, in the order in which they are shown. What others add is shown after these.
 */
public final class Transports {
    /** binder4j, a prepared parcel of bytes. */
    public static final String BINDER4J = "binder4j";
    /** binder4j through a stub and a proxy such as the aidl compiler makes. */
    public static final String BINDER4J_TYPED = "binder4j-typed";
    /** The driver from C, and nothing else. */
    public static final String BINDER_C = "binder-c";
    /** The driver through libgbinder. */
    public static final String LIBGBINDER = "libgbinder";

    public static final String FIFO = "fifo";
    public static final String UNIX = "unix";
    public static final String TCP = "tcp";

    public static final String FIFO_C = "fifo-c";
    public static final String UNIX_C = "unix-c";
    public static final String TCP_C = "tcp-c";
    public static final String MQ_C = "mq-c";
    public static final String SHM_FUTEX_C = "shm-futex-c";
    public static final String SHM_SPIN_C = "shm-spin-c";

    /** Each of these three is a module of its own, built by a profile. */
    public static final String GRPC = "grpc";

    public static final String DBUS = "dbus";
    public static final String AERON = "aeron";

    private static final List<Description> KNOWN = List.of(
            new Description(BINDER4J, "binder4j", "Java", "binder, a prepared parcel of bytes"),
            new Description(
                    BINDER4J_TYPED, "binder4j, typed", "Java", "binder, through a stub and a proxy as aidl makes them"),
            new Description(BINDER_C, "binder, C floor", "C", "the driver's ioctls and nothing else"),
            new Description(LIBGBINDER, "libgbinder", "C", "binder through libgbinder"),
            new Description(FIFO, "pipe (FIFO)", "Java", "FileChannel on two FIFOs"),
            new Description(UNIX, "Unix socket", "Java", "SocketChannel on a Unix domain socket"),
            new Description(TCP, "TCP loopback", "Java", "SocketChannel on 127.0.0.1, TCP_NODELAY"),
            new Description(FIFO_C, "pipe (FIFO), C", "C", "read and write on two FIFOs"),
            new Description(UNIX_C, "Unix socket, C", "C", "a stream socket"),
            new Description(TCP_C, "TCP loopback, C", "C", "127.0.0.1, TCP_NODELAY"),
            new Description(MQ_C, "POSIX queue, C", "C", "mq_send and mq_receive on two queues"),
            new Description(SHM_FUTEX_C, "shared memory, futex, C", "C", "handed over by a futex"),
            new Description(SHM_SPIN_C, "shared memory, spin, C", "C", "both sides spin"),
            new Description(GRPC, "gRPC", "Java", "HTTP/2 on a Unix domain socket, netty's epoll"),
            new Description(DBUS, "dbus-java", "Java", "D-Bus without a bus, on a Unix domain socket"),
            new Description(
                    AERON, "Aeron IPC", "Java", "logs in shared memory, both sides spin, then yield, then sleep"));

    private static final List<String> OPTIONAL = List.of(GRPC, DBUS, AERON);

    private Transports() {}

    /**
     * What a reader is told of a transport.
     *
     * @param name in result files and options
     * @param title in tables and charts
     * @param language of both its processes
     * @param means what carries the bytes
     */
    public record Description(String name, String title, String language, String means) {}

    /** All that are known here. */
    public static List<Description> known() {
        return KNOWN;
    }

    /** The names of those that are known, but are there only if a profile has built them. */
    public static List<String> optional() {
        return OPTIONAL;
    }

    /** The description of a transport; of one that is not known here its name says all. */
    public static Description describe(String name) {
        return KNOWN.stream()
                .filter(known -> known.name().equals(name))
                .findFirst()
                .orElse(new Description(name, name, "Java", name));
    }
}
