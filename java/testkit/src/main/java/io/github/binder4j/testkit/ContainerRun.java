package io.github.binder4j.testkit;

import io.github.binder4j.testkit.TestFrame.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.opentest4j.TestAbortedException;
import org.testcontainers.containers.output.OutputFrame;
import org.testcontainers.containers.wait.strategy.AbstractWaitStrategy;

/** One test class running in a container, seen from the host. */
final class ContainerRun implements AutoCloseable {

    private static final String ENGINE_ID = "[engine:junit-jupiter]";
    private static final Duration START_PATIENCE = Duration.ofMinutes(3);
    private static final Duration DUMP_PATIENCE = Duration.ofSeconds(20);
    private static final Duration EXIT_PATIENCE = Duration.ofSeconds(60);
    private static final String DUMP_LAST_LINE = "JNI global refs";

    private final Class<?> testClass;
    private final BinderTest settings;
    private final BinderMount mount;
    private final BinderContainer container;
    private final Results results;
    private final Obligations obligations = new Obligations();
    private final RunTimes times = new RunTimes();
    private Instant deadline;
    private String endReport;

    private ContainerRun(Class<?> testClass) {
        this.testClass = testClass;
        this.settings = testClass.getAnnotation(BinderTest.class);
        this.mount = settings.instance().isEmpty() ? BinderMount.own() : BinderMount.named(settings.instance());
        this.results = new Results(line -> System.out.println("[" + testClass.getSimpleName() + "] " + line));
        this.container = new BinderContainer(mount).withPrivilegedMode(settings.privileged());
    }

    /** Starts the container; returns when its first test is about to start. */
    static ContainerRun start(Class<?> testClass) {
        ContainerRun run = new ContainerRun(testClass);
        try {
            run.start();
        } catch (RuntimeException | Error e) {
            run.close();
            throw e;
        }
        return run;
    }

    private void start() {
        if (settings.timeoutSeconds() < 1) {
            throw new IllegalArgumentException(
                    "@BinderTest(timeoutSeconds = " + settings.timeoutSeconds() + "): more than 0");
        }
        if (settings.hostNetwork()) {
            container.withNetworkMode("host");
        }
        container
                .withJava(jvmOptions(), ContainerTestRunner.class.getName(), testClass.getName())
                .withLogConsumer(this::acceptOutput)
                .waitingFor(new FirstTest())
                .start();
        times.firstTestStarts();
        deadline = Instant.now().plusSeconds(settings.timeoutSeconds());
    }

    private List<String> jvmOptions() {
        List<String> options = new ArrayList<>(List.of(settings.jvmOptions()));
        options.add("-D" + ContainerTestRunner.INSIDE + "=true");
        options.add("-D" + ContainerTestRunner.SERVICE_MANAGER + "=" + settings.serviceManager());
        return options;
    }

    private void acceptOutput(OutputFrame frame) {
        if (frame.getType() == OutputFrame.OutputType.END) {
            results.close();
        } else {
            results.acceptLine(frame.getUtf8String());
        }
    }

    /** The host is about to decide whether to skip this. */
    void reach(String hostId) {
        obligations.reach(containerId(hostId));
    }

    /** The host did not skip this class. */
    void enter(String hostId) {
        obligations.enter(containerId(hostId));
    }

    /** The test failed on the host, be it for a reason of the host's own. */
    void show(String hostId) {
        obligations.show(containerId(hostId));
    }

    /** Waits for a test's outcome and does to this thread what it did to the container's. */
    void replay(String hostId) throws Throwable {
        String id = containerId(hostId);
        TestFrame outcome =
                results.awaitOutcome(id, deadline).orElseThrow(() -> new AssertionError(whyNothingWasReported(id)));
        obligations.show(outcome.id());
        imitate(outcome);
    }

    /** Does so for a class, if it failed by itself (in an @AfterAll method) and no test of it has shown that. */
    void replayClass(String hostId) throws Exception {
        Optional<TestFrame> outcome = results.awaitOutcome(containerId(hostId), deadline);
        if (outcome.isPresent()
                && outcome.get().kind() == Kind.FAILED
                && obligations.show(outcome.get().id())) {
            Throwable failure = failure(outcome.get());
            if (failure instanceof Error error) {
                throw error;
            }
            throw (Exception) failure;
        }
    }

    /** After the last test: throws the failures that the host answers for and has not shown. */
    void replayRest() {
        times.lastTestEnded();
        obligations.check(results.failures(), this::failure);
    }

    /** The engine's part of the id is the same on both sides; an enclosing suite is the host's alone. */
    private static String containerId(String hostId) {
        return hostId.substring(Math.max(0, hostId.lastIndexOf(ENGINE_ID)));
    }

    private void imitate(TestFrame outcome) throws Throwable {
        switch (outcome.kind()) {
            case FAILED -> throw failure(outcome);
            case ABORTED -> throw aborted(failure(outcome));
            case SKIPPED -> throw new TestAbortedException("skipped in the container: " + outcome.text());
            default -> {
                // Passed.
            }
        }
    }

    private Throwable failure(TestFrame outcome) {
        return Failures.deserialize(outcome.failure(), outcome.text(), testClass.getClassLoader());
    }

    private static TestAbortedException aborted(Throwable reason) {
        return reason instanceof TestAbortedException same
                ? same
                : new TestAbortedException(reason.getMessage(), reason);
    }

    /** The container has ended, maybe too early, or its time is over. The whole story goes to the test that was running. */
    private synchronized String whyNothingWasReported(String id) {
        if (results.isEnded()) {
            return "did not run: the container executed the whole class and had no such test: " + id;
        }
        if (endReport == null) {
            endReport = results.isClosed() ? reportOfEnd() : reportOfExpiry();
        }
        boolean wasRunning = results.running().contains(id);
        String summary = endReport.lines().findFirst().orElseThrow();
        return wasRunning ? endReport : "did not run: " + summary;
    }

    private String reportOfEnd() {
        return "the container's JVM ended while running " + results.running() + "\n" + FailureReport.of(container);
    }

    private String reportOfExpiry() {
        String summary = "time limit of " + settings.timeoutSeconds() + " s passed while running " + results.running();
        dumpThreads();
        String report = FailureReport.of(container);
        container.stop();
        return summary + "\n" + report;
    }

    /** The JVM prints its threads into the output that the report shows. */
    private void dumpThreads() {
        try {
            Engine.client()
                    .killContainerCmd(container.getContainerId())
                    .withSignal("QUIT")
                    .exec();
            results.awaitLine(DUMP_LAST_LINE, Instant.now().plus(DUMP_PATIENCE));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** After the last test: the JVM must come to its end by itself, in good order. */
    void awaitExit() throws InterruptedException {
        if (endReport != null) {
            return;
        }
        boolean closed = results.awaitClose(Instant.now().plus(EXIT_PATIENCE));
        if (!closed || container.getCurrentContainerInfo().getState().getExitCodeLong() != 0) {
            throw new AssertionError("after the last test of " + testClass.getName()
                    + " the container's JVM did not end as it should\n" + FailureReport.of(container));
        }
    }

    @Override
    public void close() {
        container.stop();
        mount.close();
        times.write(testClass, results.endText());
    }

    /** Ready when the run begins, which is when the service manager, if any, serves. */
    private final class FirstTest extends AbstractWaitStrategy {
        @Override
        protected void waitUntilReady() {
            try {
                if (!results.awaitBegin(Instant.now().plus(START_PATIENCE))) {
                    throw new IllegalStateException("no test of " + testClass.getName() + " started");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
        }
    }
}
