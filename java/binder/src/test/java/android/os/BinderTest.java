package android.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.BinderDevice;
import io.github.binder4j.errors.BinderUnavailableException;
import io.github.binder4j.parcel.ParcelData;
import io.github.binder4j.runtime.LocalObject;
import io.github.binder4j.runtime.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class BinderTest {
    private static final String DESCRIPTOR = "com.example.IAdder";
    private static final int ADD = IBinder.FIRST_CALL_TRANSACTION;
    private static final int FAIL = IBinder.FIRST_CALL_TRANSACTION + 1;
    private static final int FAIL_REMOTELY = IBinder.FIRST_CALL_TRANSACTION + 2;

    private final Adder adder = new Adder();
    private final Parcel data = Parcel.obtain();
    private final Parcel reply = Parcel.obtain();

    @AfterEach
    void recycle() {
        data.recycle();
        reply.recycle();
    }

    // Within the process

    @Test
    void shouldServeALocalCallOnTheCallersThread() throws RemoteException {
        data.writeInterfaceToken(DESCRIPTOR);
        data.writeInt(2);
        data.writeInt(3);

        assertTrue(adder.transact(ADD, data, reply, 0));

        reply.readException();
        assertEquals(5, reply.readInt());
        assertSame(Thread.currentThread(), adder.servedBy);
    }

    @Test
    void shouldRewindDataAndReplyOfALocalCall() throws RemoteException {
        data.writeInterfaceToken(DESCRIPTOR);
        data.writeLong(0);
        assertTrue(data.dataPosition() > 0);

        adder.transact(ADD, data, reply, 0);

        assertEquals(0, reply.dataPosition());
        assertTrue(reply.dataSize() > 0);
    }

    @Test
    void shouldHandALocalObjectAReplyAlsoWhenTheCallerWantsNone() throws RemoteException {
        data.writeInterfaceToken(DESCRIPTOR);
        assertTrue(adder.transact(ADD, data, null, IBinder.FLAG_ONEWAY));
        assertEquals(IBinder.FLAG_ONEWAY, adder.flags);
    }

    @Test
    void shouldPassTheExceptionOfALocalObjectUnchanged() {
        ArithmeticException thrown = new ArithmeticException("unwritable");
        adder.failure = thrown;
        assertSame(thrown, assertThrows(ArithmeticException.class, () -> adder.transact(FAIL, data, reply, 0)));
        RemoteException remote =
                assertThrows(RemoteException.class, () -> adder.transact(FAIL_REMOTELY, data, reply, 0));
        assertEquals("elsewhere", remote.getMessage());
    }

    @Test
    void shouldSayFalseToAnUnknownCode() throws RemoteException {
        assertFalse(adder.transact(99, data, reply, 0));
    }

    @Test
    void shouldAnswerThePingAndInterfaceTransactions() throws RemoteException {
        assertTrue(adder.transact(IBinder.PING_TRANSACTION, data, reply, 0));
        assertEquals(0, reply.dataSize());
        assertTrue(adder.transact(IBinder.INTERFACE_TRANSACTION, data, reply, 0));
        assertEquals(DESCRIPTOR, reply.readString(), "no exception header comes first");
        assertEquals(0x5f504e47, IBinder.PING_TRANSACTION);
        assertEquals(0x5f4e5446, IBinder.INTERFACE_TRANSACTION);
    }

    @Test
    void shouldBeAliveAndAnswerPings() {
        assertTrue(adder.pingBinder());
        assertTrue(adder.isBinderAlive());
        adder.linkToDeath(() -> {}, 0);
        assertTrue(adder.unlinkToDeath(() -> {}, 0));
    }

    @Test
    void shouldGiveItsImplementationToWhoAsksForItsInterface() {
        assertSame(adder, adder.queryLocalInterface(DESCRIPTOR));
        assertNull(adder.queryLocalInterface("com.example.IOther"));
        assertNull(adder.queryLocalInterface(null));
        assertEquals(DESCRIPTOR, adder.getInterfaceDescriptor());
        assertNull(new Binder().queryLocalInterface(DESCRIPTOR));
        assertNull(new Binder(DESCRIPTOR).queryLocalInterface(DESCRIPTOR));
        assertEquals(DESCRIPTOR, new Binder(DESCRIPTOR).getInterfaceDescriptor());
    }

    @Test
    void shouldActForThisProcessOutsideACall() throws IOException {
        assertEquals(ProcessHandle.current().pid(), Binder.getCallingPid());
        assertEquals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"), Binder.getCallingUid());
        long token = Binder.clearCallingIdentity();
        Binder.restoreCallingIdentity(token);
        assertEquals(ProcessHandle.current().pid(), Binder.getCallingPid());
    }

    @Test
    void shouldRestoreAnIdentityOfLargeNumbers() {
        long own = Binder.clearCallingIdentity();
        try {
            Binder.restoreCallingIdentity(0xfffffffe_7fffffffL);
            assertEquals(0xfffffffe, Binder.getCallingUid());
            assertEquals(0x7fffffff, Binder.getCallingPid());
            assertEquals(0xfffffffe_7fffffffL, Binder.clearCallingIdentity());
        } finally {
            Binder.restoreCallingIdentity(own);
        }
    }

    // As a looper calls it

    @Test
    void shouldWriteWhatAnImplementationThrewInPlaceOfItsResults() {
        adder.failure = new IllegalStateException("not now");
        ParcelData results = reply.data();

        assertEquals(Status.OK, adder.binder4jObject().transact(FAIL, data.data(), results, 0));

        reply.setDataPosition(0);
        IllegalStateException read = assertThrows(IllegalStateException.class, reply::readException);
        assertEquals("not now", read.getMessage());
        assertEquals(0, reply.dataAvail(), "what was written before is gone");
    }

    @Test
    void shouldFailWithAStatusIfItCannotBeWritten() {
        adder.failure = new ArithmeticException("unwritable");
        assertFails(Status.UNKNOWN_ERROR, "unwritable", FAIL, 0);
        assertFails(Status.UNKNOWN_TRANSACTION, "elsewhere", FAIL_REMOTELY, 0);
        adder.error = new OutOfMemoryError("huge");
        assertFails(Status.NO_MEMORY, "huge", FAIL, 0);
        adder.error = new StackOverflowError("deep");
        assertFails(Status.UNKNOWN_ERROR, "deep", FAIL, 0);
    }

    @Test
    void shouldFailWithWhatAOnewayCallThrew() {
        adder.failure = new IllegalStateException("the caller does not hear");
        assertFails(Status.UNKNOWN_ERROR, "the caller does not hear", FAIL, IBinder.FLAG_ONEWAY);
    }

    private void assertFails(int status, String message, int code, int flags) {
        LocalObject.Failure failure = assertThrows(LocalObject.Failure.class, () -> serve(code, flags));
        assertEquals(status, failure.status);
        assertEquals(message, failure.getCause().getMessage());
    }

    @Test
    void shouldAnswerUnknownTransactionToAnUnknownCode() {
        assertEquals(Status.UNKNOWN_TRANSACTION, serve(99, 0));
        assertEquals(Status.OK, serve(IBinder.PING_TRANSACTION, 0));
    }

    private int serve(int code, int flags) {
        return adder.binder4jObject().transact(code, data.data(), reply.data(), flags);
    }

    // Without a device

    @Test
    void shouldSayThatTheDeviceIsMissingAndHowToGetOne(@TempDir Path directory) {
        Path missing = directory.resolve("binder");
        for (Executable use : new Executable[] {
            () -> ServiceManager.getService("x"),
            () -> ServiceManager.checkService("x"),
            () -> ServiceManager.addService("x", adder),
            ServiceManager::listServices,
            BinderDevice::getDefault,
            Binder::joinThreadPool
        }) {
            BinderUnavailableException e = withDevice(missing, use);

            assertEquals(2, e.errno());
            String message = e.getMessage();
            assertTrue(message.contains("cannot use binder device " + missing), message);
            assertTrue(message.contains("ENOENT (2)"), message);
            assertTrue(
                    message.contains("sudo modprobe binder_linux") || message.contains("sudo mount -t binder"),
                    message);
        }
    }

    @Test
    void shouldSayThatAFileIsNoBinderDevice(@TempDir Path directory) throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        for (Path other : new Path[] {Path.of("/dev/null"), file}) {
            BinderUnavailableException e = withDevice(other, () -> ServiceManager.getService("x"));

            String message = e.getMessage();
            assertTrue(message.contains(other.toString()), message);
            assertTrue(message.contains("it is not a binder device"), message);
            assertTrue(message.contains("-Dbinder4j.device=PATH or BINDER4J_DEVICE"), message);
        }
    }

    @Test
    void shouldNameTheDeviceInADirectory(@TempDir Path directory) {
        BinderUnavailableException e = withDevice(directory, BinderDevice::getDefault);

        assertEquals(21, e.errno());
        String message = e.getMessage();
        assertTrue(message.contains("cannot use binder device " + directory + ":"), message);
        assertTrue(message.contains("EISDIR (21)"), message);
        assertTrue(message.contains("it is a directory. Name a device in it, as " + directory + "/binder"), message);
    }

    @Test
    void shouldLeaveNoDescriptorOpenWhenADeviceCannotBeUsed() throws IOException {
        withDevice(Path.of("/dev/null"), BinderDevice::getDefault);
        long before = descriptorsOf("/dev/null");
        withDevice(Path.of("/dev/null"), BinderDevice::getDefault);
        assertEquals(before, descriptorsOf("/dev/null"));
    }

    private static long descriptorsOf(String path) throws IOException {
        try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors
                    .filter(link -> {
                        try {
                            return Files.readSymbolicLink(link).toString().equals(path);
                        } catch (IOException e) {
                            return false; // closed meanwhile
                        }
                    })
                    .count();
        }
    }

    private static BinderUnavailableException withDevice(Path device, Executable use) {
        String before = System.getProperty("binder4j.device");
        System.setProperty("binder4j.device", device.toString());
        try {
            return assertThrows(BinderUnavailableException.class, use);
        } finally {
            if (before == null) {
                System.clearProperty("binder4j.device");
            } else {
                System.setProperty("binder4j.device", before);
            }
        }
    }

    private static final class Adder extends Binder implements IInterface {
        Thread servedBy;
        int flags;
        RuntimeException failure;
        Error error;

        Adder() {
            attachInterface(this, DESCRIPTOR);
        }

        @Override
        public IBinder asBinder() {
            return this;
        }

        @Override
        protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
            this.flags = flags;
            switch (code) {
                case ADD -> {
                    data.enforceInterface(DESCRIPTOR);
                    servedBy = Thread.currentThread();
                    reply.writeNoException();
                    reply.writeInt(data.readInt() + data.readInt());
                    return true;
                }
                case FAIL -> {
                    if (error != null) {
                        throw error;
                    }
                    reply.writeNoException();
                    throw failure;
                }
                case FAIL_REMOTELY -> throw new RemoteException("elsewhere");
                default -> {
                    return super.onTransact(code, data, reply, flags);
                }
            }
        }
    }
}
