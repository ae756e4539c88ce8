package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.BadParcelableException;
import android.os.Binder;
import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;
import android.os.ServiceManager;
import android.os.ServiceSpecificException;
import android.os.TransactionTooLargeException;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.BlobView;
import io.github.binder4j.Blobs;
import io.github.binder4j.kernel.Peer.Thrown;
import io.github.binder4j.testkit.BinderTest;
import io.github.binder4j.testkit.JavaProcess;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls between two processes: what crosses, what comes back, and on which thread. */
@BinderTest(serviceManager = true)
class CallIT {
    private static final int BLOB_BYTES = 512 * 1024;
    private static final int TOO_LARGE_BYTES = 2 * 1024 * 1024;

    private static JavaProcess process;
    private static IBinder peer;

    @BeforeAll
    static void startPeer() {
        process = JavaProcess.start(Peer.class);
        process.awaitLine(Peer.READY);
        peer = ServiceManager.getService(Peer.NAME);
        assertNotNull(peer);
    }

    @AfterAll
    static void endPeer() {
        process.close();
    }

    // Values

    @Test
    void shouldCarryEveryValueIntact() throws RemoteException {
        Calls.call(peer, Peer.CHECK_VALUES, Values::write, reply -> {
            Values.check(reply);
            return null;
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 64 * 1024, BLOB_BYTES})
    void shouldReplyWithBlobs(int length) throws RemoteException {
        byte[] blob = Calls.call(peer, Peer.GIVE_BLOB, data -> data.writeInt(length), Parcel::readBlob);

        assertArrayEquals(Values.bytes(length), blob);
    }

    @Test
    void shouldReadALargeArgumentWhereTheDriverPutIt() throws RemoteException {
        ByteBuffer blob = ByteBuffer.allocateDirect(BLOB_BYTES).put(Values.bytes(BLOB_BYTES));
        blob.flip();

        Calls.call(peer, Peer.TAKE_BLOB, data -> Blobs.write(data, blob), reply -> {
            assertEquals(BLOB_BYTES, reply.readInt());
            long offset = reply.readLong();
            assertTrue(offset >= 0 && offset + BLOB_BYTES <= mappingSize(), "offset in the mapping: " + offset);
            assertEquals(-1, reply.readLong(), "offset of a copy");
            assertEquals(Values.crc(blob), reply.readLong());
            return null;
        });
    }

    private static int mappingSize() {
        return BinderDevice.getDefault().mappingSizeBytes();
    }

    @Test
    void shouldKeepAViewValidUntilItIsClosed() throws Exception {
        BinderDevice device = BinderDevice.getDefault();
        Await.until(() -> device.liveBuffers() == 0, device::liveBuffers);
        BlobView view = Calls.call(
                peer,
                Peer.GIVE_BLOB,
                data -> data.writeInt(BLOB_BYTES),
                reply -> Blobs.view(reply).keep());
        for (int i = 0; i < 5; i++) {
            Calls.call(peer, Peer.GIVE_BLOB, data -> data.writeInt(64 * 1024), Parcel::readBlob);
        }

        assertTrue(device.offsetInMapping(view) >= 0);
        assertArrayEquals(Values.bytes(BLOB_BYTES), view.toByteArray());
        assertTrue(device.liveBuffers() >= 1);
        view.close();
        assertThrows(IllegalStateException.class, () -> view.get(0));
        Await.until(() -> device.liveBuffers() == 0, device::liveBuffers);
    }

    @Test
    void shouldRefuseToReadAParcelAfterRecycle() throws RemoteException {
        Parcel[] kept = new Parcel[1];
        Calls.ask(peer, Peer.PID, reply -> kept[0] = reply);

        assertThrows(IllegalStateException.class, kept[0]::readInt);
    }

    @Test
    void shouldGiveZeroAndNullPastTheEndOfAReply() throws RemoteException {
        Calls.ask(peer, Peer.NOTHING, reply -> {
            assertEquals(0, reply.readInt());
            assertEquals(0, reply.readLong());
            assertNull(reply.readString());
            assertNull(reply.readStrongBinder());
            return null;
        });
    }

    // Oneway

    @Test
    void shouldServeOnewayCallsInOrderAndWithoutReply() throws Exception {
        int before = Calls.askInt(peer, Peer.NOTES);

        for (int i = 1; i <= 100; i++) {
            int note = i;
            Calls.oneway(peer, Peer.NOTE, data -> data.writeInt(note));
        }

        Await.until(() -> Calls.askInt(peer, Peer.NOTES) == before + 5050, () -> "some were lost");
    }

    @Test
    void shouldServeOnAfterAnExceptionInAOnewayCall() throws Exception {
        int before = Calls.askInt(peer, Peer.NOTES);

        for (int i = 0; i < 20; i++) {
            Calls.oneway(peer, Peer.THROW, data -> throwing(data, Thrown.ILLEGAL_STATE));
        }
        Calls.oneway(peer, Peer.NOTE, data -> data.writeInt(1));

        Await.until(() -> Calls.askInt(peer, Peer.NOTES) == before + 1, () -> "the note after the exceptions was lost");
    }

    // Exceptions

    @Test
    void shouldCarryEachExceptionToTheCaller() throws RemoteException {
        assertThrown(SecurityException.class, Thrown.SECURITY);
        assertThrown(BadParcelableException.class, Thrown.BAD_PARCELABLE);
        assertThrown(IllegalArgumentException.class, Thrown.ILLEGAL_ARGUMENT);
        assertThrown(NullPointerException.class, Thrown.NULL_POINTER);
        assertThrown(IllegalStateException.class, Thrown.ILLEGAL_STATE);
        assertThrown(UnsupportedOperationException.class, Thrown.UNSUPPORTED_OPERATION);
        ServiceSpecificException specific = assertThrown(ServiceSpecificException.class, Thrown.SERVICE_SPECIFIC);
        assertEquals(1234, specific.errorCode);
    }

    private static <X extends Throwable> X assertThrown(Class<X> type, Thrown kind) throws RemoteException {
        Throwable thrown =
                assertThrows(Throwable.class, () -> Calls.call(peer, Peer.THROW, data -> throwing(data, kind)));
        assertEquals(type, thrown.getClass());
        assertEquals("because of " + kind, thrown.getMessage());
        assertTrue(peer.pingBinder(), "the peer serves on");
        return type.cast(thrown);
    }

    private static void throwing(Parcel data, Thrown kind) {
        data.writeInt(kind.ordinal());
        data.writeString("because of " + kind);
    }

    @Test
    void shouldTellTheCallerThatTheServiceFailedInAWayThatDoesNotCross() throws RemoteException {
        for (Thrown kind : List.of(Thrown.ARITHMETIC, Thrown.STACK_OVERFLOW)) {
            RuntimeException thrown = assertThrows(
                    RuntimeException.class, () -> Calls.call(peer, Peer.THROW, data -> throwing(data, kind)));
            assertTrue(
                    thrown.getMessage().contains("status UNKNOWN_ERROR (" + Integer.MIN_VALUE + ")"),
                    thrown.getMessage());
            assertTrue(peer.pingBinder(), "the peer serves on");
        }
    }

    @Test
    void shouldReturnFalseForAnUnknownCode() throws RemoteException {
        Parcel data = Parcel.obtain();
        Parcel reply = Parcel.obtain();
        try {
            data.writeInterfaceToken(Peer.DESCRIPTOR);

            assertFalse(peer.transact(Binder.LAST_CALL_TRANSACTION, data, reply, 0));
        } finally {
            reply.recycle();
            data.recycle();
        }
        assertTrue(peer.pingBinder());
    }

    @Test
    void shouldRefuseACallMeantForAnotherInterface() throws RemoteException {
        Parcel data = Parcel.obtain();
        Parcel reply = Parcel.obtain();
        try {
            data.writeInterfaceToken("io.github.binder4j.kernel.IOther");
            assertTrue(peer.transact(Peer.NOTHING, data, reply, 0));

            SecurityException thrown = assertThrows(SecurityException.class, reply::readException);
            assertTrue(thrown.getMessage().contains("expected " + Peer.DESCRIPTOR), thrown.getMessage());
            assertTrue(thrown.getMessage().contains("IOther"), thrown.getMessage());
        } finally {
            reply.recycle();
            data.recycle();
        }
    }

    @Test
    void shouldTellTheInterfaceOfARemoteObject() throws RemoteException {
        assertEquals(Peer.DESCRIPTOR, peer.getInterfaceDescriptor());
        assertNull(peer.queryLocalInterface(Peer.DESCRIPTOR));
        assertTrue(peer.isBinderAlive());
    }

    // Size

    @Test
    void shouldSayThatArgumentsAreTooLargeAndCallOn() throws RemoteException {
        TransactionTooLargeException thrown = assertThrows(
                TransactionTooLargeException.class,
                () -> Calls.call(peer, Peer.TAKE_BLOB, data -> data.writeBlob(new byte[TOO_LARGE_BYTES])));

        assertTrue(thrown.getMessage().contains(" bytes"), thrown.getMessage());
        assertTrue(thrown.getMessage().contains("data=" + TOO_LARGE_BYTES / 1000), thrown.getMessage());
        assertTrue(thrown.getMessage().contains("ENOSPC"), thrown.getMessage());
        assertEquals(process.pid(), Calls.askInt(peer, Peer.PID));
    }

    @Test
    void shouldSayThatTheReplyIsTooLargeAndCallOn() throws RemoteException {
        for (int i = 0; i < 3; i++) {
            assertThrows(
                    TransactionTooLargeException.class,
                    () -> Calls.call(peer, Peer.GIVE_BLOB, data -> data.writeInt(TOO_LARGE_BYTES), Parcel::readBlob));
            assertEquals(process.pid(), Calls.askInt(peer, Peer.PID));
        }
    }

    @Test
    void shouldSayThatAOnewayCallIsTooLargeForItsHalfOfTheBuffer() throws RemoteException {
        int moreThanHalf = mappingSize() / 2 + 4096;

        assertThrows(
                TransactionTooLargeException.class,
                () -> Calls.oneway(peer, Peer.NOTE, data -> data.writeBlob(new byte[moreThanHalf])));
        Calls.call(peer, Peer.TAKE_BLOB, data -> data.writeBlob(new byte[moreThanHalf]));
    }

    // Calling identity

    @Test
    void shouldTellTheServiceWhoCalls() throws RemoteException {
        int pid = (int) ProcessHandle.current().pid();
        int[] pids = new int[4];
        Set<Integer> uids = new HashSet<>();

        Calls.call(peer, Peer.IDENTITY, data -> data.writeStrongBinder(new Peer()), reply -> {
            for (int i = 0; i < pids.length; i++) {
                uids.add(reply.readInt());
                pids[i] = reply.readInt();
            }
            return null;
        });

        int servicePid = (int) process.pid();
        assertArrayEquals(
                new int[] {pid, servicePid, pid, pid}, pids, "caller, cleared, restored, after a nested call");
        assertEquals(Set.of(0), uids);
    }

    @Test
    void shouldTellACallbackThatTheServiceCallsAndForgetItAfterwards() throws RemoteException {
        int pid = (int) ProcessHandle.current().pid();
        int[] callingPid = new int[1];

        Calls.call(
                peer,
                Peer.CALL_BACK,
                data -> data.writeStrongBinder(new Peer() {
                    @Override
                    protected boolean onTransact(int code, Parcel arguments, Parcel reply, int flags) {
                        callingPid[0] = Binder.getCallingPid();
                        return true;
                    }
                }));

        assertEquals(process.pid(), callingPid[0]);
        assertEquals(pid, Binder.getCallingPid());
    }

    // Nesting

    @Test
    void shouldServeACallbackOnTheThreadThatCalls() throws RemoteException {
        List<Thread> threads = new ArrayList<>();

        Calls.call(
                peer,
                Peer.CALL_BACK,
                data -> data.writeStrongBinder(new Peer() {
                    @Override
                    protected boolean onTransact(int code, Parcel arguments, Parcel reply, int flags) {
                        threads.add(Thread.currentThread());
                        return true;
                    }
                }));

        assertEquals(List.of(Thread.currentThread()), threads);
    }

    @Test
    void shouldGiveAnExceptionOfACallbackToTheServiceAndThroughItToTheCaller() {
        SecurityException thrown = assertThrows(
                SecurityException.class,
                () -> Calls.call(
                        peer,
                        Peer.CALL_BACK,
                        data -> data.writeStrongBinder(new Peer() {
                            @Override
                            protected boolean onTransact(int code, Parcel arguments, Parcel reply, int flags) {
                                throw new SecurityException("by the callback");
                            }
                        })));

        assertEquals("by the callback", thrown.getMessage());
    }

    @Test
    void shouldRecurseOnOneThreadOfEachProcess() throws RemoteException {
        String[] threads = Peer.recurse(peer, 40, new Peer()).split(" ");

        assertEquals(41, threads.length);
        assertEquals(2, Set.of(threads[0], threads[1]).size());
        for (int i = 2; i < threads.length; i++) {
            assertEquals(threads[i % 2], threads[i]);
        }
        assertEquals(
                ProcessHandle.current().pid() + "/" + Thread.currentThread().getId(), threads[1]);
    }

    // Objects

    @Test
    void shouldGiveTheSameProxyForTheSameObject() throws RemoteException {
        IBinder first = Calls.ask(peer, Peer.GIVE_SELF, Parcel::readStrongBinder);
        IBinder second = Calls.ask(peer, Peer.GIVE_SELF, Parcel::readStrongBinder);

        assertSame(peer, first);
        assertSame(first, second);
        assertSame(peer, ServiceManager.getService(Peer.NAME));
    }

    @Test
    void shouldGiveBackOnesOwnObjectItself() throws RemoteException {
        IBinder own = new Peer();

        Calls.call(peer, Peer.KEEP, data -> data.writeStrongBinder(own));
        IBinder back = Calls.ask(peer, Peer.GIVE_KEPT, Parcel::readStrongBinder);

        assertSame(own, back);
        assertEquals((int) ProcessHandle.current().pid(), Calls.askInt(back, Peer.PID));
    }

    @Test
    void shouldBeTheServicesOwnObjectWhenItsProxyIsSentHome() throws RemoteException {
        assertEquals(1, Calls.call(peer, Peer.IS_SELF, data -> data.writeStrongBinder(peer), Parcel::readInt));
        assertEquals(0, Calls.call(peer, Peer.IS_SELF, data -> data.writeStrongBinder(new Peer()), Parcel::readInt));
    }

    /** Nobody holds a reference on handle 0 for calling it, but to send it one is needed. */
    @Test
    void shouldCarryTheContextManagersProxyThereAndBack() throws RemoteException {
        IBinder manager = BinderDevice.getDefault().contextManager();

        Calls.call(peer, Peer.KEEP, data -> data.writeStrongBinder(manager));
        IBinder back = Calls.ask(peer, Peer.GIVE_KEPT, Parcel::readStrongBinder);

        assertSame(manager, back);
        assertTrue(back.pingBinder());
    }

    @Test
    void shouldCarryTheNullBinder() throws RemoteException {
        assertEquals(0, Calls.call(peer, Peer.IS_SELF, data -> data.writeStrongBinder(null), Parcel::readInt));
        assertNull(Calls.ask(peer, Peer.GIVE_KEPT, Parcel::readStrongBinder));
    }

    @Test
    void shouldCarryAThousandObjectsInOneParcel() throws RemoteException {
        List<IBinder> own = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            own.add(i % 100 == 0 ? peer : new Peer());
        }
        List<IBinder> back = new ArrayList<>();

        Calls.call(
                peer,
                Peer.REVERSE,
                data -> {
                    data.writeInt(own.size());
                    own.forEach(data::writeStrongBinder);
                },
                reply -> {
                    own.forEach(object -> back.add(reply.readStrongBinder()));
                    return null;
                });

        Collections.reverse(back);
        for (int i = 0; i < own.size(); i++) {
            assertSame(own.get(i), back.get(i), "object " + i);
        }
    }

    @Test
    void shouldCallEachOfAThousandObjectsOfTheService() throws RemoteException {
        List<IBinder> objects = new ArrayList<>();
        Calls.call(peer, Peer.MAKE, data -> data.writeInt(1000), reply -> {
            for (int i = 0; i < 1000; i++) {
                objects.add(reply.readStrongBinder());
            }
            return null;
        });

        assertEquals(1000, Set.copyOf(objects).size());
        for (IBinder object : objects) {
            assertEquals(process.pid(), Calls.askInt(object, Peer.PID));
        }
    }

    @Test
    void shouldRefuseToSendAReceivedParcelOn() throws RemoteException {
        Calls.ask(peer, Peer.NOTHING, received -> {
            assertThrows(IllegalStateException.class, () -> peer.transact(Peer.NOTHING, received, null, 0));
            return null;
        });
        assertTrue(peer.pingBinder());
    }

    @Test
    void shouldCallALocalObjectDirectly() throws RemoteException {
        IBinder own = new Peer();

        assertInstanceOf(Binder.class, own);
        assertNotEquals(process.pid(), Calls.askInt(own, Peer.PID));
        assertThrows(
                SecurityException.class, () -> Calls.call(own, Peer.THROW, data -> throwing(data, Thrown.SECURITY)));
    }
}
