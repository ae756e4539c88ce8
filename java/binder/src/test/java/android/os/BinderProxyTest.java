package android.os;

import static io.github.binder4j.driver.Commands.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.driver.ScriptedDriver;
import io.github.binder4j.driver.ScriptedDriver.Command;
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

    /** The thread that served a call may end, and its process live on. */
    @Test
    void shouldAskTheDriverOnceAfterACallWithoutAnAnswer() throws RemoteException {
        driver.answer(returns -> returns.complete().put(BR_DEAD_REPLY));
        assertThrows(DeadObjectException.class, this::call);
        driver.forgetCalls();

        driver.answer(returns -> returns.complete());
        assertTrue(proxy.isBinderAlive());
        assertTrue(proxy.isBinderAlive());
        proxy.linkToDeath(() -> {}, 0);

        Command asked = driver.commands(BC_TRANSACTION).get(0);
        assertEquals(IBinder.PING_TRANSACTION, asked.intAt(16));
        assertEquals(TF_ONE_WAY, asked.intAt(20) & TF_ONE_WAY, "the object is not waited for");
        assertEquals(1, driver.commands(BC_TRANSACTION).size());
    }

    @Test
    void shouldLinkToAnObjectThatOneCallGotNoAnswerOf() throws RemoteException {
        driver.answer(returns -> returns.complete().put(BR_DEAD_REPLY));
        assertThrows(DeadObjectException.class, this::call);

        driver.answer(returns -> returns.complete());
        proxy.linkToDeath(() -> {}, 0);

        assertEquals(1, driver.commands(BC_REQUEST_DEATH_NOTIFICATION).size());
    }

    @Test
    void shouldKnowTheDeadOnceTheDriverHasSaidSo() {
        driver.answer(returns -> returns.put(BR_DEAD_REPLY));
        assertThrows(DeadObjectException.class, this::call);
        driver.answer(returns -> returns.put(BR_DEAD_REPLY));

        assertFalse(proxy.isBinderAlive());
        assertFalse(proxy.isBinderAlive());
        assertThrows(DeadObjectException.class, () -> proxy.linkToDeath(() -> {}, 0));
        assertEquals(List.of(), driver.commands(BC_REQUEST_DEATH_NOTIFICATION));
    }

    /** Frozen, or with a full buffer, it lives. */
    @Test
    void shouldTakeAnotherRefusalForASignOfLife() {
        driver.answer(returns -> returns.complete().put(BR_DEAD_REPLY));
        assertThrows(DeadObjectException.class, this::call);
        driver.answer(returns -> returns.put(BR_FAILED_REPLY));

        assertTrue(proxy.isBinderAlive());
    }

    private void call() throws RemoteException {
        Parcel data = Parcel.obtain();
        try {
            proxy.transact(IBinder.FIRST_CALL_TRANSACTION, data, null, 0);
        } finally {
            data.recycle();
        }
    }

    private static void assertNamesNull(String what, Executable call) {
        NullPointerException refused = assertThrows(NullPointerException.class, call);
        assertTrue(refused.getMessage().contains("the " + what + " is null"), refused.getMessage());
    }
}
