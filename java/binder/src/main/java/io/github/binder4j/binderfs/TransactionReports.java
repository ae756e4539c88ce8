package io.github.binder4j.binderfs;

import io.github.binder4j.driver.Errno;
import io.github.binder4j.driver.Timeout;
import io.github.binder4j.errors.BinderUnavailableException;
import io.github.binder4j.memory.OffHeap;
import io.github.binder4j.natives.BinderNative;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The driver's reports of transactions that failed, whoever sent them: of every process and every device of this kernel,
 * from {@link #open} on.
 *
 * <p>Only some kernels report: those whose binderfs has the feature {@code transaction_report}. They report to the initial
 * network namespace alone, where anybody may listen.
 *
 * <p>What is not received waits in the kernel. When some hundreds wait, the kernel drops what follows; {@link #lost} counts
 * that.
 *
 * <p>Thread-safe: each report goes to one of the threads that receive. A virtual thread that receives holds its carrier.
 */
public final class TransactionReports implements AutoCloseable {
    /** More than the kernel allocates for one (GENLMSG_DEFAULT_SIZE, include/net/genetlink.h). */
    private static final int BUFFER_BYTES = 8192;

    /** How long a thread stays in the kernel, and so how long it does not notice that it is to leave. */
    private static final int SLICE_MS = 100;

    private static final long NANOS_PER_MS = 1_000_000;

    private static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE);

    /** Has settings that only the initial network namespace has (net/core/sysctl_net_core.c). */
    private static final Path NETWORK_SETTINGS = Path.of("/proc/sys/net/core");

    private final ReportSource source;
    private final OffHeap buffer = OffHeap.allocate(BUFFER_BYTES);

    /** Held while the source is used; fair, so that who waits gets it between two slices. */
    private final ReentrantLock using = new ReentrantLock(true);

    private volatile boolean closing;
    private boolean closed;
    private long unreadable;
    private long lostWhenClosed;

    TransactionReports(ReportSource source) {
        this.source = source;
    }

    /**
     * Returns whether {@link #open} would succeed now.
     *
     * @return false if the kernel does not report to this process
     */
    public static boolean isAvailable() {
        try {
            open().close();
            return true;
        } catch (BinderUnavailableException e) {
            return false;
        }
    }

    /**
     * Starts to listen. What failed before is not reported.
     *
     * @return the reports, to be closed
     * @throws BinderUnavailableException saying why there are none and what to do
     */
    public static TransactionReports open() {
        long opened = BinderNative.openReports();
        if (opened < 0) {
            throw unavailable((int) -opened);
        }
        ReportSource source = ReportSource.ofSocket(opened);
        if (!reachesNetworkOf(NETWORK_SETTINGS)) {
            source.close();
            throw new BinderUnavailableException(
                    "no transaction reports: the kernel sends them to the initial network namespace, and this process is in"
                            + " another. Start its container with --network host",
                    0);
        }
        return new TransactionReports(source);
    }

    private static BinderUnavailableException unavailable(int errno) {
        String reason = errno == Errno.ENOENT
                ? "the binder driver of this kernel, if it is loaded, does not report failed transactions. Use a kernel for"
                        + " which /dev/binderfs/features/transaction_report says 1"
                : "the kernel refuses a netlink socket that receives them. In a sandbox: allow it sockets of the family"
                        + " AF_NETLINK";
        return new BinderUnavailableException(
                "no transaction reports: netlink family 'binder': " + Errno.describe(errno) + "\n  " + reason, errno);
    }

    /** Whether these settings are those of the initial network namespace, or there are none to tell. */
    static boolean reachesNetworkOf(Path settings) {
        return !Files.isDirectory(settings) || Files.exists(settings.resolve("netdev_max_backlog"));
    }

    /**
     * Waits for the next report.
     *
     * @return the report
     * @throws InterruptedException if this thread is interrupted, which it notices in about 100 ms
     * @throws IllegalStateException if this is closed, be it while it waits: in about 100 ms
     */
    public TransactionReport take() throws InterruptedException {
        TransactionReport report = poll(FOREVER);
        while (report == null) {
            report = poll(FOREVER);
        }
        return report;
    }

    /**
     * Waits for the next report for some time.
     *
     * @param timeout how long; zero does not wait, and any time that is too long to be counted is for ever
     * @return the report; null if the time is over
     * @throws IllegalArgumentException if {@code timeout} is negative
     * @throws InterruptedException if this thread is interrupted, which it notices in about 100 ms
     * @throws IllegalStateException if this is closed, be it while it waits: in about 100 ms
     */
    public TransactionReport poll(Duration timeout) throws InterruptedException {
        long timeoutNanos = Timeout.nanos("poll", timeout);
        long start = System.nanoTime();
        while (true) {
            long left = Math.max(0, timeoutNanos - (System.nanoTime() - start));
            if (!using.tryLock(left, TimeUnit.NANOSECONDS)) {
                return null;
            }
            try {
                checkOpen();
                int size = source.receive(buffer.address, BUFFER_BYTES, sliceOf(left));
                TransactionReport report = reportOf(size);
                if (report != null || size == 0 && left == 0) {
                    return report;
                }
            } finally {
                using.unlock();
            }
        }
    }

    /** The next part of a wait, in milliseconds; not 0 if something is left. */
    private static int sliceOf(long leftNanos) {
        return leftNanos >= SLICE_MS * NANOS_PER_MS ? SLICE_MS : (int) ((leftNanos + NANOS_PER_MS - 1) / NANOS_PER_MS);
    }

    private void checkOpen() {
        if (closing) {
            throw new IllegalStateException("the transaction reports are closed");
        }
    }

    /** What was received: null for nothing, and for what tells that reports are lost. */
    private TransactionReport reportOf(int size) {
        if (size > 0) {
            return read(size);
        }
        if (size == -Errno.EMSGSIZE) {
            unreadable++;
        } else if (size != 0 && size != -Errno.ENOBUFS) { // the socket counts what ENOBUFS tells of
            throw new IllegalStateException("cannot receive transaction reports: " + Errno.describe(-size));
        }
        return null;
    }

    private TransactionReport read(int size) {
        try {
            return ReportAttributes.read(received(size));
        } catch (IllegalArgumentException damaged) {
            unreadable++;
            return null;
        }
    }

    private ByteBuffer received(int size) {
        return buffer.bytes.slice(0, size).order(buffer.bytes.order());
    }

    /**
     * Returns how many reports nobody will receive, because too many waited.
     *
     * @return a count since {@link #open}, which stays when this is closed
     */
    public long lost() {
        using.lock();
        try {
            return closed ? lostWhenClosed : unreadable + source.dropped();
        } finally {
            using.unlock();
        }
    }

    /** Stops listening. Threads that wait for a report leave, in about 100 ms. */
    @Override
    public void close() {
        closing = true;
        using.lock();
        try {
            if (!closed) {
                lostWhenClosed = unreadable + source.dropped();
                source.close();
                closed = true;
            }
        } finally {
            using.unlock();
        }
    }
}
