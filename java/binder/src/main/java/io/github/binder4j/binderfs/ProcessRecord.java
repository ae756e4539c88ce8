package io.github.binder4j.binderfs;

import java.util.List;
import java.util.Optional;

/**
 * A process that has a device open. One that has opened several, or one several times, has a record for each.
 *
 * @param pid its number in the kernel's first pid namespace: outside of any container
 * @param context the name of the device, which devices of several instances may share
 * @param threads in the order of their numbers
 * @param nodes its objects that others hold, or have held
 * @param refs its references, in the order of their handles
 * @param buffers the used parts of its receive area
 * @param transactions what no thread of it has received yet
 * @param work what else no thread of it has been told yet
 */
public record ProcessRecord(
        int pid,
        String context,
        List<ThreadRecord> threads,
        List<NodeRecord> nodes,
        List<RefRecord> refs,
        List<BufferRecord> buffers,
        List<TransactionRecord> transactions,
        List<WorkRecord> work) {

    /**
     * A node of this process.
     *
     * @param id the driver's number
     * @return the node; empty if this process has none of that number
     */
    public Optional<NodeRecord> node(int id) {
        return nodes.stream().filter(node -> node.id() == id).findFirst();
    }

    /**
     * A reference of this process.
     *
     * @param handle the process's number of it
     * @return the reference; empty if the process does not hold that handle
     */
    public Optional<RefRecord> ref(int handle) {
        return refs.stream().filter(ref -> ref.handle() == handle).findFirst();
    }
}
