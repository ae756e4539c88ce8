package android.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.driver.ScriptedDriver;
import io.github.binder4j.errors.FrozenObjectException;
import io.github.binder4j.runtime.ProcessState;
import io.github.binder4j.runtime.RemoteObject;
import io.github.binder4j.runtime.ScriptedProcesses;
import io.github.binder4j.runtime.Status;
import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The table from a callee's status to the exception its caller gets, walked by every status there is. */
class StatusErrorsTest {
    private static final Map<String, Class<? extends Throwable>> EXCEPTIONS = Map.ofEntries(
            Map.entry("PERMISSION_DENIED", SecurityException.class),
            Map.entry("NAME_NOT_FOUND", NoSuchElementException.class),
            Map.entry("WOULD_BLOCK", RuntimeException.class),
            Map.entry("NO_MEMORY", OutOfMemoryError.class),
            Map.entry("ALREADY_EXISTS", RuntimeException.class),
            Map.entry("NO_INIT", RuntimeException.class),
            Map.entry("BAD_VALUE", IllegalArgumentException.class),
            Map.entry("DEAD_OBJECT", DeadObjectException.class),
            Map.entry("INVALID_OPERATION", UnsupportedOperationException.class),
            Map.entry("NOT_ENOUGH_DATA", ParcelFormatException.class),
            Map.entry("BAD_INDEX", IndexOutOfBoundsException.class),
            Map.entry("TIMED_OUT", RuntimeException.class),
            Map.entry("UNKNOWN_ERROR", RuntimeException.class),
            Map.entry("BAD_TYPE", IllegalArgumentException.class),
            Map.entry("FAILED_TRANSACTION", RemoteException.class),
            Map.entry("FDS_NOT_ALLOWED", RuntimeException.class),
            Map.entry("UNEXPECTED_NULL", NullPointerException.class),
            Map.entry("FROZEN_OBJECT", FrozenObjectException.class));

    private final ScriptedDriver driver = new ScriptedDriver();
    private final ProcessState process = ScriptedProcesses.on(driver);
    private final RemoteObject target = (RemoteObject) process.contextManager();

    @AfterEach
    void close() {
        process.close();
    }

    private static Stream<Field> failures() {
        return Arrays.stream(Status.class.getFields())
                .filter(field ->
                        !field.getName().equals("OK") && !field.getName().equals("UNKNOWN_TRANSACTION"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void shouldThrowWhatAndroidThrowsAndNameStatusInterfaceAndCode(Field constant) throws IllegalAccessException {
        int status = constant.getInt(null);

        Throwable thrown =
                assertThrows(Throwable.class, () -> StatusErrors.check(status, target, 0x17, "org.example.IThing"));

        assertEquals(EXCEPTIONS.get(constant.getName()), thrown.getClass());
        for (String part : new String[] {
            constant.getName() + " (" + status + ")", "interface=org.example.IThing", "code=0x17", "handle=0"
        }) {
            assertTrue(thrown.getMessage().contains(part), thrown.getMessage());
        }
    }

    @Test
    void shouldKeepTheNumberOfAStatusNobodyKnows() {
        RemoteException thrown = assertThrows(RemoteException.class, () -> StatusErrors.check(-12345, target, 1, null));

        assertTrue(thrown.getMessage().contains("status -12345 "), thrown.getMessage());
    }

    @Test
    void shouldTakeAnUnknownCodeForAnAnswerAndNotAnError() throws RemoteException {
        assertTrue(StatusErrors.check(Status.OK, target, 1, null));
        assertFalse(StatusErrors.check(Status.UNKNOWN_TRANSACTION, target, 1, null));
    }
}
