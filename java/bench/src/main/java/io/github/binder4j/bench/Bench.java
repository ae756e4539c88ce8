package io.github.binder4j.bench;

import io.github.binder4j.bench.report.Reports;
import io.github.binder4j.bench.result.Measurement.Kind;
import io.github.binder4j.bench.result.ResultFile;
import io.github.binder4j.bench.result.Results;
import io.github.binder4j.bench.run.Launcher;
import io.github.binder4j.bench.run.Options;
import io.github.binder4j.bench.run.Run;
import io.github.binder4j.bench.run.WorkerFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The benchmarks' program. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        subcommands = {Bench.RunCommand.class, Bench.ReportCommand.class, Bench.CompareCommand.class},
        description = "Measures binder beside what a Java program would use instead, in one run on this machine.")
public final class Bench {
    /** Just under what binder takes at once. */
    private static final int MAX_BYTES = 1_039_360;

    private static final Path RESULTS = Path.of("bench-results");

    private Bench() {}

    public static void main(String[] args) {
        CommandLine line = new CommandLine(new Bench());
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            command.getErr().println("bench: " + (explainsItself(failure) ? failure.getMessage() : failure));
            return 1;
        });
        System.exit(line.execute(args));
    }

    private static boolean explainsItself(Throwable failure) {
        return failure.getClass() == IOException.class || failure instanceof WorkerFailedException;
    }

    /** Makes the reports again. */
    @Command(
            name = "report",
            mixinStandardHelpOptions = true,
            description = "Makes tables, page and charts of a result file.")
    static final class ReportCommand implements Callable<Integer> {
        @Parameters(paramLabel = "FILE", description = "a result file")
        private Path file;

        @Option(names = "--out", paramLabel = "DIRECTORY", description = "where they go (default: ${DEFAULT-VALUE})")
        private Path out = RESULTS;

        @Override
        public Integer call() throws IOException {
            Results results = ResultFile.read(file);
            Files.createDirectories(out);
            Reports.writeAll(results, out);
            System.out.print(Reports.table(results));
            return 0;
        }
    }

    /** Puts two runs beside each other. */
    @Command(
            name = "compare",
            mixinStandardHelpOptions = true,
            description = "Tells what differs between two result files.")
    static final class CompareCommand implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "BEFORE", description = "a result file")
        private Path before;

        @Parameters(index = "1", paramLabel = "AFTER", description = "another")
        private Path after;

        @Override
        public Integer call() throws IOException {
            System.out.print(Reports.compare(ResultFile.read(before), ResultFile.read(after)));
            return 0;
        }
    }

    /** Makes a run. */
    @Command(name = "run", mixinStandardHelpOptions = true, description = "Measures, and writes what came out.")
    static final class RunCommand implements Callable<Integer> {
        @Option(names = "--out", paramLabel = "DIRECTORY", description = "where results go (default: ${DEFAULT-VALUE})")
        private Path out = RESULTS;

        @Option(
                names = "--transports",
                split = ",",
                paramLabel = "NAME",
                description = "which take part (default: all there are)")
        private List<String> transports = new ArrayList<>();

        @Option(names = "--without", split = ",", paramLabel = "NAME", description = "which do not")
        private List<String> without = new ArrayList<>();

        @Option(
                names = "--kinds",
                split = ",",
                paramLabel = "KIND",
                description = "what is measured: ${COMPLETION-CANDIDATES} (default: all)")
        private Set<Kind> kinds = EnumSet.allOf(Kind.class);

        @Option(
                names = "--sizes",
                split = ",",
                paramLabel = "BYTES",
                description = "payloads (default: ${DEFAULT-VALUE})")
        private List<Integer> sizes = List.of(0, 64, 1024, 4096, 16384, 65536, 262_144, 524_288, MAX_BYTES);

        @Option(
                names = "--threads",
                split = ",",
                paramLabel = "N",
                description = "of the client (default: ${DEFAULT-VALUE})")
        private List<Integer> threads = List.of(1, 2, 4, 8, 16);

        @Option(
                names = "--services",
                split = ",",
                paramLabel = "N",
                description = "among which one is looked up (default: ${DEFAULT-VALUE})")
        private List<Integer> services = List.of(10, 100, 1000, 10_000);

        @Option(names = "--rounds", paramLabel = "N", description = "repetitions of each (default: ${DEFAULT-VALUE})")
        private int rounds = 5;

        @Option(
                names = "--millis",
                paramLabel = "MS",
                description = "length of a repetition (default: ${DEFAULT-VALUE})")
        private int millis = 250;

        @Option(
                names = "--warm-up",
                paramLabel = "CALLS",
                description = "of each Java transport before anything is noted (default: ${DEFAULT-VALUE})")
        private int warmUpCalls = 20_000;

        @Option(
                names = "--device",
                split = ",",
                paramLabel = "PATH",
                description = "binder devices nobody else uses (default: made in binderfs)")
        private List<Path> devices = new ArrayList<>();

        @Option(names = "--client-cpus", paramLabel = "LIST", description = "pin the clients, as taskset has it")
        private String clientCpus;

        @Option(names = "--server-cpus", paramLabel = "LIST", description = "pin the servers")
        private String serverCpus;

        @Option(names = "--libgbinder", paramLabel = "DIRECTORY", description = "libgbinder takes part, from there")
        private Path libgbinder;

        @Option(names = "--jvm-option", paramLabel = "OPTION", description = "for every JVM that is measured")
        private List<String> jvmOptions = new ArrayList<>();

        @CommandLine.Spec
        private CommandLine.Model.CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            Files.createDirectories(out);
            check();
            try (Run run = Run.begin(options(), System.err)) {
                Run.Outcome outcome = run.measure();
                ResultFile.write(outcome.results(), out.resolve("results.json"));
                Reports.writeAll(outcome.results(), out);
                System.out.print(Reports.table(outcome.results()));
                return outcome.failure() == null ? 0 : explain(outcome.failure());
            }
        }

        /** Here, not by an exception: a JVM that was told to end does so when the run is closed. */
        private int explain(Throwable failure) {
            System.err.println("bench: the run is not complete; " + out + " has what was measured before: "
                    + (explainsItself(failure) ? failure.getMessage() : failure));
            if (!explainsItself(failure)) {
                failure.printStackTrace();
            }
            return 1;
        }

        /** What cannot be done is refused before minutes of work. */
        private void check() {
            require(rounds > 0, "--rounds", rounds, "at least 1");
            require(millis > 0, "--millis", millis, "at least 1");
            require(warmUpCalls > 0, "--warm-up", warmUpCalls, "at least 1");
            for (int size : sizes) {
                require(
                        size >= 0 && size <= MAX_BYTES && size % 4 == 0,
                        "--sizes",
                        size,
                        "a multiple of 4 from 0 to " + MAX_BYTES);
            }
            for (int count : threads) {
                require(
                        count > 0 && count <= Launcher.SERVER_THREADS,
                        "--threads",
                        count,
                        "from 1 to " + Launcher.SERVER_THREADS);
            }
            for (int count : services) {
                require(count >= 10, "--services", count, "at least 10");
            }
            List<String> available = Launcher.available(libgbinder);
            for (String name : transports) {
                require(
                        available.contains(name),
                        "--transports",
                        name,
                        "among " + available + "; others come with ci/bench --with-libgbinder and --with");
            }
        }

        private void require(boolean holds, String option, Object value, String allowed) {
            if (!holds) {
                throw new CommandLine.ParameterException(
                        spec.commandLine(), option + " " + value + ": it has to be " + allowed);
            }
        }

        private Options options() {
            return new Options(
                    chosen(),
                    kinds,
                    sizes,
                    threads,
                    services,
                    rounds,
                    millis,
                    warmUpCalls,
                    devices,
                    clientCpus,
                    serverCpus,
                    libgbinder,
                    jvmOptions,
                    System.getProperty(
                            "binder4j.bench.command",
                            "bench run "
                                    + String.join(
                                            " ",
                                            spec.commandLine().getParseResult().originalArgs())));
        }

        private List<String> chosen() {
            List<String> chosen = new ArrayList<>(transports.isEmpty() ? Launcher.available(libgbinder) : transports);
            chosen.removeAll(without);
            return chosen;
        }
    }
}
