package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.Binder;
import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;
import android.os.ServiceManager;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.testkit.BinderTest;
import io.github.binder4j.testkit.JavaProcess;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Calls from virtual threads, which change their OS thread as they like, though the driver knows OS threads. */
@BinderTest(serviceManager = true)
class VirtualThreadIT {
    private static final int THREADS = 100;
    private static final int CALLS = 20;

    private static JavaProcess process;
    private static IBinder peer;

    @BeforeAll
    static void startPeer() {
        int version = Runtime.version().feature();
        Assumptions.assumeTrue(
                version >= 21, "virtual threads came with Java 21; the runtime in the test image is Java " + version);
        process = JavaProcess.start(Peer.class);
        process.awaitLine(Peer.READY);
        peer = ServiceManager.getService(Peer.NAME);
    }

    @AfterAll
    static void endPeer() {
        if (process != null) {
            process.close();
        }
    }

    /** By name, because this compiles for Java 17. */
    private static ExecutorService virtualThreads() throws ReflectiveOperationException {
        return (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    }

    private static void onVirtualThreads(Callable<Void> work) throws Exception {
        ExecutorService executor = virtualThreads();
        List<Future<Void>> all = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            all.add(executor.submit(work));
        }
        for (Future<Void> one : all) {
            one.get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
        executor.shutdown();
    }

    private static boolean isVirtual() throws ReflectiveOperationException {
        return (boolean) Thread.class.getMethod("isVirtual").invoke(Thread.currentThread());
    }

    @Test
    void shouldGiveEachOfAHundredItsOwnReply() throws Exception {
        onVirtualThreads(() -> {
            assertTrue(isVirtual());
            for (int i = 0; i < CALLS; i++) {
                long a = Thread.currentThread().getId();
                long b = i;
                long sum = Calls.call(
                        peer,
                        Peer.SUM,
                        data -> {
                            data.writeLong(a);
                            data.writeLong(b);
                        },
                        Parcel::readLong);
                assertEquals(a + b, sum);
            }
            return null;
        });
        Await.until(() -> BinderDevice.getDefault().liveBuffers() == 0, () -> "buffers are left");
    }

    @Test
    void shouldCallEachOfAHundredBackOnAPlatformThread() throws Exception {
        Set<String> threads = ConcurrentHashMap.newKeySet();
        onVirtualThreads(() -> {
            for (int i = 0; i < CALLS; i++) {
                AtomicReference<Thread> served = new AtomicReference<>();
                Calls.call(
                        peer,
                        Peer.CALL_BACK,
                        data -> data.writeStrongBinder(new Binder() {
                            @Override
                            protected boolean onTransact(int code, Parcel arguments, Parcel reply, int flags) {
                                served.set(Thread.currentThread());
                                return true;
                            }
                        }));
                threads.add(served.get().getName());
            }
            return null;
        });

        assertTrue(threads.stream().allMatch(name -> name.startsWith("binder-carrier-")), threads.toString());
    }

    @Test
    void shouldCarryExceptionsToAVirtualThread() throws Exception {
        onVirtualThreads(() -> {
            try {
                Calls.call(peer, Peer.THROW, data -> {
                    data.writeInt(Peer.Thrown.SECURITY.ordinal());
                    data.writeString("to a virtual thread");
                });
            } catch (SecurityException thrown) {
                assertEquals("to a virtual thread", thrown.getMessage());
                return null;
            }
            throw new AssertionError("nothing was thrown");
        });
    }

    @Test
    void shouldRecurseFromAVirtualThread() throws Exception {
        onVirtualThreads(() -> {
            String[] threads = Peer.recurse(peer, 9, new Peer()).split(" ");
            assertEquals(2, Arrays.stream(threads).distinct().count());
            return null;
        });
    }

    @Test
    void shouldDeliverOnewayCallsOfVirtualThreads() throws Exception {
        int before = Calls.askInt(peer, Peer.NOTES);
        onVirtualThreads(() -> {
            Calls.oneway(peer, Peer.NOTE, data -> data.writeInt(1));
            return null;
        });

        Await.until(() -> Calls.askInt(peer, Peer.NOTES) == before + THREADS, VirtualThreadIT::notes);
    }

    private static String notes() {
        try {
            return Calls.askInt(peer, Peer.NOTES) + " notes";
        } catch (RemoteException e) {
            return e.toString();
        }
    }
}
