package io.github.binder4j.binderfs;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the driver holds at a moment, from its {@code state}, {@code transactions} or {@code proc/PID}.
 *
 * <p>The driver locks one process at a time while it prints: records of two processes may be of two moments.
 *
 * @param deadNodes nodes whose process has ended, and which others still hold
 * @param processes those that have a device open
 * @param unparsed lines this library does not understand, stripped, with those that belong to them
 */
public record BinderState(List<NodeRecord> deadNodes, List<ProcessRecord> processes, List<String> unparsed) {
    /**
     * Reads what was saved earlier.
     *
     * @param text the text of {@code state}, {@code state_hashed}, {@code transactions}, {@code transactions_hashed} or
     *     {@code proc/PID}
     * @return its values
     */
    public static BinderState parse(String text) {
        return new StateParser().parse(text);
    }

    /**
     * The records of a process: one for each time it has opened a device.
     *
     * @param pid its number outside of any container
     * @return the records; none if it has no device open
     */
    public List<ProcessRecord> processes(int pid) {
        return processes.stream().filter(process -> process.pid() == pid).toList();
    }

    /**
     * The record of the process that owns a node.
     *
     * @param node the driver's number of the node
     * @return the record; empty if the process has ended or there is no such node
     */
    public Optional<ProcessRecord> ownerOfNode(int node) {
        return processes.stream()
                .filter(process -> process.node(node).isPresent())
                .findFirst();
    }

    /**
     * Who has the object behind a handle.
     *
     * @param pid the process that holds the handle, by its number outside of any container
     * @param context the name of the device the handle is of
     * @param handle the handle; 0 only while the process holds a reference to the context manager, which most do not
     *     after a call to it
     * @return the owner's pid; empty if the process does not hold the handle, if its object is dead, or if the process has
     *     several devices of that name open which disagree
     */
    public OptionalInt ownerOf(int pid, String context, int handle) {
        int[] owners = processes(pid).stream()
                .filter(process -> process.context().equals(context))
                .flatMap(process -> process.ref(handle).stream())
                .flatMap(ref -> ownerOfNode(ref.node()).stream())
                .mapToInt(ProcessRecord::pid)
                .distinct()
                .toArray();
        return owners.length == 1 ? OptionalInt.of(owners[0]) : OptionalInt.empty();
    }
}
