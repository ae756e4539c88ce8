package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.testkit.BinderTest;
import io.github.binder4j.testkit.JavaProcess;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** The tests of {@link CallIT} once more, in a JVM that checks how native methods use JNI. */
@BinderTest(serviceManager = true, timeoutSeconds = 600)
class NativeXcheckIT {
    private static final Duration PATIENCE = Duration.ofMinutes(8);
    private static final List<String> CHECKED =
            List.of("-Xcheck:jni", "-Dbinder4j.testkit.inside=true"); // the tests run here, as in a container's JVM

    /** Runs a test class in this JVM. */
    static final class Run {
        static final String RAN = "run: ";

        public static void main(String[] args) {
            LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                    .selectors(DiscoverySelectors.selectClass(args[0]))
                    .build();
            Launcher launcher = LauncherFactory.create();
            SummaryGeneratingListener listener = new SummaryGeneratingListener();
            launcher.execute(request, listener);
            TestExecutionSummary summary = listener.getSummary();
            summary.getFailures().forEach(failure -> failure.getException().printStackTrace());
            System.out.println(
                    RAN + summary.getTestsSucceededCount() + " passed, " + summary.getTotalFailureCount() + " failed");
            System.exit(0);
        }
    }

    @Test
    void shouldHaveNothingToSayAboutOurNativeMethods() {
        try (JavaProcess checked = JavaProcess.start(CHECKED, Run.class.getName(), CallIT.class.getName())) {
            String result = checked.awaitLine(Run.RAN, PATIENCE);

            assertTrue(result.matches("run: [1-9][0-9]+ passed, 0 failed"), result);
            assertEquals(0, checked.exitCode());
            assertEquals(List.of(), warnings(checked));
        }
    }

    /** What the JVM says, in its own words: the library's log has warnings, too. */
    private static List<String> warnings(JavaProcess process) {
        return process.output().stream()
                .filter(line -> line.contains("WARNING in native method")
                        || line.contains("WARNING: JNI")
                        || line.contains("FATAL ERROR in native method"))
                .toList();
    }
}
