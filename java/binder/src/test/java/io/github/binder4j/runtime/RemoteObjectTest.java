package io.github.binder4j.runtime;

import static io.github.binder4j.driver.Commands.*;
import static io.github.binder4j.runtime.ScriptedProcess.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.driver.DriverClosedException;
import io.github.binder4j.driver.ScriptedDriver;
import io.github.binder4j.driver.ScriptedDriver.Call;
import io.github.binder4j.driver.ScriptedDriver.Command;
import io.github.binder4j.parcel.ParcelData;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RemoteObjectTest {
    private static final int HANDLE = 5;

    private final ScriptedProcess scripted = new ScriptedProcess();
    private final ScriptedDriver driver = scripted.driver;
    private final ProcessState process = scripted.process;
    /** The cookie of the last request. */
    private long lastWatched;

    private final List<String> told = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    void close() {
        scripted.close();
    }

    // References

    @Test
    void shouldAcquireANewHandleBeforeItsBufferIsFreedInTheSameWrite() throws TransactionFailure {
        ParcelData reply = scripted.call(flatHandle(HANDLE), 0);
        RemoteObject object = (RemoteObject) reply.readObject();
        driver.forgetCalls();
        reply.recycle();

        assertEquals(HANDLE, object.handle());
        assertEquals(STABILITY, object.stability());
        Call write = driver.lastOwnCall();
        assertEquals(List.of(BC_ACQUIRE, BC_FREE_BUFFER), write.words());
        assertEquals(HANDLE, write.commands().get(0).intAt(0));
    }

    @Test
    void shouldNotAcquireAHandleNobodyRead() throws Exception {
        scripted.call(flatHandle(HANDLE), 0).recycle();
        driver.awaitCommand(BC_FREE_BUFFER);

        assertEquals(List.of(), driver.commands(BC_ACQUIRE));
        assertEquals(0, process.liveProxies());
    }

    @Test
    void shouldYieldTheSameObjectForTheSameHandleAndAcquireItOnce() throws Exception {
        RemoteObject first = scripted.receive(HANDLE);
        ParcelData again = scripted.call(flatHandle(HANDLE), 0);

        assertSame(first, again.readObject());
        again.recycle();
        assertEquals(1, driver.commands(BC_ACQUIRE).size());
        assertNotSame(first, scripted.receive(HANDLE + 1));
        assertEquals(List.of(HANDLE, HANDLE + 1), handlesOf(BC_ACQUIRE));
        Reference.reachabilityFence(first);
    }

    @Test
    void shouldKnowHandleZeroAsTheContextManagerWithoutAReference() throws TransactionFailure {
        assertSame(scripted.manager, scripted.receive(0));
        assertEquals(List.of(), driver.commands(BC_ACQUIRE));
    }

    @Test
    void shouldKeepHandlesBeyondTheFirstSixtyFour() throws TransactionFailure {
        RemoteObject far = scripted.receive(1000);
        assertSame(far, scripted.receive(1000));
    }

    @Test
    void shouldReleaseAnUnreachableObjectOnce() throws Exception {
        WeakReference<RemoteObject> object = new WeakReference<>(scripted.receive(HANDLE));

        collectUntil(() -> !driver.commands(BC_RELEASE).isEmpty());
        collectOnce();

        assertTrue(object.refersTo(null));
        assertEquals(List.of(HANDLE), handlesOf(BC_RELEASE));
        assertEquals(0, process.liveProxies());
    }

    @Test
    void shouldAcquireAHandleThatArrivesAgainAfterItsObjectWasCollected() throws Exception {
        WeakReference<RemoteObject> first = new WeakReference<>(scripted.receive(HANDLE));
        collectUntil(() -> first.refersTo(null));

        RemoteObject second = scripted.receive(HANDLE);
        collectUntil(() -> !driver.commands(BC_RELEASE).isEmpty());
        collectOnce();

        assertEquals(List.of(HANDLE, HANDLE), handlesOf(BC_ACQUIRE));
        assertEquals(List.of(HANDLE), handlesOf(BC_RELEASE));
        Reference.reachabilityFence(second);
    }

    @Test
    void shouldAcquireAHandleWhoseParcelWasDroppedUnrecycledBeforeReleasingIt() throws Exception {
        ParcelData reply = scripted.call(flatHandle(HANDLE), 0);
        reply.readObject();
        Reference.reachabilityFence(reply);
        reply = null;

        collectUntil(() -> !driver.commands(BC_RELEASE).isEmpty());

        List<Integer> words = driver.calls().stream()
                .flatMap(call -> call.words().stream())
                .filter(word -> word != BC_TRANSACTION)
                .toList();
        assertEquals(List.of(BC_ACQUIRE, BC_FREE_BUFFER, BC_RELEASE), words);
        assertEquals(1, process.counters().leakedBuffers.sum());
    }

    @Test
    void shouldSendAProxyAsItsHandle() throws TransactionFailure {
        RemoteObject object = scripted.receive(HANDLE);
        driver.answer(returns -> returns.complete().reply(ints()));
        scripted.transact(parcelOf(object), null);

        Command sent = driver.commands(BC_TRANSACTION).get(1);
        assertEquals(0x73682a85, sent.dataBuffer().getInt(0));
        assertEquals(0, sent.dataBuffer().getInt(4));
        assertEquals(HANDLE, sent.dataBuffer().getLong(8));
        assertEquals(0, sent.dataBuffer().getLong(16));
        assertEquals(STABILITY, sent.dataBuffer().getInt(24));
        assertEquals(0, sent.offsets()[0]);
    }

    // Obituaries

    @Test
    void shouldRequestAnObituaryOnceForManyRecipients() throws TransactionFailure {
        RemoteObject object = scripted.receive(HANDLE);
        link(object, "a");
        link(object, "b");

        List<Command> requests = driver.commands(BC_REQUEST_DEATH_NOTIFICATION);
        assertEquals(1, requests.size());
        assertEquals(HANDLE, requests.get(0).intAt(0));
    }

    @Test
    void shouldTellEachRecipientOnceOnALooperWhenTheObjectDies() throws Exception {
        RemoteObject object = scripted.receive(HANDLE);
        object.linkToDeath("a", () -> told.add("a on " + Thread.currentThread().getName()));
        link(object, "b");
        long cookie = lastCookie();

        driver.answerLooper(returns -> returns.cookie(BR_DEAD_BINDER, cookie));
        Call done = driver.awaitCommand(BC_DEAD_BINDER_DONE);

        assertEquals(List.of("a on binder-scripted-1", "b"), told);
        assertEquals(cookie, done.commands().get(done.commands().size() - 1).longAt(0));
        assertTrue(object.isDead());
        process.registry.onDeadBinder(cookie);
        assertEquals(2, told.size());
    }

    @Test
    void shouldTakeTheRequestBackBeforeAnsweringTheObituary() throws Exception {
        RemoteObject object = scripted.receive(HANDLE);
        link(object, "a");
        long cookie = lastCookie();

        driver.answerLooper(returns -> returns.cookie(BR_DEAD_BINDER, cookie));
        driver.awaitCommand(BC_DEAD_BINDER_DONE);

        List<Integer> words = driver.calls().stream()
                .flatMap(call -> call.words().stream())
                .filter(word -> word == BC_CLEAR_DEATH_NOTIFICATION || word == BC_DEAD_BINDER_DONE)
                .toList();
        assertEquals(List.of(BC_CLEAR_DEATH_NOTIFICATION, BC_DEAD_BINDER_DONE), words);
        assertEquals(cookie, driver.commands(BC_CLEAR_DEATH_NOTIFICATION).get(0).longAt(4));
    }

    @Test
    void shouldTellTheOthersWhenARecipientThrows() throws TransactionFailure {
        RemoteObject object = scripted.receive(HANDLE);
        Thread.UncaughtExceptionHandler before = Thread.currentThread().getUncaughtExceptionHandler();
        Thread.currentThread().setUncaughtExceptionHandler((thread, e) -> {
            told.add(e.getMessage());
            throw new IllegalStateException("a handler that fails too");
        });
        try {
            object.linkToDeath("a", () -> {
                throw new IllegalStateException("recipient failed");
            });
            link(object, "b");
            process.registry.onDeadBinder(lastCookie());
        } finally {
            Thread.currentThread().setUncaughtExceptionHandler(before);
        }
        assertEquals(List.of("recipient failed", "b"), told);
    }

    @Test
    void shouldRefuseToLinkToADeadObject() throws TransactionFailure {
        RemoteObject object = scripted.receive(HANDLE);
        link(object, "a");
        process.registry.onDeadBinder(lastCookie());

        assertFalse(object.linkToDeath("b", () -> told.add("b")));
        assertEquals(1, driver.commands(BC_REQUEST_DEATH_NOTIFICATION).size());
        assertEquals(List.of("a"), told);
    }

    @Test
    void shouldTakeTheRequestBackWithTheLastRecipient() throws TransactionFailure {
        RemoteObject object = scripted.receive(HANDLE);
        link(object, "a");
        link(object, "a");
        assertTrue(object.unlinkToDeath("a"));
        assertEquals(List.of(), driver.commands(BC_CLEAR_DEATH_NOTIFICATION));

        assertTrue(object.unlinkToDeath("a"));

        Command clear = driver.commands(BC_CLEAR_DEATH_NOTIFICATION).get(0);
        assertEquals(HANDLE, clear.intAt(0));
        assertEquals(lastCookie(), clear.longAt(4));
        assertFalse(object.unlinkToDeath("a"));
        assertEquals(1, driver.commands(BC_CLEAR_DEATH_NOTIFICATION).size());
    }

    @Test
    void shouldFindARecipientByIdentity() throws TransactionFailure {
        RemoteObject object = scripted.receive(HANDLE);
        String recipient = new String("a");
        object.linkToDeath(recipient, () -> told.add("a"));

        assertFalse(object.unlinkToDeath(new String("a")));
        assertTrue(object.unlinkToDeath(recipient));
    }

    @Test
    void shouldNotTellWhoUnlinked() throws TransactionFailure {
        RemoteObject object = scripted.receive(HANDLE);
        link(object, "a");
        link(object, "b");
        object.unlinkToDeath("a");
        process.registry.onDeadBinder(lastCookie());

        assertEquals(List.of("b"), told);
        assertFalse(object.unlinkToDeath("b"));
    }

    @Test
    void shouldNoticeADeathThatArrivesWhileTheRequestIsTakenBack() throws TransactionFailure {
        RemoteObject object = scripted.receive(HANDLE);
        link(object, "a");
        object.unlinkToDeath("a");
        process.registry.onDeadBinder(lastCookie());

        assertTrue(object.isDead());
        assertEquals(List.of(), told);
        assertEquals(1, driver.commands(BC_CLEAR_DEATH_NOTIFICATION).size());
        process.registry.onDeathNotificationCleared(lastCookie());
        assertTrue(object.isDead());
    }

    @Test
    void shouldRequestAgainOnceClearedWhenLinkedMeanwhile() throws TransactionFailure {
        RemoteObject object = scripted.receive(HANDLE);
        link(object, "a");
        long first = lastCookie();
        object.unlinkToDeath("a");
        link(object, "b");
        assertEquals(1, driver.commands(BC_REQUEST_DEATH_NOTIFICATION).size(), "the driver would ignore it");

        process.registry.onDeathNotificationCleared(first);

        assertEquals(2, driver.commands(BC_REQUEST_DEATH_NOTIFICATION).size());
        assertTrue(lastCookie() != first);
        process.registry.onDeadBinder(lastCookie());
        assertEquals(List.of("b"), told);
    }

    @Test
    void shouldTakeTheRequestBackOnceWhenLinkedAndUnlinkedWhileClearing() throws TransactionFailure {
        RemoteObject object = scripted.receive(HANDLE);
        link(object, "a");
        object.unlinkToDeath("a");
        link(object, "b");
        object.unlinkToDeath("b");
        assertEquals(1, driver.commands(BC_CLEAR_DEATH_NOTIFICATION).size());

        process.registry.onDeathNotificationCleared(lastCookie());
        assertEquals(1, driver.commands(BC_REQUEST_DEATH_NOTIFICATION).size());
    }

    @Test
    void shouldTellWhoLinkedWhileClearingWhenTheDeathArrivesFirst() throws TransactionFailure {
        RemoteObject object = scripted.receive(HANDLE);
        link(object, "a");
        long cookie = lastCookie();
        object.unlinkToDeath("a");
        link(object, "b");

        process.registry.onDeadBinder(cookie);
        process.registry.onDeathNotificationCleared(cookie);

        assertEquals(List.of("b"), told);
        assertTrue(object.isDead());
        assertEquals(1, driver.commands(BC_REQUEST_DEATH_NOTIFICATION).size());
    }

    @Test
    void shouldLinkAnewAfterEverythingWasCleared() throws TransactionFailure {
        RemoteObject object = scripted.receive(HANDLE);
        link(object, "a");
        object.unlinkToDeath("a");
        process.registry.onDeathNotificationCleared(lastCookie());

        link(object, "b");

        assertEquals(2, driver.commands(BC_REQUEST_DEATH_NOTIFICATION).size());
    }

    @Test
    void shouldKeepAWatchedObjectFromTheCollectorUntilItsObituary() throws Exception {
        WeakReference<RemoteObject> object = new WeakReference<>(scripted.receive(HANDLE));
        object.get().linkToDeath("a", () -> told.add("a"));
        collectOnce();
        collectOnce();
        assertFalse(object.refersTo(null));

        process.registry.onDeadBinder(lastCookie());
        assertEquals(List.of("a"), told);
        collectUntil(() -> object.refersTo(null));
    }

    // The reference of the dead

    @Test
    void shouldGiveTheReferenceBackWithTheAnswerToTheObituaryAndOnlyThen() throws Exception {
        RemoteObject object = scripted.receive(HANDLE);
        link(object, "a");
        driver.awaitCommand(BC_ENTER_LOOPER);
        driver.forgetCalls();
        long cookie = lastWatched;

        driver.answerLooper(returns -> returns.cookie(BR_DEAD_BINDER, cookie));
        Call answer = driver.awaitCommand(BC_DEAD_BINDER_DONE);

        assertEquals(List.of(BC_CLEAR_DEATH_NOTIFICATION, BC_RELEASE, BC_DEAD_BINDER_DONE), answer.words());
        assertEquals(HANDLE, answer.commands().get(1).intAt(0));
        assertEquals(0, process.liveProxies());
        assertEquals(Map.of(), process.proxiesByUid());
        WeakReference<RemoteObject> collected = new WeakReference<>(object);
        object = null;
        collectUntil(() -> collected.refersTo(null));
        collectOnce();
        assertEquals(List.of(HANDLE), handlesOf(BC_RELEASE), "the number may be another object's");
    }

    @Test
    void shouldTellTheHandleOfADeadObjectFromThatOfAnotherByTheSameNumber() throws Exception {
        RemoteObject dead = scripted.receive(HANDLE);
        die(dead);

        RemoteObject next = scripted.receive(HANDLE);

        assertNotSame(dead, next);
        assertFalse(next.isDead());
        assertEquals(List.of(HANDLE, HANDLE), handlesOf(BC_ACQUIRE));
        assertEquals(List.of(HANDLE), handlesOf(BC_RELEASE));
        assertSame(next, scripted.receive(HANDLE));
    }

    @Test
    void shouldCallTheDeadNoMore() throws Exception {
        RemoteObject dead = scripted.receive(HANDLE);
        die(dead);
        driver.forgetCalls();

        TransactionFailure failed = assertThrows(
                TransactionFailure.class, () -> process.transact(dead, 1, new ParcelData(), new ParcelData(), 0));
        assertThrows(TransactionFailure.class, () -> process.transact(dead, 1, new ParcelData(), null, TF_ONE_WAY));

        assertEquals(Status.DEAD_OBJECT, failed.status());
        assertEquals(List.of(), driver.ownCalls());
        assertEquals(0, driver.extendedErrorsTaken());
        assertEquals(2, process.counters.failures(Counters.Failure.DEAD));
        assertFalse(dead.addFrozenCallback("a", Runnable::run, frozen -> {}));
        assertFalse(dead.removeFrozenCallback("a"));
        assertEquals(List.of(), driver.ownCalls());
    }

    @Test
    void shouldSayThatTheDeadCannotBeSentAndHoldNothing() throws Exception {
        RemoteObject alive = scripted.receive(HANDLE + 1);
        RemoteObject dead = scripted.receive(HANDLE);
        die(dead);
        driver.forgetCalls();

        TransactionFailure failed = assertThrows(
                TransactionFailure.class, () -> scripted.transact(parcelOf(alive, dead, scripted.manager), null));

        assertEquals(Status.FAILED_TRANSACTION, failed.status());
        assertTrue(failed.getMessage().contains("dead"), failed.getMessage());
        assertTrue(failed.getMessage().contains("handle=" + HANDLE), failed.getMessage());
        assertEquals(List.of(), driver.ownCalls());
        die(alive);
        assertEquals(List.of(HANDLE + 1), handlesOf(BC_RELEASE), "nobody holds what was to be sent with it");
    }

    @Test
    void shouldAnswerThatTheReplyCannotBeDeliveredIfItHoldsADeadObject() throws Exception {
        RemoteObject dead = scripted.receive(HANDLE);
        die(dead);
        process.becomeContextManager(new Served((code, data, reply, flags) -> {
            reply.writeObject(dead, STABILITY);
            return Status.OK;
        }));
        driver.answerLooper(returns -> returns.transaction(0, 3, 0, ints()));

        Call replied = driver.awaitCommand(BC_REPLY);

        assertArrayEquals(
                ints(Status.FAILED_TRANSACTION),
                replied.commands().get(replied.commands().size() - 1).data());
    }

    /** A recipient may still send it, as it may on Android. */
    @Test
    void shouldKeepTheNumberUntilTheRecipientsHaveReturned() throws Exception {
        RemoteObject object = scripted.receive(HANDLE);
        driver.answer(returns -> returns.complete().reply(ints()));
        object.linkToDeath("a", () -> {
            assertEquals(List.of(), handlesOf(BC_RELEASE));
            send(object);
        });

        process.registry.onDeadBinder(lastCookie());

        assertEquals(HANDLE, driver.commands(BC_TRANSACTION).get(1).dataBuffer().getLong(8));
        assertEquals(List.of(HANDLE), handlesOf(BC_RELEASE));
    }

    /** Else the driver may give the number to another object before it takes the call: that would reach the other. */
    @Test
    void shouldKeepTheNumberWhileACallerMayBeAboutToUseIt() throws Exception {
        RemoteObject object = scripted.receive(HANDLE);
        link(object, "a");
        long cookie = lastWatched;
        driver.answer(returns -> {
            process.registry.onDeadBinder(cookie); // on another looper; the call is in the driver meanwhile
            assertEquals(List.of(), handlesOf(BC_RELEASE));
            assertSame(object, process.remoteObject(HANDLE, 0, new ArrayList<>()));
            returns.put(BR_DEAD_REPLY);
        });

        assertThrows(
                TransactionFailure.class, () -> process.transact(object, 1, new ParcelData(), new ParcelData(), 0));

        driver.awaitCommand(BC_RELEASE);
        assertEquals(List.of(HANDLE), handlesOf(BC_RELEASE));
    }

    /** A thread that was held up between reading the number and the driver asks again before it goes there. */
    @Test
    void shouldAskAgainWhetherTheObjectIsDeadWhenACallWasNotTaken() throws Exception {
        RemoteObject object = scripted.receive(HANDLE);
        link(object, "a");
        long cookie = lastWatched;
        driver.consumeOnly(0).answer(returns -> {
            process.registry.onDeadBinder(cookie);
            returns.put(BR_ERROR);
        });
        driver.forgetCalls();

        TransactionFailure failed = assertThrows(
                TransactionFailure.class, () -> process.transact(object, 1, new ParcelData(), new ParcelData(), 0));

        assertEquals(Status.DEAD_OBJECT, failed.status());
        assertEquals(List.of(), driver.commands(BC_TRANSACTION));
        driver.awaitCommand(BC_RELEASE);
    }

    @Test
    void shouldKeepTheNumberWhileTheObjectIsBeingSent() throws Exception {
        RemoteObject object = scripted.receive(HANDLE);
        link(object, "a");
        long cookie = lastWatched;
        driver.answer(returns -> {
            process.registry.onDeadBinder(cookie);
            assertEquals(List.of(), handlesOf(BC_RELEASE));
            returns.complete().reply(ints());
        });

        scripted.transact(parcelOf(object), null);

        driver.awaitCommand(BC_RELEASE);
        assertEquals(List.of(HANDLE), handlesOf(BC_RELEASE));
    }

    /** The buffer has the only reference: one given back would be that. */
    @Test
    void shouldAcquireBeforeItReleasesWhenTheDeathComesBeforeTheBufferHasGoneBack() throws Exception {
        ParcelData reply = scripted.call(flatHandle(HANDLE), 0);
        RemoteObject object = (RemoteObject) reply.readObject();
        link(object, "a");
        process.registry.onDeadBinder(lastWatched);
        assertTrue(object.isDead());
        assertEquals(List.of(), handlesOf(BC_RELEASE));

        reply.recycle();
        driver.awaitCommand(BC_RELEASE);

        List<Integer> words = driver.calls().stream()
                .flatMap(call -> call.words().stream())
                .filter(word -> word == BC_ACQUIRE || word == BC_FREE_BUFFER || word == BC_RELEASE)
                .toList();
        assertEquals(List.of(BC_ACQUIRE, BC_FREE_BUFFER, BC_RELEASE), words);
    }

    /** A call that was being served may have found the object just before the recipient took it from where it was kept. */
    @Test
    void shouldKeepTheNumberUntilTheCallsServedMeanwhileHaveBeenAnswered() throws Exception {
        RemoteObject object = scripted.receive(HANDLE);
        link(object, "a");
        long cookie = lastWatched;
        CountDownLatch served = new CountDownLatch(1);
        CountDownLatch died = new CountDownLatch(1);
        process.becomeContextManager(new Served((code, data, reply, flags) -> {
            served.countDown();
            uninterruptibly(died);
            reply.writeObject(object, STABILITY);
            return Status.OK;
        }));
        driver.answerLooper(returns -> returns.transaction(0, 3, 0, ints()));
        served.await();
        process.registry.onDeadBinder(cookie);
        assertEquals(List.of(), handlesOf(BC_RELEASE));
        died.countDown();
        Call replied = driver.awaitCommand(BC_REPLY);
        driver.answerLooper(returns -> returns.complete());
        driver.awaitCommand(BC_RELEASE);

        assertEquals(
                HANDLE,
                replied.commands()
                        .get(replied.commands().size() - 1)
                        .dataBuffer()
                        .getLong(8));
        assertEquals(List.of(HANDLE), handlesOf(BC_RELEASE));
    }

    @Test
    void shouldTakeBackTheFreezeNotificationBeforeTheReference() throws Exception {
        RemoteObject object = scripted.receive(HANDLE);
        object.addFrozenCallback("a", Runnable::run, frozen -> {});
        process.registry.onDeadBinder(lastCookie());

        assertEquals(
                List.of(BC_CLEAR_DEATH_NOTIFICATION, BC_CLEAR_FREEZE_NOTIFICATION, BC_RELEASE),
                driver.lastOwnCall().words());
    }

    private static void uninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void die(RemoteObject object) {
        link(object, "dying");
        process.registry.onDeadBinder(lastWatched);
        assertTrue(object.isDead());
    }

    private void send(RemoteObject object) {
        try {
            scripted.transact(parcelOf(object), null);
        } catch (TransactionFailure e) {
            throw new AssertionError(e);
        }
    }

    // The context manager

    @Test
    void shouldHoldAReferenceOnTheManagerWhileItsDeathIsWatched() {
        link(scripted.manager, "a");
        assertEquals(
                List.of(BC_ACQUIRE, BC_REQUEST_DEATH_NOTIFICATION),
                driver.lastOwnCall().words());

        process.registry.onDeadBinder(lastCookie());

        assertEquals(
                List.of(BC_CLEAR_DEATH_NOTIFICATION, BC_RELEASE),
                driver.lastOwnCall().words());
        assertFalse(scripted.manager.isDead(), "the next manager has handle 0 too");
        link(scripted.manager, "b");
        process.registry.onDeadBinder(lastCookie());
        assertEquals(List.of("a", "b"), told);
    }

    @Test
    void shouldReleaseTheManagerWhenNobodyWatchesItAnyMore() {
        link(scripted.manager, "a");
        scripted.manager.unlinkToDeath("a");
        assertEquals(List.of(), driver.commands(BC_RELEASE));

        process.registry.onDeathNotificationCleared(lastCookie());

        assertEquals(List.of(0), handlesOf(BC_RELEASE));
    }

    @Test
    void shouldBalanceTheManagersReferencesWhenLinkedAgainWhileClearing() {
        link(scripted.manager, "a");
        long first = lastCookie();
        scripted.manager.unlinkToDeath("a");
        link(scripted.manager, "b");
        assertEquals(List.of(0), handlesOf(BC_ACQUIRE));

        process.registry.onDeathNotificationCleared(first);
        assertEquals(List.of(0, 0), handlesOf(BC_ACQUIRE));
        assertEquals(List.of(0), handlesOf(BC_RELEASE), "the reference of the first request");

        scripted.manager.unlinkToDeath("b");
        process.registry.onDeathNotificationCleared(lastCookie());
        assertEquals(List.of(0, 0), handlesOf(BC_RELEASE));
    }

    @Test
    void shouldReleaseTheManagerOnceWhenItDiesWhileClearing() {
        link(scripted.manager, "a");
        long cookie = lastCookie();
        scripted.manager.unlinkToDeath("a");
        link(scripted.manager, "b");

        process.registry.onDeadBinder(cookie);
        process.registry.onDeathNotificationCleared(cookie);

        assertEquals(List.of("b"), told);
        assertEquals(List.of(0), handlesOf(BC_ACQUIRE));
        assertEquals(List.of(0), handlesOf(BC_RELEASE));
    }

    @Test
    void shouldTellOnceOfAnObjectPresumedDead() {
        link(scripted.manager, "a");
        link(scripted.manager, "b");
        long cookie = lastCookie();

        scripted.manager.presumeDead();
        assertEquals(List.of("a", "b"), told);
        assertEquals(
                List.of(BC_CLEAR_DEATH_NOTIFICATION, BC_RELEASE),
                driver.lastOwnCall().words());
        assertEquals(cookie, driver.commands(BC_CLEAR_DEATH_NOTIFICATION).get(0).longAt(4));

        link(scripted.manager, "c");
        driver.forgetCallsBut(BC_REQUEST_DEATH_NOTIFICATION);
        process.registry.onDeadBinder(cookie);
        process.registry.onDeathNotificationCleared(cookie);
        assertEquals(List.of("a", "b"), told, "the cookie is of the request before");
        assertEquals(List.of(), driver.commands(BC_RELEASE));

        scripted.manager.presumeDead();
        scripted.manager.presumeDead();
        assertEquals(List.of("a", "b", "c"), told);
        assertEquals(List.of(0), handlesOf(BC_RELEASE));
    }

    @Test
    void shouldDoNothingWhenAnObjectNobodyWatchesIsPresumedDead() {
        scripted.manager.presumeDead();
        link(scripted.manager, "a");
        scripted.manager.unlinkToDeath("a");
        process.registry.onDeathNotificationCleared(lastCookie());
        driver.forgetCalls();

        scripted.manager.presumeDead();

        assertEquals(0, driver.calls().size());
    }

    @Test
    void shouldRefuseToLinkThroughAClosedDevice() throws TransactionFailure {
        RemoteObject object = scripted.receive(HANDLE);
        process.close();

        assertThrows(DriverClosedException.class, () -> object.linkToDeath("a", () -> {}));
    }

    private void link(RemoteObject object, String name) {
        assertTrue(object.linkToDeath(name, () -> told.add(name)));
        if (!driver.commands(BC_REQUEST_DEATH_NOTIFICATION).isEmpty()) {
            lastWatched = lastCookie();
        }
    }

    private long lastCookie() {
        List<Command> requests = driver.commands(BC_REQUEST_DEATH_NOTIFICATION);
        return requests.get(requests.size() - 1).longAt(4);
    }

    private List<Integer> handlesOf(int word) {
        return driver.commands(word).stream().map(command -> command.intAt(0)).toList();
    }
}
