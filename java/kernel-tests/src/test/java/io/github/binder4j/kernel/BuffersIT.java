package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.BadParcelableException;
import android.os.Binder;
import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;
import android.os.ServiceManager;
import android.os.TransactionTooLargeException;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.BlobView;
import io.github.binder4j.Buffers;
import io.github.binder4j.testkit.BinderTest;
import io.github.binder4j.testkit.JavaProcess;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Buffers outside of the parcel that travel with it. */
@BinderTest(serviceManager = true, timeoutSeconds = 600)
class BuffersIT {
    private static final int LARGE = 512 * 1024;

    private static JavaProcess process;
    private static IBinder peer;
    private static BinderDevice device;

    /** Reads buffers until the parcel ends. */
    static final class Service extends Binder {
        static final String READY = "buffers: ready";
        static final String NAME = "buffers";

        /** Answers their number, and of each its length, its place in the mapping and its checksum. */
        static final int TAKE = FIRST_CALL_TRANSACTION;
        /** Answers buffers of the lengths asked for. */
        static final int GIVE = FIRST_CALL_TRANSACTION + 1;
        /** Answers whether the addresses in a parent are those of the children that follow. */
        static final int FOLLOW = FIRST_CALL_TRANSACTION + 2;

        public static void main(String[] args) {
            ServiceManager.addService(NAME, new Service());
            System.out.println(READY);
            Binder.joinThreadPool();
        }

        @Override
        protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
            if (code < TAKE || code > FOLLOW) {
                return super.onTransact(code, data, reply, flags);
            }
            data.enforceInterface(Peer.DESCRIPTOR);
            switch (code) {
                case TAKE -> take(data, reply);
                case GIVE -> give(data, reply);
                default -> follow(data, reply);
            }
            return true;
        }

        private static void take(Parcel data, Parcel reply) {
            reply.writeNoException();
            for (BlobView view = Buffers.view(data); view != null; view = Buffers.view(data)) {
                reply.writeInt(view.size());
                reply.writeLong(BinderDevice.getDefault().offsetInMapping(view));
                reply.writeLong(Values.crc(view));
            }
        }

        private static void give(Parcel data, Parcel reply) {
            reply.writeNoException();
            while (data.dataAvail() > 0) {
                Buffers.write(reply, direct(data.readInt()));
            }
        }

        /** The address where our mapping begins is what a view's address less its offset in the mapping is. */
        private static void follow(Parcel data, Parcel reply) {
            BlobView parent = Buffers.view(data);
            BlobView first = Buffers.view(data);
            BlobView inner = Buffers.view(data);
            BlobView second = Buffers.view(data);
            BinderDevice device = BinderDevice.getDefault();
            long base = parent.getLong(8) - device.offsetInMapping(first);
            reply.writeNoException();
            reply.writeLong(parent.getLong(0));
            reply.writeLong(first.get(0));
            reply.writeLong(parent.getLong(16) - base - device.offsetInMapping(inner));
            reply.writeLong(inner.getLong(0) - base - device.offsetInMapping(second));
            reply.writeLong(second.get(0));
        }
    }

    @BeforeAll
    static void startPeer() {
        process = JavaProcess.start(Service.class);
        process.awaitLine(Service.READY);
        peer = ServiceManager.getService(Service.NAME);
        assertNotNull(peer);
        device = BinderDevice.getDefault();
    }

    @AfterAll
    static void endPeer() {
        process.close();
    }

    @AfterEach
    void shouldLeaveNothing() throws Exception {
        Await.until(() -> device.liveBuffers() == 0, device::liveBuffers);
    }

    static ByteBuffer direct(int length) {
        return ByteBuffer.allocateDirect(length).put(Values.bytes(length)).flip();
    }

    // Sizes

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 8, 9, 4095, 4096, 4097, 64 * 1024, LARGE})
    void shouldArriveWhole(int length) throws RemoteException {
        ByteBuffer sent = direct(length).asReadOnlyBuffer();

        Calls.call(peer, Service.TAKE, data -> Buffers.write(data, sent), reply -> {
            assertTaken(sent, reply);
            assertEquals(0, reply.dataAvail());
            return null;
        });
    }

    private static void assertTaken(ByteBuffer sent, Parcel reply) {
        assertTaken(sent.remaining(), Values.crc(sent), reply);
    }

    private static void assertTaken(int size, long crc, Parcel reply) {
        assertEquals(size, reply.readInt());
        long offset = reply.readLong();
        assertTrue(offset >= 0 && offset + size <= device.mappingSizeBytes(), "offset in the mapping: " + offset);
        assertEquals(crc, reply.readLong());
    }

    @Test
    void shouldArriveInOrderSeveralInOneParcel() throws RemoteException {
        List<ByteBuffer> sent = List.of(direct(1), direct(100_000), direct(0), direct(33), direct(4096));

        Calls.call(peer, Service.TAKE, data -> sent.forEach(buffer -> Buffers.write(data, buffer)), reply -> {
            sent.forEach(buffer -> assertTaken(buffer, reply));
            return null;
        });
    }

    @Test
    void shouldSendPartOfABuffer() throws RemoteException {
        ByteBuffer whole = direct(1000);
        ByteBuffer part = whole.duplicate().position(3).limit(503);

        Calls.call(peer, Service.TAKE, data -> Buffers.write(data, part), reply -> {
            assertTaken(part.slice(), reply);
            return null;
        });
        assertEquals(3, part.position());
    }

    @ParameterizedTest
    @CsvSource({"1, 8, 500000", "0, 0, 9", "65536, 1, 100"})
    void shouldComeBackInReplies(int first, int second, int third) throws Exception {
        int[] lengths = {first, second, third};
        BlobView[] views = Calls.call(
                peer,
                Service.GIVE,
                data -> {
                    for (int length : lengths) {
                        data.writeInt(length);
                    }
                },
                reply -> new BlobView[] {
                    Buffers.view(reply).keep(),
                    Buffers.view(reply),
                    Buffers.view(reply).keep()
                });

        assertFalse(views[1].isOpen(), "it ends with the reply");
        for (int i = 0; i < lengths.length; i += 2) {
            assertArrayEquals(Values.bytes(lengths[i]), views[i].toByteArray());
            assertTrue(device.liveBuffers() >= 1, "the views keep it");
            views[i].close();
        }
    }

    /** Straight from one mapping to the other, though the view has ended before it is sent. */
    @Test
    void shouldSendOnAViewOfWhatWasReceived() throws RemoteException {
        long crc = Values.crc(ByteBuffer.wrap(Values.bytes(100_000)));
        BlobView received = Calls.call(
                peer,
                Service.GIVE,
                data -> data.writeInt(100_000),
                reply -> Buffers.view(reply).keep());

        Calls.call(
                peer,
                Service.TAKE,
                data -> {
                    Buffers.write(data, received);
                    received.close();
                },
                reply -> {
                    assertTaken(100_000, crc, reply);
                    return null;
                });
        assertThrows(IllegalStateException.class, () -> received.get(0));
    }

    @Test
    void shouldSayWhenThereIsNoRoom() {
        int most = device.mappingSizeBytes();
        ByteBuffer tooLarge = direct(most);

        TransactionTooLargeException refused = assertThrows(
                TransactionTooLargeException.class,
                () -> Calls.call(peer, Service.TAKE, data -> Buffers.write(data, tooLarge)));
        assertTrue(refused.getMessage().contains("data="), refused.getMessage());
        assertTrue(refused.getMessage().contains("no room"), refused.getMessage());
    }

    /** Most of the mapping each, so that the one before must be gone. */
    @Test
    void shouldHaveRoomAgainAfterManyLargeOnes() throws Exception {
        ByteBuffer sent = direct(device.mappingSizeBytes() * 3 / 4);
        for (int i = 0; i < 20; i++) {
            Calls.call(peer, Service.TAKE, data -> Buffers.write(data, sent), reply -> {
                assertTaken(sent, reply);
                return null;
            });
        }
    }

    // Children

    @Test
    void shouldPutTheAddressesOfChildrenIntoTheirParents() throws RemoteException {
        ByteBuffer parent = ByteBuffer.allocateDirect(24).order(ByteOrder.nativeOrder());
        parent.putLong(0, 0x1122334455667788L).putLong(8, -1).putLong(16, -1);
        ByteBuffer inner =
                ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder()).putLong(0, -1);
        ByteBuffer first = ByteBuffer.allocateDirect(3).put(0, (byte) 71);
        ByteBuffer second = ByteBuffer.allocateDirect(5).put(0, (byte) 72);

        Calls.call(
                peer,
                Service.FOLLOW,
                data -> {
                    int top = Buffers.write(data, parent);
                    Buffers.writeChild(data, first, top, 8);
                    int middle = Buffers.writeChild(data, inner, top, 16);
                    Buffers.writeChild(data, second, middle, 0);
                },
                reply -> {
                    assertEquals(0x1122334455667788L, reply.readLong());
                    assertEquals(71, reply.readLong());
                    assertEquals(0, reply.readLong(), "where the inner one is, by its parent and by its view");
                    assertEquals(0, reply.readLong(), "where the second one is");
                    assertEquals(72, reply.readLong());
                    return null;
                });
        assertEquals(-1, parent.getLong(8), "what was sent stays as it was");
    }

    @Test
    void shouldSayThatTheDriverTakesNoChildrenOutOfOrder() throws RemoteException {
        RemoteException refused = assertThrows(
                RemoteException.class,
                () -> Calls.call(peer, Service.TAKE, data -> {
                    int parent = Buffers.write(data, direct(16));
                    Buffers.writeChild(data, direct(1), parent, 8);
                    Buffers.writeChild(data, direct(1), parent, 0);
                }));
        assertTrue(refused.getMessage().contains("EINVAL (22)"), refused.getMessage());
        assertTrue(peer.pingBinder());
    }

    // Who lies

    /** An address of the sender's choosing is only bytes to the driver if the object table does not list it. */
    @Test
    void shouldNotFollowAnAddressTheDriverDidNotWrite() {
        BadParcelableException refused = assertThrows(
                BadParcelableException.class,
                () -> Calls.call(peer, Service.TAKE, data -> {
                    data.writeInt(0x70742a85);
                    data.writeInt(0);
                    data.writeLong(0x10000);
                    data.writeLong(8);
                    data.writeLong(0);
                    data.writeLong(0);
                }));
        assertTrue(refused.getMessage().contains("no buffer"), refused.getMessage());
    }
}
