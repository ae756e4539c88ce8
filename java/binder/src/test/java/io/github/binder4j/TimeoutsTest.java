package io.github.binder4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.github.binder4j.binderfs.TransactionReports;
import io.github.binder4j.binderfs.WaitingReports;
import io.github.binder4j.driver.ScriptedDriver;
import io.github.binder4j.driver.Timeout;
import io.github.binder4j.runtime.ProcessState;
import io.github.binder4j.runtime.ScriptedProcesses;
import java.lang.reflect.Constructor;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One answer to every length of time, whatever method it is given to. */
class TimeoutsTest {
    private static final Duration LONGEST = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);

    private final ScriptedDriver driver = new ScriptedDriver();
    private final ProcessState process = ScriptedProcesses.on(driver);
    private PolledLooper looper;

    @AfterEach
    void close() {
        process.close();
    }

    private PolledLooper looper() {
        if (looper == null) {
            process.startPolling();
            looper = new PolledLooper(process);
        }
        return looper;
    }

    private enum Waiting {
        FREEZE("BinderDevice.freeze") {
            @Override
            Object waitFor(TimeoutsTest test, Duration timeout) throws Exception {
                Constructor<BinderDevice> constructor = BinderDevice.class.getDeclaredConstructor(ProcessState.class);
                constructor.setAccessible(true);
                return constructor.newInstance(test.process).freeze(1, timeout);
            }
        },
        AWAIT("PolledLooper.await") {
            @Override
            Object waitFor(TimeoutsTest test, Duration timeout) {
                return test.looper().await(timeout);
            }
        },
        POLL("TransactionReports.poll") {
            @Override
            Object waitFor(TimeoutsTest test, Duration timeout) throws Exception {
                try (TransactionReports reports = WaitingReports.one()) {
                    return reports.poll(timeout);
                }
            }
        };

        final String method;

        Waiting(String method) {
            this.method = method;
        }

        /** Waits for something that comes at once. */
        abstract Object waitFor(TimeoutsTest test, Duration timeout) throws Exception;
    }

    @Test
    void shouldKnowEveryMethodThatWaitsForAsLongAsItIsTold() {
        Stream<String> found = new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages("io.github.binder4j", "android.os")
                        .stream()
                        .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC) && !isInternal(type))
                        .flatMap(type -> type.getMethods().stream())
                        .filter(method -> method.getModifiers().contains(JavaModifier.PUBLIC))
                        .filter(TimeoutsTest::takesADuration)
                        .map(method -> method.getOwner().getSimpleName() + "." + method.getName());
        assertEquals(
                Stream.of(Waiting.values())
                        .map(waiting -> waiting.method)
                        .sorted()
                        .toList(),
                found.sorted().toList());
    }

    private static boolean isInternal(JavaClass type) {
        return List.of("runtime", "driver", "memory", "files", "parcel", "natives")
                .contains(type.getPackageName().replaceFirst(".*\\.", ""));
    }

    private static boolean takesADuration(JavaMethod method) {
        return method.getRawParameterTypes().stream().anyMatch(type -> type.isEquivalentTo(Duration.class));
    }

    @ParameterizedTest
    @EnumSource
    void shouldRefuseLessThanNothing(Waiting waiting) {
        for (Duration negative : List.of(Duration.ofNanos(-1), Duration.ofSeconds(Long.MIN_VALUE))) {
            IllegalArgumentException thrown =
                    assertThrows(IllegalArgumentException.class, () -> waiting.waitFor(this, negative));
            assertTrue(thrown.getMessage().contains(negative.toString()), thrown.getMessage());
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldNotWaitForZero(Waiting waiting) throws Exception {
        driver.answer(returns -> returns.noop());
        waiting.waitFor(this, Duration.ZERO);
    }

    @ParameterizedTest
    @EnumSource
    void shouldTakeTheLongestForAsLongAsCanBe(Waiting waiting) throws Exception {
        driver.answer(returns -> returns.noop());
        waiting.waitFor(this, LONGEST);
    }

    @ParameterizedTest
    @CsvSource({"PT0S, 0", "PT0.000000001S, 1", "PT0.001S, 1", "PT0.001000001S, 2", "PT1H, 3600000"})
    void shouldRoundUp(Duration timeout, long millis) {
        assertEquals(millis, Timeout.millis("any", timeout));
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MAX_VALUE, Long.MAX_VALUE / 1000, Long.MAX_VALUE / 1000 + 1})
    void shouldSaturate(long seconds) {
        Duration timeout = Duration.ofSeconds(seconds, 999_999_999);
        assertEquals(Long.MAX_VALUE, Timeout.nanos("any", timeout));
        assertTrue(Timeout.millis("any", timeout) >= Long.MAX_VALUE - 1000);
    }

    @Test
    void shouldSayThatTheTimeIsOver() throws Exception {
        assertFalse((boolean) Waiting.AWAIT.waitFor(this, Duration.ZERO));
        try (TransactionReports none = WaitingReports.none()) {
            assertNull(none.poll(Duration.ZERO));
        }
    }
}
