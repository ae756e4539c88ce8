package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import android.os.Binder;
import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;
import android.os.ServiceManager;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.BlobView;
import io.github.binder4j.Blobs;
import io.github.binder4j.testkit.BinderTest;
import io.github.binder4j.testkit.JavaProcess;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Views of blobs, and that nothing of what they keep waits for the collector: nobody can ask for that here. */
@BinderTest(serviceManager = true, jvmOptions = "-XX:+DisableExplicitGC")
class ViewsIT {
    /** More than fit into the mapping together, of either size. */
    private static final int CALLS = 501;

    private static final int MANY_ONEWAY = 5000;
    private static final int SMALL = 4 * 1024;
    private static final int LARGE = 64 * 1024;

    private static JavaProcess process;
    private static IBinder peer;

    /** Views the blobs it is sent. */
    static final class Service extends Binder {
        static final String READY = "views: ready";
        static final String NAME = "views";

        /** Drops the view; answers its checksum. */
        static final int VIEW = FIRST_CALL_TRANSACTION;
        /** Oneway: drops the view. */
        static final int NOTE = FIRST_CALL_TRANSACTION + 1;
        /** Answers how many notes came. */
        static final int NOTES = FIRST_CALL_TRANSACTION + 2;
        /** Oneway: keeps the view, and counts it among the notes. */
        static final int KEEP = FIRST_CALL_TRANSACTION + 3;
        /** Closes the view that was kept first, on a thread the device has never seen; answers its checksum. */
        static final int CLOSE = FIRST_CALL_TRANSACTION + 4;
        /** Answers the received buffers that were not given back, this call's aside, and the leaked ones. */
        static final int BUFFERS = FIRST_CALL_TRANSACTION + 5;

        private final AtomicInteger notes = new AtomicInteger();
        private final Deque<BlobView> kept = new ArrayDeque<>();

        public static void main(String[] args) {
            ServiceManager.addService(NAME, new Service());
            System.out.println(READY);
            Binder.joinThreadPool();
        }

        @Override
        protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
            if (code < VIEW || code > BUFFERS) {
                return super.onTransact(code, data, reply, flags);
            }
            data.enforceInterface(Peer.DESCRIPTOR);
            reply.writeNoException();
            switch (code) {
                case VIEW -> reply.writeLong(Values.crc(Blobs.view(data)));
                case NOTE -> note(Blobs.view(data));
                case NOTES -> reply.writeInt(notes.get());
                case KEEP -> note(keep(Blobs.view(data)));
                case CLOSE -> reply.writeLong(close());
                default -> buffers(reply);
            }
            return true;
        }

        private void note(BlobView view) {
            view.get(0);
            notes.incrementAndGet();
        }

        private synchronized BlobView keep(BlobView view) {
            kept.add(view.keep());
            return view;
        }

        private synchronized long close() {
            BlobView view = kept.remove();
            FutureTask<Long> reading = new FutureTask<>(() -> {
                try (view) {
                    return Values.crc(view);
                }
            });
            new Thread(reading, "reader").start();
            try {
                return reading.get();
            } catch (InterruptedException | ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }

        private static void buffers(Parcel reply) {
            BinderDevice device = BinderDevice.getDefault();
            reply.writeInt((int) device.liveBuffers() - 1);
            reply.writeInt((int) device.leakedBuffers());
        }
    }

    @BeforeAll
    static void startPeer() {
        process = JavaProcess.start(List.of("-XX:+DisableExplicitGC"), Service.class.getName());
        process.awaitLine(Service.READY);
        peer = ServiceManager.getService(Service.NAME);
        assertNotNull(peer);
    }

    @AfterAll
    static void endPeer() {
        process.close();
    }

    @AfterEach
    void shouldLeaveNothing() throws Exception {
        Await.until(() -> liveBuffers() == 0, () -> "buffers are left");
        assertEquals(0, (int) Calls.ask(peer, Service.BUFFERS, reply -> {
            reply.readInt();
            return reply.readInt();
        }));
    }

    private static int liveBuffers() throws RemoteException {
        return Calls.askInt(peer, Service.BUFFERS);
    }

    private static int notes() throws RemoteException {
        return Calls.askInt(peer, Service.NOTES);
    }

    private static void oneway(int code, int size) throws RemoteException {
        Calls.oneway(peer, code, data -> data.writeBlob(Values.bytes(size)));
    }

    @ParameterizedTest
    @ValueSource(ints = {SMALL, LARGE})
    void shouldNeverBeRefusedByAServiceThatViewsAndDrops(int size) throws RemoteException {
        byte[] blob = Values.bytes(size);
        long crc = Values.crc(ByteBuffer.wrap(blob));
        for (int i = 0; i < CALLS; i++) {
            assertEquals(crc, Calls.<Long>call(peer, Service.VIEW, data -> data.writeBlob(blob), Parcel::readLong));
        }
    }

    @Test
    void shouldServeEveryOnewayCallWhoseHandlerViewsAndDrops() throws Exception {
        int before = notes();
        for (int i = 0; i < 10; i++) {
            oneway(Service.NOTE, SMALL);
        }
        Await.until(() -> notes() == before + 10, () -> "of ten oneway calls some were not served");
    }

    /** As many at once as there is room for. */
    @Test
    void shouldServeThousandsOfOnewayCallsWhoseHandlersViewAndDrop() throws Exception {
        int before = notes();
        for (int i = 1; i <= MANY_ONEWAY; i++) {
            oneway(Service.NOTE, SMALL);
            int sent = before + i;
            if (i % 50 == 0) {
                Await.until(() -> notes() == sent, () -> "not all were served");
            }
        }
    }

    /** The driver hands an object its next oneway call when the buffer of the one before is free. */
    @Test
    void shouldHoldUpOnewayCallsUntilAKeptViewIsClosed() throws Exception {
        int before = notes();
        oneway(Service.KEEP, SMALL);
        oneway(Service.NOTE, SMALL);
        Await.until(() -> notes() == before + 1, () -> "the first was not served");
        assertEquals(1, liveBuffers());
        assertEquals(before + 1, notes());

        long crc = Calls.ask(peer, Service.CLOSE, Parcel::readLong);
        assertEquals(Values.crc(ByteBuffer.wrap(Values.bytes(SMALL))), crc);
        Await.until(() -> notes() == before + 2, () -> "the second was not served");
    }

    @Test
    void shouldEndAViewOfAReplyWithIt() throws RemoteException {
        try (JavaProcess giver = JavaProcess.start(Peer.class)) {
            giver.awaitLine(Peer.READY);
            IBinder other = ServiceManager.getService(Peer.NAME);
            BlobView view = Calls.call(other, Peer.GIVE_BLOB, data -> data.writeInt(LARGE), reply -> {
                BlobView open = Blobs.view(reply);
                assertEquals(Values.crc(ByteBuffer.wrap(Values.bytes(LARGE))), Values.crc(open));
                return open;
            });
            assertFalse(view.isOpen());
            assertThrows(IllegalStateException.class, () -> view.getLong(0));
            assertThrows(IllegalStateException.class, view::toByteArray);
        }
    }
}
