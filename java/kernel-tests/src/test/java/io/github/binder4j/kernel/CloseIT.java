package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.Binder;
import android.os.DeadObjectException;
import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;
import android.os.ServiceManager;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.BlobView;
import io.github.binder4j.Blobs;
import io.github.binder4j.testkit.BinderTest;
import io.github.binder4j.testkit.JavaProcess;
import java.io.File;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The end of a device, whatever is going on in it, and the beginning of the next. */
@Tag("binderfs")
@BinderTest(serviceManager = true)
class CloseIT {
    private static BinderLogs log;
    private static JavaProcess process;

    private BinderDevice device;
    private IBinder peer;

    @BeforeAll
    static void startPeer() {
        log = BinderLogs.ofThisProcess();
        process = JavaProcess.start(Peer.class);
        process.awaitLine(Peer.READY);
    }

    @AfterAll
    static void endPeer() {
        process.close();
    }

    @BeforeEach
    void open() {
        device = BinderDevice.getDefault();
        peer = ServiceManager.getService(Peer.NAME);
        assertNotNull(peer);
    }

    @AfterEach
    void close() {
        device.close();
    }

    private static void awaitNothingLeft() throws Exception {
        Await.until(() -> OwnProcess.binderThreads().isEmpty(), OwnProcess::binderThreads);
        Await.until(() -> OwnProcess.binderMappings().isEmpty(), () -> "still mapped");
        assertEquals(List.of(), OwnProcess.binderDescriptors());
        Await.until(() -> !log.exists(), () -> "the driver still knows this process:\n" + log);
    }

    @Test
    void shouldFailTheCallThatWaitsForAReplyAndLeaveNothing() throws Exception {
        ServiceManager.addService("own", new Peer());
        FutureTask<Void> call = new FutureTask<>(() -> {
            Calls.call(peer, Peer.HOLD, Calls.NOTHING);
            return null;
        });
        new Thread(call, "caller").start();
        process.awaitLine(Peer.HOLDING);
        assertEquals(1, OwnProcess.binderMappings().size());
        assertEquals(2, OwnProcess.binderDescriptors().size(), "one, and the copy that its threads are woken with");

        device.close();

        ExecutionException thrown =
                assertThrows(ExecutionException.class, () -> call.get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS));
        assertTrue(
                thrown.getCause().getMessage().contains("binder device " + device.path() + " is closed"),
                thrown.getCause().toString());
        awaitNothingLeft();
    }

    @Test
    void shouldDoNothingWhenClosedAgain() throws Exception {
        device.close();
        device.close();

        awaitNothingLeft();
        device.close();
    }

    @Test
    void shouldOpenAnewAfterwards() throws Exception {
        device.close();
        awaitNothingLeft();
        device = BinderDevice.getDefault();
        assertTrue(log.exists());
        IBinder again = ServiceManager.getService(Peer.NAME);

        assertNotSame(peer, again);
        assertEquals(process.pid(), Calls.askInt(again, Peer.PID));
        IBinder own = new Peer();
        ServiceManager.addService("own", own);
        Calls.call(again, Peer.CALL_BACK, data -> data.writeStrongBinder(own));
    }

    @Test
    void shouldRefuseCallsToProxiesOfTheClosedDevice() {
        device.close();

        DeadObjectException thrown = assertThrows(DeadObjectException.class, () -> Calls.askInt(peer, Peer.PID));
        assertTrue(thrown.getMessage().contains("is closed"), thrown.getMessage());
        assertFalse(peer.pingBinder());
        assertThrows(DeadObjectException.class, () -> peer.linkToDeath(() -> {}, 0));
    }

    @Test
    void shouldRefuseToSendAProxyThroughAnotherOpening() {
        device.close();
        device = BinderDevice.getDefault();
        IBinder again = ServiceManager.getService(Peer.NAME);

        IllegalArgumentException thrown = assertThrows(
                IllegalArgumentException.class,
                () -> Calls.call(again, Peer.KEEP, data -> data.writeStrongBinder(peer)));
        assertTrue(thrown.getMessage().contains("proxy"), thrown.getMessage());
        assertTrue(again.pingBinder());
    }

    @Test
    void shouldTellOthersThatOurObjectsAreDead() throws Exception {
        ServiceManager.addService("shortlived", new Peer());
        device.close();
        device = BinderDevice.getDefault();

        Await.until(() -> ServiceManager.getService("shortlived") == null, () -> "the closed service is still listed");
    }

    @Test
    void shouldLeaveNothingThoughAParcelAndAViewAreHeld() throws Exception {
        Parcel data = Parcel.obtain();
        Parcel reply = Parcel.obtain();
        data.writeInterfaceToken(Peer.DESCRIPTOR);
        data.writeInt(1000);
        peer.transact(Peer.GIVE_BLOB, data, reply, 0);
        BlobView view = Calls.call(
                peer,
                Peer.GIVE_BLOB,
                arguments -> arguments.writeInt(100_000),
                other -> Blobs.view(other).keep());

        device.close();

        assertEquals(List.of(), OwnProcess.binderMappings());
        awaitNothingLeft();
        assertThrows(IllegalStateException.class, reply::readException);
        assertThrows(IllegalStateException.class, () -> view.get(0));
        assertThrows(IllegalStateException.class, view::toByteArray);
        reply.recycle();
        view.close();
    }

    @Test
    void shouldReturnFromJoinThreadPool() throws Exception {
        CountDownLatch joined = new CountDownLatch(1);
        Thread looper = new Thread(() -> {
            Binder.joinThreadPool();
            joined.countDown();
        });
        looper.start();
        ServiceManager.addService("own", new Peer());
        // Joined later, it would open the device anew and stay.
        Await.until(() -> isInDriver(looper), () -> "not joined");

        device.close();

        assertTrue(joined.await(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS));
        awaitNothingLeft();
    }

    private static boolean isInDriver(Thread thread) {
        return Arrays.stream(thread.getStackTrace())
                .anyMatch(frame -> frame.getClassName().endsWith(".BinderNative"));
    }

    /** A looper that is in user code leaves when that returns; what it was to reply is dropped. */
    @Test
    void shouldLetACallThatIsBeingServedEnd() throws Exception {
        CountDownLatch served = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        ServiceManager.addService("slow", new Binder() {
            @Override
            protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) {
                served.countDown();
                try {
                    closed.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                data.enforceInterface(Peer.DESCRIPTOR);
                reply.writeNoException();
                return true;
            }
        });
        try (JavaProcess caller = JavaProcess.start(DeathIT.Caller.class, "slow")) {
            assertTrue(served.await(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS));

            device.close();
            closed.countDown();

            caller.awaitLine("Exception in thread \"main\" android.os.DeadObjectException");
        }
        awaitNothingLeft();
    }

    @Test
    void shouldHaveEndedItsThreadsWhenItReturns() throws Exception {
        ServiceManager.addService("own", new Peer());
        Calls.call(peer, Peer.CALL_BACK, data -> data.writeStrongBinder(new Peer()));
        assertFalse(OwnProcess.binderThreads().isEmpty());

        device.close();

        assertEquals(List.of(), OwnProcess.binderThreads());
        assertEquals(List.of(), OwnProcess.binderMappings());
        assertEquals(List.of(), OwnProcess.binderDescriptors());
    }

    /** Of the library and of the program that uses it; on a thread that goes on. */
    @Test
    void shouldLetAClassLoaderGoThatLoadedTheLibrary() throws Exception {
        device.close();
        WeakReference<ClassLoader> loader = useInALoaderOfItsOwn();

        Await.gcUntil(
                () -> loader.get() == null,
                () -> "the class loader is kept; threads: "
                        + Thread.getAllStackTraces().keySet());
        awaitNothingLeft();
    }

    private static WeakReference<ClassLoader> useInALoaderOfItsOwn() throws Exception {
        List<URL> classPath = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            classPath.add(Path.of(entry).toUri().toURL());
        }
        ClassLoader loader = new URLClassLoader(classPath.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            loader.loadClass(LoaderUser.class.getName())
                    .getMethod("useAndClose")
                    .invoke(null);
        } finally {
            thread.setContextClassLoader(before);
        }
        return new WeakReference<>(loader);
    }

    /** Threads that are between two steps of a call when the device goes must not touch what is gone: that kills the JVM. */
    @Test
    void shouldSurviveBeingClosedAmidCallsAgainAndAgain() throws Exception {
        for (int round = 0; round < 40; round++) {
            AtomicInteger calls = new AtomicInteger();
            List<Thread> callers = new ArrayList<>();
            IBinder target = ServiceManager.getService(Peer.NAME);
            for (int i = 0; i < 4; i++) {
                Thread caller = new Thread(() -> callUntilClosed(target, calls), "caller-" + i);
                caller.start();
                callers.add(caller);
            }
            Await.until(() -> calls.get() > 20, calls::get);
            device.close();
            for (Thread caller : callers) {
                caller.join();
            }
            Await.until(() -> OwnProcess.binderMappings().isEmpty(), () -> "still mapped");
            device = BinderDevice.getDefault();
        }
    }

    private static void callUntilClosed(IBinder target, AtomicInteger calls) {
        try {
            while (true) {
                Calls.call(target, Peer.CALL_BACK, data -> data.writeStrongBinder(new Peer()));
                Calls.call(target, Peer.GIVE_BLOB, data -> data.writeInt(1000), Parcel::readBlob);
                calls.incrementAndGet();
            }
        } catch (RemoteException | IllegalStateException closed) {
            return;
        }
    }
}
