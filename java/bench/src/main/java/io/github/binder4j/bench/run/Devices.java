package io.github.binder4j.bench.run;

import io.github.binder4j.binderfs.Binderfs;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Binder devices that nobody else uses: made in binderfs and removed again, or of the driver's static ones those that are
 * not Android's.
 */
final class Devices implements Closeable {
    private static final Path BINDERFS = Path.of("/dev/binderfs");
    private static final Path STATIC = Path.of("/sys/module/binder_linux/parameters/devices");
    private static final Set<String> TAKEN = Set.of("binder", "hwbinder", "vndbinder");

    private final Binderfs binderfs;
    private final Deque<Path> unused;
    private final List<String> made = new ArrayList<>();

    private Devices(Binderfs binderfs, List<Path> unused) {
        this.binderfs = binderfs;
        this.unused = new ArrayDeque<>(unused);
    }

    /**
     * Devices of this machine.
     *
     * @param named use these; if empty, what binderfs or the driver offers
     */
    static Devices find(List<Path> named) throws IOException {
        if (!named.isEmpty()) {
            return new Devices(null, named);
        }
        if (Files.exists(BINDERFS.resolve("binder-control"))) {
            return new Devices(Binderfs.at(BINDERFS), List.of());
        }
        if (!Files.isReadable(STATIC)) {
            return new Devices(null, List.of());
        }
        return new Devices(
                null,
                Stream.of(Files.readString(STATIC).strip().split(","))
                        .filter(name -> !name.isEmpty() && !TAKEN.contains(name))
                        .map(name -> Path.of("/dev", name))
                        .filter(Files::exists)
                        .toList());
    }

    /**
     * One more device.
     *
     * @throws WorkerFailedException if there is none left; the message says what to do
     */
    Path next() throws IOException {
        if (binderfs != null) {
            String name = "bench-" + ProcessHandle.current().pid() + '-' + made.size();
            binderfs.add(name);
            made.add(name);
            return binderfs.path().resolve(name);
        }
        if (unused.isEmpty()) {
            throw new WorkerFailedException("no unused binder device: mount binderfs on " + BINDERFS
                    + ", load the driver with more devices (modprobe binder_linux devices=binder,b4j0,b4j1,…), or name some"
                    + " with --device");
        }
        return unused.remove();
    }

    /** How they come, for the result file. */
    String kind() {
        return binderfs != null
                ? "binderfs on " + binderfs.path()
                : unused.isEmpty() ? "none" : "devices such as " + unused.peek();
    }

    @Override
    public void close() throws IOException {
        for (String name : made) {
            binderfs.remove(name);
        }
        made.clear();
    }
}
