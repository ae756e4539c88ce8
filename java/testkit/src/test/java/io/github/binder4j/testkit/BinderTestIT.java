package io.github.binder4j.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.DisabledIf;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.engine.UniqueId;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import org.junit.platform.testkit.engine.EventType;
import org.opentest4j.AssertionFailedError;

/** What the host sees of tests that ran in a container. Waits for containers most of the time: two tests run side by side. */
@Tag("binderfs")
@Execution(ExecutionMode.CONCURRENT)
class BinderTestIT {
    /** A class runs once for all tests that look at it. */
    private static final Map<Class<?>, Outcomes> OUTCOMES = new ConcurrentHashMap<>();

    @Test
    void shouldReportEachTestAsItWentInTheContainer() {
        Outcomes outcomes = run(Outcome.class);

        outcomes.assertAll(Map.of(
                "passes()", "SUCCESSFUL",
                "isInTheContainer()", "SUCCESSFUL",
                "fails()", "FAILED",
                "aborts()", "ABORTED",
                "isDisabled()", "skipped",
                "test-template-invocation:#1", "SUCCESSFUL",
                "test-template-invocation:#2", "FAILED",
                "isInside()", "SUCCESSFUL",
                "repetition:#1", "SUCCESSFUL"));
        assertEquals("because", outcomes.failure("aborts()").getMessage().replace("Assumption failed: ", ""));
        assertTrue(outcomes.containerFailure().getMessage().contains("@TestFactory"));
    }

    @Test
    void shouldShowTheContainersStackTraceOnTheHost() {
        Throwable failure = run(Outcome.class).failure("fails()");

        AssertionFailedError difference = assertInstanceOf(AssertionFailedError.class, failure);
        assertEquals("expected", difference.getExpected().getValue());
        assertEquals("actual", difference.getActual().getValue());
        assertTrue(hasFrame(failure, Outcome.class, "fails"));
        assertFalse(hasFrame(failure, ContainerRun.class, "replay"));
    }

    @Test
    void shouldFailTheTestThatCrashesTheJvmAndThoseAfterIt() {
        Outcomes outcomes = run(Crash.class);

        outcomes.assertAll(Map.of("first()", "SUCCESSFUL", "crashes()", "FAILED", "tooLate()", "FAILED"));
        String report = outcomes.failure("crashes()").getMessage();
        assertTrue(report.contains("ended while running"), report);
        assertTrue(report.contains("last words"), report);
        assertTrue(report.contains("SIGSEGV"), report);
        assertTrue(outcomes.failure("tooLate()").getMessage().startsWith("did not run: "));
    }

    @Test
    void shouldShowTheThreadsWhenTheTimeIsOver() {
        Outcomes outcomes = run(Hang.class);

        String report = outcomes.failure("hangs()").getMessage();
        assertTrue(report.startsWith("time limit of 10 s passed"), report);
        assertTrue(report.contains("BinderTestIT$Hang.hangs"), report);
        assertTrue(outcomes.failure("tooLate()").getMessage().startsWith("did not run: "));
    }

    @Test
    void shouldFailTestsWhoseClassCannotBeSetUp() {
        assertEquals("no set-up", run(SetUpFails.class).failure("never()").getMessage());
    }

    @Test
    void shouldFailTheClassWhenItsTearDownFails() {
        Outcomes outcomes = run(TearDownFails.class);

        outcomes.assertAll(Map.of("passes()", "SUCCESSFUL"));
        assertEquals("no tear-down", outcomes.containerFailure().getMessage());
    }

    @Test
    void shouldFailTheClassWhoseJvmEndsTooEarlyInGoodOrder() {
        Outcomes outcomes = run(Exits.class);

        outcomes.assertAll(Map.of("passes()", "SUCCESSFUL"));
        String report = outcomes.containerFailure().getMessage();
        assertTrue(report.contains("did not end as it should"), report);
        assertTrue(report.contains("exited with status 0"), report);
    }

    @Test
    void shouldFailTheClassForFailuresThatNoTestOfTheHostShows() {
        Outcomes outcomes = run(Different.class);

        outcomes.assertAll(Map.of("test-template-invocation:#1", "SUCCESSFUL", "isSkippedOnTheHost()", "skipped"));
        Throwable failure = outcomes.containerFailure();
        List<Throwable> all = Stream.concat(Stream.of(failure), Arrays.stream(failure.getSuppressed()))
                .toList();
        assertEquals(
                Set.of("second", "method", "class"),
                all.stream().map(one -> one.getCause().getMessage()).collect(Collectors.toSet()));
    }

    @Test
    void shouldNotFailASelectedMethodForAnother() {
        var results = EngineTestKit.engine("junit-jupiter")
                .selectors(selectMethod(Outcome.class, "passes"))
                .execute();

        results.allEvents().assertStatistics(events -> events.failed(0).skipped(0));
        results.testEvents().assertStatistics(events -> events.succeeded(1));
    }

    @Test
    void shouldRunParameterizedClasses() {
        run(Cases.class).assertAll(Map.of("isOne()#1", "SUCCESSFUL", "isOne()#2", "FAILED"));
        run(NestedCases.class).assertAll(Map.of("isOne()#1", "SUCCESSFUL", "isOne()#2", "FAILED"));
    }

    @Test
    void shouldStartAServiceManagerFirst() {
        run(Managed.class).assertAll(Map.of("hasServiceManager()", "SUCCESSFUL"));
    }

    @Test
    void shouldStartJvmsFromTheClassArchive() {
        run(Archived.class).assertAll(Map.of("startsFromTheArchive()", "SUCCESSFUL"));
    }

    private static boolean hasFrame(Throwable failure, Class<?> type, String method) {
        return Arrays.stream(failure.getStackTrace())
                .anyMatch(frame -> frame.getClassName().equals(type.getName())
                        && frame.getMethodName().equals(method));
    }

    private static Outcomes run(Class<?> testClass) {
        return OUTCOMES.computeIfAbsent(testClass, BinderTestIT::execute);
    }

    private static Outcomes execute(Class<?> testClass) {
        var results = EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(testClass))
                .execute();
        return new Outcomes(
                results.testEvents().stream()
                        .filter(event -> event.getType() == EventType.FINISHED || event.getType() == EventType.SKIPPED)
                        .collect(Collectors.toMap(BinderTestIT::lastSegment, Function.identity())),
                results.containerEvents().failed().stream().findFirst().orElse(null));
    }

    private static String lastSegment(Event event) {
        UniqueId id = event.getTestDescriptor().getUniqueId();
        var segment = id.getLastSegment();
        var around = id.removeLastSegment().getLastSegment();
        if (around.getType().equals("class-template-invocation")) {
            return segment.getValue() + around.getValue();
        }
        boolean invocation = segment.getType().endsWith("invocation");
        boolean repetition = event.getTestDescriptor().getDisplayName().startsWith("repetition");
        return repetition
                ? "repetition:" + segment.getValue()
                : invocation ? segment.getType() + ":" + segment.getValue() : segment.getValue();
    }

    private record Outcomes(Map<String, Event> tests, Event failedContainer) {
        void assertAll(Map<String, String> expected) {
            Map<String, String> actual = tests.entrySet().stream()
                    .collect(Collectors.toMap(
                            Map.Entry::getKey,
                            test -> test.getValue()
                                    .getPayload(TestExecutionResult.class)
                                    .map(TestExecutionResult::getStatus)
                                    .map(Status::name)
                                    .orElse("skipped")));
            assertEquals(expected, actual);
        }

        Throwable failure(String test) {
            return throwable(tests.get(test));
        }

        Throwable containerFailure() {
            return throwable(failedContainer);
        }

        private static Throwable throwable(Event event) {
            return event.getRequiredPayload(TestExecutionResult.class)
                    .getThrowable()
                    .orElseThrow();
        }
    }

    private static boolean isContainer() {
        return Files.exists(Path.of("/dev/binderfs/binder"));
    }

    @BinderTest
    static class Outcome {
        private static boolean wasSetUp;
        private final boolean constructedInside = assertInside();
        private boolean wasPrepared;

        @BeforeAll
        static void setUp() {
            wasSetUp = assertInside();
        }

        @BeforeEach
        void prepare() {
            wasPrepared = assertInside();
        }

        @AfterAll
        static void tearDown() {
            assertInside();
        }

        private static boolean assertInside() {
            assertTrue(isContainer(), "executed on the host");
            return true;
        }

        @Test
        void passes() {}

        @Test
        void isInTheContainer() {
            System.out.print("output without an end of line");
            assertEquals(1, ProcessHandle.current().pid());
            assertTrue(constructedInside && wasSetUp && wasPrepared);
        }

        @Test
        void fails() {
            assertEquals("expected", "actual");
        }

        @Test
        void aborts() {
            Assumptions.abort("because");
        }

        @Disabled
        @Test
        void isDisabled() {}

        @ParameterizedTest
        @ValueSource(ints = {1, 2})
        void isOne(int number) {
            assertEquals(1, number);
        }

        @RepeatedTest(1)
        void repeats() {
            assertInside();
        }

        @TestFactory
        DynamicTest factory() {
            return DynamicTest.dynamicTest("dynamic", () -> {});
        }

        @Nested
        class Inner {
            @Test
            void isInside() {
                assertNotEquals(null, Outcome.this);
                assertInside();
            }
        }
    }

    @BinderTest
    @TestMethodOrder(MethodOrderer.OrderAnnotation.class)
    static class Crash {
        @Order(1)
        @Test
        void first() {}

        @Order(2)
        @Test
        void crashes() throws ReflectiveOperationException {
            System.out.println("last words");
            Class<?> unsafeClass = Class.forName("sun.misc.Unsafe");
            var field = unsafeClass.getDeclaredField("theUnsafe");
            field.setAccessible(true);
            unsafeClass.getMethod("putAddress", long.class, long.class).invoke(field.get(null), 0L, 0L);
        }

        @Order(3)
        @Test
        void tooLate() {}
    }

    @BinderTest(timeoutSeconds = 10)
    @TestMethodOrder(MethodOrderer.OrderAnnotation.class)
    static class Hang {
        @Order(1)
        @Test
        void hangs() throws InterruptedException {
            Thread.currentThread().join();
        }

        @Order(2)
        @Test
        void tooLate() {}
    }

    @BinderTest(serviceManager = true)
    static class Managed {
        @Test
        void hasServiceManager() {
            assertTrue(ProcessHandle.current().children().anyMatch(Managed::isServiceManager));
        }

        private static boolean isServiceManager(ProcessHandle process) {
            String[] arguments = process.info().arguments().orElse(new String[0]);
            return Arrays.asList(arguments).contains(ServiceManagerContainer.MAIN_CLASS);
        }
    }

    @BinderTest
    static class Archived {
        @Test
        void startsFromTheArchive() {
            try (JavaProcess process = JavaProcess.start(List.of("-Xlog:class+load"), PrintsFrame.class.getName())) {
                process.awaitLine("done");
                String loaded = process.output().stream()
                        .filter(line -> line.contains(TestFrame.class.getName() + " "))
                        .findFirst()
                        .orElse("not loaded");
                assertTrue(loaded.endsWith("source: shared objects file (top)"), loaded);
            }
        }
    }

    static final class PrintsFrame {
        public static void main(String[] args) {
            System.out.println("done " + TestFrame.indexIn(""));
        }
    }

    @BinderTest
    static class SetUpFails {
        @BeforeAll
        static void setUp() {
            throw new IllegalStateException("no set-up");
        }

        @Test
        void never() {}
    }

    @BinderTest
    static class TearDownFails {
        @AfterAll
        static void tearDown() {
            throw new IllegalStateException("no tear-down");
        }

        @Test
        void passes() {}
    }

    @BinderTest
    static class Exits {
        @AfterAll
        static void exit() {
            System.exit(0);
        }

        @Test
        void passes() {}
    }

    @BinderTest
    static class Different {
        static IntStream numbers() {
            return IntStream.rangeClosed(1, isContainer() ? 2 : 1);
        }

        static boolean isHost() {
            return !isContainer();
        }

        @ParameterizedTest
        @MethodSource("numbers")
        void isOne(int number) {
            if (number != 1) {
                throw new IllegalStateException("second");
            }
        }

        @DisabledIf("isHost")
        @Test
        void isSkippedOnTheHost() {
            throw new IllegalStateException("method");
        }

        @DisabledIf("io.github.binder4j.testkit.BinderTestIT$Different#isHost")
        @Nested
        class Inner {
            @Test
            void isSkippedWithItsClass() {
                throw new IllegalStateException("class");
            }
        }
    }

    @BinderTest
    @ParameterizedClass
    @ValueSource(ints = {1, 2})
    record Cases(int number) {
        @Test
        void isOne() {
            assertEquals(1, number);
        }
    }

    @BinderTest
    static class NestedCases {
        @Nested
        @ParameterizedClass
        @ValueSource(ints = {1, 2})
        class Inner {
            @Parameter
            int number;

            @Test
            void isOne() {
                assertEquals(1, number);
            }
        }
    }
}
