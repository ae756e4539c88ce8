package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.Binder;
import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;
import android.os.ServiceManager;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.SecurityContexts;
import io.github.binder4j.testkit.BinderTest;
import io.github.binder4j.testkit.JavaProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** On whose behalf, and on whose account, a thread works: whatever has gone on in it before. */
@Tag("binderfs")
@BinderTest(serviceManager = true)
class IdentityIT {
    private static final Path DEVICE = Path.of("/dev/binderfs/binder");
    private static final int PID = (int) ProcessHandle.current().pid();
    private static final int UNSET = Binder.UNSET_WORKSOURCE;

    private static JavaProcess process;
    private static IBinder peer;

    @BeforeAll
    static void startPeer() {
        process = JavaProcess.start(ProtocolPeer.class, DEVICE.toString());
        process.awaitLine(Peer.READY);
        peer = ServiceManager.getService(Peer.NAME);
        assertNotNull(peer);
    }

    @AfterAll
    static void endPeer() {
        process.close();
    }

    @AfterEach
    void shouldBeItselfAgain() {
        assertEquals(0, Binder.getCallingUid());
        assertEquals(PID, Binder.getCallingPid());
        assertEquals(UNSET, Binder.getCallingWorkSourceUid());
        assertNull(SecurityContexts.ofCaller());
    }

    // Who calls

    /** Notes who calls before and after each thing that could make a thread forget it. */
    private static final class Witness extends Binder {
        final List<String> notes = new ArrayList<>();

        @Override
        protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
            data.enforceInterface(Peer.DESCRIPTOR);
            IBinder callback = data.readStrongBinder();
            note("called");
            long token = Binder.clearCallingIdentity();
            note("cleared");
            Calls.call(callback, Peer.NOTHING, Calls.NOTHING);
            note("cleared, after a nested call");
            Binder.restoreCallingIdentity(token);
            note("restored");
            assertThrows(IllegalStateException.class, () -> throwThrough(callback));
            note("after an exception");
            Peer.recurse(callback, 4, peer);
            note("after a recursion");
            reply.writeNoException();
            return true;
        }

        private static void throwThrough(IBinder callback) throws RemoteException {
            Calls.call(callback, Peer.THROW, data -> {
                data.writeInt(Peer.Thrown.ILLEGAL_STATE.ordinal());
                data.writeString("on purpose");
            });
        }

        private void note(String when) {
            notes.add(when + ": " + Binder.getCallingUid() + " " + Binder.getCallingPid());
        }
    }

    /** Calls a witness, as whatever user runs it. */
    static final class Visitor {
        public static void main(String[] args) throws RemoteException {
            IBinder witness = ServiceManager.getService(args[0]);
            Calls.call(witness, Peer.NOTHING, data -> data.writeStrongBinder(new Peer()));
            System.out.println("visitor: " + ProcessHandle.current().pid() + ".");
        }
    }

    @Test
    void shouldKnowItsCallerWhateverItDoesMeanwhile() throws Exception {
        Witness witness = new Witness();
        ServiceManager.addService("witness", witness);
        AsNobody.allow(DEVICE);

        AsNobody visitor = new AsNobody(Visitor.class.getName(), "witness");

        String caller = AsNobody.UID + " " + visitor.output.replaceAll("(?s).*visitor: ([0-9]+)\\..*", "$1");
        String own = "0 " + PID;
        assertEquals(
                List.of(
                        "called: " + caller,
                        "cleared: " + own,
                        "cleared, after a nested call: " + own,
                        "restored: " + caller,
                        "after an exception: " + caller,
                        "after a recursion: " + caller),
                witness.notes);
    }

    /** The callback runs on the thread of this test, in the middle of its call. */
    @Test
    void shouldUndoWhatACallbackChangedAndLeftByAnException() {
        long before = Binder.setCallingWorkSourceUid(7);

        assertThrows(
                IllegalStateException.class,
                () -> Calls.call(
                        peer,
                        Peer.CALL_BACK,
                        data -> data.writeStrongBinder(new Binder() {
                            @Override
                            protected boolean onTransact(int code, Parcel arguments, Parcel reply, int flags) {
                                assertEquals(process.pid(), Binder.getCallingPid());
                                Binder.clearCallingIdentity();
                                Binder.setCallingWorkSourceUid(4711);
                                throw new IllegalStateException("on purpose");
                            }
                        })));

        assertEquals(PID, Binder.getCallingPid());
        assertEquals(7, Binder.getCallingWorkSourceUid());
        Binder.restoreCallingWorkSource(before);
    }

    @Test
    void shouldServeTheNextCallAsItsCallerAfterOneThatThrew() throws RemoteException {
        for (int i = 0; i < 20; i++) {
            assertThrows(
                    IllegalStateException.class,
                    () -> Calls.call(peer, ProtocolPeer.CHANGE_ALL_AND_THROW, data -> data.writeString("on purpose")));
            Calls.call(peer, Peer.IDENTITY, data -> data.writeStrongBinder(null), reply -> {
                assertEquals(0, reply.readInt());
                assertEquals(PID, reply.readInt());
                return null;
            });
            assertEquals(UNSET, workSources(new Account()).get(0));
        }
    }

    @Test
    void shouldNotTellTheProcessOfAOnewayCaller() throws Exception {
        CompletableFuture<List<Integer>> seen = new CompletableFuture<>();
        ServiceManager.addService("oneway", new Binder() {
            @Override
            protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) {
                seen.complete(List.of(Binder.getCallingUid(), Binder.getCallingPid()));
                return true;
            }
        });
        try (BinderDevice other = BinderDevice.open(DEVICE)) {
            Calls.oneway(other.getService("oneway"), Peer.NOTHING, Calls.NOTHING);
            assertEquals(List.of(0, 0), seen.get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS));
        }
    }

    // On whose account

    /** Notes on whose account it is called. */
    private static final class Account extends Peer {
        final List<Integer> seen = new ArrayList<>();

        @Override
        protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
            assertEquals(UNSET, Binder.getCallingWorkSourceUid(), "before the call has said anything");
            boolean known = super.onTransact(code, data, reply, flags);
            seen.add(Binder.getCallingWorkSourceUid());
            return known;
        }
    }

    /** What the peer finds: as called; after a call; having passed it on; having cleared it. */
    private static List<Integer> workSources(Account account) throws RemoteException {
        return Calls.call(
                peer,
                ProtocolPeer.WORK_SOURCES,
                data -> data.writeStrongBinder(account),
                reply -> List.of(reply.readInt(), reply.readInt(), reply.readInt(), reply.readInt()));
    }

    @Test
    void shouldBeOnNobodysAccountIfTheCallerNamesNone() throws RemoteException {
        Account account = new Account();

        assertEquals(List.of(UNSET, UNSET, UNSET, UNSET), workSources(account));
        assertEquals(List.of(UNSET, UNSET, UNSET), account.seen);
    }

    @Test
    void shouldTellTheAccountAndPassItOnOnlyWhenAskedTo() throws RemoteException {
        for (int round = 0; round < 10; round++) {
            Account account = new Account();
            long token = Binder.setCallingWorkSourceUid(1234);

            assertEquals(List.of(1234, 1234, 1234, UNSET), workSources(account));
            assertEquals(List.of(UNSET, 1234, UNSET), account.seen);
            assertEquals(1234, Binder.getCallingWorkSourceUid());

            long inner = Binder.clearCallingWorkSource();
            assertEquals(UNSET, workSources(new Account()).get(0));
            Binder.restoreCallingWorkSource(inner);
            assertEquals(1234, workSources(new Account()).get(0));
            Binder.restoreCallingWorkSource(token);
            assertEquals(UNSET, workSources(new Account()).get(0));
        }
    }

    @Test
    void shouldKeepTheAccountOverACallThatFails() {
        long token = Binder.setCallingWorkSourceUid(1234);
        for (int code : new int[] {Peer.THROW, ProtocolPeer.CHANGE_ALL_AND_THROW}) {
            assertThrows(
                    RuntimeException.class,
                    () -> Calls.call(peer, code, data -> {
                        data.writeInt(Peer.Thrown.ILLEGAL_STATE.ordinal());
                        data.writeString("on purpose");
                    }));
            assertEquals(1234, Binder.getCallingWorkSourceUid());
        }
        Binder.restoreCallingWorkSource(token);
    }

    @Test
    void shouldKeepTheAccountOverACallInTheSameProcess() throws RemoteException {
        long token = Binder.setCallingWorkSourceUid(1234);
        Calls.call(new Peer(), Peer.NOTHING, Calls.NOTHING);
        assertEquals(1234, Binder.getCallingWorkSourceUid());
        assertThrows(
                IllegalStateException.class,
                () -> Calls.call(
                        new ProtocolPeer(), ProtocolPeer.CHANGE_ALL_AND_THROW, data -> data.writeString("on purpose")));
        assertEquals(1234, Binder.getCallingWorkSourceUid());
        Binder.restoreCallingWorkSource(token);
    }

    // Security contexts

    /** Notes the security context of its callers. */
    private static final class Contexts extends Peer {
        String called;
        String cleared;
        String restored;

        @Override
        protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
            called = SecurityContexts.ofCaller();
            long token = Binder.clearCallingIdentity();
            cleared = SecurityContexts.ofCaller();
            Binder.restoreCallingIdentity(token);
            restored = SecurityContexts.ofCaller();
            return super.onTransact(code, data, reply, flags);
        }
    }

    @Test
    void shouldGiveTheContextOfACallerWhereTheKernelHasThem() throws Exception {
        Contexts asking = new Contexts();
        SecurityContexts.request(asking);
        ServiceManager.addService("asking", asking);
        try (BinderDevice other = BinderDevice.open(DEVICE)) {
            IBinder seen = other.getService("asking");
            if (Kernel.hasSecurityContexts()) {
                assertEquals(PID, Calls.askInt(seen, Peer.PID));
                String own = Files.readString(Path.of("/proc/self/attr/current"))
                        .replace("\0", "")
                        .strip();
                assertEquals(own, asking.called);
                assertNull(asking.cleared);
                assertEquals(own, asking.restored);
            } else {
                RemoteException thrown = assertThrows(RemoteException.class, () -> Calls.askInt(seen, Peer.PID));
                assertTrue(thrown.getMessage().contains("BR_FAILED_REPLY"), thrown.getMessage());
                assertTrue(thrown.getMessage().contains("extended error"), thrown.getMessage());
                assertNull(asking.called);
            }
        }
    }

    @Test
    void shouldGiveNoContextToWhoHasNotAsked() throws RemoteException {
        Contexts indifferent = new Contexts();

        Calls.call(peer, Peer.CALL_BACK, data -> data.writeStrongBinder(indifferent));

        assertNull(indifferent.called);
    }

    @Test
    void shouldRefuseToAskOnceTheDriverKnowsTheObject() {
        Binder sent = new Binder();
        ServiceManager.addService("sent", sent);

        IllegalStateException thrown = assertThrows(IllegalStateException.class, () -> SecurityContexts.request(sent));
        assertTrue(thrown.getMessage().contains("before the object is first sent"), thrown.getMessage());
    }
}
