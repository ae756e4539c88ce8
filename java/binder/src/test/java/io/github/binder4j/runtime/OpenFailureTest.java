package io.github.binder4j.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.driver.DriverException;
import io.github.binder4j.driver.ScriptedDriver;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An opened device whose process cannot be made is closed and unmapped, and has no thread. */
@Timeout(60)
class OpenFailureTest {
    private static final int EIO = 5;

    private final ScriptedDriver driver = new ScriptedDriver();
    private final List<Thread> made = new ArrayList<>();
    private final DeviceThreads threads = new DeviceThreads() {
        @Override
        Thread make(String name, Runnable work) {
            Thread thread = super.make(name, work);
            made.add(thread);
            return thread;
        }
    };

    private void assertNothingLeft() {
        assertTrue(driver.isClosed());
        assertTrue(driver.isUnmapped());
        assertEquals(List.of(), driver.mistakes());
        assertEquals(List.of(), made.stream().filter(Thread::isAlive).toList());
    }

    @Test
    void shouldLeaveNothingIfTheJanitorCannotBeMade() {
        Error error = new OutOfMemoryError();
        assertSame(
                error,
                assertThrows(
                        OutOfMemoryError.class,
                        () -> ProcessState.of(driver.device(), new DeviceThreads() {
                            @Override
                            Thread make(String name, Runnable work) {
                                throw error;
                            }
                        })));
        assertNothingLeft();
    }

    @Test
    void shouldLeaveNothingIfTheJanitorCannotBeStarted() {
        Error error = new OutOfMemoryError("unable to create native thread");
        assertSame(
                error,
                assertThrows(
                        OutOfMemoryError.class,
                        () -> ProcessState.of(driver.device(), new DeviceThreads() {
                            @Override
                            void start(Thread thread) {
                                throw error;
                            }
                        })));
        assertNothingLeft();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void shouldLeaveNothingIfTheDeviceCannotBeSetUpForWantOfMemory(int controls) {
        driver.failControlAfter(controls);
        assertThrows(OutOfMemoryError.class, () -> ProcessState.of(driver.device(), threads));
        assertEquals(1, made.size());
        assertNothingLeft();
    }

    @Test
    void shouldLeaveNothingIfTheDriverRefusesToBeSetUp() {
        driver.controlReturns(-EIO);
        assertThrows(DriverException.class, () -> ProcessState.of(driver.device(), threads));
        assertNothingLeft();
    }
}
