package io.github.binder4j.bench.run;

import io.github.binder4j.bench.result.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;

/** Finds out what is to be known of the machine. */
final class MachineFacts {
    private static final String MODEL = "model name";
    private static final Path CPUS = Path.of("/proc/cpuinfo");
    private static final Path COMMAND_LINE = Path.of("/proc/cmdline");
    private static final Path PRODUCT = Path.of("/sys/class/dmi/id/sys_vendor");

    private MachineFacts() {}

    static Machine collect(Options options, String devices) throws IOException {
        return new Machine(
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                Objects.requireNonNullElse(cpuField(MODEL), System.getProperty("os.arch")),
                Runtime.getRuntime().availableProcessors(),
                options.clientCpus() == null && options.serverCpus() == null
                        ? "no"
                        : "client on " + cpus(options.clientCpus()) + ", server on " + cpus(options.serverCpus()),
                virtualisation(),
                System.getProperty("os.version"),
                devices,
                System.getProperty("java.vm.name") + ' ' + Runtime.version() + " (" + System.getProperty("java.vendor")
                        + ')',
                String.join(" ", options.jvmOptions()),
                System.getProperty("binder4j.bench.source", "unknown"));
    }

    private static String cpus(String list) {
        return list == null ? "any" : list;
    }

    /** What the kernel says of the first processor; null if nothing under that name. */
    private static String cpuField(String name) throws IOException {
        for (String line : Files.readAllLines(CPUS)) {
            if (line.startsWith(name)) {
                return line.substring(line.indexOf(':') + 1).strip();
            }
        }
        return null;
    }

    /** QEMU's own emulation calls its processor so; {@code ci/vm --accel icount} says on the command line what it counts. */
    private static String virtualisation() throws IOException {
        String flags = cpuField("flags");
        if (flags == null) {
            return null; // only processors of the x86 family say it there
        }
        boolean guest = List.of(flags.split(" ")).contains("hypervisor");
        String vendor = Files.isReadable(PRODUCT) ? Files.readString(PRODUCT).strip() : "";
        if (cpuField(MODEL).contains("TCG")) {
            boolean counts = Files.readString(COMMAND_LINE).contains("binder4j.clock=instructions");
            return "emulated (" + vendor + " TCG" + (counts ? "; its clock counts instructions)" : ")");
        }
        return guest ? "virtual machine (" + vendor + ')' : "none";
    }
}
