package io.github.binder4j.bench.run;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What the threads of processes have used, as /proc tells; see proc_pid_schedstat in the kernel's fs/proc/base.c and
 * task_context_switch_counts in fs/proc/array.c.
 */
record Usage(long cpuNanos, long voluntarySwitches, long involuntarySwitches) {
    private static final Usage NONE = new Usage(0, 0, 0);

    /**
     * Each thread's, by its directory in /proc.
     *
     * @throws IOException if the kernel does not count, or a process has ended
     */
    static Map<Path, Usage> of(Iterable<WorkerProcess> processes) throws IOException {
        Map<Path, Usage> all = new HashMap<>();
        for (WorkerProcess process : processes) {
            Path own = Path.of("/proc", Long.toString(process.pid()));
            if (!Files.exists(own.resolve("schedstat"))) {
                throw new IOException("there is no " + own
                        + "/schedstat: the process has ended, or the kernel is built without" + " CONFIG_SCHED_INFO");
            }
            try (DirectoryStream<Path> tasks = Files.newDirectoryStream(own.resolve("task"))) {
                for (Path task : tasks) {
                    all.put(task, ofTask(task));
                }
            }
        }
        return all;
    }

    /** What the threads that are there now have used since. One that has ended meanwhile takes its figures along. */
    static Usage between(Map<Path, Usage> before, Map<Path, Usage> now) {
        Usage sum = NONE;
        for (Map.Entry<Path, Usage> task : now.entrySet()) {
            sum = sum.plus(task.getValue().minus(before.getOrDefault(task.getKey(), NONE)));
        }
        return sum;
    }

    private static Usage ofTask(Path task) {
        try {
            String status = Files.readString(task.resolve("status"));
            return new Usage(
                    Long.parseLong(Files.readString(task.resolve("schedstat")).split(" ")[0]),
                    field(status, "\nvoluntary_ctxt_switches:"),
                    field(status, "\nnonvoluntary_ctxt_switches:"));
        } catch (IOException ended) {
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
