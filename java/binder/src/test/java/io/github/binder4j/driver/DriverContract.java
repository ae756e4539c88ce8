package io.github.binder4j.driver;

import static io.github.binder4j.driver.Commands.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.binder4j.driver.ScriptedDriver.Returns;
import io.github.binder4j.memory.OffHeap;
import io.github.binder4j.memory.Payload;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/**
 * What a driver does, in exchanges word for word: what is expected of the kernel here is what the scripted driver is given as
 * its script, and there every {@link DriverRule} allows it.
 *
 * <p>One thread plays both processes, which nothing but a read that has something to bring makes wait.
 */
@Timeout(60)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
public abstract class DriverContract {
    /** What the client calls the server's object by. */
    protected static final int HANDLE = 1;
    /** The server's object. */
    protected static final long NODE = 0x100000001L;

    private static final long CALLBACK = 0x100000002L;
    private static final long COOKIE = 0x77;
    static final int CODE = 0x1234;
    private static final int NO_SUCH_HANDLE = 4000;
    private static final int MAPPING_SIZE = 256 * 1024;
    private static final int EPROTO = 71;
    private static final int SIZE_OF_TRANSACTION = 4 + 64;
    private static final byte[] DATA = {1, 2, 3, 4};
    private static final byte[] NOTHING = {};

    private static final List<DriverRules> RULES = new ArrayList<>();

    private final List<DriverParty> parties = new ArrayList<>();
    private DriverParty server;
    private DriverParty client;

    // What the two sides of the contract do in their own way

    /** Opens the device as one more process. */
    protected abstract DriverParty open(int mappingSize);

    /** Has the server send its {@link #NODE} to somebody who keeps it. */
    protected abstract void offer(DriverParty server);

    /** Has the client hold what the server has offered, as its handle of that number, which is the next that is free. */
    protected abstract void find(DriverParty server, DriverParty client, int handle);

    /** Freezes every process of the test for the driver, or lets them go on. */
    protected abstract void freeze(DriverParty any, boolean frozen);

    /** Whether the driver can say BR_FROZEN_BINDER. */
    protected abstract boolean tellsOfFreezing();

    @BeforeAll
    static void forgetRules() {
        RULES.clear();
    }

    @BeforeEach
    void meet() {
        server = join(MAPPING_SIZE);
        client = join(MAPPING_SIZE);
        offer(server);
        find(server, client, HANDLE);
        server.notices.clear();
    }

    private DriverParty join(int mappingSize) {
        DriverParty party = open(mappingSize);
        parties.add(party);
        RULES.add(party.rules);
        party.enter();
        return party;
    }

    @AfterEach
    void part() {
        parties.forEach(DriverParty::close);
        for (DriverParty party : parties) {
            assertEquals(List.of(), party.rules.violations());
        }
    }

    // Calls

    @Test
    void shouldTellOfASynchronousCallOnlyWithItsReply() {
        client.calls(TF_ACCEPT_FDS, bytes(DATA));
        client.hearsNothing();

        server.reads(returns -> returns.transaction(NODE, CODE, TF_ACCEPT_FDS, DATA));
        server.outcomes();
        server.replies(0, bytes(new byte[9]));
        server.reads(Returns::complete);
        assertEquals(List.of(BR_TRANSACTION_COMPLETE), server.outcomes());

        client.reads(returns -> returns.complete().reply(new byte[9]));
        assertEquals(List.of(BR_TRANSACTION_COMPLETE, BR_REPLY), client.outcomes());
    }

    @Test
    void shouldTellAtOnceThatAOnewayCallWasTaken() {
        client.calls(TF_ONE_WAY, bytes(NOTHING));
        client.reads(Returns::complete);
        assertEquals(List.of(BR_TRANSACTION_COMPLETE), client.outcomes());

        server.reads(returns -> returns.transaction(NODE, CODE, TF_ONE_WAY, NOTHING));
    }

    @Test
    void shouldBringAStatusAsAReplyWithAFlag() {
        client.calls(0, bytes(NOTHING));
        server.reads(returns -> returns.transaction(NODE, CODE, 0, NOTHING));
        server.replies(TF_STATUS_CODE, bytes(new byte[] {-22, -1, -1, -1}));

        client.reads(returns -> returns.complete().status(-22));
        assertEquals(List.of(BR_TRANSACTION_COMPLETE, BR_REPLY), client.outcomes());
        assertEquals(TF_STATUS_CODE, client.thread.flags());
    }

    @Test
    void shouldReadTheNextCallOnlyAfterWhatBecameOfTheReply() {
        client.calls(0, bytes(NOTHING));
        server.reads(returns -> returns.transaction(NODE, CODE, 0, NOTHING));
        server.outcomes();
        DriverParty other = join(MAPPING_SIZE);
        find(server, other, HANDLE);
        other.calls(0, bytes(DATA));
        server.replies(0, bytes(NOTHING));

        server.reads(Returns::complete);
        assertEquals(List.of(BR_TRANSACTION_COMPLETE), server.outcomes());
        server.reads(returns -> returns.transaction(NODE, CODE, 0, DATA));
    }

    @Test
    void shouldGiveANestedCallToTheThreadThatWaits() {
        callWithCallback();
        server.outcomes();
        int callback = server.intAt(8);
        server.thread.acquire(callback);
        server.calls(callback, 0, bytes(DATA));

        client.reads(returns -> returns.object(BR_INCREFS, CALLBACK)
                .object(BR_ACQUIRE, CALLBACK)
                .complete()
                .transaction(CALLBACK, CODE, 0, DATA));
        assertEquals(List.of(BR_TRANSACTION_COMPLETE), client.outcomes());
        client.replies(0, bytes(NOTHING));
        client.reads(Returns::complete);
        client.outcomes();

        server.reads(returns -> returns.complete().reply(NOTHING));
        assertEquals(List.of(BR_TRANSACTION_COMPLETE, BR_REPLY), server.outcomes());
        server.replies(0, bytes(NOTHING));
        client.reads(returns -> returns.reply(NOTHING));
        assertEquals(List.of(BR_REPLY), client.outcomes());
    }

    @Test
    void shouldKeepAOnewayCallFromAThreadThatWaits() {
        callWithCallback();
        server.outcomes();
        int callback = server.intAt(8);
        server.thread.acquire(callback);
        server.calls(callback, TF_ONE_WAY, bytes(DATA));
        server.reads(Returns::complete);
        server.outcomes();
        server.replies(0, bytes(NOTHING));

        client.reads(returns -> returns.object(BR_INCREFS, CALLBACK)
                .object(BR_ACQUIRE, CALLBACK)
                .complete()
                .reply(NOTHING));
        client.outcomes();
        client.reads(returns -> returns.transaction(CALLBACK, CODE, TF_ONE_WAY, DATA));
    }

    private void callWithCallback() {
        client.calls(0, new Block(flatBinder(CALLBACK), 0));
        server.reads(returns -> returns.transaction(NODE, CODE, 0, flatHandle(HANDLE), 0));
    }

    @Test
    void shouldHoldTheNextOnewayCallOfAnObjectUntilTheBufferOfTheLastIsFree() {
        for (int i = 0; i < 2; i++) {
            client.calls(TF_ONE_WAY, bytes(DATA));
            client.reads(Returns::complete);
            client.outcomes();
        }
        server.reads(returns -> returns.transaction(NODE, CODE, TF_ONE_WAY, DATA));
        server.outcomes();
        server.hearsNothing();

        server.freesNow();
        server.reads(returns -> returns.transaction(NODE, CODE, TF_ONE_WAY, DATA));
    }

    @Test
    void shouldTellOfSpamWhereThatIsAskedFor() {
        DriverParty narrow = join(4 * 4096);
        offer(narrow);
        find(narrow, client, HANDLE + 1);
        client.device.enableOnewaySpamDetection();
        client.calls(HANDLE + 1, TF_ONE_WAY, bytes(new byte[5000]));
        client.reads(Returns::complete);
        assertEquals(List.of(BR_TRANSACTION_COMPLETE), client.outcomes());

        // What fills the space is not counted itself, only what the same sender has there
        // (debug_low_async_space_locked).
        client.calls(HANDLE + 1, TF_ONE_WAY, bytes(new byte[2000]));

        client.reads(returns -> returns.put(BR_ONEWAY_SPAM_SUSPECT));
        assertEquals(List.of(BR_ONEWAY_SPAM_SUSPECT), client.outcomes());
        narrow.reads(returns -> returns.transaction(NODE, CODE, TF_ONE_WAY, new byte[5000]));
    }

    // Reads

    /** Whose first ioctl it is: the flag goes with any ({@code looper_need_return} in {@code binder_ioctl}). */
    @Test
    void shouldReturnFromTheFirstReadOfAThreadAtOnce() {
        DriverParty party = open(MAPPING_SIZE);
        parties.add(party);
        party.reads(Returns::noop);
        assertFalse(party.thread.hasReturns());
        party.hearsNothing();
    }

    @Test
    void shouldAskForAThreadInPlaceOfTheNoop() {
        server.device.setMaxThreads(1);
        client.device.setMaxThreads(0);
        for (int i = 0; i < 2; i++) {
            client.calls(TF_ONE_WAY, bytes(NOTHING));
        }
        server.reads(returns -> returns.put(BR_SPAWN_LOOPER).transaction(NODE, CODE, TF_ONE_WAY, NOTHING));
        server.outcomes();
        server.freesNow();
        server.reads(returns -> returns.transaction(NODE, CODE, TF_ONE_WAY, NOTHING));

        server.outcomes();
        assertEquals(List.of("spawn"), server.notices);
        client.reads(returns -> returns.complete().complete());
    }

    @Test
    void shouldNotReadWhatThereIsNoRoomFor() {
        client.calls(TF_ONE_WAY, bytes(DATA));
        assertEquals(4, sizeOfRead(79));
        assertEquals(4 + 4, sizeOfRead(80));
        client.hearsNothing();
    }

    /** How many bytes a read brings of which the client's BR_TRANSACTION_COMPLETE would be the second word. */
    private int sizeOfRead(int room) {
        client.says(room < 80 ? Returns::noop : Returns::complete);
        OffHeap bwr = OffHeap.allocate(48);
        OffHeap read = OffHeap.allocate(room);
        bwr.bytes.putLong(40, read.address);
        long result = client.device.calls().writeRead(client.device.descriptor().fd, bwr.address, 0, room);
        assertTrue(result >= 0);
        return (int) result;
    }

    // Failures

    @Test
    void shouldExecuteNothingAfterATransactionThatFailed() {
        client.thread.transaction(NO_SUCH_HANDLE, CODE, 0, bytes(NOTHING));
        client.thread.acquire(HANDLE);
        client.thread.release(HANDLE);
        client.takes(SIZE_OF_TRANSACTION);
        client.reads(returns -> returns.put(BR_FAILED_REPLY));

        assertEquals(List.of(BR_FAILED_REPLY), client.outcomes());
        client.checkExtendedError(-Errno.EINVAL);
        assertTrue(client.thread.hasCommands());
        client.thread.flush();
        assertFalse(client.thread.hasCommands());
    }

    @Test
    void shouldTakeNothingBeforeAnErrorIsRead() {
        client.calls(NO_SUCH_HANDLE, TF_ONE_WAY, bytes(NOTHING));
        client.thread.acquire(HANDLE);
        client.takes(0);
        client.thread.flush();
        assertTrue(client.thread.hasCommands());
        client.takes(0);
        client.reads(returns -> returns.put(BR_FAILED_REPLY));
        client.thread.flush();

        assertFalse(client.thread.hasCommands());
    }

    @Test
    void shouldTellTheCallerAloneOfAReplyThatCannotBeDelivered() {
        DriverParty narrow = join(4 * 4096);
        find(server, narrow, HANDLE);
        narrow.calls(0, bytes(NOTHING));
        server.reads(returns -> returns.transaction(NODE, CODE, 0, NOTHING));
        server.outcomes();
        server.replies(0, bytes(new byte[5 * 4096]));

        server.reads(Returns::complete);
        assertEquals(List.of(BR_TRANSACTION_COMPLETE), server.outcomes());
        server.checkExtendedError(0);
        narrow.reads(returns -> returns.complete().put(BR_FAILED_REPLY));
        assertEquals(List.of(BR_TRANSACTION_COMPLETE, BR_FAILED_REPLY), narrow.outcomes());
        narrow.checkExtendedError(-Errno.ENOSPC);
    }

    @Test
    void shouldRefuseAReplyToNoCall() {
        server.replies(0, bytes(NOTHING));
        server.reads(returns -> returns.put(BR_FAILED_REPLY));
        assertEquals(List.of(BR_FAILED_REPLY), server.outcomes());
        server.checkExtendedError(-EPROTO);
    }

    @Test
    void shouldRefuseASecondCallOfAThreadThatWaits() {
        client.calls(0, bytes(NOTHING));
        client.calls(0, bytes(DATA));
        client.reads(returns -> returns.complete().put(BR_FAILED_REPLY));
        assertEquals(List.of(BR_TRANSACTION_COMPLETE, BR_FAILED_REPLY), client.outcomes());
        client.checkExtendedError(-EPROTO);

        server.reads(returns -> returns.transaction(NODE, CODE, 0, NOTHING));
        server.replies(0, bytes(DATA));
        client.reads(returns -> returns.reply(DATA));
    }

    @Test
    void shouldRefuseACommandWithoutConsumingIt() {
        assumeTrue(tellsOfFreezing(), "this driver has no freeze notifications: Linux 6.12 brought them");
        client.thread.acquire(HANDLE);
        client.thread.requestFreezeNotification(NO_SUCH_HANDLE, COOKIE);
        client.refuses(BC_REQUEST_FREEZE_NOTIFICATION);
        client.takes(8);

        DriverException refused = assertThrows(DriverException.class, client.thread::flush);
        assertEquals(Errno.EINVAL, refused.errno());
    }

    @Test
    void shouldHaveOneContextManager() {
        client.answersToTheClaimOfHandle0(-Errno.EBUSY);
        DriverException busy = assertThrows(DriverException.class, () -> client.device.becomeContextManager(0));
        assertEquals(Errno.EBUSY, busy.errno());
    }

    // Ends

    @Test
    void shouldTellOfAThreadThatEndsWhileItServes() {
        client.calls(0, bytes(NOTHING));
        server.reads(returns -> returns.transaction(NODE, CODE, 0, NOTHING));
        server.thread.exit();

        client.reads(returns -> returns.complete().put(BR_DEAD_REPLY));
        assertEquals(List.of(BR_TRANSACTION_COMPLETE, BR_DEAD_REPLY), client.outcomes());
        client.checkExtendedError(0);
    }

    @Test
    void shouldTellOfAProcessThatEndsWhileItServes() {
        client.calls(0, bytes(NOTHING));
        server.reads(returns -> returns.transaction(NODE, CODE, 0, NOTHING));
        server.close();

        client.reads(returns -> returns.complete().put(BR_DEAD_REPLY));
    }

    @Test
    void shouldTellOfADeathOnceAndRefuseCalls() {
        client.thread.requestDeathNotification(HANDLE, COOKIE);
        client.thread.flush();
        server.close();
        client.reads(returns -> returns.cookie(BR_DEAD_BINDER, COOKIE));
        client.outcomes();
        client.thread.flush();
        client.hearsNothing();

        client.calls(0, bytes(NOTHING));
        client.reads(returns -> returns.put(BR_DEAD_REPLY));
        client.outcomes();
        client.checkExtendedError(-Errno.EINVAL);
        client.thread.clearDeathNotification(HANDLE, COOKIE);
        client.reads(returns -> returns.cookie(BR_CLEAR_DEATH_NOTIFICATION_DONE, COOKIE));
        client.thread.requestDeathNotification(HANDLE, COOKIE + 1);
        client.outcomes();
        client.reads(returns -> returns.cookie(BR_DEAD_BINDER, COOKIE + 1));
    }

    @Test
    void shouldConfirmThatADeathIsNoLongerWatched() {
        client.thread.requestDeathNotification(HANDLE, COOKIE);
        client.thread.clearDeathNotification(HANDLE, COOKIE);
        client.reads(returns -> returns.cookie(BR_CLEAR_DEATH_NOTIFICATION_DONE, COOKIE));
        client.outcomes();
        assertEquals(List.of("death cleared"), client.notices);
    }

    @Test
    void shouldConfirmAfterTheDeathThatWasToldMeanwhile() {
        client.thread.requestDeathNotification(HANDLE, COOKIE);
        client.thread.flush();
        server.close();
        client.says(returns -> returns.cookie(BR_DEAD_BINDER, COOKIE));
        client.hearsSomething();
        client.thread.clearDeathNotification(HANDLE, COOKIE);
        client.read();
        client.hearsNothing();

        client.outcomes(); // after which BC_DEAD_BINDER_DONE waits to be written
        client.reads(returns -> returns.cookie(BR_CLEAR_DEATH_NOTIFICATION_DONE, COOKIE));
        client.outcomes();
        assertEquals(List.of("dead", "death cleared"), client.notices);
    }

    // Objects

    @Test
    void shouldCountAnObjectUpWhenItIsSentAndDownWhenNobodyHoldsIt() {
        callWithCallback();
        server.outcomes();
        server.replies(0, bytes(NOTHING));
        client.reads(returns -> returns.object(BR_INCREFS, CALLBACK)
                .object(BR_ACQUIRE, CALLBACK)
                .complete()
                .reply(NOTHING));
        client.outcomes();
        client.thread.flush(); // BC_INCREFS_DONE, BC_ACQUIRE_DONE
        client.hearsNothing();
        server.freesNow();

        client.reads(returns -> returns.object(BR_RELEASE, CALLBACK).object(BR_DECREFS, CALLBACK));
        client.outcomes();
        assertEquals(List.of("increfs", "acquire", "release", "decrefs"), client.notices);
        assertFalse(client.thread.hasCommands());
    }

    @Test
    void shouldNotCountDownBeforeTheCountUpIsConfirmed() {
        callWithCallback();
        server.outcomes();
        server.replies(0, bytes(NOTHING));
        client.reads(returns -> returns.object(BR_INCREFS, CALLBACK)
                .object(BR_ACQUIRE, CALLBACK)
                .complete()
                .reply(NOTHING));
        server.freesNow();
        client.hearsNothing();

        client.outcomes();
        client.reads(returns -> returns.object(BR_RELEASE, CALLBACK).object(BR_DECREFS, CALLBACK));
    }

    // Freezing

    @Test
    void shouldRefuseCallsOfAFrozenProcessAndKeepOnewayCalls() {
        freeze(client, true);
        try {
            client.calls(0, bytes(NOTHING));
            client.reads(returns -> returns.put(BR_FROZEN_REPLY));
            assertEquals(List.of(BR_FROZEN_REPLY), client.outcomes());
            client.checkExtendedError(0);
            client.calls(TF_ONE_WAY, bytes(DATA));
            int taken = tellsOfFreezing() ? BR_TRANSACTION_PENDING_FROZEN : BR_TRANSACTION_COMPLETE;
            client.reads(returns -> returns.put(taken));
        } finally {
            freeze(client, false);
        }
        server.reads(returns -> returns.transaction(NODE, CODE, TF_ONE_WAY, DATA));
    }

    @Test
    void shouldTellOfFreezingOnceTheLastWordOfItIsConfirmed() {
        assumeTrue(tellsOfFreezing(), "this driver has no freeze notifications: Linux 6.12 brought them");
        client.thread.requestFreezeNotification(HANDLE, COOKIE);
        client.reads(returns -> returns.frozen(COOKIE, false));
        client.outcomes();
        client.thread.flush();
        client.hearsNothing();

        freeze(client, true);
        try {
            client.reads(returns -> returns.frozen(COOKIE, true));
        } finally {
            freeze(client, false);
        }
        client.hearsNothing();
        client.outcomes();
        client.reads(returns -> returns.frozen(COOKIE, false));
        client.outcomes();
        client.thread.clearFreezeNotification(HANDLE, COOKIE);
        client.reads(returns -> returns.cookie(BR_CLEAR_FREEZE_NOTIFICATION_DONE, COOKIE));
        client.outcomes();
        assertEquals(List.of("frozen false", "frozen true", "frozen false", "freeze cleared"), client.notices);
    }

    // The whole

    @Test
    @Order(Integer.MAX_VALUE)
    void shouldHaveHeldEveryRuleAgainstSomething() {
        Set<DriverRule> left = EnumSet.noneOf(DriverRule.class);
        left.addAll(DriverRules.unexercised(RULES));
        if (!tellsOfFreezing()) {
            left.removeAll(DriverRule.OF_FREEZING);
        }
        assertEquals(Set.of(), left);
    }

    private static Payload bytes(byte[] data) {
        return new Block(data);
    }

    protected static byte[] flatBinder(long ptr) {
        return flat(0x73622a85, ptr, ptr);
    }

    protected static byte[] flatHandle(int handle) {
        return flat(0x73682a85, handle, 0);
    }

    private static byte[] flat(int type, long value, long cookie) {
        ByteBuffer object = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
        return object.putInt(type).putInt(0).putLong(value).putLong(cookie).array();
    }

    /** Data, and where the objects in it are. */
    protected static final class Block implements Payload {
        private final OffHeap memory;
        private final int size;
        private final long[] objects;

        public Block(byte[] data, long... objects) {
            this.memory = OffHeap.allocate(data.length + 8 + objects.length * Long.BYTES);
            this.size = data.length;
            this.objects = objects;
            memory.bytes.put(0, data);
            for (int i = 0; i < objects.length; i++) {
                memory.bytes.putLong(tableAt() + i * Long.BYTES, objects[i]);
            }
        }

        private int tableAt() {
            return size + 7 & ~7;
        }

        @Override
        public long dataAddress() {
            return memory.address;
        }

        @Override
        public int dataSize() {
            return size;
        }

        @Override
        public long offsetsAddress() {
            return memory.address + tableAt();
        }

        @Override
        public int offsetsSize() {
            return objects.length * Long.BYTES;
        }
    }
}
