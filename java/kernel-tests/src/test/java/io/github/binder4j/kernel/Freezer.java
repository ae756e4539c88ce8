package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.BinderDevice;
import io.github.binder4j.testkit.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Freezes a process for the driver, and stops its threads, as a cgroup's freezer does on Android. */
final class Freezer {
    private static final Duration DRAIN = Duration.ofSeconds(20);

    private final BinderDevice device;
    private final JavaProcess process;
    private final int driverPid;

    /** For a process that the driver knows by a number which its log tells. */
    Freezer(BinderDevice device, JavaProcess process, BinderLogs log) {
        this.device = device;
        this.process = process;
        this.driverPid = log.pid();
    }

    int pid() {
        return driverPid;
    }

    void freeze() {
        assertTrue(device.freeze(driverPid, DRAIN), "calls are still open: " + process.pid());
    }

    void unfreeze() {
        device.unfreeze(driverPid);
    }

    /** Has no thread of the process run until {@link #resume}. */
    void stop() throws Exception {
        signal("STOP");
        Await.until(() -> states().stream().allMatch("T"::equals), () -> "threads that still run: " + states());
    }

    void resume() throws Exception {
        signal("CONT");
    }

    private void signal(String name) throws Exception {
        Process kill = new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid())
                .inheritIO()
                .start();
        assertEquals(0, kill.waitFor());
    }

    private List<String> states() {
        try (Stream<Path> threads = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
            return threads.map(Freezer::stateOf).toList();
        } catch (IOException e) {
            return List.of("?");
        }
    }

    private static String stateOf(Path thread) {
        try {
            String stat = Files.readString(thread.resolve("stat"));
            return stat.substring(stat.lastIndexOf(')') + 2).substring(0, 1);
        } catch (NoSuchFileException endedMeanwhile) {
            return "T";
        } catch (IOException e) {
            return "?";
        }
    }
}
