package io.github.binder4j.binderfs;

/**
 * A process's reference to a node, most often another process's.
 *
 * @param id the driver's number of it, unique in the kernel
 * @param handle the process's number of it, which the kernel prints as {@code desc}
 * @param node the {@link NodeRecord#id} of the node
 * @param nodeDead whether the node's process has ended
 * @param strong strong counts of the process
 * @param weak weak counts of the process
 * @param deathRequested whether the process asked for an obituary and has not been sent it; false too where the sysctl
 *     {@code kernel.kptr_restrict} hides pointers from this process
 */
public record RefRecord(int id, int handle, int node, boolean nodeDead, int strong, int weak, boolean deathRequested) {}
