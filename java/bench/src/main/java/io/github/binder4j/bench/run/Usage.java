package io.github.binder4j.bench.run;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * What the threads of processes have used so far, as /proc tells; see proc_pid_schedstat in the kernel's fs/proc/base.c and
 * task_context_switch_counts in fs/proc/array.c. Threads that ended are not in it.
 */
record Usage(long cpuNanos, long voluntarySwitches, long involuntarySwitches) {
    static final Usage NONE = new Usage(0, 0, 0);

    static Usage of(Iterable<WorkerProcess> processes) throws IOException {
        Usage sum = NONE;
        for (WorkerProcess process : processes) {
            sum = sum.plus(of(process.pid()));
        }
        return sum;
    }

    private static Usage of(long pid) throws IOException {
        Usage sum = NONE;
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
            for (Path task : tasks) {
                sum = sum.plus(ofTask(task));
            }
        }
        return sum;
    }

    private static Usage ofTask(Path task) throws IOException {
        try {
            String status = Files.readString(task.resolve("status"));
            return new Usage(
                    Long.parseLong(Files.readString(task.resolve("schedstat")).split(" ")[0]),
                    field(status, "\nvoluntary_ctxt_switches:"),
                    field(status, "\nnonvoluntary_ctxt_switches:"));
        } catch (NoSuchFileException ended) {
            return NONE;
        }
    }

    private static long field(String status, String name) throws IOException {
        int at = status.indexOf(name);
        if (at < 0) {
            throw new IOException("/proc/…/status has no" + name);
        }
        int end = status.indexOf('\n', at + 1);
        return Long.parseLong(status.substring(at + name.length(), end < 0 ? status.length() : end)
                .strip());
    }

    private Usage plus(Usage other) {
        return new Usage(
                cpuNanos + other.cpuNanos,
                voluntarySwitches + other.voluntarySwitches,
                involuntarySwitches + other.involuntarySwitches);
    }

    Usage minus(Usage other) {
        return new Usage(
                cpuNanos - other.cpuNanos,
                voluntarySwitches - other.voluntarySwitches,
                involuntarySwitches - other.involuntarySwitches);
    }
}
