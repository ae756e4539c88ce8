package io.github.binder4j.binderfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.errors.BinderUnavailableException;
import io.github.binder4j.natives.NativeMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TransactionReportsTest {
    private static final int ENOBUFS = 105;
    private static final int EMSGSIZE = 90;
    private static final int ENOTSOCK = 88;

    /** What the kernel does, from a queue: numbers are results, byte arrays are reports. */
    private static final class Script implements ReportSource {
        final BlockingQueue<Object> queue = new LinkedBlockingQueue<>();
        final List<Integer> timeouts = Collections.synchronizedList(new ArrayList<>());
        final CountDownLatch entered = new CountDownLatch(1);
        volatile long dropped;
        volatile int closes;

        void report(int code) {
            queue.add(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putShort((short) 8)
                    .putShort((short) 9)
                    .putInt(code)
                    .array());
        }

        @Override
        public int receive(long address, int sizeBytes, int timeoutMs) {
            timeouts.add(timeoutMs);
            entered.countDown();
            Object next;
            try {
                next = queue.poll(timeoutMs, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // a system call would not notice
                next = null;
            }
            if (next instanceof byte[] report) {
                NativeMemory.directBuffer(address, sizeBytes).put(report);
                return report.length;
            }
            return next == null ? 0 : (Integer) next;
        }

        @Override
        public long dropped() {
            return dropped;
        }

        @Override
        public void close() {
            closes++;
        }
    }

    private final Script kernel = new Script();
    private final TransactionReports reports = new TransactionReports(kernel);

    @AfterEach
    void close() {
        reports.close();
        assertEquals(1, kernel.closes);
    }

    private FutureTask<TransactionReport> take() throws InterruptedException {
        FutureTask<TransactionReport> taken = new FutureTask<>(reports::take);
        new Thread(taken, "taker").start();
        kernel.entered.await();
        return taken;
    }

    @Test
    void shouldGiveReportsInTheirOrder() throws InterruptedException {
        kernel.report(1);
        kernel.report(2);

        assertEquals(1, reports.take().code());
        assertEquals(2, reports.poll(Duration.ofDays(1)).code());
        assertNull(reports.poll(Duration.ZERO));
        assertEquals(0, reports.lost());
    }

    @Test
    void shouldNotWaitWithoutATimeout() throws InterruptedException {
        assertNull(reports.poll(Duration.ZERO));

        assertEquals(List.of(0), kernel.timeouts);
    }

    @Test
    void shouldWaitItsTimeInPartsThatLetOthersIn() throws InterruptedException {
        assertNull(reports.poll(Duration.ofMillis(250)));

        assertTrue(kernel.timeouts.size() >= 3, kernel.timeouts.toString());
        assertTrue(kernel.timeouts.stream().allMatch(timeout -> timeout <= 100), kernel.timeouts.toString());
        assertEquals(0, kernel.timeouts.get(kernel.timeouts.size() - 1));
    }

    @Test
    void shouldTakeAnyDuration() throws InterruptedException {
        kernel.report(1);
        kernel.report(2);

        assertEquals(1, reports.poll(Duration.ofSeconds(Long.MAX_VALUE)).code());
        assertEquals(2, reports.poll(Duration.ofNanos(1)).code());
        assertEquals(100, kernel.timeouts.get(0));
    }

    @Test
    void shouldHandAReportToWhoWaits() throws Exception {
        FutureTask<TransactionReport> taken = take();

        kernel.report(7);

        assertEquals(7, taken.get().code());
    }

    @Test
    void shouldGoOnAfterALossAndCountIt() throws InterruptedException {
        kernel.queue.add(-ENOBUFS);
        kernel.report(1);
        kernel.dropped = 12;

        assertEquals(1, reports.poll(Duration.ZERO).code());
        assertEquals(12, reports.lost());
    }

    @Test
    void shouldCountWhatCannotBeReadAsLost() throws InterruptedException {
        kernel.queue.add(-EMSGSIZE);
        kernel.queue.add(HexFormat.of().parseHex("ffff0100"));
        kernel.report(1);
        kernel.dropped = 5;

        assertEquals(1, reports.poll(Duration.ZERO).code());
        assertEquals(7, reports.lost());
    }

    @Test
    void shouldKeepTheCountWhenClosed() throws InterruptedException {
        kernel.queue.add(-EMSGSIZE);
        kernel.dropped = 5;
        assertNull(reports.poll(Duration.ZERO));

        reports.close();
        kernel.dropped = 99;

        assertEquals(6, reports.lost());
    }

    @Test
    void shouldThrowWhatElseFails() throws InterruptedException {
        kernel.queue.add(-ENOTSOCK);
        kernel.report(1);

        IllegalStateException thrown =
                assertThrows(IllegalStateException.class, () -> reports.poll(Duration.ofSeconds(1)));

        assertTrue(thrown.getMessage().contains("ENOTSOCK (88)"), thrown.getMessage());
        assertEquals(1, reports.take().code());
    }

    @Test
    void shouldWakeWhoWaitsWhenClosed() throws Exception {
        FutureTask<TransactionReport> taken = take();

        reports.close();

        assertInstanceOf(
                IllegalStateException.class,
                assertThrows(ExecutionException.class, taken::get).getCause());
        assertThrows(IllegalStateException.class, () -> reports.poll(Duration.ZERO));
        assertThrows(IllegalStateException.class, reports::take);
    }

    @Test
    void shouldCloseOnce() {
        reports.close();
        reports.close();

        assertEquals(1, kernel.closes);
    }

    @Test
    void shouldNotUseTheSourceOnceItIsClosed() {
        reports.close();
        assertThrows(IllegalStateException.class, () -> reports.poll(Duration.ofSeconds(1)));

        assertEquals(List.of(), kernel.timeouts);
    }

    @Test
    void shouldNoticeAnInterrupt() throws Exception {
        FutureTask<Boolean> interrupted = new FutureTask<>(() -> {
            assertThrows(InterruptedException.class, reports::take);
            return Thread.interrupted();
        });
        Thread taker = new Thread(interrupted, "taker");
        taker.start();
        kernel.entered.await();

        taker.interrupt();

        assertFalse(interrupted.get(), "the exception stands for the interrupt");
    }

    @Test
    void shouldServeSeveralThreads() throws Exception {
        FutureTask<TransactionReport> one = take();
        FutureTask<TransactionReport> other = take();

        kernel.report(1);
        kernel.report(2);

        assertEquals(3, one.get().code() + other.get().code());
    }

    /** What the kernel these tests run on has, it is asked twice. */
    @Test
    void shouldOpenOrSayWhyNot() {
        if (TransactionReports.isAvailable()) {
            TransactionReports.open().close();
            return;
        }
        BinderUnavailableException thrown = assertThrows(
                BinderUnavailableException.class,
                () -> TransactionReports.open().close());
        assertTrue(thrown.getMessage().startsWith("no transaction reports: "), thrown.getMessage());
        assertTrue(
                thrown.getMessage().contains("features/transaction_report")
                        || thrown.getMessage().contains("--network host")
                        || thrown.getMessage().contains("AF_NETLINK"),
                thrown.getMessage());
    }

    @Test
    void shouldTellNetworkNamespacesApart(@TempDir Path directory) throws IOException {
        assertTrue(TransactionReports.reachesNetworkOf(directory.resolve("missing")), "nothing to tell by");
        assertFalse(TransactionReports.reachesNetworkOf(directory));

        Files.createFile(directory.resolve("netdev_max_backlog"));

        assertTrue(TransactionReports.reachesNetworkOf(directory));
    }
}
