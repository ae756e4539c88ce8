package io.github.binder4j.runtime;

import static io.github.binder4j.driver.Commands.*;
import static io.github.binder4j.runtime.ScriptedProcess.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.driver.DriverRule;
import io.github.binder4j.driver.Errno;
import io.github.binder4j.driver.ObjectRegistry;
import io.github.binder4j.driver.ScriptedDriver;
import io.github.binder4j.driver.ScriptedDriver.Command;
import io.github.binder4j.parcel.ParcelData;
import java.lang.ref.WeakReference;
import java.lang.reflect.Field;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How objects of this process are kept while others hold them. */
@Timeout(60)
class LocalNodeTest {
    private final ScriptedProcess scripted = new ScriptedProcess();
    private final ScriptedDriver driver = scripted.driver;
    private final ProcessState process = scripted.process;
    private final ObjectRegistry registry = process.registry;

    @AfterEach
    void close() {
        scripted.close();
    }

    @Test
    void shouldSendAnObjectByANumberAcceptingDescriptorsAtTheLowestPriority() throws TransactionFailure {
        send(new Served());

        Command sent = driver.commands(BC_TRANSACTION).get(0);
        assertEquals(0x73622a85, sent.dataBuffer().getInt(0));
        assertEquals(0x100 | 19, sent.dataBuffer().getInt(4));
        assertNotEquals(0, sent.dataBuffer().getLong(8));
        assertEquals(sent.dataBuffer().getLong(8), sent.dataBuffer().getLong(16));
        assertEquals(STABILITY, sent.dataBuffer().getInt(24));
        assertEquals(
                List.of(0L), java.util.Arrays.stream(sent.offsets()).boxed().toList());
    }

    @Test
    void shouldSendTheSameNumberWhileTheDriverKnowsTheObject() throws TransactionFailure {
        Served object = new Served();
        long first = sendAndHold(object);
        assertEquals(first, sendAndHold(object));
        assertNotEquals(first, sendAndHold(new Served()));
        assertEquals(2, process.liveNodes());
    }

    @Test
    void shouldSendOneNumberForAnObjectThatIsInAParcelTwice() throws TransactionFailure {
        Served object = new Served();
        driver.answer(returns -> returns.complete().reply(ints()));
        scripted.transact(parcelOf(object, object), null);

        Command sent = driver.commands(BC_TRANSACTION).get(0);
        assertEquals(sent.dataBuffer().getLong(8), sent.dataBuffer().getLong(28 + 8));
        assertEquals(0, process.liveNodes(), "both sends are over, and the driver took no reference");
    }

    @Test
    void shouldHoldAnObjectWhileItsSendIsUnderWay() throws Exception {
        WeakReference<Served> object = new WeakReference<>(new Served());
        driver.answer(returns -> {
            collectQuietly();
            assertFalse(object.refersTo(null));
            assertSame(object.get(), process.findLocal(scripted.lastPtr()));
            returns.complete().reply(ints());
        });
        scripted.transact(parcelOf(object.get()), null);

        assertEquals(0, process.liveNodes());
        collectUntil(() -> object.refersTo(null));
    }

    @Test
    void shouldForgetAnObjectWhoseSendFailed() {
        driver.answer(returns -> returns.put(BR_FAILED_REPLY));
        assertThrows(TransactionFailure.class, () -> scripted.transact(parcelOf(new Served()), null));

        assertEquals(0, process.liveNodes());
    }

    @Test
    void shouldHoldAnObjectStronglyUntilReleaseAndWeaklyUntilDecrefs() throws Exception {
        WeakReference<Served> object = new WeakReference<>(new Served());
        long ptr = sendAndHold(object.get());
        collectOnce();
        collectOnce();
        assertFalse(object.refersTo(null), "the driver holds a strong reference");

        registry.onRelease(ptr);
        assertEquals(1, process.liveNodes());
        collectUntil(() -> object.refersTo(null));
        assertNull(process.findLocal(ptr));

        registry.onDecrefs(ptr);
        assertEquals(0, process.liveNodes());
    }

    @Test
    void shouldFindAWeaklyHeldObjectThatLives() throws TransactionFailure {
        Served object = new Served();
        long ptr = sendAndHold(object);
        registry.onRelease(ptr);

        assertSame(object, process.findLocal(ptr));
        registry.onAcquire(ptr);
        assertSame(object, process.findLocal(ptr));
    }

    @Test
    void shouldHoldAnObjectWhoseReleaseAndAcquireArriveInEitherOrder() throws Exception {
        for (boolean acquireFirst : new boolean[] {true, false}) {
            WeakReference<Served> object = new WeakReference<>(new Served());
            Served held = object.get();
            long ptr = sendAndHold(held);
            if (acquireFirst) {
                registry.onAcquire(ptr);
                registry.onRelease(ptr);
            } else {
                registry.onRelease(ptr);
                registry.onAcquire(ptr);
            }
            java.lang.ref.Reference.reachabilityFence(held);
            held = null;
            collectOnce();
            collectOnce();

            assertFalse(object.refersTo(null), "acquire first: " + acquireFirst);
        }
    }

    @Test
    void shouldKeepTheNodeWhenDecrefsIsHandledBeforeTheIncrefsThatFollowedIt() throws TransactionFailure {
        Served object = new Served();
        long ptr = sendAndHold(object);
        driver.departFrom(DriverRule.COUNTS_IN_ORDER); // which sees only what is read
        driver.answer(returns -> {
            registry.onRelease(ptr); // on another thread, of the reference before
            registry.onDecrefs(ptr);
            returns.object(BR_INCREFS, ptr).object(BR_ACQUIRE, ptr).complete().reply(ints());
        });
        scripted.transact(parcelOf(object), null);

        assertSame(object, process.findLocal(ptr));
        assertEquals(1, process.liveNodes());
    }

    @Test
    void shouldKeepTheNodeWhenIncrefsIsHandledBeforeTheDecrefsThatPrecededIt() throws TransactionFailure {
        Served object = new Served();
        long ptr = sendAndHold(object);
        registry.onIncrefs(ptr);
        registry.onDecrefs(ptr);
        registry.onRelease(ptr);

        assertSame(object, process.findLocal(ptr));
        registry.onDecrefs(ptr);
        assertNull(process.findLocal(ptr));
    }

    @Test
    void shouldHoldAnObjectForItsSendWhateverTheDriverLetsGoOfMeanwhile() throws Exception {
        WeakReference<Served> object = new WeakReference<>(new Served());
        LocalNode node = new NodeTable().create(object.get());
        node.increfs();
        node.acquired();
        node.released();
        collectOnce();
        collectOnce();
        assertSame(object.get(), node.object());
        assertFalse(object.refersTo(null));

        node.sendDone();
        collectUntil(() -> object.refersTo(null));
        assertFalse(node.isGone());
        node.decrefs();
        assertTrue(node.isGone());
    }

    @Test
    void shouldNotTakeAnOldNumberForTheObjectThatFollowed() throws TransactionFailure {
        long old = sendAndHold(new Served());
        registry.onRelease(old);
        registry.onDecrefs(old);
        Served follower = new Served();
        long now = sendAndHold(follower);

        assertEquals((int) old, (int) now, "the slot is used again");
        assertNull(process.findLocal(old));
        registry.onRelease(old);
        registry.onDecrefs(old);
        assertSame(follower, process.findLocal(now));
    }

    @Test
    void shouldPublishAnObjectUnderANewNumberAfterTheDriverForgotIt() throws TransactionFailure {
        Served object = new Served();
        Set<Long> numbers = new HashSet<>();
        for (int i = 0; i < 3; i++) {
            long ptr = sendAndHold(object);
            assertTrue(numbers.add(ptr), "a number the driver may still mention");
            registry.onRelease(ptr);
            registry.onDecrefs(ptr);
            assertNull(process.findLocal(ptr));
        }
        assertEquals(0, process.liveNodes());
    }

    @Test
    void shouldKeepNumbersPositiveWhenGenerationsWrapAround() throws ReflectiveOperationException, TransactionFailure {
        Field nodes = ProcessState.class.getDeclaredField("nodes");
        nodes.setAccessible(true);
        Field nextGeneration = NodeTable.class.getDeclaredField("nextGeneration");
        nextGeneration.setAccessible(true);
        for (long generation : new long[] {0x7fffffffL, 0x80000000L, 0xffffffffL, 0x1_0000_0000L}) {
            nextGeneration.setLong(nodes.get(process), generation);
            Served object = new Served();
            long ptr = sendAndHold(object);

            assertTrue(ptr > 0, Long.toHexString(ptr));
            assertSame(object, process.findLocal(ptr));
            List<Command> sent = driver.commands(BC_TRANSACTION);
            assertEquals(0x73622a85, sent.get(sent.size() - 1).dataBuffer().getInt(0));
        }
    }

    @Test
    void shouldKnowHundredsOfObjects() throws TransactionFailure {
        Served[] objects = new Served[300];
        long[] ptrs = new long[objects.length];
        for (int i = 0; i < objects.length; i++) {
            objects[i] = new Served();
            ptrs[i] = sendAndHold(objects[i]);
        }
        for (int i = 0; i < objects.length; i++) {
            assertSame(objects[i], process.findLocal(ptrs[i]));
        }
        assertEquals(objects.length, process.liveNodes());
        for (long ptr : ptrs) {
            registry.onRelease(ptr);
            registry.onDecrefs(ptr);
        }
        assertEquals(0, process.liveNodes());
    }

    @Test
    void shouldIgnoreWhatTheDriverSaysOfUnknownNumbers() {
        for (long ptr : new long[] {0, 1, -1, 0x1_0000_0001L, Long.MAX_VALUE, Long.MIN_VALUE}) {
            registry.onIncrefs(ptr);
            registry.onAcquire(ptr);
            registry.onRelease(ptr);
            registry.onDecrefs(ptr);
            assertNull(process.findLocal(ptr));
        }
        assertEquals(0, process.liveNodes());
    }

    @Test
    void shouldYieldTheObjectItselfWhenItComesBack() throws TransactionFailure {
        Served object = new Served();
        long ptr = sendAndHold(object);

        assertSame(object, scripted.call(flatBinder(ptr), 0).readObject());
    }

    @Test
    void shouldRefuseANumberOfNoObject() throws TransactionFailure {
        ParcelData reply = scripted.call(flatBinder(0x9_0000_0001L), 0);

        IllegalArgumentException unknown = assertThrows(IllegalArgumentException.class, reply::readObject);
        assertTrue(unknown.getMessage().contains("0x900000001"), unknown.getMessage());
    }

    @Test
    void shouldKeepAnObjectSeparatelyForEachDevice() throws Exception {
        ScriptedProcess other = new ScriptedProcess();
        Served object = new Served();
        sendAndHold(object);
        other.driver.answer(returns -> returns.object(BR_INCREFS, other.lastPtr())
                .object(BR_ACQUIRE, other.lastPtr())
                .complete()
                .reply(ints()));
        other.transact(parcelOf(object), null);
        long elsewhere =
                other.driver.commands(BC_TRANSACTION).get(0).dataBuffer().getLong(8);
        other.process.registry.onRelease(elsewhere);
        other.process.registry.onDecrefs(elsewhere);

        assertEquals(1, process.liveNodes());
        assertEquals(0, other.process.liveNodes());
        other.close();
    }

    // The context manager

    @Test
    void shouldSendTheContextManagerAsNumberZeroInTheObjectTable() throws TransactionFailure {
        Served manager = new Served();
        process.becomeContextManager(manager);
        driver.answer(returns -> returns.complete().reply(ints()));
        ParcelData data = new ParcelData();
        data.writeInt(7);
        data.writeObject(manager, STABILITY);
        scripted.transact(data, null);

        Command sent = driver.commands(BC_TRANSACTION).get(0);
        assertEquals(0x73622a85, sent.dataBuffer().getInt(4));
        assertEquals(0, sent.dataBuffer().getLong(4 + 8), "ptr");
        assertEquals(0, sent.dataBuffer().getLong(4 + 16), "cookie");
        assertArrayEquals(new long[] {4}, sent.offsets());
        assertEquals(0, process.liveNodes());
        assertSame(manager, scripted.call(flatBinder(0), 0).readObject());
    }

    @Test
    void shouldAcceptDescriptorsAsContextManagerAsEveryNodeDoes() {
        process.becomeContextManager(new Served());

        assertEquals(0x100 | 19, driver.contextManagerFlags());
    }

    @Test
    void shouldStayContextManagerWhenAnotherObjectIsRefused() {
        Served manager = new Served();
        process.becomeContextManager(manager);
        driver.forgetCalls();

        IllegalStateException refused =
                assertThrows(IllegalStateException.class, () -> process.becomeContextManager(new Served()));

        assertTrue(refused.getMessage().contains("/dev/scripted"), refused.getMessage());
        assertTrue(refused.getMessage().contains("this opening of it is already"), refused.getMessage());
        assertSame(manager, process.findLocal(0));
        assertSame(manager, process.contextManager());
    }

    /** One thread claims, and is refused, for another of this process was first in the driver. */
    @Test
    void shouldStayContextManagerWhenAnotherThreadThatClaimedBeforeIsRefused() throws Exception {
        Served winner = new Served();
        Served loser = new Served();
        Thread winning = new Thread(() -> process.becomeContextManager(winner));
        driver.duringClaim(
                () -> {
                    winning.start();
                    awaitHeldUpOrEnded(winning);
                },
                -Errno.EBUSY);

        assertThrows(IllegalStateException.class, () -> process.becomeContextManager(loser));
        winning.join();

        assertSame(winner, process.findLocal(0));
        assertSame(winner, process.contextManager());
    }

    @Test
    void shouldServeCallsThatComeBeforeItsClaimReturnsThoughAnotherThreadClaims() throws Exception {
        Served winner = new Served();
        Thread losing = new Thread(() -> {
            driver.becomeContextManagerReturns(-Errno.EBUSY);
            assertThrows(IllegalStateException.class, () -> process.becomeContextManager(new Served()));
        });
        driver.duringClaim(
                () -> {
                    losing.start();
                    awaitHeldUpOrEnded(losing);
                    assertSame(winner, process.findLocal(0), "whom a call is for that comes now");
                },
                0);

        process.becomeContextManager(winner);
        losing.join();

        assertSame(winner, process.findLocal(0));
    }

    private static void awaitHeldUpOrEnded(Thread thread) {
        while (thread.getState() != Thread.State.BLOCKED && thread.getState() != Thread.State.TERMINATED) {
            Thread.onSpinWait();
        }
    }

    @Test
    void shouldSayThatAnotherOpeningInThisProcessIsContextManager() throws Exception {
        ScriptedProcess other = new ScriptedProcess();
        other.process.becomeContextManager(new Served());
        driver.becomeContextManagerReturns(-Errno.EBUSY);
        driver.answer(returns -> returns.put(BR_FAILED_REPLY));
        driver.answer(returns -> returns.put(BR_DEAD_REPLY));

        IllegalStateException refused =
                assertThrows(IllegalStateException.class, () -> process.becomeContextManager(new Served()));
        TransactionFailure failed =
                assertThrows(TransactionFailure.class, () -> scripted.transact(new ParcelData(), null));

        assertTrue(refused.getMessage().contains("another opening of it in this process is"), refused.getMessage());
        assertTrue(failed.getMessage().contains("by another opening of the device"), failed.getMessage());
        other.close();
        refused = assertThrows(IllegalStateException.class, () -> process.becomeContextManager(new Served()));
        failed = assertThrows(TransactionFailure.class, () -> scripted.transact(new ParcelData(), null));
        assertTrue(refused.getMessage().contains("another process is"), refused.getMessage());
        assertTrue(failed.getMessage().contains("no context manager"), failed.getMessage());
    }

    @Test
    void shouldNotBeContextManagerWhenItIsRefused() {
        driver.becomeContextManagerReturns(-Errno.EPERM);

        assertThrows(IllegalStateException.class, () -> process.becomeContextManager(new Served()));

        assertNull(process.findLocal(0));
        assertSame(scripted.manager, process.contextManager());
    }

    private void send(Served object) throws TransactionFailure {
        driver.answer(returns -> returns.complete().reply(ints()));
        scripted.transact(parcelOf(object), null);
    }

    /** Sends an object, of which the driver takes both references if it has none; returns its number. */
    private long sendAndHold(Served object) throws TransactionFailure {
        int known = process.liveNodes();
        driver.answer(returns -> {
            if (process.liveNodes() > known) {
                returns.object(BR_INCREFS, scripted.lastPtr()).object(BR_ACQUIRE, scripted.lastPtr());
            }
            returns.complete().status(Status.OK);
        });
        scripted.transact(parcelOf(object), null);
        List<Command> sent = driver.commands(BC_TRANSACTION);
        return sent.get(sent.size() - 1).dataBuffer().getLong(8);
    }

    private static void collectQuietly() {
        try {
            collectOnce();
            collectOnce();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
