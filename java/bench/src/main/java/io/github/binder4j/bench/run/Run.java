package io.github.binder4j.bench.run;

import io.github.binder4j.bench.result.Machine;
import io.github.binder4j.bench.result.Measurement;
import io.github.binder4j.bench.result.Measurement.Costs;
import io.github.binder4j.bench.result.Measurement.Kind;
import io.github.binder4j.bench.result.Measurement.Round;
import io.github.binder4j.bench.result.Results;
import io.github.binder4j.bench.result.Settings;
import io.github.binder4j.bench.result.Transports;
import java.io.Closeable;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A run: every transport does the same work in turn, again and again, so that what changes on the machine meanwhile meets all
 * of them.
 */
public final class Run implements Closeable {
    /** Fewer calls than this say nothing about a distribution. */
    private static final int SAMPLES = 50;

    private static final Work CALL = Work.latency("call", 64);

    private static final int COST_CALLS = 400;
    private static final int WARM_UP_MILLIS = 500;
    private static final int SETTLING_ROUNDS = 4;
    /** Counting system calls takes seconds to begin with. */
    private static final Set<Work> COUNTED = Set.of(CALL, Work.latency("call", 65536), Work.oneway(64));

    private static final int SEVERAL = 4;
    /** For who writes the outcome, when this JVM is told to end. */
    private static final int PATIENCE_SECONDS = 30;

    private static final List<String> OBJECT_SHAPES =
            List.of("plain call", "callback", "descriptor", "1000 binders", "1000 JNI calls");
    private static final List<Integer> ONEWAY_SIZES = List.of(64, 4096, 65536);

    private final Options options;
    private final PrintStream progress;
    private final Launcher launcher;
    private final List<Measurement> measurements = new ArrayList<>();
    private final Counting counting;
    private final long began = System.nanoTime();

    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread atExit = new Thread(this::interrupt, "end of the run");
    private volatile boolean isInterrupted;

    private Run(Options options, PrintStream progress, Launcher launcher) {
        this.options = options;
        this.progress = progress;
        this.launcher = launcher;
        this.counting = new Counting(launcher.directory());
    }

    /**
     * Begins a run, to be closed when its outcome is where it shall be: if this JVM is told to end meanwhile, the run fails,
     * and the JVM waits for the close.
     *
     * @param progress told what is being done
     * @throws IOException if it cannot begin; the message says why
     */
    public static Run begin(Options options, PrintStream progress) throws IOException {
        Run run = new Run(options, progress, new Launcher(options));
        Runtime.getRuntime().addShutdownHook(run.atExit);
        return run;
    }

    /** Without the processes nothing more can be measured. */
    private void interrupt() {
        isInterrupted = true;
        launcher.close();
        try {
            if (!ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                progress.println("bench: what was measured is not written after " + PATIENCE_SECONDS + " s: given up");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends what the run started. Doing so again has no effect. */
    @Override
    public void close() {
        launcher.close();
        ended.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException exiting) {
            // It is at work, and waits no longer.
        }
    }

    /**
     * What came of a run.
     *
     * @param results what was measured; if the run failed, until then
     * @param failure why it could not go on: a process cannot be started or does not do what it is asked, or an error
     *     of this program; null if it could
     */
    public record Outcome(Results results, Throwable failure) {}

    /**
     * Measures, once.
     *
     * @throws IOException if it cannot begin; the message says why
     */
    public Outcome measure() throws IOException {
        Machine machine = MachineFacts.collect(options, launcher.deviceKind());
        Throwable failure = null;
        try {
            measureAll();
        } catch (Throwable e) { // whatever it is: what was measured before is not worth less
            failure = isInterrupted ? new WorkerFailedException("it was interrupted") : e;
        }
        Settings settings =
                new Settings(options.command(), options.rounds(), options.millis(), SAMPLES, options.warmUpCalls());
        return new Outcome(new Results(Results.FORMAT, machine, settings, List.copyOf(measurements)), failure);
    }

    private void measureAll() throws IOException {
        List<Contender> contenders = new ArrayList<>();
        if (!options.kinds().equals(Set.of(Kind.OBJECTS))) {
            for (String transport : options.transports()) {
                contenders.add(started(transport, 1, 1));
            }
            settle(all(CALL, contenders));
        }
        if (options.kinds().contains(Kind.LATENCY)) {
            for (String shape : List.of("call", "echo")) {
                for (int size : options.sizes()) {
                    measure(Work.latency(shape, size), contenders);
                }
            }
        }
        if (options.kinds().contains(Kind.ONEWAY)) {
            for (int size : ONEWAY_SIZES) {
                measure(Work.oneway(size), contenders);
            }
        }
        if (options.kinds().contains(Kind.RATE)) {
            for (int threads : options.threads()) {
                measure(Work.rate(64, threads), contenders);
            }
            severalServices();
        }
        if (options.kinds().contains(Kind.OBJECTS) && options.transports().contains(Transports.BINDER4J)) {
            objects();
        }
    }

    /** Whether calls to different services, or processes, hinder each other. */
    private void severalServices() throws IOException {
        List<Contender> contenders = new ArrayList<>();
        for (String transport : options.transports()) {
            if (transport.equals(Transports.BINDER4J) || transport.equals(Transports.BINDER_C)) {
                contenders.add(started(transport, SEVERAL, 1));
            }
        }
        if (options.transports().contains(Transports.BINDER4J)) {
            contenders.add(started(Transports.BINDER4J, 1, SEVERAL));
        }
        if (contenders.isEmpty()) {
            return;
        }
        for (Contender contender : contenders) {
            warmUpEach(contender);
        }
        for (int threads : options.threads()) {
            measure(Work.rate(64, threads), contenders);
        }
    }

    /** A thread of a client calls a service of its own: one or two threads have not called all. */
    private void warmUpEach(Contender contender) throws IOException {
        long left = contender.isJava() ? (long) SEVERAL * options.warmUpCalls() : 1;
        while (left > 0) {
            long calls = contender.rate(Work.rate(64, SEVERAL), WARM_UP_MILLIS).calls();
            if (calls == 0) {
                throw new WorkerFailedException(contender.name() + ": no call of " + SEVERAL
                        + " threads was answered in " + WARM_UP_MILLIS + " ms");
            }
            left -= calls;
        }
    }

    private Contender started(String transport, int processes, int servicesEach) throws IOException {
        say("starting " + transport);
        Contender contender = launcher.start(transport, processes, servicesEach);
        warmUp(contender);
        return contender;
    }

    /** All paths that are measured later, so often that none is compiled while its time is taken. */
    private void warmUp(Contender contender) throws IOException {
        int calls = contender.isJava() ? options.warmUpCalls() : SAMPLES;
        contender.latency(CALL, 1, calls, "-");
        contender.latency(Work.latency("echo", 1024), 1, calls / 2, "-");
        try {
            contender.oneway(Work.oneway(64), WARM_UP_MILLIS);
        } catch (Contender.UnsupportedException e) {
            // Then it is not measured either.
        }
        contender.rate(Work.rate(64, 2), WARM_UP_MILLIS);
    }

    /** What was compiled for one kind of work is compiled again when the next comes: that once more before it counts. */
    private static void settle(List<Taken> all) throws IOException {
        for (int i = 0; i < SETTLING_ROUNDS; i++) {
            for (Taken taken : all) {
                taken.settle();
            }
        }
    }

    private void say(String what) {
        progress.printf("%4d s  %s%n", (System.nanoTime() - began) / 1_000_000_000, what);
    }

    private void objects() throws IOException {
        List<Taken> together = new ArrayList<>();
        for (int count : options.services()) {
            say("starting a service manager with " + count + " services");
            Contender contender = launcher.startObjects();
            List<Taken> own = new ArrayList<>();
            if (together.isEmpty()) {
                for (String shape : OBJECT_SHAPES) {
                    own.add(new Taken(contender, Work.objects(shape)));
                }
            }
            own.add(new Taken(contender, Work.objects("lookup among " + count)));
            own.add(new Taken(contender, Work.objects("register among " + count)));
            for (Taken taken : own) {
                contender.latency(taken.work, 1, options.warmUpCalls() / 10, "-");
            }
            together.addAll(own);
        }
        say("objects");
        settle(together);
        measure(together);
    }

    /** Has all do the same work, in turn, round by round. */
    private void measure(Work work, List<Contender> contenders) throws IOException {
        say(work.toString());
        List<Taken> all = all(work, contenders);
        if (work.kind() != Kind.LATENCY) { // calls are settled from the beginning, and echoes go the same way
            settle(all);
        }
        measure(all);
    }

    private List<Taken> all(Work work, List<Contender> contenders) {
        return contenders.stream().map(contender -> new Taken(contender, work)).toList();
    }

    private void measure(List<Taken> all) throws IOException {
        for (int round = 0; round < options.rounds(); round++) {
            for (Taken taken : all) {
                taken.round(round);
            }
        }
        int first = measurements.size();
        for (Taken taken : all) {
            measurements.add(taken.result(null));
        }
        for (int i = 0; i < all.size(); i++) { // what was timed is kept if counting fails
            measurements.set(first + i, all.get(i).result(all.get(i).costs()));
        }
    }

    /** What one transport has done of one work so far. */
    private final class Taken {
        private final Contender contender;
        private final Work work;
        private final List<Round> rounds = new ArrayList<>();
        private final Samples samples = new Samples(launcher.directory());
        private String unavailable;

        Taken(Contender contender, Work work) {
            this.contender = contender;
            this.work = work;
        }

        void settle() throws IOException {
            if (contender.isJava()) {
                ifSupported(WARM_UP_MILLIS, "-");
            }
        }

        void round(int number) throws IOException {
            if (number == 0) {
                ifSupported(options.millis() / 4, "-");
            }
            Round round = ifSupported(options.millis(), samples.file());
            if (round != null) {
                rounds.add(round);
            }
        }

        private Round ifSupported(int millis, String file) throws IOException {
            if (unavailable == null) {
                try {
                    return once(millis, file);
                } catch (Contender.UnsupportedException e) {
                    unavailable = e.getMessage();
                }
            }
            return null;
        }

        private Round once(int millis, String file) throws IOException {
            return switch (work.kind()) {
                case LATENCY, OBJECTS -> {
                    Contender.Done done = contender.latency(work, millis, SAMPLES, file);
                    yield file.equals("-")
                            ? new Round(done.calls(), done.nanos(), 0, 0)
                            : samples.read(done.calls(), done.nanos());
                }
                case RATE -> withoutSamples(contender.rate(work, millis));
                case ONEWAY -> withoutSamples(contender.oneway(work, millis));
            };
        }

        private static Round withoutSamples(Contender.Done done) {
            return new Round(done.calls(), done.nanos(), 0, 0);
        }

        Measurement result(Costs costs) {
            return new Measurement(
                    work.kind(),
                    contender.name(),
                    work.shape(),
                    work.sizeBytes(),
                    work.threads(),
                    contender.services(),
                    unavailable == null ? rounds : List.of(),
                    samples.summary(),
                    costs,
                    unavailable);
        }

        /** Null where none are taken. */
        Costs costs() throws IOException {
            if (unavailable != null || work.threads() != 1) {
                return null;
            }
            return counting.costs(
                    contender,
                    millis -> {
                        if (work.kind() == Kind.ONEWAY) {
                            return contender.oneway(work, millis);
                        }
                        return contender.latency(work, millis, COST_CALLS, "-");
                    },
                    options.millis() / 2,
                    COUNTED.contains(work));
        }
    }
}
