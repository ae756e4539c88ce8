package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.DeadObjectException;
import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;
import android.os.ServiceManager;
import android.os.TransactionTooLargeException;
import io.github.binder4j.binderfs.TransactionReport;
import io.github.binder4j.binderfs.TransactionReports;
import io.github.binder4j.driver.BinderDriver;
import io.github.binder4j.driver.Commands;
import io.github.binder4j.driver.DriverThread;
import io.github.binder4j.errors.BinderUnavailableException;
import io.github.binder4j.memory.OffHeap;
import io.github.binder4j.memory.Payload;
import io.github.binder4j.testkit.BinderTest;
import io.github.binder4j.testkit.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/**
 * The driver's reports of failed transactions where the kernel has them; elsewhere, that the transactions fail all the same
 * and that who asks for reports is told why there are none.
 *
 * <p>The kernel reports to its initial network namespace, so this container has that. The reports tell of all containers:
 * those of other processes are passed over.
 */
@Tag("binderfs")
@BinderTest(serviceManager = true, hostNetwork = true)
class TransactionReportsIT {
    private static final Path FEATURE = Path.of("/dev/binderfs/features/transaction_report");
    private static final Path DEVICE = Path.of("/dev/binderfs/binder");
    private static final int TOO_LARGE_BYTES = 2_000_000;
    private static final int MORE_THAN_HALF_BYTES = 600_000;
    private static final int NO_HANDLE = 4711;
    private static final int STRAY_CODE = 77;
    private static final int STRAY_BYTES = 12;

    private static BinderLogs ownLog;
    private static BinderLogs peerLog;
    private static JavaProcess process;
    private static IBinder peer;

    private long sentBytes;

    @BeforeAll
    static void startPeer() throws RemoteException {
        ownLog = BinderLogs.ofThisProcess();
        peerLog = BinderLogs.of(() -> {
            process = JavaProcess.start(Peer.class);
            process.awaitLine(Peer.READY);
        });
        peer = ServiceManager.getService(Peer.NAME);
        assertNotNull(peer);
    }

    @AfterAll
    static void endPeer() {
        process.close();
    }

    private static boolean isOffered() throws IOException {
        return Files.exists(FEATURE) && Files.readString(FEATURE).strip().equals("1");
    }

    /** The report of what {@code failing} makes fail; empty on a kernel that has none, which was then refused. */
    private static Optional<TransactionReport> reportOf(Executable failing) throws Throwable {
        if (!isOffered()) {
            failing.execute();
            assertRefused();
            return Optional.empty();
        }
        try (TransactionReports reports = TransactionReports.open()) {
            failing.execute();
            return Optional.of(nextOfOurs(reports));
        }
    }

    private static TransactionReport nextOfOurs(TransactionReports reports) throws InterruptedException {
        while (true) {
            TransactionReport report = reports.poll(Await.PATIENCE);
            assertNotNull(report, "nothing was reported");
            if (report.fromPid() == ownLog.pid() || report.fromPid() == peerLog.pid()) {
                System.out.println(report);
                return report;
            }
        }
    }

    private static void assertRefused() {
        BinderUnavailableException thrown = assertThrows(
                BinderUnavailableException.class,
                () -> TransactionReports.open().close());
        assertEquals(2, thrown.errno());
        assertTrue(thrown.getMessage().contains("features/transaction_report"), thrown.getMessage());
    }

    private static void assertThreadOf(BinderLogs log, int tid) {
        assertTrue(
                log.records("thread").stream().anyMatch(thread -> thread.startsWith("thread " + tid + ":")),
                () -> "no thread " + tid + " in\n" + log);
    }

    private void writeTooMuch(Parcel data, int sizeBytes) {
        data.writeBlob(new byte[sizeBytes]);
        sentBytes = data.dataSize();
    }

    @Test
    void shouldBeAvailableIfTheKernelHasTheFeature() throws IOException {
        List<String> sockets = OwnProcess.descriptors("socket:.*");

        assertEquals(isOffered(), TransactionReports.isAvailable());
        if (isOffered()) {
            TransactionReports.open().close();
        } else {
            assertRefused();
        }
        assertEquals(sockets, OwnProcess.descriptors("socket:.*"));
    }

    @Test
    void shouldReportArgumentsThatAreTooLarge() throws Throwable {
        Optional<TransactionReport> reported = reportOf(() -> assertThrows(
                TransactionTooLargeException.class,
                () -> Calls.call(peer, Peer.TAKE_BLOB, data -> writeTooMuch(data, TOO_LARGE_BYTES))));

        assertTrue(sentBytes > TOO_LARGE_BYTES);
        reported.ifPresent(report -> {
            assertEquals("BR_FAILED_REPLY", report.errorName());
            assertEquals("binder", report.context());
            assertEquals(ownLog.pid(), report.fromPid());
            assertThreadOf(ownLog, report.fromTid());
            assertEquals(peerLog.pid(), report.toPid());
            assertEquals(0, report.toTid());
            assertFalse(report.isReply());
            assertEquals(0, report.flags() & Commands.TF_ONE_WAY);
            assertEquals(Peer.TAKE_BLOB, report.code());
            assertEquals(sentBytes, report.dataSizeBytes());
        });
    }

    @Test
    void shouldReportAReplyThatIsTooLarge() throws Throwable {
        Optional<TransactionReport> reported = reportOf(() -> assertThrows(
                TransactionTooLargeException.class,
                () -> Calls.call(peer, Peer.GIVE_BLOB, data -> data.writeInt(TOO_LARGE_BYTES), Parcel::readBlob)));

        assertTrue(peer.pingBinder());
        reported.ifPresent(report -> {
            assertEquals("BR_FAILED_REPLY", report.errorName());
            assertTrue(report.isReply());
            assertEquals(peerLog.pid(), report.fromPid());
            assertThreadOf(peerLog, report.fromTid());
            assertEquals(ownLog.pid(), report.toPid());
            assertThreadOf(ownLog, report.toTid());
            assertEquals(0, report.code());
            assertTrue(report.dataSizeBytes() > TOO_LARGE_BYTES, report.toString());
        });
    }

    @Test
    void shouldReportAOnewayCallThatIsTooLarge() throws Throwable {
        Optional<TransactionReport> reported = reportOf(() -> assertThrows(
                TransactionTooLargeException.class,
                () -> Calls.oneway(peer, Peer.NOTE, data -> writeTooMuch(data, MORE_THAN_HALF_BYTES))));

        assertTrue(sentBytes > MORE_THAN_HALF_BYTES);
        reported.ifPresent(report -> {
            assertEquals("BR_FAILED_REPLY", report.errorName());
            assertEquals(Commands.TF_ONE_WAY, report.flags() & Commands.TF_ONE_WAY);
            assertEquals(Peer.NOTE, report.code());
            assertEquals(sentBytes, report.dataSizeBytes());
            assertEquals(peerLog.pid(), report.toPid());
        });
    }

    @Test
    void shouldReportACallToTheDead() throws Throwable {
        IBinder mortal;
        try (JavaProcess shortLived = JavaProcess.start(Peer.class, "mortal")) {
            shortLived.awaitLine(Peer.READY);
            mortal = ServiceManager.getService("mortal");
            assertEquals(shortLived.pid(), Calls.askInt(mortal, Peer.PID));
        }
        Await.until(() -> ServiceManager.getService("mortal") == null, () -> "the dead service is still listed");

        Optional<TransactionReport> reported =
                reportOf(() -> assertThrows(DeadObjectException.class, () -> Calls.askInt(mortal, Peer.PID)));

        reported.ifPresent(report -> {
            assertEquals("BR_DEAD_REPLY", report.errorName());
            assertEquals(ownLog.pid(), report.fromPid());
            assertThreadOf(ownLog, report.fromTid());
            assertEquals(0, report.toPid());
            assertEquals(0, report.toTid());
            assertEquals(Peer.PID, report.code());
        });
    }

    @Test
    void shouldReportAHandleThatIsNone() throws Throwable {
        try (StrayCaller caller = new StrayCaller()) {
            Optional<TransactionReport> reported =
                    reportOf(() -> assertEquals(Commands.BR_FAILED_REPLY, caller.callNobody()));

            reported.ifPresent(report -> assertEquals(
                    new TransactionReport(
                            Commands.BR_FAILED_REPLY,
                            "binder",
                            ownLog.pid(),
                            report.fromTid(),
                            0,
                            0,
                            false,
                            Commands.TF_ACCEPT_FDS,
                            STRAY_CODE,
                            STRAY_BYTES),
                    report));
        }
    }

    /** More than a socket holds: what was received and what was lost is all there was. */
    @Test
    void shouldCountWhatIsLost() throws Throwable {
        int failures = 2000;
        try (StrayCaller caller = new StrayCaller()) {
            if (!isOffered()) {
                assertEquals(Commands.BR_FAILED_REPLY, caller.callNobody());
                assertRefused();
                return;
            }
            try (TransactionReports reports = TransactionReports.open()) {
                for (int i = 0; i < failures; i++) {
                    assertEquals(Commands.BR_FAILED_REPLY, caller.callNobody());
                }
                int received = 0;
                while (reports.poll(Duration.ZERO) != null) {
                    received++;
                }
                System.out.println("received " + received + ", lost " + reports.lost());
                assertTrue(received > 0);
                assertTrue(reports.lost() > 0);
                assertTrue(received + reports.lost() >= failures, received + " + " + reports.lost());

                assertEquals(Commands.BR_FAILED_REPLY, caller.callNobody());
                assertEquals(ownLog.pid(), nextOfOurs(reports).fromPid(), "reported again once the socket is empty");
            }
        }
    }

    @Test
    void shouldWakeWhoWaitsWhenClosed() throws Exception {
        if (!isOffered()) {
            assertRefused();
            return;
        }
        TransactionReports reports = TransactionReports.open();
        FutureTask<TransactionReport> taken = new FutureTask<>(() -> {
            while (true) {
                reports.take(); // another container's
            }
        });
        Thread taker = new Thread(taken, "taker");
        taker.start();
        Await.until(() -> isReceiving(taker), () -> "not receiving");

        reports.close();

        ExecutionException thrown =
                assertThrows(ExecutionException.class, () -> taken.get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS));
        assertEquals(IllegalStateException.class, thrown.getCause().getClass());
    }

    private static boolean isReceiving(Thread thread) {
        return Arrays.stream(thread.getStackTrace())
                .anyMatch(frame -> frame.getMethodName().equals("receiveReport"));
    }

    /** Calls a handle that the runtime would not have, through an opening of the device of its own. */
    private static final class StrayCaller implements AutoCloseable, Payload {
        private final OffHeap data = OffHeap.allocate(STRAY_BYTES);
        private final BinderDriver driver = BinderDriver.open(DEVICE, 4096);
        private final DriverThread thread = new DriverThread(driver);

        /** Returns the outcome. Nobody calls this opening, so nobody need handle what arrives. */
        int callNobody() {
            thread.transaction(NO_HANDLE, STRAY_CODE, Commands.TF_ACCEPT_FDS, this);
            int outcome = 0;
            while (outcome == 0) {
                thread.writeRead();
                outcome = thread.dispatchNext(null, null);
            }
            return outcome;
        }

        @Override
        public long dataAddress() {
            return data.address;
        }

        @Override
        public int dataSize() {
            return data.size();
        }

        @Override
        public long offsetsAddress() {
            return data.address;
        }

        @Override
        public int offsetsSize() {
            return 0;
        }

        @Override
        public void close() {
            thread.exit();
            driver.beginClose();
            driver.closeDescriptor();
            driver.unmap();
        }
    }
}
