package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.IBinder;
import android.os.Parcel;
import android.os.ParcelFileDescriptor;
import android.os.RemoteException;
import android.os.ServiceManager;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.Buffers;
import io.github.binder4j.files.LingeringSocket;
import io.github.binder4j.testkit.BinderTest;
import io.github.binder4j.testkit.JavaProcess;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** File descriptors between two processes: they work at the other end, and whatever becomes of the call, none is left. */
@BinderTest(serviceManager = true, timeoutSeconds = 600)
class DescriptorIT {
    private static final int MANY = 1000;

    private static JavaProcess process;
    private static IBinder peer;

    private int before;
    private int peersBefore;

    @BeforeAll
    static void startPeer() {
        // It keeps the soft limit of open files, which a JVM otherwise raises: there are tests that reach it.
        process = JavaProcess.start(List.of("-XX:-MaxFDLimit"), DescriptorPeer.class.getName());
        process.awaitLine(DescriptorPeer.READY);
        peer = ServiceManager.getService(DescriptorPeer.NAME);
        assertNotNull(peer);
    }

    @AfterAll
    static void endPeer() {
        process.close();
    }

    @BeforeEach
    void count() throws Exception {
        before = DescriptorPeer.openPipeEnds();
        peersBefore = peersPipeEnds();
    }

    /** Whatever a test did: nobody has a descriptor of it any more, nor a buffer. */
    @AfterEach
    void shouldLeaveNoDescriptor() throws Exception {
        Await.until(() -> peersPipeEnds() == peersBefore, () -> "the peer's pipe ends are not " + peersBefore);
        Await.until(
                () -> DescriptorPeer.openPipeEnds() == before,
                () -> "our pipe ends are not " + before + ": " + descriptors());
        BinderDevice device = BinderDevice.getDefault();
        Await.until(() -> device.liveBuffers() == 0, device::liveBuffers);
    }

    private static Object descriptors() {
        try {
            return OwnProcess.descriptors("pipe:.*");
        } catch (IOException e) {
            return e;
        }
    }

    private static int peersPipeEnds() throws RemoteException {
        return Calls.askInt(peer, DescriptorPeer.COUNT);
    }

    private static ParcelFileDescriptor[] pipe() throws IOException {
        return ParcelFileDescriptor.createPipe();
    }

    // They work

    @Test
    void shouldLetThePeerWriteToOurPipe() throws Exception {
        ParcelFileDescriptor[] pipe = pipe();
        Calls.call(peer, DescriptorPeer.WRITE, data -> {
            data.writeTypedObject(pipe[1], 0);
            data.writeString("from the peer");
            assertTrue(data.hasFileDescriptors());
        });
        pipe[1].close();

        assertEquals("from the peer", DescriptorPeer.read(pipe[0]));
    }

    @Test
    void shouldReadFromAPipeOfThePeers() throws Exception {
        ParcelFileDescriptor received =
                Calls.call(peer, DescriptorPeer.GIVE, data -> data.writeString("given"), reply -> {
                    assertTrue(reply.hasFileDescriptors());
                    return reply.readTypedObject(ParcelFileDescriptor.CREATOR);
                });

        assertEquals("given", DescriptorPeer.read(received));
    }

    @Test
    void shouldSendOneThatIsClosedBeforeTheCall() throws Exception {
        ParcelFileDescriptor[] pipe = pipe();
        DescriptorPeer.write(pipe[1], "closed since");

        String read = Calls.call(
                peer,
                DescriptorPeer.READ,
                data -> {
                    data.writeFileDescriptor(pipe[0].getFileDescriptor());
                    closeQuietly(pipe[0]);
                },
                Parcel::readString);

        assertEquals("closed since", read);
    }

    private static void closeQuietly(ParcelFileDescriptor descriptor) {
        try {
            descriptor.close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void shouldSendThemOneway() throws Exception {
        ParcelFileDescriptor[] pipe = pipe();
        for (int i = 0; i < 50; i++) {
            Calls.oneway(peer, DescriptorPeer.WRITE, data -> {
                data.writeTypedObject(pipe[1], 0);
                data.writeString("x");
            });
        }
        pipe[1].close();

        assertEquals("x".repeat(50), DescriptorPeer.read(pipe[0]));
    }

    @Test
    void shouldCarryArraysBothWays() throws Exception {
        ParcelFileDescriptor[][] pipes = {pipe(), pipe(), pipe()};
        FileDescriptor[] sent = new FileDescriptor[pipes.length];
        for (int i = 0; i < sent.length; i++) {
            DescriptorPeer.write(pipes[i][1], "pipe " + i);
            sent[i] = pipes[i][0].getFileDescriptor();
        }

        FileDescriptor[] back = Calls.call(
                peer,
                DescriptorPeer.REVERSE,
                data -> data.writeRawFileDescriptorArray(sent),
                Parcel::createRawFileDescriptorArray);

        for (int i = 0; i < sent.length; i++) {
            byte[] text = new byte[6];
            try (FileInputStream in = new FileInputStream(back[sent.length - 1 - i])) {
                assertEquals(6, in.read(text));
            }
            assertEquals("pipe " + i, new String(text));
            pipes[i][0].close();
        }
    }

    /** Those the driver closes itself: our closing them too would close somebody else's. */
    @Test
    void shouldCarryArraysInBuffersThatTheDriverCloses() throws Exception {
        for (int round = 0; round < 20; round++) {
            ParcelFileDescriptor[][] pipes = {pipe(), pipe()};
            ByteBuffer numbers = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
            numbers.putInt(0, pipes[0][1].getFd()).putInt(4, pipes[1][1].getFd());

            int count = Calls.call(
                    peer,
                    DescriptorPeer.WRITE_TO_ARRAY,
                    data -> Buffers.writeDescriptorArray(data, 2, Buffers.write(data, numbers), 0),
                    Parcel::readInt);

            assertEquals(2, count);
            pipes[0][1].close();
            pipes[1][1].close();
            // The peer's own copies are gone with its view of the buffer, which the collector takes.
            Calls.call(peer, DescriptorPeer.IGNORE, Calls.NOTHING);
            assertEquals("a0", firstTwo(pipes[0][0]));
            assertEquals("b1", firstTwo(pipes[1][0]));
        }
    }

    private static String firstTwo(ParcelFileDescriptor from) throws IOException {
        byte[] text = new byte[2];
        try (FileInputStream in = new FileInputStream(from.getFileDescriptor())) {
            assertEquals(2, in.read(text));
        }
        return new String(text);
    }

    // None is left

    @Test
    void shouldLeaveNoneOfThousandsThatWereReadOrNot() throws Exception {
        ParcelFileDescriptor[] pipe = pipe();
        for (int i = 0; i < MANY; i++) {
            Calls.call(peer, DescriptorPeer.IGNORE, data -> data.writeFileDescriptor(pipe[0].getFileDescriptor()));
            Calls.call(peer, DescriptorPeer.GIVE, data -> data.writeString("unread"));
        }
        pipe[0].close();
        pipe[1].close();
    }

    @Test
    void shouldLeaveNoneOfCallsThatFail() throws Exception {
        ParcelFileDescriptor[] pipe = pipe();
        for (int i = 0; i < MANY / 2; i++) {
            for (int code : new int[] {DescriptorPeer.THROW, DescriptorPeer.THROW_LATE}) {
                assertThrows(
                        IllegalStateException.class,
                        () -> Calls.call(peer, code, data -> data.writeFileDescriptor(pipe[0].getFileDescriptor())));
            }
            assertFalse(transact(DescriptorPeer.UNKNOWN, pipe[0], null));
        }
        pipe[0].close();
        pipe[1].close();
    }

    @Test
    void shouldLeaveNoneOfRepliesNobodyWants() throws Exception {
        for (int i = 0; i < MANY; i++) {
            Parcel data = Parcel.obtain();
            data.writeInterfaceToken(Peer.DESCRIPTOR);
            data.writeString("unwanted");
            peer.transact(DescriptorPeer.GIVE, data, null, 0);
            data.recycle();
        }
    }

    private static boolean transact(int code, ParcelFileDescriptor descriptor, Parcel reply) throws RemoteException {
        Parcel data = Parcel.obtain();
        try {
            data.writeInterfaceToken(Peer.DESCRIPTOR);
            data.writeFileDescriptor(descriptor.getFileDescriptor());
            return peer.transact(code, data, reply, 0);
        } finally {
            data.recycle();
        }
    }

    @Test
    void shouldLeaveNoneOfParcelsAndDescriptorsThatAreDropped() throws Exception {
        ParcelFileDescriptor[] pipe = pipe();
        for (int i = 0; i < 100; i++) {
            drop(pipe[0]);
            Calls.oneway(peer, DescriptorPeer.DROP, data -> data.writeFileDescriptor(pipe[0].getFileDescriptor()));
        }
        pipe[0].close();
        pipe[1].close();

        Await.gcUntil(() -> DescriptorPeer.openPipeEnds() == before, DescriptorIT::descriptors);
        IBinder other = ServiceManager.getService(DescriptorPeer.NAME);
        Await.until(
                () -> {
                    collectInPeer(other);
                    return peersPipeEnds() == peersBefore;
                },
                () -> "the peer keeps what it dropped");
    }

    private static void drop(ParcelFileDescriptor descriptor) throws RemoteException {
        Parcel data = Parcel.obtain();
        data.writeInterfaceToken(Peer.DESCRIPTOR);
        data.writeString("dropped");
        data.writeFileDescriptor(descriptor.getFileDescriptor());
        peer.transact(DescriptorPeer.GIVE, data, Parcel.obtain(), 0);
    }

    private static void collectInPeer(IBinder target) throws RemoteException {
        Calls.call(target, DescriptorPeer.COLLECT, Calls.NOTHING);
    }

    @Test
    void shouldLeaveNoneOfARecipientThatIsGone() throws Exception {
        ParcelFileDescriptor[] pipe = pipe();
        try (JavaProcess other = JavaProcess.start(DescriptorPeer.class, "other")) {
            other.awaitLine(DescriptorPeer.READY);
            IBinder target = ServiceManager.getService("other");
            other.kill9();
            for (int i = 0; i < 100; i++) {
                assertThrows(
                        RemoteException.class,
                        () -> Calls.call(
                                target,
                                DescriptorPeer.IGNORE,
                                data -> data.writeFileDescriptor(pipe[0].getFileDescriptor())));
            }
        }
        pipe[0].close();
        pipe[1].close();
    }

    // A peer decides how long closing takes

    @Test
    void shouldServeWhileADescriptorItWasSentLingers() throws Exception {
        try (LingeringSocket socket = new LingeringSocket();
                ParcelFileDescriptor copy = ParcelFileDescriptor.fromFd(socket.number())) {
            assertServedWhileLingering(socket, copy, data -> data.writeFileDescriptor(copy.getFileDescriptor()));
        }
    }

    /** The driver closes these itself, on the thread that gives the buffer back. */
    @Test
    void shouldServeWhileADescriptorOfAnArrayLingers() throws Exception {
        try (LingeringSocket socket = new LingeringSocket();
                ParcelFileDescriptor copy = ParcelFileDescriptor.fromFd(socket.number())) {
            ByteBuffer numbers = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
            numbers.putInt(0, copy.getFd());
            assertServedWhileLingering(
                    socket, copy, data -> Buffers.writeDescriptorArray(data, 1, Buffers.write(data, numbers), 0));
        }
    }

    /** The peer has the last descriptor, so closing it waits. */
    private static void assertServedWhileLingering(
            LingeringSocket socket, ParcelFileDescriptor copy, Calls.Writer arguments) throws Exception {
        Calls.oneway(peer, DescriptorPeer.WAIT, Calls.NOTHING);
        Calls.oneway(peer, DescriptorPeer.IGNORE, arguments); // served when the one before is
        String link = "socket:\\[" + socket.inode() + "]";
        socket.closeOwn();
        copy.close();
        Await.until(() -> OwnProcess.descriptors(link).isEmpty(), () -> "the last descriptor is ours");
        Calls.call(peer, DescriptorPeer.LET_GO, Calls.NOTHING);
        Await.until(socket::isClosing, () -> "the peer does not close it");

        for (int i = 0; i < 20; i++) {
            Calls.oneway(peer, DescriptorPeer.IGNORE, Calls.NOTHING);
        }
        Calls.oneway(peer, DescriptorPeer.NOTE, Calls.NOTHING);
        Await.until(() -> Calls.askInt(peer, DescriptorPeer.NOTED) == 1, () -> "oneway calls are not served");
        assertTrue(socket.isClosing());
    }

    // Refusals

    @Test
    void shouldRefuseAClosedOneByName() throws Exception {
        ParcelFileDescriptor[] pipe = pipe();
        FileDescriptor closed = pipe[0].getFileDescriptor();
        pipe[0].close();
        pipe[1].close();

        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class,
                () -> Calls.call(peer, DescriptorPeer.READ, data -> data.writeFileDescriptor(closed)));
        assertTrue(refused.getMessage().contains("it is closed"), refused.getMessage());
    }

    @Test
    void shouldCarryHundredsInOneParcel() throws Exception {
        FileDescriptor[] received = Calls.call(
                peer, DescriptorPeer.GIVE_MANY, data -> data.writeInt(250), Parcel::createRawFileDescriptorArray);

        assertEquals(250, received.length);
        for (FileDescriptor descriptor : received) {
            new FileInputStream(descriptor).close();
        }
    }

    @Test
    void shouldReadNoneWhereThereIsNone() throws Exception {
        Calls.call(peer, DescriptorPeer.IGNORE, Calls.NOTHING, reply -> {
            assertNull(reply.readFileDescriptor());
            assertNull(reply.createRawFileDescriptorArray());
            return null;
        });
    }

    @Test
    void shouldSayThatTheReceiverMayNotOpenAsMany() throws Exception {
        ParcelFileDescriptor[] pipe = pipe();
        Calls.call(peer, DescriptorPeer.FILL, Calls.NOTHING);
        RemoteException full = assertThrows(
                RemoteException.class,
                () -> Calls.call(peer, DescriptorPeer.IGNORE, data -> {
                    for (int i = 0; i < DescriptorPeer.SEVERAL; i++) {
                        data.writeFileDescriptor(pipe[0].getFileDescriptor());
                    }
                }));
        Calls.call(peer, DescriptorPeer.EMPTY, Calls.NOTHING);

        assertTrue(full.getMessage().contains("BR_FAILED_REPLY"), full.getMessage());
        assertTrue(full.getMessage().contains("file descriptors"), full.getMessage());
        assertTrue(full.getMessage().contains("ulimit -n"), full.getMessage());
        assertTrue(full.getMessage().contains("the request or its reply"), full.getMessage());
        assertTrue(full.getMessage().contains("not served"), full.getMessage());
        DescriptorPeer.write(pipe[1], "again");
        assertEquals(
                "again",
                Calls.call(
                        peer,
                        DescriptorPeer.READ,
                        data -> data.writeFileDescriptor(pipe[0].getFileDescriptor()),
                        Parcel::readString));
        pipe[0].close();
    }

    @Test
    void shouldSayThatTheCallerMayNotOpenWhatItsReplyCarries() throws Exception {
        String outcome = Calls.call(
                peer,
                DescriptorPeer.ASK_WHILE_FULL,
                data -> data.writeStrongBinder(new DescriptorPeer()),
                Parcel::readString);

        assertTrue(outcome.contains("BR_FAILED_REPLY"), outcome);
        assertTrue(outcome.contains("ulimit -n"), outcome);
        assertTrue(outcome.contains("failed: its reply could not be delivered"), outcome); // the request carried none
    }
}
