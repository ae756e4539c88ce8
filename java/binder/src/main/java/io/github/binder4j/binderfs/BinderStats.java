package io.github.binder4j.binderfs;

import java.util.List;

/**
 * Figures of the driver since it was loaded, and of each process that has a device open.
 *
 * @param counters of the whole kernel
 * @param processes one for each opening of a device
 * @param unparsed lines this library does not understand, stripped, with those that belong to them
 */
public record BinderStats(Counters counters, List<ProcessStats> processes, List<String> unparsed) {
    /**
     * Reads what was saved earlier.
     *
     * @param text the text of {@code stats}
     * @return its values
     */
    public static BinderStats parse(String text) {
        return new StatsParser().parse(text);
    }

    /**
     * The figures of a process: one for each time it has opened a device.
     *
     * @param pid its number outside of any container
     * @return the figures; none if it has no device open
     */
    public List<ProcessStats> processes(int pid) {
        return processes.stream().filter(process -> process.pid() == pid).toList();
    }
}
