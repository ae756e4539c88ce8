package io.github.binder4j.bench.run;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** Counts the system calls of a running process with strace: from {@link #start} until {@link #stop}. */
final class SystemCalls {
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

    /** Returns when every thread is watched; null if this user may not watch the process. */
    static SystemCalls start(WorkerProcess process, Path directory) throws IOException {
        Path table = directory.resolve("strace-" + process.pid());
        Process strace = new ProcessBuilder(
                        List.of("strace", "-f", "-c", "-o", table.toString(), "-p", Long.toString(process.pid())))
                .redirectErrorStream(true)
                .start();
        BufferedReader says = strace.inputReader();
        for (String line = says.readLine(); line != null; line = says.readLine()) {
            if (line.contains(" attached")) {
                return new SystemCalls(strace, table);
            }
        }
        return null;
    }

    /** How many there were; empty if the table is missing or has no total. */
    OptionalLong stop() throws IOException {
        new ProcessBuilder("kill", "-INT", Long.toString(strace.pid())).start();
        try {
            strace.getInputStream().readAllBytes();
            strace.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Files.exists(table) ? total(Files.readAllLines(table)) : OptionalLong.empty();
    }

    /** The fourth column of the line "total": % time, seconds, usecs/call, calls. */
    static OptionalLong total(List<String> table) {
        for (String line : table) {
            String[] columns = line.strip().split("\\s+");
            if (columns.length >= 4 && columns[columns.length - 1].equals("total")) {
                return OptionalLong.of(Long.parseLong(columns[3]));
            }
        }
        return OptionalLong.empty();
    }
}
