package io.github.binder4j.bench.result;

/**
 * Where a run took place.
 *
 * @param date when it began, ISO 8601, UTC
 * @param cpu the processor's model
 * @param cpus how many the run could use
 * @param pinned whether each pair of processes was held on chosen processors, and which; "no" if not
 * @param virtualisation "none", or what the machine says of itself; null if it says nothing
 * @param kernel release of the kernel
 * @param driver where binder comes from: the path of the device and whether it is of binderfs
 * @param jdk vendor, version and name of the virtual machine
 * @param jvmOptions what the workers were given; empty for the defaults
 * @param source the version and, where known, the commit of binder4j
 */
public record Machine(
        String date,
        String cpu,
        int cpus,
        String pinned,
        String virtualisation,
        String kernel,
        String driver,
        String jdk,
        String jvmOptions,
        String source) {}
