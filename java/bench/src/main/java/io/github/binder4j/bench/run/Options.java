package io.github.binder4j.bench.run;

import io.github.binder4j.bench.result.Measurement.Kind;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * What a run is to do.
 *
 * @param transports by name, in the order of their turns
 * @param kinds of work
 * @param sizes of payloads in bytes, for {@link Kind#LATENCY}
 * @param threads of the client, for {@link Kind#RATE}
 * @param services how many a service manager has, for {@link Kind#OBJECTS}
 * @param rounds how often each work is repeated
 * @param millis how long a repetition lasts at least
 * @param warmUpCalls how many calls each Java transport makes before, at least
 * @param devices binder devices to use; empty: to be found
 * @param clientCpus as taskset has them; null: any
 * @param serverCpus as taskset has them; null: any
 * @param libgbinder a directory with libgbinder and a program "run" that starts others with it; null: none
 * @param jvmOptions for every JVM that is measured
 * @param command the command line of the run
 */
public record Options(
        List<String> transports,
        Set<Kind> kinds,
        List<Integer> sizes,
        List<Integer> threads,
        List<Integer> services,
        int rounds,
        int millis,
        int warmUpCalls,
        List<Path> devices,
        String clientCpus,
        String serverCpus,
        Path libgbinder,
        List<String> jvmOptions,
        String command) {
    public Options {
        transports = List.copyOf(transports);
        sizes = List.copyOf(sizes);
        threads = List.copyOf(threads);
        services = List.copyOf(services);
        devices = List.copyOf(devices);
        jvmOptions = List.copyOf(jvmOptions);
    }
}
