package io.github.binder4j.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;

/** Where threads of this process wait for one another, however shortly: at a monitor, or parked by a lock. */
final class LockWaits implements AutoCloseable {
    private static final String MONITOR = "jdk.JavaMonitorEnter";
    private static final String PARK = "jdk.ThreadPark";
    private static final String JANITOR = "binder-janitor-";

    private final Recording recording = new Recording();

    LockWaits() {
        for (String event : List.of(MONITOR, PARK)) {
            recording.enable(event).withThreshold(Duration.ZERO).withStackTrace();
        }
        // The recorder's own locks are behind the library's events, which a recording has unless it says otherwise.
        recording.disable("binder4j.ClientCall");
        recording.disable("binder4j.ServedCall");
        recording.start();
    }

    /** The innermost frame of ours for each place that was waited at so far; a janitor waits for work. */
    Set<String> stop() throws IOException {
        recording.stop();
        Path file = Files.createTempFile("waits", ".jfr");
        try {
            recording.dump(file);
            return RecordingFile.readAllEvents(file).stream()
                    .filter(event -> event.getThread() == null
                            || !event.getThread().getJavaName().startsWith(JANITOR))
                    .map(LockWaits::place)
                    .filter(place -> !place.isEmpty())
                    .collect(Collectors.toCollection(TreeSet::new));
        } finally {
            Files.delete(file);
        }
    }

    private static String place(RecordedEvent event) {
        if (event.getStackTrace() == null) {
            return "";
        }
        return event.getStackTrace().getFrames().stream()
                .filter(RecordedFrame::isJavaFrame)
                .map(frame -> frame.getMethod().getType().getName() + "."
                        + frame.getMethod().getName())
                .filter(name -> name.startsWith("io.github.binder4j.") || name.startsWith("android.os."))
                .findFirst()
                .orElse("");
    }

    @Override
    public void close() {
        recording.close();
    }
}
