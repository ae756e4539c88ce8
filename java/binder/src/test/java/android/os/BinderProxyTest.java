package android.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.driver.ScriptedDriver;
import io.github.binder4j.runtime.ProcessState;
import io.github.binder4j.runtime.ScriptedProcesses;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What a proxy knows of its object, and what it refuses by itself. */
class BinderProxyTest {
    private final ScriptedDriver driver = new ScriptedDriver();
    private final ProcessState process = ScriptedProcesses.on(driver);
    private final IBinder proxy = BinderProxy.binderFor(ScriptedProcesses.remoteObject(process, 5));

    @AfterEach
    void close() {
        process.close();
    }

    @Test
    void shouldRefuseNullAtOnceWhereSomebodyIsToBeTold() {
        driver.forgetCalls();
        assertNamesNull("recipient", () -> proxy.linkToDeath(null, 0));
        assertNamesNull("recipient", () -> proxy.unlinkToDeath(null, 0));
        assertNamesNull("callback", () -> proxy.addFrozenStateChangeCallback(null));
        assertNamesNull("callback", () -> proxy.addFrozenStateChangeCallback(Runnable::run, null));
        assertNamesNull("executor", () -> proxy.addFrozenStateChangeCallback(null, (who, state) -> {}));
        assertNamesNull("callback", () -> proxy.removeFrozenStateChangeCallback(null));

        assertEquals(List.of(), driver.ownCalls());
    }

    private static void assertNamesNull(String what, Executable call) {
        NullPointerException refused = assertThrows(NullPointerException.class, call);
        assertTrue(refused.getMessage().contains("the " + what + " is null"), refused.getMessage());
    }
}
