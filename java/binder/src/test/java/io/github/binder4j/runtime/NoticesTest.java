package io.github.binder4j.runtime;

import static io.github.binder4j.driver.Commands.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.driver.DriverRule;
import io.github.binder4j.driver.Errno;
import io.github.binder4j.driver.ScriptedDriver;
import io.github.binder4j.parcel.ParcelData;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a program is told besides the outcome of its calls: frozen states, events, numbers. */
@Timeout(60)
class NoticesTest {
    private static final int HANDLE = 5;

    private final ScriptedProcess scripted = new ScriptedProcess();
    private final ScriptedDriver driver = scripted.driver;
    private final ProcessState process = scripted.process;
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    /** On this thread: news come to one with nothing else to do. */
    @BeforeEach
    void poll() {
        process.startPolling();
    }

    @AfterEach
    void close() {
        scripted.close();
    }

    private String nextTold() throws InterruptedException {
        return told.poll(30, TimeUnit.SECONDS);
    }

    private final class Told implements DeviceEvents.Listener {
        @Override
        public void onStarvation(int threads, long starvedMs) {
            told.add("starved " + threads);
        }

        @Override
        public void onOnewaySpamSuspect(RemoteObject target, int code) {
            told.add("spam " + target.handle() + " " + code);
        }

        @Override
        public void onProxyLimit(int uid, int count) {
            told.add("proxies " + count);
        }

        @Override
        public void onServedCallFailed(String interfaceName, int code, int uid, int pid, Throwable e) {
            told.add("failed " + code);
        }

        @Override
        public void onUnknownReturn(int command) {
            told.add("unknown " + Integer.toHexString(command));
        }

        @Override
        public void onCarrierLimit(int threads) {
            told.add("carriers " + threads);
        }
    }

    // Frozen states

    private long freezeCookie() {
        return driver.commands(BC_REQUEST_FREEZE_NOTIFICATION).get(0).longAt(4);
    }

    private void hear(Consumer<ScriptedDriver.Returns> returns) {
        driver.answer(returns);
        process.servePolled();
    }

    private RemoteObject watched(Object identity) throws TransactionFailure {
        RemoteObject object = scripted.receive(HANDLE);
        assertTrue(object.addFrozenCallback(identity, Runnable::run, frozen -> told.add(identity + " " + frozen)));
        return object;
    }

    @Test
    void shouldTellEveryStateInOrderAndAnswerIt() throws Exception {
        RemoteObject object = watched("a");
        assertEquals(1, driver.commands(BC_REQUEST_FREEZE_NOTIFICATION).size());

        hear(returns -> returns.frozen(freezeCookie(), false));
        hear(returns -> returns.frozen(freezeCookie(), true));

        assertEquals(List.of("a false", "a true"), List.copyOf(told));
        assertEquals(2, driver.commands(BC_FREEZE_NOTIFICATION_DONE).size());
        assertTrue(object.removeFrozenCallback("a"));
    }

    @Test
    void shouldTellALateComerThePresentStateWithoutAskingAgain() throws Exception {
        RemoteObject object = watched("a");
        hear(returns -> returns.frozen(freezeCookie(), true));
        told.clear();

        object.addFrozenCallback("b", Runnable::run, frozen -> told.add("b " + frozen));

        assertEquals(List.of("b true"), List.copyOf(told));
        assertEquals(1, driver.commands(BC_REQUEST_FREEZE_NOTIFICATION).size());
    }

    /** Two changes that cancel each other out before the driver has its answer make it repeat itself. */
    @Test
    void shouldTellNoStateTwiceRunning() throws Exception {
        watched("a");
        hear(returns -> returns.frozen(freezeCookie(), true));
        hear(returns -> returns.frozen(freezeCookie(), true));
        hear(returns -> returns.frozen(freezeCookie(), false));

        assertEquals(List.of("a true", "a false"), List.copyOf(told));
        assertEquals(3, driver.commands(BC_FREEZE_NOTIFICATION_DONE).size());
    }

    @Test
    void shouldNotTellARemovedCallbackWhatItsExecutorHasNotBegunToTell() throws Exception {
        List<Runnable> tasks = new ArrayList<>();
        RemoteObject object = scripted.receive(HANDLE);
        object.addFrozenCallback("a", tasks::add, frozen -> told.add("a " + frozen));
        hear(returns -> returns.frozen(freezeCookie(), true));
        assertEquals(1, tasks.size());
        assertTrue(object.removeFrozenCallback("a"));

        tasks.get(0).run();

        assertEquals(List.of(), List.copyOf(told));
    }

    @Test
    void shouldLeaveADeathRecipientLinkedThatWasACallbackToo() throws Exception {
        RemoteObject object = scripted.receive(HANDLE);
        object.linkToDeath("a", () -> told.add("dead"));
        object.addFrozenCallback("a", Runnable::run, frozen -> {});
        assertTrue(object.removeFrozenCallback("a"));
        long cookie = driver.commands(BC_REQUEST_DEATH_NOTIFICATION).get(0).longAt(4);

        hear(returns -> returns.cookie(BR_DEAD_BINDER, cookie));

        assertEquals(List.of("dead"), List.copyOf(told));
        assertFalse(object.unlinkToDeath("a"));
    }

    @Test
    void shouldClearTheNotificationWithTheLastCallbackAndAskAnewForOneThatComesMeanwhile() throws Exception {
        RemoteObject object = watched("a");
        long first = freezeCookie();
        assertFalse(object.removeFrozenCallback("never added"));
        assertTrue(object.removeFrozenCallback("a"));
        assertEquals(first, driver.commands(BC_CLEAR_FREEZE_NOTIFICATION).get(0).longAt(4));

        object.addFrozenCallback("b", Runnable::run, frozen -> told.add("b " + frozen));
        assertEquals(1, driver.commands(BC_REQUEST_FREEZE_NOTIFICATION).size(), "not before the driver has cleared");
        hear(returns -> returns.frozen(first, true));
        hear(returns -> returns.cookie(BR_CLEAR_FREEZE_NOTIFICATION_DONE, first));

        assertEquals(List.of(), List.copyOf(told), "the state was the removed callback's");
        assertEquals(2, driver.commands(BC_REQUEST_FREEZE_NOTIFICATION).size());
    }

    @Test
    void shouldSayThatTheDriverHasNoFreezeNotificationsAndGoOn() throws Exception {
        RemoteObject object = scripted.receive(HANDLE);
        driver.refuse(BC_REQUEST_FREEZE_NOTIFICATION);

        assertThrows(
                UnsupportedOperationException.class,
                () -> object.addFrozenCallback("a", Runnable::run, frozen -> told.add("never")));

        scripted.call(new byte[0]).recycle();
        assertFalse(object.removeFrozenCallback("a"));
    }

    @Test
    void shouldGiveNoFrozenStatesOfHandleZero() {
        assertThrows(
                UnsupportedOperationException.class,
                () -> scripted.manager.addFrozenCallback("a", Runnable::run, frozen -> {}));
    }

    @Test
    void shouldForgetTheCallbacksOfADeadObject() throws Exception {
        RemoteObject object = watched("a");
        long death = driver.commands(BC_REQUEST_DEATH_NOTIFICATION).get(0).longAt(4);
        hear(returns -> returns.cookie(BR_DEAD_BINDER, death));
        hear(returns -> returns.frozen(freezeCookie(), true));

        assertEquals(List.of(), List.copyOf(told));
        assertFalse(object.removeFrozenCallback("a"));
        assertFalse(object.addFrozenCallback("b", Runnable::run, frozen -> {}));
    }

    // Events

    @Test
    void shouldTellOfSuspectedSpamAndTakeTheCallAsDone() throws Exception {
        process.events().add(new Told());
        driver.device().enableOnewaySpamDetection();
        driver.answer(returns -> returns.put(BR_ONEWAY_SPAM_SUSPECT));

        assertEquals(Status.OK, process.transact(scripted.manager, 7, new ParcelData(), null, TF_ONE_WAY));

        assertEquals("spam 0 7", nextTold());
        assertEquals(1, process.counters().spamSuspects.sum());
    }

    @Test
    void shouldTellAndCountAWordItDoesNotKnow() throws Exception {
        process.events().add(new Told());
        hear(returns -> returns.put(0x80047299).bytes(new byte[4]));

        assertEquals("unknown 80047299", nextTold());
        assertEquals(1, process.counters().unknownReturns.sum());
    }

    @Test
    void shouldTellNothingMoreOnceRemoved() throws Exception {
        Told listener = new Told();
        process.events().add(listener);
        process.events().remove(listener);
        process.events().add(new Told());
        hear(returns -> returns.put(0x80047299).bytes(new byte[4]));

        assertEquals("unknown 80047299", nextTold());
        assertEquals(null, told.poll());
    }

    // Proxies by user

    @Test
    void shouldReportTooManyProxiesOnceUntilTheyHaveFallen() throws Exception {
        process.events().add(new Told());
        process.setProxyWatermarks(3, 1);
        List<RemoteObject> held = new ArrayList<>();
        for (int handle = 1; handle <= 4; handle++) {
            held.add(scripted.receive(handle));
        }
        int uid = CallingIdentity.current().uid();
        assertEquals("proxies 3", nextTold());
        assertEquals(Map.of(uid, 4), process.proxiesByUid());

        held.clear();
        ScriptedProcess.collectUntil(() -> process.proxiesByUid().isEmpty());
        for (int handle = 11; handle <= 13; handle++) {
            held.add(scripted.receive(handle));
        }
        assertEquals("proxies 3", nextTold());
        assertEquals(null, told.poll());
    }

    @Test
    void shouldRefuseWatermarksThatMakeNoSense() {
        assertThrows(IllegalArgumentException.class, () -> process.setProxyWatermarks(3, 3));
        assertThrows(IllegalArgumentException.class, () -> process.setProxyWatermarks(3, -1));
    }

    // Numbers

    @Test
    void shouldCountWhatWasCalledAndHowItFailed() throws Exception {
        scripted.call(new byte[] {1, 2, 3, 4}).recycle();
        ParcelData data = new ParcelData();
        data.writeInt(1);
        driver.answer(returns -> returns.noop().complete().put(BR_FAILED_REPLY));
        driver.extendedErrorIs(-Errno.ENOSPC);
        TransactionFailure failure =
                assertThrows(TransactionFailure.class, () -> scripted.transact(data, new ParcelData()));
        assertTrue(
                failure.getMessage().contains("no room for the reply in this process's buffer"), failure.getMessage());
        driver.answer(returns -> returns.put(BR_TRANSACTION_PENDING_FROZEN));
        process.transact(scripted.manager, 1, new ParcelData(), null, TF_ONE_WAY);

        Counters counters = process.counters();
        assertEquals(2, counters.sum(Counters.Often.CALLS));
        assertEquals(1, counters.sum(Counters.Often.ONEWAY_CALLS));
        assertEquals(4, counters.sum(Counters.Often.BYTES_SENT));
        assertEquals(4, counters.sum(Counters.Often.BYTES_RECEIVED));
        assertEquals(1, counters.failures(Counters.Failure.NO_ROOM));
        assertEquals(0, counters.failures(Counters.Failure.FAILED));
        assertEquals(1, counters.pendingFrozen.sum());
    }

    @Test
    void shouldNotTellANestedReplysErrorAsThatOfTheNextCall() throws Exception {
        ScriptedProcess.Served served = new ScriptedProcess.Served((code, data, reply, flags) -> Status.OK);
        driver.answer(returns -> returns.noop().complete().reply(new byte[0]));
        assertEquals(Status.OK, scripted.transact(ScriptedProcess.parcelOf(served), new ParcelData()));
        long ptr = scripted.lastPtr();
        driver.departFrom(DriverRule.REPLY_IS_COMPLETE);
        driver.answer(returns -> returns.complete().transaction(ptr, 1, 0, new byte[0]));
        driver.answer(returns -> returns.put(BR_FAILED_REPLY)); // of the nested reply
        driver.answer(returns -> returns.reply(new byte[0]));
        assertEquals(Status.OK, scripted.transact(new ParcelData(), new ParcelData()));

        assertEquals(1, process.counters().repliesFailed.sum());
        assertEquals(1, driver.extendedErrorsTaken());
    }

    // Polling

    @Test
    void shouldServeWhatHasArrivedWhenPolledAndStartNoThread() {
        List<Integer> codes = new ArrayList<>();
        ScriptedProcess.Served served = new ScriptedProcess.Served((code, data, reply, flags) -> {
            codes.add(code);
            return Status.OK;
        });
        process.becomeContextManager(served);
        assertFalse(process.awaitCommands(0));
        process.servePolled();

        driver.answer(returns -> returns.transaction(0, 3, TF_ONE_WAY, new byte[0]));
        driver.answer(returns -> returns.transaction(0, 4, TF_ONE_WAY, new byte[0]));
        assertTrue(process.awaitCommands(1000));
        process.servePolled();

        assertEquals(List.of(3, 4), codes);
        assertEquals(0, process.loopers().size());
        assertThrows(IllegalStateException.class, process::startPolling);
    }

    // Identity

    @Test
    void shouldRefuseASecurityContextOutsideTheMapping() {
        long address = process.driver().mapping().address + (1L << Integer.SIZE) + 8;
        driver.answer(returns -> returns.deliver(BR_TRANSACTION_SEC_CTX, 0, 1, TF_ONE_WAY, new byte[0])
                .bytes(ByteBuffer.allocate(Long.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(address)
                        .array()));

        IllegalStateException refused = assertThrows(IllegalStateException.class, process::servePolled);

        assertTrue(refused.getMessage().contains("security context"), refused.getMessage());
        process.servePolled();
        assertEquals(0, driver.liveBuffers());
    }

    @Test
    void shouldGiveTheSecurityContextOfTheCallOnlyWhileItIsServed() throws Exception {
        List<String> contexts = new ArrayList<>();
        ScriptedProcess.Served served = new ScriptedProcess.Served((code, data, reply, flags) -> {
            CallingIdentity identity = CallingIdentity.current();
            contexts.add(identity.securityContext());
            long token = identity.clear();
            contexts.add(identity.securityContext());
            identity.restore(token);
            contexts.add(identity.securityContext());
            identity.setWorkSource(77);
            return Status.OK;
        });
        process.becomeContextManager(served);
        driver.answer(returns -> returns.deliver(BR_TRANSACTION_SEC_CTX, 0, 1, TF_ONE_WAY, new byte[0])
                .securityContext("user_u:role_r:type_t"));
        process.servePolled();

        List<String> expected = new ArrayList<>(List.of("user_u:role_r:type_t"));
        expected.add(null);
        expected.add("user_u:role_r:type_t");
        assertEquals(expected, contexts);
        assertEquals(null, CallingIdentity.current().securityContext());
        assertEquals(
                CallingIdentity.UNSET_WORK_SOURCE, CallingIdentity.current().workSource());
    }

    @Test
    void shouldRefuseToAskForContextsOfAnObjectTheDriverKnows() throws Exception {
        ScriptedProcess.Served served = new ScriptedProcess.Served();
        driver.answer(returns -> returns.object(BR_INCREFS, scripted.lastPtr())
                .object(BR_ACQUIRE, scripted.lastPtr())
                .complete()
                .reply(new byte[0]));
        scripted.transact(ScriptedProcess.parcelOf(served), new ParcelData());

        assertThrows(IllegalStateException.class, served::requestSecurityContext);
        new ScriptedProcess.Served().requestSecurityContext();
    }

    @Test
    void shouldKeepTheCountsOfAnObjectThatBecomesContextManagerWhileItIsKnown() throws Exception {
        ScriptedProcess.Served served = new ScriptedProcess.Served();
        driver.answer(returns -> returns.object(BR_INCREFS, scripted.lastPtr())
                .object(BR_ACQUIRE, scripted.lastPtr())
                .complete()
                .reply(new byte[0]));
        scripted.transact(ScriptedProcess.parcelOf(served), new ParcelData());
        assertEquals(1, process.liveNodes());

        RemoteObject other = scripted.receive(HANDLE);
        process.becomeContextManager(served);
        for (int i = 0; i < 3; i++) {
            driver.answer(returns -> returns.noop().complete().reply(new byte[0]));
            process.transact(other, 1, ScriptedProcess.parcelOf(served), new ParcelData(), 0);
            assertEquals(0, scripted.lastPtr());
        }

        assertEquals(1, process.liveNodes(), "the references the driver holds are untouched");
    }
}
