package io.github.binder4j.kernel;

import static io.github.binder4j.kernel.RawClient.*;
import static io.github.binder4j.kernel.RawParcel.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.BadParcelableException;
import android.os.DeadObjectException;
import android.os.IBinder;
import android.os.Parcel;
import android.os.ParcelFormatException;
import android.os.RemoteException;
import android.os.ServiceManager;
import android.os.TransactionTooLargeException;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.errors.FrozenObjectException;
import io.github.binder4j.kernel.HostileParcels.NoBinder;
import io.github.binder4j.kernel.HostileParcels.Refused;
import io.github.binder4j.kernel.RawClient.Event;
import io.github.binder4j.testkit.BinderTest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A service that breaks every rule, called through the library by this process.
 *
 * <p>After each call the service behaves, and is called again; this process then holds nothing of it.
 */
@Tag("binderfs")
@BinderTest(serviceManager = true)
class HostileServerIT {
    private static final String NAME = "raw";
    private static final int NOTED_APPOPS_HEADER = -127;
    private static final int STRICT_MODE_HEADER = -128;

    private static BinderLogs log;
    private static BinderDevice device;

    private RawServer server;
    private IBinder proxy;

    @BeforeAll
    static void open() {
        log = BinderLogs.ofThisProcess();
        device = BinderDevice.getDefault();
    }

    @BeforeEach
    void startServer() throws Exception {
        server = new RawServer(device.path(), NAME, MAPPING_SIZE);
        proxy = ServiceManager.getService(NAME);
        assertNotNull(proxy);
    }

    @AfterEach
    void checkThatThisProcessIsWellAndHoldsNothing() throws Exception {
        server.close();
        server = new RawServer(device.path(), NAME, MAPPING_SIZE);
        Calls.call(ServiceManager.getService(NAME), Peer.NOTHING, Calls.NOTHING);
        server.close();
        proxy = null;
        Await.until(() -> device.liveBuffers() == 0, device::liveBuffers);
        Await.gcUntil(() -> device.liveProxies() == 0, device::liveProxies);
        Await.until(() -> device.liveNodes() == 0, device::liveNodes);
        Await.until(() -> log.records("buffer").isEmpty(), () -> log);
        assertEquals(0, device.leakedBuffers());
    }

    /** Calls, and hands the reply to {@code reader} if there is one. */
    private <T> T call(Calls.Reader<T> reader) throws RemoteException {
        Parcel data = Parcel.obtain();
        Parcel reply = Parcel.obtain();
        try {
            data.writeInterfaceToken(Peer.DESCRIPTOR);
            assertTrue(proxy.transact(Peer.NOTHING, data, reply, 0), "code not known");
            return reader.read(reply);
        } finally {
            reply.recycle();
            data.recycle();
        }
    }

    private void willReply(int flags, RawParcel parcel) {
        server.will((raw, call) -> raw.reply(call, flags, parcel));
    }

    // A status in place of a reply

    /** What a status becomes. */
    enum Status {
        PERMISSION_DENIED(-1, SecurityException.class),
        NAME_NOT_FOUND(-2, NoSuchElementException.class),
        WOULD_BLOCK(-11, RuntimeException.class),
        NO_MEMORY(-12, OutOfMemoryError.class),
        ALREADY_EXISTS(-17, RuntimeException.class),
        NO_INIT(-19, RuntimeException.class),
        BAD_VALUE(-22, IllegalArgumentException.class),
        DEAD_OBJECT(-32, DeadObjectException.class),
        INVALID_OPERATION(-38, UnsupportedOperationException.class),
        NOT_ENOUGH_DATA(-61, ParcelFormatException.class),
        BAD_INDEX(-75, IndexOutOfBoundsException.class),
        TIMED_OUT(-110, RuntimeException.class),
        UNKNOWN_ERROR(Integer.MIN_VALUE, RuntimeException.class),
        BAD_TYPE(Integer.MIN_VALUE + 1, IllegalArgumentException.class),
        FAILED_TRANSACTION(Integer.MIN_VALUE + 2, RemoteException.class),
        FDS_NOT_ALLOWED(Integer.MIN_VALUE + 7, RuntimeException.class),
        UNEXPECTED_NULL(Integer.MIN_VALUE + 8, NullPointerException.class),
        FROZEN_OBJECT(Integer.MIN_VALUE + 9, FrozenObjectException.class),
        POSITIVE(1, RemoteException.class),
        LARGEST(Integer.MAX_VALUE, RemoteException.class),
        UNHEARD_OF(-4711, RemoteException.class);

        private final int number;
        private final Class<? extends Throwable> thrown;

        Status(int number, Class<? extends Throwable> thrown) {
            this.number = number;
            this.thrown = thrown;
        }
    }

    @Test
    void shouldThrowWhatAStatusMeans() {
        for (Status status : Status.values()) {
            willReply(TF_STATUS_CODE, new RawParcel().int32(status.number));

            Throwable thrown = assertThrows(status.thrown, () -> call(reply -> null), status::name);

            assertSame(status.thrown, thrown.getClass());
            assertTrue(
                    thrown.getMessage()
                            .matches("the callee answered with status (\\w+ \\()?" + status.number + "\\b.*"),
                    thrown.getMessage());
            assertFalse(proxy.pingBinder(), "a status other than 0 is no answer to a ping");
        }
    }

    @Test
    void shouldNotTakeAStatusCutShortForSuccess() {
        for (int length = 0; length < Integer.BYTES; length++) {
            willReply(TF_STATUS_CODE, new RawParcel().int32(0).claimDataSize(length));

            RemoteException thrown = assertThrows(RemoteException.class, () -> call(reply -> null));

            assertTrue(thrown.getMessage().contains(length + " bytes"), thrown.getMessage());
            assertFalse(proxy.pingBinder());
        }
    }

    @Test
    void shouldGiveAnEmptyReplyForAStatusThatTellsOfNoError() throws Exception {
        willReply(TF_STATUS_CODE, new RawParcel().int32(0).int32(42).binder(RawServer.OBJECT));

        call(reply -> {
            assertEquals(0, reply.dataSize());
            return null;
        });
        assertTrue(proxy.pingBinder());
    }

    @Test
    void shouldSayThatTheCodeIsNotKnown() throws Exception {
        willReply(TF_STATUS_CODE, new RawParcel().int32(-74));

        Parcel data = Parcel.obtain();
        assertFalse(proxy.transact(Peer.NOTHING, data, null, 0));
        data.recycle();
    }

    // Replies

    @Test
    void shouldReadZerosAndNullFromAnEmptyReply() throws Exception {
        willReply(0, new RawParcel());

        call(reply -> {
            reply.readException();
            assertEquals(0, reply.readInt());
            assertNull(reply.readString());
            assertEquals(0, reply.createByteArray().length);
            assertNull(reply.readStrongBinder());
            return null;
        });
        assertNull(proxy.getInterfaceDescriptor());
    }

    @Test
    void shouldMakeNothingOfAnObjectThatIsReadAsNumbers() throws Exception {
        int before = device.liveProxies();
        willReply(0, new RawParcel().int32(0).binder(RawServer.OBJECT + 16).binder(RawServer.OBJECT + 32));

        call(reply -> {
            while (reply.dataAvail() > 0) {
                reply.readInt();
            }
            return null;
        });
        assertEquals(before, device.liveProxies());
    }

    @Test
    void shouldSayThatThisIsNoBinder() {
        for (NoBinder object : NoBinder.values()) {
            RawParcel answer = new RawParcel();
            object.write(answer);
            server.will((raw, call) -> {
                raw.free(call);
                raw.transaction(BC_REPLY_SG, 0, 0, 0, answer).writeAll();
            });

            assertThrows(BadParcelableException.class, () -> call(Parcel::readStrongBinder), object::name);
        }
    }

    @Test
    void shouldHearThatTheDriverRefusesTheReply() {
        for (Refused refused : Refused.values()) {
            RawParcel answer = new RawParcel().int32(0);
            refused.write(answer);
            willReply(0, answer);

            RemoteException thrown = assertThrows(RemoteException.class, () -> call(reply -> null), refused::name);

            assertFalse(thrown instanceof DeadObjectException, thrown.toString());
            assertTrue(thrown.getMessage().contains("BR_FAILED_REPLY, extended error E"), thrown.getMessage());
            assertTrue(proxy.isBinderAlive());
        }
    }

    @Test
    void shouldSayThatAReplyIsTooLarge() {
        willReply(0, new RawParcel(device.mappingSizeBytes() + 8).zeros(device.mappingSizeBytes() + 8));

        assertThrows(TransactionTooLargeException.class, () -> call(reply -> null));
    }

    /** What stands in place of "no exception". */
    @Test
    void shouldThrowWhateverAnExceptionLooksLike() {
        for (int code : new int[] {-1, -2, -3, -4, -5, -6, -7, -8, -9, -77, 1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            for (int size : new int[] {0, 3, 1000, -1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
                willReply(0, new RawParcel().int32(code).int32(size));
                assertThrows(RuntimeException.class, () -> call(HostileServerIT::readException));
                willReply(0, new RawParcel().int32(code).string16("why").int32(size));
                Throwable thrown = assertThrows(RuntimeException.class, () -> call(HostileServerIT::readException));
                assertTrue(thrown.getMessage().contains("why"), thrown.toString());
            }
        }
    }

    @Test
    void shouldReadPastHeadersThatSayNothing() throws Exception {
        for (int size : new int[] {0, 3, 1000, -1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            RawParcel answer = new RawParcel();
            for (int i = 0; i < 100; i++) {
                answer.int32(NOTED_APPOPS_HEADER).int32(size);
            }
            willReply(0, answer.int32(0));
            call(HostileServerIT::readException);
            willReply(0, new RawParcel().int32(STRICT_MODE_HEADER).int32(size));
            call(HostileServerIT::readException);
        }
    }

    private static Void readException(Parcel reply) {
        reply.readException();
        return null;
    }

    @Test
    void shouldTakeTheFirstOfTwoReplies() throws Exception {
        server.will((raw, call) -> {
            raw.reply(call, 0, new RawParcel().int32(1));
            raw.transaction(BC_REPLY, 0, 0, 0, new RawParcel().int32(2)).writeAll();
        });

        assertEquals(1, call(Parcel::readInt));
        Await.until(() -> !server.others().isEmpty(), () -> "the second reply was accepted");
        assertEquals(BR_FAILED_REPLY, server.others().get(0).command);
    }

    // Services that end

    @Test
    void shouldHearThatTheThreadThatServesIsGone() throws Exception {
        server.will((raw, call) -> raw.threadExit());

        DeadObjectException thrown = assertThrows(DeadObjectException.class, () -> call(reply -> null));

        assertTrue(thrown.getMessage().contains("ended before it replied"), thrown.getMessage());
        server.will(HostileServerIT::answerUnlessOneway);
        assertTrue(proxy.isBinderAlive());
        CountDownLatch died = new CountDownLatch(1);
        proxy.linkToDeath(died::countDown, 0);
        assertEquals(0, call(Parcel::readInt), "its process is there, and another thread of it serves");
        assertEquals(1, died.getCount());
        assertTrue(proxy.isBinderAlive());
    }

    private static void answerUnlessOneway(RawClient raw, RawClient.Event call) {
        if ((call.flags & RawClient.TF_ONE_WAY) == 0) {
            RawServer.answer(raw, call);
        } else {
            raw.free(call);
        }
    }

    @Test
    void shouldFindDeadWhoseProcessEndedInACallThoughNobodyWatches() throws Exception {
        server.will((raw, call) -> raw.close());

        assertThrows(DeadObjectException.class, () -> call(reply -> null));

        assertFalse(proxy.isBinderAlive());
        assertThrows(DeadObjectException.class, () -> proxy.linkToDeath(() -> {}, 0));
    }

    @Test
    void shouldHearThatTheProcessThatServesIsGone() throws Exception {
        CountDownLatch died = new CountDownLatch(1);
        proxy.linkToDeath(died::countDown, 0);
        server.will((raw, call) -> raw.close());

        assertThrows(DeadObjectException.class, () -> call(reply -> null));

        assertTrue(died.await(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS));
        assertFalse(proxy.isBinderAlive());
    }

    @Test
    void shouldHearThatAServiceHasNoRoomForAnyCall() throws Exception {
        server.close();
        server = new RawServer(device.path(), NAME, 0);
        proxy = ServiceManager.getService(NAME);

        assertThrows(DeadObjectException.class, () -> Calls.call(proxy, Peer.NOTHING, Calls.NOTHING));
        assertThrows(DeadObjectException.class, () -> Calls.oneway(proxy, Peer.NOTE, data -> data.writeInt(1)));
    }

    // Services that do not free

    @Test
    void shouldSayThatAServiceIsFull() throws Exception {
        List<Event> unfreed = Collections.synchronizedList(new ArrayList<>());
        server.will((raw, call) -> {
            unfreed.add(call);
            raw.transaction(BC_REPLY, 0, 0, 0, new RawParcel().int32(0)).writeAll();
        });
        byte[] block = new byte[MAPPING_SIZE / 8];

        TransactionTooLargeException thrown = assertThrows(TransactionTooLargeException.class, () -> {
            for (int i = 0; i < 8; i++) {
                Calls.call(proxy, Peer.NOTHING, data -> data.writeByteArray(block));
            }
        });

        assertTrue(thrown.getMessage().contains("ENOSPC"), thrown.getMessage());
        assertEquals(7, unfreed.size());
        server.will((raw, call) -> {
            unfreed.forEach(raw::free);
            RawServer.answer(raw, call);
        });
        Calls.call(proxy, Peer.NOTHING, Calls.NOTHING);
        server.will(RawServer::answer);
        Calls.call(proxy, Peer.NOTHING, data -> data.writeByteArray(block));
    }

    /** The driver holds an object's next oneway call until the last one's buffer is freed, and no other call. */
    @Test
    void shouldStillCallAServiceWhoseOnewayCallsAreStuck() throws Exception {
        List<Event> notes = Collections.synchronizedList(new ArrayList<>());
        server.will((raw, call) -> {
            if ((call.flags & TF_ONE_WAY) != 0) {
                notes.add(call);
            } else {
                RawServer.answer(raw, call);
            }
        });
        for (int i = 0; i < 100; i++) {
            Calls.oneway(proxy, Peer.NOTE, data -> data.writeInt(1));
        }

        Await.until(() -> notes.size() == 1, notes::size);
        Calls.call(proxy, Peer.NOTHING, Calls.NOTHING);
        assertEquals(1, notes.size());
    }

    // Services that call back

    @Test
    void shouldServeAServiceThatCallsBackWithNonsense() throws Exception {
        Peer own = new Peer();
        server.will((raw, call) -> {
            int handle = call.data.getInt((int) call.offsets[0] + 8);
            RawParcel stranger = new RawParcel().token("stranger");
            assertEquals(-1, answerTo(raw, raw.call(handle, Peer.NOTHING, stranger)));
            assertEquals(-2, answerTo(raw, raw.call(handle, Peer.KEEP, token().zeros(28))));
            assertEquals(
                    BR_FAILED_REPLY,
                    raw.call(handle, Peer.NOTE, token().zeros(8).offset(2)).command);
            assertEquals(-74, answerTo(raw, raw.call(handle, 99, token())));
            assertEquals(0, answerTo(raw, raw.call(handle, Peer.NOTHING, token())));
            RawServer.answer(raw, call);
        });

        Calls.call(proxy, Peer.CALL_BACK, data -> data.writeStrongBinder(own));
    }

    private static RawParcel token() {
        return new RawParcel().token(Peer.DESCRIPTOR);
    }

    private static int answerTo(RawClient raw, Event reply) {
        assertEquals(BR_REPLY, reply.command);
        raw.free(reply);
        return reply.int32();
    }

    /** The thread that calls serves what comes back to it, however deep, and none of it twice. */
    @Test
    void shouldServeAServiceThatEndsAmidNestedCalls() {
        Peer own = new Peer() {
            @Override
            protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
                call(HostileServerIT::readException);
                return super.onTransact(code, data, reply, flags);
            }
        };
        int[] handle = new int[1];
        int[] calls = new int[1];
        server.will((raw, call) -> {
            if (call.offsets.length > 0) {
                raw.command(BC_ACQUIRE, handle[0] = call.data.getInt((int) call.offsets[0] + 8));
                raw.writeAll();
            }
            if (calls[0]++ == 20) {
                raw.close();
            } else {
                raw.transaction(BC_TRANSACTION, handle[0], Peer.NOTHING, 0, token())
                        .writeAll();
            }
        });

        assertThrows(
                DeadObjectException.class,
                () -> Calls.call(proxy, Peer.CALL_BACK, data -> data.writeStrongBinder(own)));
    }
}
