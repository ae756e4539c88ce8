package io.github.binder4j.bench.run;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Counts the system calls of a running process with strace: from {@link #start} until {@link #detach}. */
final class SystemCalls {
    /** The rule below the headings: % time, seconds, usecs/call, calls, errors, syscall. */
    private static final Pattern CALLS = Pattern.compile("-+ +-+ +-+ +(-+) +-+ +-+");

    private final Process strace;
    private final Path table;

    private SystemCalls(Process strace, Path table) {
        this.strace = strace;
        this.table = table;
    }

    static boolean isAvailable() {
        try {
            return new ProcessBuilder("strace", "-V")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException absent) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Returns when every thread is watched; empty if this user may not watch the process. */
    static Optional<SystemCalls> start(WorkerProcess process, Path directory) throws IOException {
        Path table = directory.resolve("strace-" + process.pid());
        Process strace = new ProcessBuilder(
                        List.of("strace", "-f", "-c", "-o", table.toString(), "-p", Long.toString(process.pid())))
                .redirectErrorStream(true)
                .start();
        BufferedReader says = strace.inputReader();
        for (String line = says.readLine(); line != null; line = says.readLine()) {
            if (line.contains(" attached")) {
                return Optional.of(new SystemCalls(strace, table));
            }
        }
        return Optional.empty();
    }

    /** Returns when the process is no longer watched. */
    void detach() {
        try {
            new ProcessBuilder("kill", "-INT", Long.toString(strace.pid())).start();
            strace.getInputStream().readAllBytes();
            strace.waitFor();
        } catch (IOException cannotBeAsked) {
            strace.destroy();
        } catch (InterruptedException e) {
            strace.destroy();
            Thread.currentThread().interrupt();
        }
    }

    /** How many there were, once {@linkplain #detach detached}; empty if the table is missing or has no total. */
    OptionalLong count() throws IOException {
        return Files.exists(table) ? total(Files.readAllLines(table)) : OptionalLong.empty();
    }

    /**
     * The number under "calls" in the line "total". Other columns of that line may be blank, so that it is found by its
     * place under the rule of dashes, not by counting words.
     */
    static OptionalLong total(List<String> table) {
        Matcher calls = null;
        for (String line : table) {
            Matcher rule = CALLS.matcher(line);
            if (calls == null && rule.matches()) {
                calls = rule;
            } else if (calls != null && line.endsWith(" total")) {
                return number(line, calls.start(1), calls.end(1));
            }
        }
        return OptionalLong.empty();
    }

    private static OptionalLong number(String line, int start, int end) {
        String digits = line.substring(Math.min(start, line.length()), Math.min(end, line.length()))
                .strip();
        return digits.matches("\\d{1,18}") ? OptionalLong.of(Long.parseLong(digits)) : OptionalLong.empty();
    }
}
