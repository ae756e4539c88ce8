package io.github.binder4j.servicemanager;

import static io.github.binder4j.runtime.ServiceManagerProtocol.ADD_SERVICE;
import static io.github.binder4j.runtime.ServiceManagerProtocol.CHECK_SERVICE;
import static io.github.binder4j.runtime.ServiceManagerProtocol.DESCRIPTOR;
import static io.github.binder4j.runtime.ServiceManagerProtocol.DUMP_PRIORITY_ALL;
import static io.github.binder4j.runtime.ServiceManagerProtocol.DUMP_PRIORITY_DEFAULT;
import static io.github.binder4j.runtime.ServiceManagerProtocol.GET_SERVICE;
import static io.github.binder4j.runtime.ServiceManagerProtocol.LIST_SERVICES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.Binder;
import android.os.IBinder;
import android.os.IInterface;
import android.os.Parcel;
import android.os.RemoteException;
import java.io.FileDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The table of names, called without a driver. */
class ServiceRegistryTest {
    private static final int CRITICAL = 1;

    private final ServiceRegistry registry = new ServiceRegistry();
    private final Binder service = new Binder();

    // Calls, as they arrive

    private static final class Request {
        final Parcel data = Parcel.obtain();

        Request() {
            data.writeInterfaceToken(DESCRIPTOR);
        }

        Request string(String value) {
            data.writeString(value);
            return this;
        }

        Request number(int value) {
            data.writeInt(value);
            return this;
        }

        Request object(IBinder value) {
            data.writeStrongBinder(value);
            return this;
        }
    }

    private void call(int code, Request request, Consumer<Parcel> reader) throws RemoteException {
        Parcel reply = Parcel.obtain();
        try {
            assertTrue(registry.transact(code, request.data, reply, 0));
            reply.readException();
            reader.accept(reply);
            reply.enforceNoDataAvail();
        } finally {
            reply.recycle();
            request.data.recycle();
        }
    }

    private void add(String name, IBinder object, int priority) throws RemoteException {
        call(ADD_SERVICE, new Request().string(name).object(object).number(0).number(priority), reply -> {});
    }

    private IBinder found(int code, String name) throws RemoteException {
        List<IBinder> found = new ArrayList<>();
        call(code, new Request().string(name), reply -> found.add(reply.readStrongBinder()));
        return found.get(0);
    }

    private IBinder found(String name) throws RemoteException {
        return found(CHECK_SERVICE, name);
    }

    private List<String> names(int priorities) throws RemoteException {
        List<String> names = new ArrayList<>();
        call(LIST_SERVICES, new Request().number(priorities), reply -> {
            for (int left = reply.readInt(); left > 0; left--) {
                names.add(reply.readString());
            }
        });
        return names;
    }

    // Names

    @Test
    void shouldFindWhatWasAddedByEitherQuestion() throws RemoteException {
        add("echo", service, DUMP_PRIORITY_DEFAULT);

        assertSame(service, found(GET_SERVICE, "echo"));
        assertSame(service, found(CHECK_SERVICE, "echo"));
    }

    @Test
    void shouldFindNothingUnderANameNobodyAdded() throws RemoteException {
        add("echo", service, DUMP_PRIORITY_DEFAULT);

        assertNull(found(GET_SERVICE, "ech"));
        assertNull(found(CHECK_SERVICE, ""));
        assertNull(found(CHECK_SERVICE, null));
        assertNull(found(CHECK_SERVICE, "x".repeat(100_000)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "android.hardware.IFoo/default", "_-./09azAZ"})
    void shouldTakeNamesAsAndroidDoes(String name) throws RemoteException {
        add(name, service, DUMP_PRIORITY_DEFAULT);

        assertSame(service, found(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a\n", "a\0", "\u00e4", "a:b", "\ud83d\ude00"})
    void shouldRefuseOtherNames(String name) throws RemoteException {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> add(name, service, DUMP_PRIORITY_DEFAULT));

        assertTrue(refused.getMessage().contains("1 to 127 characters"), refused.getMessage());
        assertEquals(List.of(), names(DUMP_PRIORITY_ALL));
    }

    @Test
    void shouldLimitTheLengthOfANameAndOfWhatItSaysOfOne() throws RemoteException {
        add("x".repeat(127), service, DUMP_PRIORITY_DEFAULT);
        assertThrows(IllegalArgumentException.class, () -> add("x".repeat(128), service, DUMP_PRIORITY_DEFAULT));
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class, () -> add("y".repeat(100_000), service, DUMP_PRIORITY_DEFAULT));

        assertTrue(refused.getMessage().length() < 300, refused.getMessage());
        assertEquals(List.of("x".repeat(127)), names(DUMP_PRIORITY_ALL));
    }

    // Replacing

    @Test
    void shouldReplaceAServiceOfTheSameName() throws RemoteException {
        Binder later = new Binder();
        add("echo", service, DUMP_PRIORITY_DEFAULT);
        add("echo", later, CRITICAL);

        assertSame(later, found("echo"));
        assertEquals(List.of("echo"), names(DUMP_PRIORITY_ALL));
        assertEquals(List.of(), names(DUMP_PRIORITY_DEFAULT));
    }

    @Test
    void shouldKeepOneObjectUnderSeveralNames() throws RemoteException {
        add("a", service, DUMP_PRIORITY_DEFAULT);
        add("b", service, DUMP_PRIORITY_DEFAULT);

        assertSame(found("a"), found("b"));
        assertEquals(List.of("a", "b"), names(DUMP_PRIORITY_ALL));
    }

    // Listing

    @Test
    void shouldListNamesInOrderByTheirPriority() throws RemoteException {
        add("window", service, CRITICAL);
        add("media", service, DUMP_PRIORITY_DEFAULT);
        add("audio", service, CRITICAL | DUMP_PRIORITY_DEFAULT);
        add("clipboard", service, DUMP_PRIORITY_DEFAULT);

        assertEquals(List.of("audio", "clipboard", "media", "window"), names(DUMP_PRIORITY_ALL));
        assertEquals(List.of("audio", "window"), names(CRITICAL));
        assertEquals(List.of("audio", "clipboard", "media"), names(DUMP_PRIORITY_DEFAULT));
        assertEquals(List.of(), names(0));
    }

    // Dead ones

    @Test
    void shouldDropAServiceAtItsObituary() throws RemoteException {
        Mortal mortal = new Mortal();
        registry.add("mortal", mortal, DUMP_PRIORITY_DEFAULT);
        add("other", service, DUMP_PRIORITY_DEFAULT);

        mortal.die();

        assertEquals(List.of("other"), names(DUMP_PRIORITY_ALL));
    }

    @Test
    void shouldRefuseADeadService() throws RemoteException {
        Mortal dead = new Mortal();
        dead.die();

        IllegalStateException refused =
                assertThrows(IllegalStateException.class, () -> registry.add("dead", dead, DUMP_PRIORITY_DEFAULT));

        assertTrue(refused.getMessage().contains("\"dead\" is dead"), refused.getMessage());
        assertEquals(List.of(), names(DUMP_PRIORITY_ALL));
    }

    @Test
    void shouldDropAServiceThatDiesWhileItIsAdded() throws RemoteException {
        Mortal mortal = new Mortal();
        mortal.diesWhenLinked = true;

        registry.add("mortal", mortal, DUMP_PRIORITY_DEFAULT);

        assertEquals(List.of(), names(DUMP_PRIORITY_ALL));
    }

    @Test
    void shouldNotDropTheSuccessorOfADeadService() throws RemoteException {
        Mortal mortal = new Mortal();
        registry.add("name", mortal, DUMP_PRIORITY_DEFAULT);
        Obituary watcher = mortal.onlyWatcher();
        add("name", service, DUMP_PRIORITY_DEFAULT);

        assertEquals(List.of(), mortal.watchers);
        watcher.die(); // as an obituary that was on its way

        assertSame(service, found("name"));
    }

    // Requests that are not what they should be

    @Test
    void shouldRefuseNull() throws RemoteException {
        assertThrows(IllegalArgumentException.class, () -> add("null", null, DUMP_PRIORITY_DEFAULT));
        assertThrows(IllegalArgumentException.class, () -> add(null, service, DUMP_PRIORITY_DEFAULT));

        assertEquals(List.of(), names(DUMP_PRIORITY_ALL));
    }

    @ParameterizedTest
    @ValueSource(ints = {GET_SERVICE, CHECK_SERVICE, ADD_SERVICE, LIST_SERVICES, IBinder.LAST_CALL_TRANSACTION})
    void shouldRefuseACallMeantForAnotherInterface(int code) {
        Parcel data = Parcel.obtain();
        data.writeInterfaceToken("android.os.IPowerManager");
        data.writeString("echo");

        assertThrows(SecurityException.class, () -> registry.transact(code, data, null, 0));
    }

    @Test
    void shouldAnswerAnEmptyRequest() throws RemoteException {
        assertNull(found(GET_SERVICE, null));
        call(GET_SERVICE, new Request(), reply -> assertNull(reply.readStrongBinder()));
        call(LIST_SERVICES, new Request(), reply -> assertEquals(0, reply.readInt()));
        assertThrows(IllegalArgumentException.class, () -> call(ADD_SERVICE, new Request(), reply -> {}));
    }

    @Test
    void shouldRefuseWhatIsNoObjectWhereOneIsExpected() {
        Request request = new Request().string("echo");
        for (int i = 0; i < 10; i++) {
            request.number(7);
        }

        assertThrows(RuntimeException.class, () -> call(ADD_SERVICE, request, reply -> {}));
    }

    @Test
    void shouldNotKnowOtherCalls() throws RemoteException {
        Request request = new Request();

        assertFalse(registry.transact(IBinder.LAST_CALL_TRANSACTION, request.data, null, 0));
    }

    @Test
    void shouldSayWhatItIs() throws RemoteException {
        Parcel reply = Parcel.obtain();

        assertTrue(registry.transact(IBinder.INTERFACE_TRANSACTION, Parcel.obtain(), reply, 0));
        assertEquals(DESCRIPTOR, reply.readString());
        assertTrue(registry.transact(IBinder.PING_TRANSACTION, Parcel.obtain(), null, 0));
    }

    /** An obituary that can be sent by hand. */
    private interface Obituary {
        void die();
    }

    /** Stands in for the proxy of a process that dies when told. */
    private static final class Mortal implements IBinder {
        final List<DeathRecipient> watchers = new ArrayList<>();
        boolean diesWhenLinked;
        private boolean dead;

        void die() {
            dead = true;
            List.copyOf(watchers).forEach(DeathRecipient::binderDied);
        }

        Obituary onlyWatcher() {
            assertEquals(1, watchers.size());
            return watchers.get(0)::binderDied;
        }

        @Override
        public void linkToDeath(DeathRecipient recipient, int flags) throws RemoteException {
            if (dead) {
                throw new RemoteException("dead");
            }
            watchers.add(recipient);
            if (diesWhenLinked) {
                die();
            }
        }

        @Override
        public boolean unlinkToDeath(DeathRecipient recipient, int flags) {
            return watchers.remove(recipient);
        }

        @Override
        public boolean isBinderAlive() {
            return !dead;
        }

        @Override
        public boolean pingBinder() {
            return !dead;
        }

        // Not asked by a registry

        @Override
        public String getInterfaceDescriptor() {
            throw new AssertionError();
        }

        @Override
        public IInterface queryLocalInterface(String descriptor) {
            throw new AssertionError();
        }

        @Override
        public boolean transact(int code, Parcel data, Parcel reply, int flags) {
            throw new AssertionError();
        }

        @Override
        public void dump(FileDescriptor fd, String[] args) {
            throw new AssertionError();
        }

        @Override
        public void dumpAsync(FileDescriptor fd, String[] args) {
            throw new AssertionError();
        }
    }
}
