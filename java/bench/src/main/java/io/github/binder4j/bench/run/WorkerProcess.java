package io.github.binder4j.bench.run;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A process that answers lines with lines. What it writes to standard error is shown when it fails. {@link #close} lets it end
 * by itself, and kills it if it does not.
 */
final class WorkerProcess implements Closeable {
    private static final Duration START = Duration.ofSeconds(120);
    private static final Duration END = Duration.ofSeconds(10);
    private static final String ENDED = "\0";

    private final String name;
    private final Process process;
    private final Path errors;
    private final Writer input;
    private final BlockingQueue<String> lines = new ArrayBlockingQueue<>(1024);

    /**
     * Starts a program.
     *
     * @param name for messages and for the file of what it writes to standard error
     */
    WorkerProcess(String name, List<String> command, Path directory) throws IOException {
        this.name = name;
        this.errors = directory.resolve(name.replace(' ', '-') + ".err");
        this.process =
                new ProcessBuilder(command).redirectError(errors.toFile()).start();
        this.input = process.outputWriter(StandardCharsets.UTF_8);
        Thread reader = new Thread(this::read, "output of " + name);
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Waits until it says that it is ready.
     *
     * @param ready how the line begins that says so; what comes before is for humans
     * @throws WorkerFailedException if it ends before, or says nothing for long
     */
    void awaitReady(String ready) throws IOException {
        String line;
        do {
            line = nextLine(START);
        } while (!line.startsWith(ready));
    }

    long pid() {
        return process.pid();
    }

    /**
     * Has a command done and returns the answer.
     *
     * @param patience how long to wait for it
     * @throws WorkerFailedException if it says that it failed, ends, or says nothing
     */
    String ask(String command, Duration patience) throws IOException {
        try {
            input.write(command + '\n');
            input.flush();
        } catch (IOException gone) {
            // What follows tells how it ended.
        }
        String answer = nextLine(patience);
        if (answer.startsWith("failed")) {
            throw failure("\"" + command + "\" " + answer);
        }
        return answer;
    }

    private String nextLine(Duration patience) throws WorkerFailedException {
        try {
            String line = lines.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
            if (line == null) {
                throw failure("it said nothing for " + patience.toSeconds() + " s");
            } else if (line.equals(ENDED)) {
                throw failure("it ended with status " + process.waitFor());
            }
            return line;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure("interrupted");
        }
    }

    private void read() {
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                lines.put(line);
            }
        } catch (IOException | InterruptedException killed) {
            // Whoever waits is told that it ended.
        }
        lines.offer(ENDED);
    }

    private WorkerFailedException failure(String what) {
        return new WorkerFailedException(name + ": " + what + lastErrors());
    }

    /** The last lines it wrote to standard error, each on a line of its own; empty if there are none. */
    String lastErrors() {
        try {
            List<String> all = Files.readAllLines(errors);
            return all.isEmpty() ? "" : "\n" + String.join("\n", all.subList(Math.max(0, all.size() - 20), all.size()));
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public void close() {
        try {
            input.close();
        } catch (IOException ended) {
            // It has gone already.
        }
        try {
            if (!process.waitFor(END.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
