package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.Binder;
import android.os.DeadObjectException;
import android.os.IBinder;
import android.os.IBinder.FrozenStateChangeCallback;
import android.os.Parcel;
import android.os.RemoteException;
import android.os.ServiceManager;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.testkit.BinderTest;
import io.github.binder4j.testkit.JavaProcess;
import java.lang.ref.WeakReference;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Who asks whether a process is frozen, and what he is told.
 *
 * <p>Where the driver has no such notification, each test finds that it is refused and that all else goes on.
 */
@Tag("binderfs")
@BinderTest(serviceManager = true)
class FrozenStateIT {
    private static final int FROZEN = FrozenStateChangeCallback.STATE_FROZEN;
    private static final int UNFROZEN = FrozenStateChangeCallback.STATE_UNFROZEN;

    private static BinderLogs ownLog;
    private static BinderDevice device;
    private static JavaProcess process;
    private static IBinder peer;
    private static Freezer freezer;

    @BeforeAll
    static void startPeer() {
        ownLog = BinderLogs.ofThisProcess();
        device = BinderDevice.getDefault();
        BinderLogs log = BinderLogs.of(() -> {
            process = JavaProcess.start(Peer.class);
            process.awaitLine(Peer.READY);
        });
        freezer = new Freezer(device, process, log);
        peer = ServiceManager.getService(Peer.NAME);
    }

    @AfterAll
    static void endPeer() {
        process.close();
    }

    @AfterEach
    void letItGoOn() throws Exception {
        freezer.unfreeze();
        assertTrue(peer.pingBinder());
        assertEquals(List.of(), ownLog.failures());
    }

    /** Remembers what it is told. */
    private static class States implements FrozenStateChangeCallback {
        final List<Integer> told = new CopyOnWriteArrayList<>();
        volatile IBinder who;

        @Override
        public void onFrozenStateChanged(IBinder who, int state) {
            this.who = who;
            told.add(state);
        }

        void await(Integer... states) throws Exception {
            Await.until(() -> told.size() >= states.length, () -> "told " + told + ", not " + List.of(states));
            assertEquals(List.of(states), told);
        }
    }

    /** Whether the driver lacks the notification: then adding says so, and nothing else is harmed. */
    private static boolean isRefusedForLackOfIt() throws RemoteException {
        if (Kernel.tellsOfFreezing()) {
            return false;
        }
        States states = new States();
        for (int i = 0; i < 2; i++) {
            UnsupportedOperationException thrown =
                    assertThrows(UnsupportedOperationException.class, () -> peer.addFrozenStateChangeCallback(states));
            assertTrue(thrown.getMessage().contains("no freeze notifications"), thrown.getMessage());
            assertTrue(thrown.getMessage().contains(device.path().toString()), thrown.getMessage());
            assertFalse(peer.removeFrozenStateChangeCallback(states));
            assertEquals(process.pid(), Calls.askInt(peer, Peer.PID));
        }
        Calls.call(peer, Peer.CALL_BACK, data -> data.writeStrongBinder(new Peer()));
        assertEquals(List.of(), states.told);
        return true;
    }

    @Test
    void shouldTellThePresentStateAndEachChangeInOrder() throws Exception {
        if (isRefusedForLackOfIt()) {
            return;
        }
        States states = new States();
        peer.addFrozenStateChangeCallback(states);
        states.await(UNFROZEN);
        assertSame(peer, states.who);

        freezer.freeze();
        states.await(UNFROZEN, FROZEN);
        freezer.unfreeze();
        states.await(UNFROZEN, FROZEN, UNFROZEN);
        freezer.freeze();
        states.await(UNFROZEN, FROZEN, UNFROZEN, FROZEN);

        assertTrue(peer.removeFrozenStateChangeCallback(states));
    }

    @Test
    void shouldTellThatAProcessIsFrozenAlready() throws Exception {
        if (isRefusedForLackOfIt()) {
            return;
        }
        freezer.freeze();
        States states = new States();
        peer.addFrozenStateChangeCallback(states);

        states.await(FROZEN);

        freezer.unfreeze();
        states.await(FROZEN, UNFROZEN);
        assertTrue(peer.removeFrozenStateChangeCallback(states));
    }

    @Test
    void shouldTellEachOfSeveral() throws Exception {
        if (isRefusedForLackOfIt()) {
            return;
        }
        States early = new States();
        States late = new States();
        States twice = new States();
        peer.addFrozenStateChangeCallback(early);
        peer.addFrozenStateChangeCallback(twice);
        peer.addFrozenStateChangeCallback(twice);
        early.await(UNFROZEN);
        freezer.freeze();
        early.await(UNFROZEN, FROZEN);
        peer.addFrozenStateChangeCallback(late);
        late.await(FROZEN);
        Await.until(() -> twice.told.size() == 4, () -> twice.told);
        assertTrue(peer.removeFrozenStateChangeCallback(twice));

        freezer.unfreeze();

        late.await(FROZEN, UNFROZEN);
        early.await(UNFROZEN, FROZEN, UNFROZEN);
        Await.until(() -> twice.told.size() == 5, () -> twice.told);
        for (States added : Arrays.asList(early, late, twice)) {
            assertTrue(peer.removeFrozenStateChangeCallback(added));
            assertFalse(peer.removeFrozenStateChangeCallback(added));
        }
    }

    @Test
    void shouldTellOnAnExecutorOneAtATime() throws Exception {
        if (isRefusedForLackOfIt()) {
            return;
        }
        ExecutorService executor = Executors.newFixedThreadPool(4, run -> new Thread(run, "of the executor"));
        AtomicInteger running = new AtomicInteger();
        List<String> wrong = new CopyOnWriteArrayList<>();
        States states = new States() {
            @Override
            public void onFrozenStateChanged(IBinder who, int state) {
                if (running.incrementAndGet() != 1
                        || !Thread.currentThread().getName().equals("of the executor")) {
                    wrong.add(Thread.currentThread() + " with " + running);
                }
                Thread.yield();
                super.onFrozenStateChanged(who, state);
                running.decrementAndGet();
            }
        };
        peer.addFrozenStateChangeCallback(executor, states);
        states.await(UNFROZEN);
        freezer.freeze();
        states.await(UNFROZEN, FROZEN);
        freezer.unfreeze();
        states.await(UNFROZEN, FROZEN, UNFROZEN);

        assertTrue(peer.removeFrozenStateChangeCallback(states));
        assertEquals(List.of(), wrong);
        executor.shutdown();
    }

    @Test
    void shouldNotTellWhoWasRemoved() throws Exception {
        if (isRefusedForLackOfIt()) {
            return;
        }
        States removed = new States();
        States stays = new States();
        peer.addFrozenStateChangeCallback(removed);
        peer.addFrozenStateChangeCallback(stays);
        stays.await(UNFROZEN);
        removed.await(UNFROZEN);
        assertTrue(peer.removeFrozenStateChangeCallback(removed));

        freezer.freeze();
        stays.await(UNFROZEN, FROZEN);

        removed.await(UNFROZEN);
        assertTrue(peer.removeFrozenStateChangeCallback(stays));
        assertFalse(peer.removeFrozenStateChangeCallback(new States()));
    }

    @Test
    void shouldTellWhoIsAddedAgain() throws Exception {
        if (isRefusedForLackOfIt()) {
            return;
        }
        for (int i = 0; i < 50; i++) {
            States states = new States();
            peer.addFrozenStateChangeCallback(states);
            if (i % 3 != 0) { // else it is removed while the driver's first word is on its way
                states.await(i % 2 == 0 ? UNFROZEN : FROZEN);
            }
            assertTrue(peer.removeFrozenStateChangeCallback(states));
            if (i % 2 == 0) {
                freezer.freeze();
            } else {
                freezer.unfreeze();
            }
        }
        States last = new States();
        peer.addFrozenStateChangeCallback(last);
        last.await(UNFROZEN);
        assertTrue(peer.removeFrozenStateChangeCallback(last));
    }

    /** The driver waits for an answer to its word, which is given when the callback returns. */
    @Test
    void shouldBeRemovedWhileItIsBeingTold() throws Exception {
        if (isRefusedForLackOfIt()) {
            return;
        }
        CountDownLatch removed = new CountDownLatch(1);
        States held = new States() {
            @Override
            public void onFrozenStateChanged(IBinder who, int state) {
                super.onFrozenStateChanged(who, state);
                awaitUninterruptibly(removed);
            }
        };
        peer.addFrozenStateChangeCallback(held);
        Await.until(() -> held.told.size() == 1, () -> held.told);
        assertTrue(peer.removeFrozenStateChangeCallback(held));
        States next = new States();
        peer.addFrozenStateChangeCallback(next);
        freezer.freeze();
        removed.countDown();

        next.await(FROZEN);

        held.await(UNFROZEN);
        assertTrue(peer.removeFrozenStateChangeCallback(next));
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void shouldRemoveItselfWhenTold() throws Exception {
        if (isRefusedForLackOfIt()) {
            return;
        }
        States once = new States() {
            @Override
            public void onFrozenStateChanged(IBinder who, int state) {
                if (!who.removeFrozenStateChangeCallback(this)) {
                    throw new AssertionError("not there");
                }
                super.onFrozenStateChanged(who, state);
            }
        };
        States witness = new States();
        peer.addFrozenStateChangeCallback(once);
        once.await(UNFROZEN);
        peer.addFrozenStateChangeCallback(witness);
        freezer.freeze();
        Await.until(() -> witness.told.contains(FROZEN), () -> witness.told);

        once.await(UNFROZEN);
        assertTrue(peer.removeFrozenStateChangeCallback(witness));
    }

    /** The driver leaves out changes that nobody could have acted on, but never the last. */
    @Test
    void shouldEndWithTheFinalStateHoweverOftenItChanges() throws Exception {
        if (isRefusedForLackOfIt()) {
            return;
        }
        States states = new States();
        peer.addFrozenStateChangeCallback(states);
        states.await(UNFROZEN);
        for (int round = 0; round < 10; round++) {
            for (int i = 0; i < 30; i++) {
                freezer.freeze();
                freezer.unfreeze();
            }
            freezer.freeze();
            Await.until(() -> last(states) == FROZEN, () -> states.told);
            freezer.unfreeze();
            Await.until(() -> last(states) == UNFROZEN, () -> states.told);
        }

        for (int i = 0; i < states.told.size(); i++) {
            assertEquals(i % 2 == 0 ? UNFROZEN : FROZEN, states.told.get(i), "told " + states.told);
        }
        assertTrue(peer.removeFrozenStateChangeCallback(states));
    }

    private static int last(States states) {
        return states.told.get(states.told.size() - 1);
    }

    // Life and death

    /** Is told of freezing and of death. */
    private static final class Both extends States implements IBinder.DeathRecipient {
        final CountDownLatch died = new CountDownLatch(1);

        @Override
        public void binderDied() {
            died.countDown();
        }
    }

    @Test
    void shouldTellAFrozenProcessDeathAndNothingMore() throws Exception {
        if (isRefusedForLackOfIt()) {
            return;
        }
        JavaProcess[] other = new JavaProcess[1];
        BinderLogs log = BinderLogs.of(() -> {
            other[0] = JavaProcess.start(Peer.class, "other");
            other[0].awaitLine(Peer.READY);
        });
        IBinder dying = ServiceManager.getService("other");
        Both both = new Both();
        States states = new States();
        dying.linkToDeath(both, 0);
        dying.addFrozenStateChangeCallback(both);
        dying.addFrozenStateChangeCallback(states);
        states.await(UNFROZEN);
        new Freezer(device, other[0], log).freeze();
        states.await(UNFROZEN, FROZEN);
        // Removing the one takes nothing from the other.
        assertTrue(dying.removeFrozenStateChangeCallback(both));

        other[0].kill9();
        awaitUninterruptibly(both.died);

        Await.until(() -> !dying.isBinderAlive(), () -> "alive");
        Await.until(() -> !dying.removeFrozenStateChangeCallback(states), () -> "still there");
        states.await(UNFROZEN, FROZEN);
        assertThrows(DeadObjectException.class, () -> dying.addFrozenStateChangeCallback(states));
    }

    @Test
    void shouldKeepTheProxyUntilTheCallbackIsRemoved() throws Exception {
        if (isRefusedForLackOfIt()) {
            return;
        }
        int refsBefore = ownLog.records("ref").size();
        States states = new States();
        WeakReference<IBinder> proxy = watchOne(states);
        states.await(UNFROZEN);
        for (int i = 0; i < 5; i++) {
            System.gc();
        }
        freezer.freeze();
        states.await(UNFROZEN, FROZEN);
        assertNotNull(proxy.get());
        freezer.unfreeze();
        states.await(UNFROZEN, FROZEN, UNFROZEN);

        assertTrue(proxy.get().removeFrozenStateChangeCallback(states));

        states.who = null;
        Await.gcUntil(() -> proxy.get() == null, () -> "the proxy is still held");
        Await.gcUntil(() -> ownLog.records("ref").size() <= refsBefore, () -> ownLog);
    }

    private static WeakReference<IBinder> watchOne(States states) throws RemoteException {
        IBinder made = Calls.call(peer, Peer.MAKE, data -> data.writeInt(1), Parcel::readStrongBinder);
        made.addFrozenStateChangeCallback(states);
        return new WeakReference<>(made);
    }

    // What has no state

    @Test
    void shouldRefuseObjectsThatCannotBeFrozen() {
        States states = new States();
        IBinder manager = device.contextManager();

        UnsupportedOperationException thrown =
                assertThrows(UnsupportedOperationException.class, () -> manager.addFrozenStateChangeCallback(states));
        assertTrue(thrown.getMessage().contains("handle 0"), thrown.getMessage());
        assertThrows(UnsupportedOperationException.class, () -> new Binder().addFrozenStateChangeCallback(states));
        assertThrows(UnsupportedOperationException.class, () -> new Binder().removeFrozenStateChangeCallback(states));
        assertFalse(manager.removeFrozenStateChangeCallback(states));
    }
}
