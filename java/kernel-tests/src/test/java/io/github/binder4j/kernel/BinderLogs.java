package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.binder4j.BinderDevice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the driver itself says of one process: binderfs's {@code binder_logs/proc/PID}.
 *
 * <p>The number in that name is the process's outside of this container, which nobody here knows. So the file is found
 * by its appearing while the process opens the device.
 */
final class BinderLogs {
    private static final Path DIRECTORY = Path.of("/dev/binderfs/binder_logs");

    private final Path file;

    private BinderLogs(Path file) {
        this.file = file;
    }

    /** The log of the process whose first opening of the device {@code opening} is. */
    static BinderLogs of(Runnable opening) {
        return ofAll(1, opening).get(0);
    }

    /** The logs of so many processes whose first opening of the device {@code opening} is, in no order. */
    static List<BinderLogs> ofAll(int count, Runnable opening) {
        Set<Path> known = processes();
        opening.run();
        Set<Path> added = new HashSet<>(processes());
        added.removeAll(known);
        assertEquals(count, added.size(), "processes that opened the device meanwhile: " + added);
        return added.stream().map(BinderLogs::new).toList();
    }

    /** The log of this process, which has not opened the device yet. */
    static BinderLogs ofThisProcess() {
        return of(BinderDevice::getDefault);
    }

    /** The log of the only process that has the device open, as a service manager has it at first. */
    static BinderLogs ofTheOnlyProcess() {
        Set<Path> known = processes();
        assertEquals(1, known.size(), "processes that have the device open: " + known);
        return new BinderLogs(known.iterator().next());
    }

    private static Set<Path> processes() {
        try (Stream<Path> files = Files.list(DIRECTORY.resolve("proc"))) {
            return files.collect(Collectors.toSet());
        } catch (IOException e) {
            throw new UncheckedIOException("the driver's logs need binderfs mounted with stats=global", e);
        }
    }

    /** The process's number in the initial pid namespace, outside of this container: what the driver is told to freeze. */
    int pid() {
        return Integer.parseInt(file.getFileName().toString());
    }

    /** Whether the driver knows the process. */
    boolean exists() {
        return Files.exists(file);
    }

    /** The records of a kind, such as {@code node}, each a line with its number. */
    List<String> records(String kind) {
        return lines().stream()
                .map(String::strip)
                .filter(line -> line.matches(kind + " [0-9]+:.*"))
                .toList();
    }

    /** How many nodes, references to others' nodes, and buffers the process has. */
    List<Integer> counts() {
        return Stream.of("node", "ref", "buffer")
                .map(kind -> records(kind).size())
                .toList();
    }

    List<String> lines() {
        try {
            return Files.readAllLines(file);
        } catch (NoSuchFileException gone) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The last transactions that failed for this process, as sender or as target. */
    List<String> failures() throws IOException {
        return Files.readAllLines(DIRECTORY.resolve("failed_transaction_log")).stream()
                .filter(line -> line.matches(".* (from|to) " + pid() + ":.*"))
                .toList();
    }

    @Override
    public String toString() {
        return String.join("\n", lines());
    }
}
