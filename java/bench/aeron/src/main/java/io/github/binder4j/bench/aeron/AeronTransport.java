package io.github.binder4j.bench.aeron;

import io.aeron.Aeron;
import io.aeron.RethrowingErrorHandler;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.github.binder4j.bench.result.Transports;
import io.github.binder4j.bench.transport.Serving;
import io.github.binder4j.bench.worker.Connection;
import io.github.binder4j.bench.worker.Transport;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Aeron IPC: logs in shared memory, in the directory that the address names. The media driver, a thread, is in the server's
 * process. Each connection writes to a log of its own and reads from another; one thread of the server reads the logs of all,
 * as Aeron's agents do. Whoever waits does as {@link Logs#idleStrategy} says.
 */
public final class AeronTransport implements Transport {
    /** A process may be kept waiting for long on a busy machine; Aeron would take it for dead after ten seconds. */
    private static final long LIVENESS_NANOS = TimeUnit.MINUTES.toNanos(2);

    private static final int LARGEST_FRAGMENT_BYTES = 65_504;

    private Aeron client;

    @Override
    public String name() {
        return Transports.AERON;
    }

    @Override
    public List<String> jvmOptions() {
        return List.of("--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED");
    }

    @Override
    public void serve(String address, int threads) {
        MediaDriver.launch(new MediaDriver.Context()
                .aeronDirectoryName(driverDirectory(address))
                .dirDeleteOnStart(true)
                .threadingMode(ThreadingMode.SHARED)
                .asyncExecutorEnabled(false)
                .sharedIdleStrategy(Logs.driverIdleStrategy())
                .ipcMtuLength(LARGEST_FRAGMENT_BYTES)
                .clientLivenessTimeoutNs(LIVENESS_NANOS)
                .publicationUnblockTimeoutNs(2 * LIVENESS_NANOS));
        Server server = new Server(aeron(address));
        Serving.thread("aeron server", server::serve);
    }

    @Override
    public synchronized Connection connect(String address, int index) {
        if (client == null) {
            client = aeron(address);
        }
        return new AeronConnection(client);
    }

    private static String driverDirectory(String address) {
        return address + "/driver";
    }

    /** What is wrong with a message its reader throws: Aeron would print it and read on. */
    private static Aeron aeron(String address) {
        return Aeron.connect(new Aeron.Context()
                .aeronDirectoryName(driverDirectory(address))
                .errorHandler(RethrowingErrorHandler.INSTANCE)
                .driverTimeoutMs(TimeUnit.NANOSECONDS.toMillis(LIVENESS_NANOS)));
    }
}
