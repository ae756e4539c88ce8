package io.github.binder4j.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Another JVM beside this one: a real process with the same class path, the same binder device and the same system
 * properties whose names start with {@code binder4j.}. Several threads may use it.
 *
 * <p>Its output, standard error included, is copied to this JVM's standard output line by line. Failed expectations are
 * {@link AssertionError}s that show the output. {@link #close()} kills it.
 */
public final class JavaProcess implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final AtomicInteger STARTED = new AtomicInteger();
    private static final AtomicLong STARTING_NANOS = new AtomicLong();

    private final long startedNanos = System.nanoTime();
    private final String name;
    private final Process process;
    private final Writer input;
    private final Thread reader;
    private final List<String> lines = new ArrayList<>();
    private int consumed;
    private boolean ended;

    private JavaProcess(String mainClass, Process process) {
        STARTED.incrementAndGet();
        this.name = mainClass.substring(mainClass.lastIndexOf('.') + 1) + " " + process.pid();
        this.process = process;
        this.input = process.outputWriter(StandardCharsets.UTF_8);
        this.reader = new Thread(this::read, "output of " + name);
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Starts a JVM.
     *
     * @param mainClass its main class
     * @param args its arguments
     * @return the process, which may not have reached its main method yet
     * @throws UncheckedIOException if it cannot be started
     */
    public static JavaProcess start(Class<?> mainClass, String... args) {
        return start(mainClass.getName(), args);
    }

    /**
     * Starts a JVM.
     *
     * @param mainClass the name of its main class
     * @param args its arguments
     * @return the process, which may not have reached its main method yet
     * @throws UncheckedIOException if it cannot be started
     */
    public static JavaProcess start(String mainClass, String... args) {
        return start(List.of(), mainClass, args);
    }

    /**
     * Starts a JVM.
     *
     * @param jvmOptions options of the JVM, each one argument
     * @param mainClass the name of its main class
     * @param args its arguments
     * @return the process, which may not have reached its main method yet
     * @throws UncheckedIOException if it cannot be started
     */
    public static JavaProcess start(List<String> jvmOptions, String mainClass, String... args) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(ClassArchive.inheritedOptions());
        command.addAll(SystemProperties.asOptions());
        command.addAll(jvmOptions);
        command.add(mainClass);
        command.addAll(List.of(args));
        try {
            return new JavaProcess(
                    mainClass,
                    new ProcessBuilder(command).redirectErrorStream(true).start());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start a JVM: " + String.join(" ", command), e);
        }
    }

    /** How many this JVM has started, TAB, and the milliseconds it took in all until each had printed a line. */
    static String startTimes() {
        return STARTED + "\t" + TimeUnit.NANOSECONDS.toMillis(STARTING_NANOS.get());
    }

    private void read() {
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                accept(line);
            }
        } catch (IOException killed) {
            // What it had written before has been read.
        } finally {
            end();
        }
    }

    private synchronized void accept(String line) {
        System.out.println("[" + name + "] " + line);
        if (lines.isEmpty()) {
            STARTING_NANOS.addAndGet(System.nanoTime() - startedNanos);
        }
        lines.add(line);
        notifyAll();
    }

    private synchronized void end() {
        ended = true;
        notifyAll();
    }

    /**
     * Waits up to a minute for the next line of output that starts with a prefix, after the one that the last call
     * returned.
     *
     * @param prefix how the line starts
     * @return the whole line, without its end
     * @throws AssertionError if no such line came, because the time passed or the process ended
     */
    public String awaitLine(String prefix) {
        return awaitLine(prefix, PATIENCE);
    }

    /**
     * Waits for the next line of output that starts with a prefix, after the one that the last call returned.
     *
     * @param prefix how the line starts
     * @param patience how long to wait at most: zero looks at what is there, and any time that is too long to be counted is for
     *     ever
     * @return the whole line, without its end
     * @throws IllegalArgumentException if {@code patience} is negative
     * @throws AssertionError if no such line came, because the time passed or the process ended
     */
    public synchronized String awaitLine(String prefix, Duration patience) {
        if (patience.isNegative()) {
            throw new IllegalArgumentException("awaitLine: a patience of " + patience + ", which is 0 or more");
        }
        long patienceNanos = TimeUnit.NANOSECONDS.convert(patience); // saturates, where Duration throws
        long start = System.nanoTime();
        while (true) {
            while (consumed < lines.size()) {
                String line = lines.get(consumed++);
                if (line.startsWith(prefix)) {
                    return line;
                }
            }
            if (ended) {
                throw failure("ended without printing '" + prefix + "…'");
            }
            waitFor(
                    patienceNanos - (System.nanoTime() - start),
                    "did not print '" + prefix + "…' in " + patience.toSeconds() + " s");
        }
    }

    private void waitFor(long nanos, String complaint) {
        if (nanos <= 0) {
            throw failure(complaint);
        }
        try {
            TimeUnit.NANOSECONDS.timedWait(this, nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure("was not waited for: this thread was interrupted");
        }
    }

    private AssertionError failure(String complaint) {
        String state = process.isAlive() ? "still running" : "exit code " + process.exitValue();
        return new AssertionError(
                "process " + name + " " + complaint + " (" + state + "); its output:\n" + String.join("\n", output()));
    }

    /**
     * Writes a line to the process's standard input.
     *
     * @param line without its end
     * @throws AssertionError if the process does not read any more
     */
    public void send(String line) {
        try {
            input.write(line + "\n");
            input.flush();
        } catch (IOException e) {
            AssertionError failure = failure("did not take the line '" + line + "'");
            failure.initCause(e);
            throw failure;
        }
    }

    /** Kills the process with SIGKILL and returns when it is gone. Killing one that has ended does nothing. */
    public void kill9() {
        process.destroyForcibly();
        exitCode();
    }

    /**
     * Waits up to a minute for the process to end.
     *
     * @return its exit status; 128 + n if signal n ended it
     * @throws AssertionError if it is still running
     */
    public int exitCode() {
        try {
            if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw failure("did not end in " + PATIENCE.toSeconds() + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure("was not waited for: this thread was interrupted");
        }
        return process.exitValue();
    }

    /**
     * The process's number.
     *
     * @return the pid, as this process sees it
     */
    public long pid() {
        return process.pid();
    }

    /**
     * Whether the process is running.
     *
     * @return false once it has ended
     */
    public boolean isAlive() {
        return process.isAlive();
    }

    /**
     * What the process has printed so far.
     *
     * @return the lines, without their ends
     */
    public synchronized List<String> output() {
        return List.copyOf(lines);
    }

    /** Kills the process if it is still running, and returns when it is gone and its output has been read. */
    @Override
    public void close() {
        kill9();
        try {
            reader.join(PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
