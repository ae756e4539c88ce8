package io.github.binder4j.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;

/**
 * Where the time of one test class in a container went, for whoever asks: the file that {@code binder4j.testkit.times} names, a
 * property of the host's JVM, gets a line for each class.
 *
 * <pre>
 *   class TAB begun TAB start TAB tests TAB end TAB processes TAB starting
 * </pre>
 *
 * When it began, in milliseconds since 1970; then milliseconds: until the first test started; until the last had ended; until the
 * container was gone. Then how many JVMs the class started beside its own, and how many milliseconds in all it took until each
 * had printed a line, which may have been side by side.
 */
final class RunTimes {
    static final String FILE = "binder4j.testkit.times";

    private final Instant begun = Instant.now();
    private Instant firstTest = begun;
    private Instant lastTest = begun;

    void firstTestStarts() {
        firstTest = Instant.now();
        lastTest = firstTest;
    }

    void lastTestEnded() {
        lastTest = Instant.now();
    }

    /** Writes the line, if one is asked for. {@code processes} is what the container said of those it started. */
    void write(Class<?> testClass, String processes) {
        String file = System.getProperty(FILE);
        if (file != null) {
            append(
                    Path.of(file),
                    String.join("\t", testClass.getName(), times(), processes.isEmpty() ? "0\t0" : processes));
        }
    }

    private String times() {
        return begun.toEpochMilli() + "\t" + millis(begun, firstTest) + "\t" + millis(firstTest, lastTest) + "\t"
                + millis(lastTest, Instant.now());
    }

    private static long millis(Instant from, Instant to) {
        return Duration.between(from, to).toMillis();
    }

    /** In one write, for classes run side by side. */
    private static void append(Path file, String line) {
        try {
            Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the times of a test class to " + file, e);
        }
    }
}
