package io.github.binder4j.binderfs;

import java.util.Map;

/**
 * How often something happened, for the whole kernel or one process. What never happened has no entry. The kernel's
 * counters have 32 bits and turn negative when they overflow.
 *
 * @param commands by name, such as {@code BC_TRANSACTION} and {@code BR_REPLY}, in the kernel's order
 * @param objects by name, such as {@code node} and {@code transaction}, in the kernel's order
 */
public record Counters(Map<String, Integer> commands, Map<String, Objects> objects) {
    /**
     * How many of the driver's objects of a kind there are.
     *
     * @param active now
     * @param total ever made
     */
    public record Objects(int active, int total) {}

    /**
     * How often a command was sent to, or came from, the driver.
     *
     * @param name its name
     * @return the count; 0 if it has not been
     */
    public int command(String name) {
        return commands.getOrDefault(name, 0);
    }

    /**
     * How many of the driver's objects of a kind there are.
     *
     * @param name proc, thread, node, ref, death, transaction, transaction_complete, or freeze
     * @return the counts; 0 if there has been none
     */
    public Objects object(String name) {
        return objects.getOrDefault(name, new Objects(0, 0));
    }
}
