package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.Binder;
import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;
import android.os.ServiceManager;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.testkit.BinderTest;
import io.github.binder4j.testkit.JavaProcess;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The threads that serve calls: how many there are, and what happens when there are more calls. */
@Tag("binderfs")
@BinderTest(serviceManager = true)
class PoolIT {
    private static final int POOL = 15 + 1;
    private static final long LONGER_THAN_STARVATION_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private BinderLogs log;
    private BinderDevice device;

    @BeforeEach
    void open() {
        log = BinderLogs.ofThisProcess();
        device = BinderDevice.getDefault();
    }

    @AfterEach
    void close() throws Exception {
        device.close();
        Await.until(() -> !log.exists(), () -> log);
    }

    /** Holds each call until it is let go. */
    static final class Holder extends Binder {
        final AtomicInteger entered = new AtomicInteger();
        final Semaphore exits = new Semaphore(0);
        final Set<String> threads = ConcurrentHashMap.newKeySet();

        @Override
        protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) {
            threads.add(Thread.currentThread().getName());
            entered.incrementAndGet();
            exits.acquireUninterruptibly();
            return true;
        }

        void awaitEntered(int count) throws Exception {
            Await.until(() -> entered.get() >= count, () -> entered + " calls are being served, not " + count);
        }
    }

    /** Calls a service from many threads at once and says when all have returned. */
    static final class Callers {
        static final String DONE = "callers: done";

        public static void main(String[] args) throws Exception {
            IBinder service = ServiceManager.getService(args[0]);
            Thread[] threads = new Thread[Integer.parseInt(args[1])];
            for (int i = 0; i < threads.length; i++) {
                threads[i] = new Thread(() -> call(service), "caller-" + i);
                threads[i].start();
            }
            for (Thread thread : threads) {
                thread.join();
            }
            System.out.println(DONE);
        }

        private static void call(IBinder service) {
            try {
                Calls.call(service, Peer.NOTHING, Calls.NOTHING);
            } catch (RemoteException e) {
                System.out.println("callers: failed: " + e);
                System.exit(1);
            }
        }
    }

    /** The calls the driver has accepted for this process and given to none of its threads. */
    private int pendingCalls() {
        return log.records("pending transaction").size();
    }

    @Test
    void shouldServeAsManyCallsAtOnceAsItHasThreadsAndTheRestLater() throws Exception {
        Holder holder = new Holder();
        ServiceManager.addService("holder", holder);
        try (JavaProcess callers = JavaProcess.start(Callers.class, "holder", "" + (POOL + 4))) {
            holder.awaitEntered(POOL);
            Await.until(() -> pendingCalls() == 4, () -> log);
            assertEquals(POOL, holder.entered.get());
            assertEquals(POOL, holder.threads.size());

            holder.exits.release();
            holder.awaitEntered(POOL + 1);
            Await.until(() -> pendingCalls() == 3, () -> log);

            holder.exits.release(POOL + 3);
            callers.awaitLine(Callers.DONE);
        }
        assertEquals(POOL + 4, holder.entered.get());
        assertEquals(POOL, holder.threads.size());
    }

    @Test
    void shouldReportThatEveryThreadWasBusyForLong() throws Exception {
        Holder holder = new Holder();
        ServiceManager.addService("holder", holder);
        assertEquals(0, device.starvations());
        try (JavaProcess callers = JavaProcess.start(Callers.class, "holder", "" + POOL)) {
            holder.awaitEntered(POOL);
            holdFor(LONGER_THAN_STARVATION_NANOS);
            holder.exits.release(POOL);
            callers.awaitLine(Callers.DONE);
        }

        Await.until(() -> device.starvations() > 0, device::starvations);
    }

    /** One thread that is free is enough. */
    @Test
    void shouldNotReportABusyPoolWithAThreadToSpare() throws Exception {
        Holder holder = new Holder();
        ServiceManager.addService("holder", holder);
        try (JavaProcess callers = JavaProcess.start(Callers.class, "holder", "" + (POOL - 1))) {
            holder.awaitEntered(POOL - 1);
            holdFor(LONGER_THAN_STARVATION_NANOS);
            holder.exits.release(POOL - 1);
            callers.awaitLine(Callers.DONE);
        }

        assertEquals(0, device.starvations());
    }

    /** Calls nested in one another take one thread, however many they are. */
    @Test
    void shouldNotTakeRecursionForABusyPool() throws Exception {
        try (JavaProcess process = JavaProcess.start(Peer.class)) {
            process.awaitLine(Peer.READY);
            IBinder peer = ServiceManager.getService(Peer.NAME);
            AtomicInteger depth = new AtomicInteger();
            Peer slow = new Peer() {
                @Override
                protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
                    if (depth.incrementAndGet() == 2 * POOL) {
                        holdFor(LONGER_THAN_STARVATION_NANOS);
                    }
                    return super.onTransact(code, data, reply, flags);
                }
            };

            Peer.recurse(peer, 4 * POOL, slow);

            assertEquals(2 * POOL, depth.get());
        }
        assertEquals(0, device.starvations());
    }

    private static void holdFor(long nanos) {
        long end = System.nanoTime() + nanos;
        for (long left = nanos; left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    /** A peer with one pool thread, and that one which joins. */
    static final class TwoThreads {
        public static void main(String[] args) {
            BinderDevice.getDefault()
                    .setMaxThreads(0); // before the first call: the driver may ask for another thread at that
            Peer.main(args);
        }
    }

    /** Two calls that wait for each other need both threads there are. */
    @Test
    void shouldServeOnThreadsThatJoin() throws Exception {
        try (JavaProcess process = JavaProcess.start(TwoThreads.class)) {
            process.awaitLine(Peer.READY);
            IBinder peer = ServiceManager.getService(Peer.NAME);

            FutureTask<String> other = new FutureTask<>(() -> Calls.ask(peer, Peer.MEET, Parcel::readString));
            new Thread(other, "other").start();
            String one = Calls.ask(peer, Peer.MEET, Parcel::readString);

            Set<String> threads = Set.of(one, other.get());
            assertTrue(threads.contains("main"), threads.toString());
            assertTrue(threads.stream().anyMatch(name -> name.startsWith("binder-")), threads.toString());
        }
    }

    @Test
    void shouldServeOnOneThreadAloneWhenNoMoreAreAllowed() throws Exception {
        device.setMaxThreads(0);
        Holder holder = new Holder();
        ServiceManager.addService("holder", holder);
        try (JavaProcess callers = JavaProcess.start(Callers.class, "holder", "5")) {
            holder.awaitEntered(1);
            Await.until(() -> pendingCalls() == 4, () -> log);
            assertEquals(1, holder.entered.get());
            holder.exits.release(5);
            callers.awaitLine(Callers.DONE);
        }

        assertEquals(1, holder.threads.size());
    }

    @Test
    void shouldRefuseANegativeNumberOfThreads() {
        assertThrows(IllegalArgumentException.class, () -> device.setMaxThreads(-1));
    }

    @Test
    void shouldNameItsThreadsAfterTheDevice() throws Exception {
        Holder holder = new Holder();
        holder.exits.release();
        ServiceManager.addService("holder", holder);
        try (JavaProcess callers = JavaProcess.start(Callers.class, "holder", "1")) {
            callers.awaitLine(Callers.DONE);
        }

        String name = List.copyOf(holder.threads).get(0);
        assertTrue(name.matches("binder-binder-[0-9]+"), name);
        assertFalse(OwnProcess.binderThreads().stream().anyMatch(thread -> !thread.isDaemon()));
    }
}
