package io.github.binder4j.testkit;

import io.github.binder4j.testkit.TestFrame.Kind;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.EngineFilter;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** The main program of a {@link BinderTest}'s container: runs one test class and reports each event as a line of output. */
final class ContainerTestRunner {

    /** Set in the container's JVM, where tests are executed instead of replayed. */
    static final String INSIDE = "binder4j.testkit.inside";

    /** Set to have a service manager started first. */
    static final String SERVICE_MANAGER = "binder4j.testkit.servicemanager";

    private ContainerTestRunner() {}

    /** Arguments: the name of the test class. */
    public static void main(String[] args) {
        if (Boolean.getBoolean(SERVICE_MANAGER)) {
            runBesideServiceManager(args[0]);
        } else {
            run(args[0]);
        }
        System.exit(0);
    }

    private static void runBesideServiceManager(String testClass) {
        try (JavaProcess serviceManager = JavaProcess.start(ServiceManagerContainer.MAIN_CLASS)) {
            serviceManager.awaitLine(ServiceManagerContainer.READY_LINE);
            run(testClass);
        }
    }

    static void run(String testClass) {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(DiscoverySelectors.selectClass(testClass))
                .filters(EngineFilter.includeEngines("junit-jupiter"))
                .build();
        LauncherFactory.create().execute(request, new Reporter());
    }

    private static final class Reporter implements TestExecutionListener {
        private final PrintStream out =
                new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);

        /** In one write, so that output of other threads does not tear the line. */
        synchronized void report(TestFrame frame) {
            System.out.flush();
            byte[] line = (frame.encode() + "\n").getBytes(StandardCharsets.US_ASCII);
            out.write(line, 0, line.length);
            out.flush();
        }

        @Override
        public void testPlanExecutionStarted(TestPlan plan) {
            report(new TestFrame(Kind.BEGIN, ""));
        }

        @Override
        public void testPlanExecutionFinished(TestPlan plan) {
            report(new TestFrame(Kind.END, "", JavaProcess.startTimes(), new byte[0]));
        }

        @Override
        public void executionStarted(TestIdentifier test) {
            if (test.isTest()) {
                report(new TestFrame(Kind.STARTED, test.getUniqueId()));
            }
        }

        @Override
        public void executionSkipped(TestIdentifier test, String reason) {
            report(new TestFrame(Kind.SKIPPED, test.getUniqueId(), reason, new byte[0]));
        }

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            report(result.getThrowable()
                    .map(failure -> TestFrame.of(kind(result), test.getUniqueId(), failure))
                    .orElseGet(() -> new TestFrame(kind(result), test.getUniqueId())));
        }

        private static Kind kind(TestExecutionResult result) {
            return switch (result.getStatus()) {
                case SUCCESSFUL -> Kind.PASSED;
                case ABORTED -> Kind.ABORTED;
                case FAILED -> Kind.FAILED;
            };
        }
    }
}
