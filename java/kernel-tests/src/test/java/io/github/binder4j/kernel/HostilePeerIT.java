package io.github.binder4j.kernel;

import static io.github.binder4j.kernel.RawClient.*;
import static io.github.binder4j.kernel.RawParcel.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.IBinder;
import android.os.Parcel;
import android.os.ServiceManager;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.kernel.HostileParcels.NoBinder;
import io.github.binder4j.kernel.HostileParcels.Refused;
import io.github.binder4j.kernel.HostileParcels.Token;
import io.github.binder4j.kernel.RawClient.Event;
import io.github.binder4j.testkit.BinderTest;
import io.github.binder4j.testkit.JavaProcess;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A caller that breaks every rule, against a service on the library, in a JVM that checks how native methods use JNI.
 *
 * <p>After each attack the service answers ordinary calls, and holds no more than before, in its own eyes and the driver's.
 */
@Tag("binderfs")
@BinderTest(serviceManager = true, timeoutSeconds = 600)
class HostilePeerIT {
    private static final int SECURITY = -1;
    private static final int BAD_PARCELABLE = -2;
    private static final int UNKNOWN_TRANSACTION = -74;
    private static final int UNKNOWN_ERROR = Integer.MIN_VALUE;
    private static final long OWN = 0x1000;
    private static final List<String> RESERVED = List.of(
            "_PNG", "_DMP", "_CMD", "_NTF", "_SPR", "_EXT", "_PID", "_RPC", "_TWT", "_LIK", "_SRD", "_ERD", "_SEC");

    private static JavaProcess process;
    private static BinderLogs log;
    private static IBinder peer;
    private static int nodesBefore;

    private RawClient raw;
    private int victim;

    @BeforeAll
    static void startVictim() throws Exception {
        BinderDevice.getDefault();
        log = BinderLogs.of(() -> {
            process = JavaProcess.start(List.of("-Xcheck:jni"), Victim.class.getName());
            process.awaitLine(Peer.READY);
        });
        peer = ServiceManager.getService(Peer.NAME);
        assertNotNull(peer);
        Calls.askInt(peer, Peer.PID);
        nodesBefore = log.records("node").size();
    }

    @AfterAll
    static void endVictim() {
        List<String> warnings = process.output().stream()
                .filter(line -> line.contains("WARNING")
                        || line.contains("FATAL ERROR in native method")
                        || line.contains("uncaught")) // no caller is to end a server that ends there
                .filter(line -> !line.contains("starved")) // the library's own, on a slow machine
                .filter(line -> !line.contains("WARNING: a call to ")) // what these tests are about
                .toList();
        process.close();
        assertEquals(List.of(), warnings);
    }

    @BeforeEach
    void openRaw() {
        raw = new RawClient(BinderDevice.getDefault().path());
        victim = raw.getService(Peer.NAME);
    }

    @AfterEach
    void checkThatTheVictimIsWellAndHoldsNothing() throws Exception {
        raw.close();
        Calls.call(peer, Peer.CHECK_VALUES, Values::write, reply -> {
            Values.check(reply);
            return null;
        });
        Await.until(() -> log.records("buffer").isEmpty(), () -> log);
        assertEquals(1, Calls.askInt(peer, Peer.LIVE_BUFFERS), "with the buffer of this call");
        Await.until(() -> Calls.askInt(peer, Peer.LIVE_NODES) == 1, () -> log);
        Await.until(() -> Calls.askInt(peer, Peer.LIVE_PROXIES) == 0 || collect(), () -> log);
        Await.until(() -> log.records("ref").size() <= 1, () -> log);
        Await.until(() -> log.records("node").size() == nodesBefore, () -> log);
    }

    private static boolean collect() throws Exception {
        Calls.call(peer, Peer.COLLECT_GARBAGE, Calls.NOTHING);
        return false;
    }

    private static RawParcel arguments() {
        return new RawParcel().token(Peer.DESCRIPTOR);
    }

    private Event call(int code, RawParcel arguments) {
        return raw.call(victim, code, arguments);
    }

    private void done(Event reply) {
        raw.free(reply);
        raw.writeAll();
    }

    private void assertThrown(int exceptionCode, Event reply) {
        assertEquals(BR_REPLY, reply.command);
        assertEquals(0, reply.flags & TF_STATUS_CODE);
        assertEquals(exceptionCode, reply.int32());
        done(reply);
    }

    private void assertStatus(int status, Event reply) {
        assertTrue(reply.isStatus(), reply.toString());
        assertEquals(status, reply.int32());
        done(reply);
    }

    private int assertInt(Event reply) {
        assertEquals(BR_REPLY, reply.command);
        assertEquals(0, reply.flags);
        assertEquals(0, reply.int32(), "exception");
        int value = reply.int32();
        done(reply);
        return value;
    }

    // What the driver refuses, so that the service never hears of it

    @Test
    void shouldNeverSeeWhatTheDriverRefuses() throws Exception {
        int before = Calls.askInt(peer, Peer.NOTES);
        for (Refused refused : Refused.values()) {
            RawParcel note = arguments().int32(1);
            refused.write(note);

            assertEquals(BR_FAILED_REPLY, call(Peer.NOTE, note).command, refused::toString);
            int errno = raw.whyItFailed();
            assertTrue(refused.isReason(errno), () -> refused + ", found " + errno);
        }
        assertEquals(before, Calls.askInt(peer, Peer.NOTES));
    }

    @Test
    void shouldNeverSeeDataThatIsNotThere() throws Exception {
        int before = Calls.askInt(peer, Peer.NOTES);
        RawParcel note = arguments().int32(1);
        raw.transaction(BC_TRANSACTION, victim, Peer.NOTE, 0, note, 4096, note.offsetTable());

        assertEquals(BR_FAILED_REPLY, raw.outcome(event -> {}).command);
        assertEquals(EFAULT, raw.whyItFailed());
        assertEquals(before, Calls.askInt(peer, Peer.NOTES));
    }

    // What the driver passes on, and the library refuses

    @ParameterizedTest
    @EnumSource
    void shouldTellTheCallerThatThisIsNoBinder(NoBinder object) throws Exception {
        RawParcel arguments = arguments();
        object.write(arguments);
        raw.transaction(BC_TRANSACTION_SG, victim, Peer.KEEP, 0, arguments);

        assertThrown(BAD_PARCELABLE, raw.outcome(event -> {}));
        assertEquals(0, keptByPeer());
    }

    private static int keptByPeer() throws Exception {
        return Calls.call(peer, Peer.KEEP, data -> data.writeStrongBinder(null), Parcel::readInt);
    }

    /** A weak reference on the service's own object. */
    @Test
    void shouldTellTheCallerThatAWeakReferenceIsNoBinder() {
        RawParcel weak = arguments().object(TYPE_WEAK_HANDLE, 0, victim, 0).int32(12);

        assertThrown(BAD_PARCELABLE, call(Peer.IS_SELF, weak));
        assertEquals(1, assertInt(call(Peer.IS_SELF, arguments().handle(victim))));
    }

    @Test
    void shouldReceiveTheServiceManagerLikeAnyOtherObject() {
        raw.command(BC_ACQUIRE, 0).writeAll();

        assertEquals(0, assertInt(call(Peer.IS_SELF, arguments().handle(0))));
    }

    /** The driver checks 24 bytes; a library writes 28. */
    @Test
    void shouldTakeABinderWithoutStabilityWordForNone() throws Exception {
        assertEquals(0, assertInt(call(Peer.KEEP, arguments().object(TYPE_BINDER, 0, OWN, OWN))));
        assertEquals(0, keptByPeer());
    }

    @Test
    void shouldServeThousandsOfObjectsInOneParcel() throws Exception {
        int count = 3000;
        RawParcel many = new RawParcel(count * 28 + 1024).token(Peer.DESCRIPTOR).int32(count);
        for (int i = 0; i < count; i++) {
            many.binder(OWN + 16L * i);
        }

        Event reply = call(Peer.REVERSE, many);

        assertEquals(BR_REPLY, reply.command);
        assertEquals(count, reply.offsets.length);
        assertEquals(TYPE_BINDER, reply.data.getInt((int) reply.offsets[0]));
        assertEquals(OWN + 16L * (count - 1), reply.data.getLong((int) reply.offsets[0] + 8));
        done(reply);
    }

    @Test
    void shouldFreeThousandsOfObjectsNobodyReads() throws Exception {
        int count = 3000;
        RawParcel many = new RawParcel(count * 28 + 1024).token(Peer.DESCRIPTOR);
        for (int i = 0; i < count; i++) {
            many.binder(OWN + 16L * i);
        }

        assertThrown(0, call(Peer.NOTHING, many));
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MAX_VALUE, 1 << 30, 0x3fffffff, 1000, -2, Integer.MIN_VALUE})
    void shouldReadNothingOfALengthThatIsNotThere(int length) {
        assertEquals(
                -1, assertInt(call(Victim.READ_STRING, arguments().int32(length).zeros(100))));
        assertEquals(
                -1, assertInt(call(Victim.READ_BYTES, arguments().int32(length).zeros(100))));
        assertEquals(
                -1,
                assertInt(call(
                        Victim.READ_BLOB, arguments().int32(length).int32(0).zeros(100))));
        assertEquals(
                -1,
                assertInt(call(
                        Victim.VIEW_BLOB, arguments().int32(length).int32(0).zeros(100))));
    }

    @Test
    void shouldReadNothingOfAStringThatDoesNotEnd() {
        assertEquals(-1, assertInt(call(Victim.READ_STRING, arguments().int32(1).bytes('a', 0, 'b', 0))));
        assertEquals(-1, assertInt(call(Victim.READ_STRING, arguments().int32(2).bytes('a', 0, 'b', 0))));
        assertEquals(
                -1,
                assertInt(call(
                        Victim.READ_STRING,
                        arguments().int32(0).claimDataSize(arguments().dataSize() + 2))));
        assertEquals(1, assertInt(call(Victim.READ_STRING, arguments().int32(1).bytes('a', 0, 0, 0))));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, -1, Integer.MAX_VALUE})
    void shouldRefuseBlobsOfOtherKinds(int kind) {
        RawParcel blob = arguments().int32(4).int32(kind).zeros(4);
        assertThrown(BAD_PARCELABLE, call(Victim.READ_BLOB, blob));
        assertThrown(BAD_PARCELABLE, call(Victim.VIEW_BLOB, blob));
    }

    /** The service makes an array as long as the caller says. */
    @ParameterizedTest
    @ValueSource(ints = {Integer.MAX_VALUE, -1})
    void shouldSurviveAServiceThatBelievesACount(int count) {
        Event reply = call(Peer.REVERSE, arguments().int32(count));
        assertTrue(reply.isStatus(), reply.toString());
        assertNotEquals(0, reply.int32());
        done(reply);
    }

    // Tokens and codes

    @Test
    void shouldRefuseACallThatIsNotMeantForIt() {
        for (Token token : Token.values()) {
            RawParcel arguments = new RawParcel();
            token.write(arguments);

            assertThrown(SECURITY, call(Peer.NOTHING, arguments));
            assertEquals(BR_TRANSACTION_COMPLETE, raw.oneway(victim, Peer.NOTHING, arguments), token::name);
        }
    }

    /** The message of the exception names what was found: not all of it. */
    @Test
    void shouldNotAnswerWithAllThatACallerCallsAnInterface() {
        RawParcel arguments = new RawParcel(500_000).token("x".repeat(200_000));

        Event reply = call(Peer.NOTHING, arguments);

        assertTrue(reply.data.limit() < 2000, reply.toString());
        assertThrown(SECURITY, reply);
    }

    @ParameterizedTest
    @ValueSource(ints = {99, 0x00ffffff})
    void shouldSayThatItDoesNotKnowTheCode(int code) {
        assertStatus(UNKNOWN_TRANSACTION, call(code, arguments()));
    }

    /** Codes that Android reserves, whether this library serves them or not. */
    @Test
    void shouldAnswerReservedCodesWhateverTheyCarry() {
        for (String name : RESERVED) {
            assertAnswered(name.charAt(0) << 24 | name.charAt(1) << 16 | name.charAt(2) << 8 | name.charAt(3));
        }
    }

    @Test
    void shouldAnswerCodesOfNoInterface() {
        for (int code : new int[] {0, -1, Integer.MIN_VALUE, Integer.MAX_VALUE, 0x01000000}) {
            assertAnswered(code);
        }
    }

    private void assertAnswered(int code) {
        RawParcel counts =
                arguments().int32(Integer.MAX_VALUE).int32(Integer.MAX_VALUE).int32(-1);
        for (RawParcel arguments : List.of(
                new RawParcel(), new RawParcel().zeros(200), counts, arguments().binder(OWN))) {
            Event reply = call(code, arguments);
            assertEquals(BR_REPLY, reply.command, reply.toString());
            done(reply);
            assertEquals(BR_TRANSACTION_COMPLETE, raw.oneway(victim, code, arguments));
        }
    }

    @Test
    void shouldServeACallWithAnyFlags() {
        for (int flags : new int[] {0x02, 0x04, 0x08, 0x20, 0x40, 0x80, 0x10000000, 0x7ffffffe, 0xfffffffe}) {
            raw.transaction(BC_TRANSACTION, victim, Peer.NOTHING, flags, arguments());

            assertThrown(0, raw.outcome(event -> {}));
        }
    }

    // Words the driver has no use for

    @Test
    void shouldNotHearOfRepliesNobodyAskedFor() {
        raw.transaction(BC_REPLY, 0, 0, 0, new RawParcel().int32(0));

        assertEquals(BR_FAILED_REPLY, raw.next().command);
        assertEquals(EPROTO, raw.whyItFailed());
        assertThrown(0, call(Peer.NOTHING, arguments()));
    }

    @Test
    void shouldNotMindBuffersFreedTwiceOrInvented() {
        Event reply = call(Peer.NOTHING, arguments());
        raw.free(reply);
        raw.free(reply);
        raw.command(BC_FREE_BUFFER, 0L).command(BC_FREE_BUFFER, -1L).command(BC_FREE_BUFFER, reply.buffer + 8);
        raw.writeAll();

        assertThrown(0, call(Peer.NOTHING, arguments()));
    }

    @Test
    void shouldNotMindReferencesGivenBackTooOften() {
        for (int i = 0; i < 5; i++) {
            raw.command(BC_RELEASE, victim).command(BC_DECREFS, victim);
        }
        raw.writeAll();

        assertEquals(BR_FAILED_REPLY, call(Peer.NOTHING, arguments()).command);
        assertEquals(EINVAL, raw.whyItFailed());
    }

    @Test
    void shouldNotMindReferencesTakenWithoutEnd() {
        for (int i = 0; i < 1000; i++) {
            raw.command(BC_ACQUIRE, victim).command(BC_INCREFS, victim);
        }
        raw.writeAll();

        assertThrown(0, call(Peer.NOTHING, arguments()));
    }

    /** A weak reference is not one to call by. */
    @Test
    void shouldNotBeCalledThroughAWeakReference() {
        raw.command(BC_INCREFS, victim).command(BC_RELEASE, victim).writeAll();

        assertEquals(BR_FAILED_REPLY, call(Peer.NOTHING, arguments()).command);
        assertEquals(EINVAL, raw.whyItFailed());
    }

    @Test
    void shouldNotMindAnswersToNothing() {
        raw.command(BC_INCREFS_DONE, OWN, OWN).command(BC_ACQUIRE_DONE, OWN, OWN);
        raw.command(BC_DEAD_BINDER_DONE, OWN).command(BC_DEAD_BINDER_DONE, 0L);
        raw.deathCommand(BC_CLEAR_DEATH, victim, OWN).deathCommand(BC_CLEAR_DEATH, 999, OWN);
        raw.deathCommand(BC_REQUEST_DEATH, victim, 1).deathCommand(BC_REQUEST_DEATH, victim, 2);
        raw.deathCommand(BC_CLEAR_DEATH, victim, 2).deathCommand(BC_REQUEST_DEATH, 999, 1);
        raw.command(BC_REGISTER_LOOPER).command(BC_ENTER_LOOPER).command(BC_EXIT_LOOPER);
        raw.writeAll();

        assertThrown(0, call(Peer.NOTHING, arguments()));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 0x40406302, 0x400463ff, 0x40047304, BC_ATTEMPT_ACQUIRE})
    void shouldNotMindCommandsThatAreNone(int command) {
        raw.command(command, 0L);

        assertEquals(-EINVAL, raw.write());
        assertThrown(0, call(Peer.NOTHING, arguments()));
    }

    // Callers that do not wait for the end

    private void beginToWait() throws Exception {
        raw.transaction(BC_TRANSACTION, victim, Victim.WAIT, 0, arguments()).writeAll();
        Await.until(() -> Calls.askInt(peer, Victim.WAITING) == 1, () -> log);
    }

    private static void letGo() throws Exception {
        Calls.call(peer, Victim.RELEASE, data -> data.writeInt(1));
        Await.until(() -> Calls.askInt(peer, Victim.WAITING) == 0, () -> log);
    }

    @Test
    void shouldServeOneCallOfAThreadAtATime() throws Exception {
        beginToWait();

        assertEquals(BR_FAILED_REPLY, call(Peer.NOTHING, arguments()).command);
        assertEquals(EPROTO, raw.whyItFailed());

        letGo();
        assertThrown(0, raw.outcome(event -> {}));
    }

    @Test
    void shouldServeACallerWhoseThreadIsGone() throws Exception {
        beginToWait();
        raw.threadExit();
        letGo();

        assertThrown(0, call(Peer.NOTHING, arguments()));
    }

    @Test
    void shouldServeACallerThatIsGone() throws Exception {
        beginToWait();
        raw.close();
        letGo();
    }

    @Test
    void shouldHearThatTheCallerIsGoneThatItCallsBack() {
        raw.transaction(BC_TRANSACTION, victim, Peer.CALL_BACK, 0, arguments().binder(OWN));
        assertEquals(BR_TRANSACTION, raw.nextNews().command);
        raw.close();
    }

    @Test
    void shouldHearThatTheThreadIsGoneThatItCallsBack() {
        raw.transaction(BC_TRANSACTION, victim, Peer.CALL_BACK, 0, arguments().binder(OWN));
        assertEquals(BR_TRANSACTION, raw.nextNews().command);
        raw.threadExit();

        assertThrown(0, call(Peer.NOTHING, arguments()));
    }

    @Test
    void shouldHearThatACallBackFailed() {
        Event outcome = raw.call(
                victim,
                Peer.CALL_BACK,
                arguments().binder(OWN),
                event -> raw.reply(event, 0, new RawParcel().zeros(8).offset(2)));

        // The reply that failed is told first, to who sent it; then what the victim made of that.
        assertTrue(outcome.isStatus(), outcome.toString());
        done(outcome);
    }

    /** Each call in the call: the service's threads do the same, in the same order, and come back. */
    @Test
    void shouldServeCallsNestedDeeply() {
        assertThrown(0, nested(50));
    }

    /** Until a thread of the service has no stack left: that is the caller's to bear, whose last call fails. */
    @Test
    void shouldSurviveCallsNestedWithoutEnd() {
        int depth = 0;
        Event event;
        do {
            raw.transaction(
                    BC_TRANSACTION, victim, Peer.CALL_BACK, 0, arguments().binder(OWN));
            event = raw.nextNews();
            depth++;
        } while (event.command == BR_TRANSACTION);

        assertStatus(UNKNOWN_ERROR, event);
        assertTrue(depth > 100, "calls nested: " + depth);
        long lines = process.output().stream()
                .filter(line -> line.contains("refused a call nested in"))
                .count();
        assertTrue(lines <= 1, "lines: " + lines); // none if another was written within the second
    }

    private Event nested(int depth) {
        return raw.call(victim, Peer.CALL_BACK, arguments().binder(OWN), event -> {
            if (depth > 0) {
                assertThrown(0, nested(depth - 1));
            }
            raw.reply(event, 0, new RawParcel().int32(0));
        });
    }

    @Test
    void shouldServeACallerThatNeverFreesItsReplies() throws Exception {
        RawParcel arguments = arguments().int32(100_000);
        Event reply = call(Victim.GIVE_BYTES, arguments);
        for (int i = 0; reply.command == BR_REPLY; i++) {
            assertTrue(i < RawClient.MAPPING_SIZE / 100_000, "replies received and not freed: " + i);
            reply = call(Victim.GIVE_BYTES, arguments);
        }

        assertEquals(BR_FAILED_REPLY, reply.command);
        assertEquals(ENOSPC, raw.whyItFailed());
        assertThrown(0, call(Peer.NOTHING, arguments()));
    }

    @Test
    void shouldServeOthersWhileACallerFloodsIt() throws Exception {
        RawParcel note = arguments().int32(1);
        int before = Calls.askInt(peer, Peer.NOTES);
        int accepted = 0;
        Calls.oneway(peer, Victim.RECORD, data -> {}); // the oneway calls that follow wait for this one
        while (raw.oneway(victim, Peer.NOTE, note) != BR_FAILED_REPLY) {
            accepted++;
        }

        assertEquals(ENOSPC, raw.whyItFailed());
        assertTrue(accepted > 1000, accepted + " accepted");
        assertThrown(0, call(Peer.NOTHING, arguments()));
        assertEquals(before, Calls.askInt(peer, Peer.NOTES));
        Calls.call(peer, Victim.RELEASE, data -> data.writeInt(1));
        int expected = before + accepted;
        Await.until(() -> Calls.askInt(peer, Peer.NOTES) == expected, () -> log);
        Calls.ask(peer, Victim.RECORDED, reply -> null);
    }
}
