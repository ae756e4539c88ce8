package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.Binder;
import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;
import android.os.ServiceManager;
import io.github.binder4j.testkit.BinderTest;
import io.github.binder4j.testkit.JavaProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Threads that call, and threads that serve, never wait for one another in the library. */
@BinderTest(serviceManager = true, timeoutSeconds = 600)
class ContentionIT {
    private static final int THREADS = 16;
    private static final int CALLS = 200;
    private static final String TESTS = ContentionIT.class.getPackageName() + ".";
    private static final String TEST_KIT = "io.github.binder4j.testkit.";

    /** Serves under a lock of its own, so that a recording without waits is known to be worth nothing. */
    static final class Locking extends Binder {
        static final String NAME = "locking";
        static final String READY = "locking: ready";
        static final int ADD = FIRST_CALL_TRANSACTION;
        static final int RECORD = FIRST_CALL_TRANSACTION + 1;
        static final int WAITS = FIRST_CALL_TRANSACTION + 2;

        private LockWaits waits = new LockWaits();
        private long sum;

        public static void main(String[] args) {
            ServiceManager.addService(NAME, new Locking());
            System.out.println(READY);
            Binder.joinThreadPool();
        }

        @Override
        protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
            switch (code) {
                case ADD -> reply.writeLong(add());
                case RECORD -> {
                    waits.close();
                    waits = new LockWaits();
                }
                case WAITS -> reply.writeString(String.join("\n", stop()));
                default -> {
                    return super.onTransact(code, data, reply, flags);
                }
            }
            return true;
        }

        private synchronized long add() {
            Thread.yield();
            return ++sum;
        }

        private Set<String> stop() {
            try (LockWaits stopped = waits) {
                return stopped.stop();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Test
    void shouldNotHaveThreadsWaitForOneAnotherInACall() throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(THREADS);
        try (JavaProcess process = JavaProcess.start(Locking.class)) {
            process.awaitLine(Locking.READY);
            IBinder service = ServiceManager.getService(Locking.NAME);
            // All threads of both sides enter, and all classes are there, the recorder's too, before what is recorded
            // counts.
            try (LockWaits before = new LockWaits()) {
                callFromAll(callers, service);
                before.stop();
            }
            ask(service, Locking.RECORD);
            try (LockWaits here = new LockWaits()) {
                assertEquals(2 * THREADS * CALLS, callFromAll(callers, service));

                Set<String> waitsHere = here.stop();
                Set<String> there = ask(service, Locking.WAITS).lines().collect(Collectors.toSet());
                assertTrue(
                        there.contains(Locking.class.getName() + ".add"), "the service's own lock is not in " + there);
                assertEquals(Set.of(), inLibrary(there), "waits where calls are served");
                assertEquals(Set.of(), inLibrary(waitsHere), "waits where calls are made");
            }
        } finally {
            callers.shutdownNow();
        }
    }

    /** Calls from every thread; returns the largest answer. */
    private static long callFromAll(ExecutorService callers, IBinder service) throws Exception {
        List<Callable<Long>> calls = Collections.nCopies(THREADS, () -> callOften(service));
        long last = 0;
        for (Future<Long> answer : callers.invokeAll(calls)) {
            last = Math.max(last, answer.get());
        }
        return last;
    }

    private static Set<String> inLibrary(Set<String> waits) {
        return waits.stream()
                .filter(place -> !place.isEmpty() && !place.startsWith(TESTS) && !place.startsWith(TEST_KIT))
                .collect(Collectors.toSet());
    }

    private static long callOften(IBinder service) throws RemoteException {
        long last = 0;
        for (int i = 0; i < CALLS; i++) {
            Parcel data = Parcel.obtain();
            Parcel reply = Parcel.obtain();
            try {
                service.transact(Locking.ADD, data, reply, 0);
                last = reply.readLong();
            } finally {
                reply.recycle();
                data.recycle();
            }
        }
        return last;
    }

    /** What is answered; "" if nothing. */
    private static String ask(IBinder service, int code) throws RemoteException {
        Parcel data = Parcel.obtain();
        Parcel reply = Parcel.obtain();
        try {
            service.transact(code, data, reply, 0);
            return reply.dataAvail() == 0 ? "" : reply.readString();
        } finally {
            reply.recycle();
            data.recycle();
        }
    }
}
