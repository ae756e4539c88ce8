package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Parcels and views that a program keeps past their end: they show nobody else's data, and end no JVM. */
@Tag("binderfs")
@BinderTest(serviceManager = true)
class OwnershipIT {
    private static final int CALLS = 200;
    private static final int NUMBERS = 16 * 1024;
    private static final int CLOSINGS = 20;
    private static final int READERS = 8;

    private static JavaProcess process;

    private IBinder peer;

    /** Has a thread read on in the parcel of each call after the call has returned, and answers what became of that. */
    static final class Service extends Binder {
        static final String READY = "ownership: ready";
        static final String NAME = "ownership";

        /** A number, often: has another thread read them. Answers what it read of its own arguments. */
        static final int READ_LATE = FIRST_CALL_TRANSACTION;
        /** Answers how many late readers have ended, and what was wrong. */
        static final int ENDED = FIRST_CALL_TRANSACTION + 1;
        /** Keeps the parcel, and reads in the one kept before; answers what came of that. */
        static final int READ_KEPT = FIRST_CALL_TRANSACTION + 2;
        /** Answers a number, often. */
        static final int GIVE = FIRST_CALL_TRANSACTION + 3;
        /** Answers a blob of sevens. */
        static final int GIVE_BLOB = FIRST_CALL_TRANSACTION + 4;

        private final AtomicInteger ended = new AtomicInteger();
        private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
        private Parcel kept;

        public static void main(String[] args) {
            ServiceManager.addService(NAME, new Service());
            System.out.println(READY);
            Binder.joinThreadPool();
        }

        @Override
        protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
            if (code < READ_LATE || code > GIVE_BLOB) {
                return super.onTransact(code, data, reply, flags);
            }
            data.enforceInterface(Peer.DESCRIPTOR);
            reply.writeNoException();
            switch (code) {
                case READ_LATE -> reply.writeInt(readLate(data));
                case ENDED -> {
                    reply.writeInt(ended.get());
                    reply.writeString(wrong.poll());
                }
                case READ_KEPT -> reply.writeString(readKept(data));
                case GIVE -> give(data.readInt(), reply);
                default -> {
                    byte[] sevens = new byte[NUMBERS];
                    Arrays.fill(sevens, (byte) 7);
                    reply.writeBlob(sevens);
                }
            }
            return true;
        }

        private int readLate(Parcel data) {
            int number = data.readInt();
            CountDownLatch reading = new CountDownLatch(1);
            new Thread(() -> readOn(data, number, reading), "late reader").start();
            try {
                reading.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return number;
        }

        /** Past the end of the parcel there are zeros, until the parcel itself ends. */
        private void readOn(Parcel data, int number, CountDownLatch reading) {
            try {
                while (true) {
                    int read = data.readInt();
                    reading.countDown();
                    if (read != number && read != 0) {
                        wrong.add("read " + read + " in a parcel of " + number);
                    }
                }
            } catch (IllegalStateException late) {
                ended.incrementAndGet();
            } catch (RuntimeException e) {
                wrong.add(e.toString());
            }
        }

        private synchronized String readKept(Parcel data) {
            Parcel before = kept;
            kept = data;
            if (before == null) {
                return "none";
            }
            try {
                return "read " + before.readInt();
            } catch (IllegalStateException late) {
                return late.getMessage();
            }
        }

        private static void give(int number, Parcel reply) {
            for (int i = 0; i < NUMBERS; i++) {
                reply.writeInt(number);
            }
        }
    }

    @BeforeAll
    static void startPeer() {
        process = JavaProcess.start(Service.class);
        process.awaitLine(Service.READY);
    }

    @AfterAll
    static void endPeer() {
        process.close();
    }

    @BeforeEach
    void find() {
        peer = ServiceManager.getService(Service.NAME);
        assertNotNull(peer);
    }

    private static void numbers(Parcel data, int number) {
        for (int i = 0; i < NUMBERS; i++) {
            data.writeInt(number);
        }
    }

    @Test
    void shouldShowALateReaderNoOtherCall() throws Exception {
        int before = Calls.askInt(peer, Service.ENDED);
        for (int i = 1; i <= CALLS; i++) {
            int number = i;
            assertEquals(
                    number,
                    Calls.<Integer>call(peer, Service.READ_LATE, data -> numbers(data, number), Parcel::readInt));
        }

        Await.until(() -> Calls.askInt(peer, Service.ENDED) == before + CALLS, () -> "late readers go on");
        Calls.call(peer, Service.ENDED, Calls.NOTHING, reply -> {
            reply.readInt();
            assertEquals(null, reply.readString());
            return null;
        });
    }

    @Test
    void shouldRefuseTheParcelOfAnEarlierCallInTheNext() throws RemoteException {
        assertEquals("none", Calls.call(peer, Service.READ_KEPT, data -> data.writeInt(1), Parcel::readString));
        for (int i = 0; i < 20; i++) {
            String late = Calls.call(peer, Service.READ_KEPT, data -> data.writeInt(2), Parcel::readString);
            assertTrue(late.contains("after the call that it came with had returned"), late);
        }
    }

    @Test
    void shouldNotGiveBackTheBufferOfTheNextReplyWhenRecycledTwice() throws RemoteException {
        Parcel first = ask(1);
        first.recycle();
        Parcel second = ask(2);
        first.recycle();
        Parcel third = ask(3);

        for (int i = 0; i < NUMBERS; i++) {
            assertEquals(2, second.readInt());
            assertEquals(3, third.readInt());
        }
        assertThrows(IllegalStateException.class, first::readInt);
        second.recycle();
        third.recycle();
    }

    private Parcel ask(int number) throws RemoteException {
        Parcel data = Parcel.obtain();
        Parcel reply = Parcel.obtain();
        data.writeInterfaceToken(Peer.DESCRIPTOR);
        data.writeInt(number);
        peer.transact(Service.GIVE, data, reply, 0);
        data.recycle();
        reply.readException();
        return reply;
    }

    /** Were the memory gone for a moment, or for good, one of the readers would take the JVM with it. */
    @Test
    void shouldRefuseReadersWhenTheDeviceIsClosedUnderThem() throws Exception {
        for (int round = 0; round < CLOSINGS; round++) {
            BinderDevice device = BinderDevice.getDefault();
            peer = ServiceManager.getService(Service.NAME);
            Queue<String> wrong = new ConcurrentLinkedQueue<>();
            CountDownLatch reading = new CountDownLatch(READERS);
            List<Thread> readers = new ArrayList<>();
            for (int i = 0; i < READERS; i++) {
                Runnable pass = i % 2 == 0 ? passOverParcel(wrong) : passOverView(wrong);
                Thread reader = new Thread(() -> {
                    pass.run();
                    reading.countDown();
                    assertThrows(IllegalStateException.class, () -> repeat(pass));
                });
                reader.setUncaughtExceptionHandler((thread, e) -> wrong.add(e.toString()));
                reader.start();
                readers.add(reader);
            }
            assertTrue(reading.await(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS));

            device.close();
            for (Thread reader : readers) {
                reader.join();
            }
            assertEquals(List.of(), List.copyOf(wrong));
            assertEquals(List.of(), OwnProcess.binderMappings());
        }
    }

    private static void repeat(Runnable pass) {
        while (true) {
            pass.run();
        }
    }

    private Runnable passOverParcel(Queue<String> wrong) throws RemoteException {
        Parcel reply = ask(7);
        int start = reply.dataPosition();
        return () -> {
            for (int i = 0; i < NUMBERS; i++) {
                check(reply.readInt(), wrong);
            }
            reply.setDataPosition(start);
        };
    }

    private Runnable passOverView(Queue<String> wrong) throws RemoteException {
        BlobView view =
                Calls.ask(peer, Service.GIVE_BLOB, reply -> Blobs.view(reply).keep());
        byte[] bytes = new byte[4096];
        return () -> {
            for (int i = 0; i < view.size(); i += bytes.length) {
                check(view.get(i), wrong);
                check((int) view.getLong(i), wrong);
                view.get(i, bytes);
                check(bytes[100], wrong);
            }
        };
    }

    private static void check(int read, Queue<String> wrong) {
        if (read != 7 && read != 0x07070707) {
            wrong.add("read " + read);
        }
    }
}
