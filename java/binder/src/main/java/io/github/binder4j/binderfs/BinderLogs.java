package io.github.binder4j.binderfs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the driver says of itself and of all processes that use it, whichever device or instance they use.
 *
 * <p>Thread-safe; every call reads anew. Processes and threads are named by their numbers in the kernel's first pid
 * namespace: those a container knows itself by are others. Formats are those of Linux 6.1 to 7.2; what a newer kernel adds is
 * kept as text and disturbs nothing.
 */
public final class BinderLogs {
    private static final Path DEBUGFS = Path.of("/sys/kernel/debug/binder");
    private static final String STATE = "state";

    private final Path directory;

    private BinderLogs(Path directory) {
        this.directory = directory;
    }

    /**
     * The logs in a directory: {@code binder_logs} of an instance, or {@code /sys/kernel/debug/binder}, which is there for
     * static devices too.
     *
     * @param directory where they are
     * @return the logs
     * @throws NoSuchFileException if it has no logs, or they may not be seen, saying how to get them
     */
    public static BinderLogs at(Path directory) throws NoSuchFileException {
        if (!hasLogs(directory)) {
            throw new NoSuchFileException(
                    directory.resolve(STATE).toString(),
                    null,
                    "no binder logs. Mount an instance with stats=global, or use " + DEBUGFS
                            + ": be root, and mount debugfs if need be (sudo mount -t debugfs debugfs /sys/kernel/debug)");
        }
        return new BinderLogs(directory);
    }

    /**
     * The logs wherever they are: in an instance that this process sees, or in debugfs. It does not matter which, for all
     * have the same.
     *
     * @return the logs; empty if there are none, or this process may not see them
     * @throws IOException if the table of mounts cannot be read
     */
    public static Optional<BinderLogs> find() throws IOException {
        for (MountTable.Instance instance : MountTable.read()) {
            Path logs = instance.path().resolve("binder_logs");
            if (hasLogs(logs)) {
                return Optional.of(new BinderLogs(logs));
            }
        }
        return hasLogs(DEBUGFS) ? Optional.of(new BinderLogs(DEBUGFS)) : Optional.empty();
    }

    private static boolean hasLogs(Path directory) {
        return Files.isReadable(directory.resolve(STATE));
    }

    /**
     * Where the logs are.
     *
     * @return the directory
     */
    public Path directory() {
        return directory;
    }

    /**
     * What the driver holds: processes, threads, nodes, references, buffers.
     *
     * @return everything there is
     * @throws IOException if it cannot be read
     */
    public BinderState state() throws IOException {
        return BinderState.parse(read(STATE));
    }

    /**
     * The transactions on their way, with the threads, nodes and buffers they occupy, and no other.
     *
     * @return what is not idle
     * @throws IOException if it cannot be read
     */
    public BinderState transactions() throws IOException {
        return BinderState.parse(read("transactions"));
    }

    /**
     * What the driver holds of one process.
     *
     * @param pid one of {@link #pids}
     * @return its records, one for each opening of a device, without dead nodes
     * @throws NoSuchFileException if it has no file of its own
     * @throws IOException if it cannot be read
     */
    public BinderState process(int pid) throws IOException {
        return BinderState.parse(read("proc/" + pid));
    }

    /**
     * The processes with a file of their own in the logs, unlike {@link #state}, which has all. In an instance these are the
     * processes that have opened a device of it, and no other device before; in debugfs, those that have any open. One that
     * has several open is gone from here when it closes the first.
     *
     * @return their numbers outside of any container, in ascending order
     * @throws IOException if they cannot be read
     */
    public Set<Integer> pids() throws IOException {
        Set<Integer> pids = new TreeSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory.resolve("proc"), "[0-9]*")) {
            files.forEach(file -> pids.add(Integer.valueOf(file.getFileName().toString())));
        }
        return pids;
    }

    /**
     * How often what happened.
     *
     * @return figures of the kernel and of each process
     * @throws IOException if it cannot be read
     */
    public BinderStats stats() throws IOException {
        return BinderStats.parse(read("stats"));
    }

    /**
     * The last transactions.
     *
     * @return the log
     * @throws IOException if it cannot be read
     */
    public TransactionLog transactionLog() throws IOException {
        return TransactionLog.parse(read("transaction_log"));
    }

    /**
     * The last transactions that failed.
     *
     * @return the log
     * @throws IOException if it cannot be read
     */
    public TransactionLog failedTransactionLog() throws IOException {
        return TransactionLog.parse(read("failed_transaction_log"));
    }

    /** Leniently: the name of a context can be any bytes. */
    private String read(String name) throws IOException {
        return new String(Files.readAllBytes(directory.resolve(name)), StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return "binder logs in " + directory;
    }
}
