package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;
import android.os.ServiceManager;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.Blobs;
import io.github.binder4j.testkit.BinderTest;
import io.github.binder4j.testkit.JavaProcess;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A call that is made again and again makes no garbage, neither where it is made nor where it is served. */
@BinderTest(serviceManager = true, timeoutSeconds = 600)
class AllocationIT {
    private static final int CALLS = 10_000;
    private static final int LARGE_CALLS = 2_000;
    private static final int BATCH = 500;
    private static final int LARGE_BYTES = 64 * 1024;
    private static final int SWEEPS = 10;
    private static final int WINDOWS = 10;
    private static final long SWEEP_NANOS = 100_000_000;

    private static JavaProcess process;
    private static IBinder peer;

    /**
     * A peer all of whose serving threads are in the pool, so that their figure is the whole of what serving allocates.
     * Two, because a pool without a thread to spare says so in the log when a call takes long.
     */
    static final class TwoLoopers {
        public static void main(String[] args) throws InterruptedException {
            BinderDevice.getDefault().setMaxThreads(1);
            ServiceManager.addService(Peer.NAME, new Peer());
            System.out.println(Peer.READY);
            new CountDownLatch(1).await();
        }
    }

    @BeforeAll
    static void startPeer() {
        process = JavaProcess.start(TwoLoopers.class);
        process.awaitLine(Peer.READY);
        peer = ServiceManager.getService(Peer.NAME);
        assertNotNull(peer);
    }

    @AfterAll
    static void endPeer() {
        process.close();
    }

    private interface Call {
        void make() throws RemoteException;
    }

    /** What {@code count} calls allocate on this thread and on those that serve, taking the measurement included. */
    private record Measured(long here, long there) {
        static Measured of(int count, Call call) throws RemoteException {
            long thereBefore = Calls.ask(peer, Peer.ALLOCATED_BYTES, Parcel::readLong);
            long hereBefore = Allocations.ofThisThread();
            for (int i = 0; i < count; i++) {
                call.make();
            }
            long hereAfter = Allocations.ofThisThread();
            return new Measured(
                    hereAfter - hereBefore, Calls.ask(peer, Peer.ALLOCATED_BYTES, Parcel::readLong) - thereBefore);
        }
    }

    private static void assertNoGarbage(int count, Call call) throws RemoteException {
        Measured.of(count / 5, call); // what happens once happens here
        Measured nothing = Measured.of(0, call);
        Measured calls = Measured.of(count, call);

        long here = calls.here - nothing.here;
        long there = calls.there - nothing.there;
        System.out.println(count + " calls allocated " + here + " bytes here, " + there + " there");
        assertTrue(here < count, "bytes per call on the calling thread: " + (double) here / count);
        assertTrue(there < count, "bytes per call on the serving threads: " + (double) there / count);
    }

    private static long sum(long a, long b) throws RemoteException {
        Parcel data = Parcel.obtain();
        Parcel reply = Parcel.obtain();
        try {
            data.writeInterfaceToken(Peer.DESCRIPTOR);
            data.writeLong(a);
            data.writeLong(b);
            peer.transact(Peer.SUM, data, reply, 0);
            reply.readException();
            return reply.readLong();
        } finally {
            reply.recycle();
            data.recycle();
        }
    }

    @Test
    void shouldMakeNoGarbageInACallOfPrimitives() throws RemoteException {
        assertEquals(5, sum(2, 3));
        assertNoGarbage(CALLS, () -> sum(2, 3));
    }

    /** The blob is read as longs: a view of it would be an object. */
    @Test
    void shouldMakeNoGarbageInACallWithALargeBlob() throws RemoteException {
        ByteBuffer blob = ByteBuffer.allocateDirect(LARGE_BYTES);
        assertNoGarbage(LARGE_CALLS, () -> sendBlob(blob));
    }

    private static void sendBlob(ByteBuffer blob) throws RemoteException {
        Parcel data = Parcel.obtain();
        Parcel reply = Parcel.obtain();
        try {
            data.writeInterfaceToken(Peer.DESCRIPTOR);
            Blobs.write(data, blob);
            peer.transact(Peer.SUM, data, reply, 0);
            reply.readException();
        } finally {
            reply.recycle();
            data.recycle();
        }
    }

    @Test
    void shouldMakeNoGarbageInAOnewayCall() throws RemoteException {
        int[] sent = {notes()};
        assertNoGarbage(CALLS, () -> note(++sent[0]));
    }

    /** Now and then waits for the peer, which need not keep up: its space for oneway calls is limited. */
    private static void note(int number) throws RemoteException {
        Parcel data = Parcel.obtain();
        try {
            data.writeInterfaceToken(Peer.DESCRIPTOR);
            data.writeInt(1);
            peer.transact(Peer.NOTE, data, null, IBinder.FLAG_ONEWAY);
        } finally {
            data.recycle();
        }
        if (number % BATCH == 0) {
            long deadline = System.nanoTime() + Await.PATIENCE.toNanos();
            while (notes() < number) {
                assertTrue(System.nanoTime() < deadline, "oneway calls were lost");
                Thread.onSpinWait();
            }
        }
    }

    private static int notes() throws RemoteException {
        Parcel data = Parcel.obtain();
        Parcel reply = Parcel.obtain();
        try {
            data.writeInterfaceToken(Peer.DESCRIPTOR);
            peer.transact(Peer.NOTES, data, reply, 0);
            reply.readException();
            return reply.readInt();
        } finally {
            reply.recycle();
            data.recycle();
        }
    }

    /** The janitor looks ten times a second at what callers have left to be freed. */
    @Test
    void shouldMakeNoGarbageInTheJanitorWhileCallsAreMade() throws RemoteException {
        callFor(SWEEPS);
        long least = Long.MAX_VALUE;
        // Where a call takes longer than a sweep, its buffer is given back, for which there is garbage.
        for (int i = 0; i < WINDOWS && least > 0; i++) {
            long before = Allocations.ofJanitor();
            callFor(SWEEPS);
            least = Math.min(least, Allocations.ofJanitor() - before);
        }

        assertEquals(0, least, "bytes in " + SWEEPS + " sweeps");
    }

    private static void callFor(int sweeps) throws RemoteException {
        long end = System.nanoTime() + sweeps * SWEEP_NANOS;
        while (System.nanoTime() < end) {
            sum(1, 2);
        }
    }

    /** That the figures above can be other than 0. */
    @Test
    void shouldMeasureWhatIsAllocated() throws RemoteException {
        byte[] bytes = new byte[1000];
        Measured nothing = Measured.of(0, () -> {});
        Measured calls =
                Measured.of(100, () -> Calls.call(peer, Peer.TAKE_BLOB, data -> data.writeBlob(bytes.clone())));

        assertTrue(calls.here - nothing.here > 100 * bytes.length, calls.toString());
        assertTrue(calls.there - nothing.there > 100 * bytes.length, calls.toString());
    }
}
