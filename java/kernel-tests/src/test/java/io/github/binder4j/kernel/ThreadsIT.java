package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.IBinder;
import android.os.RemoteException;
import android.os.ServiceManager;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.DeviceListener;
import io.github.binder4j.Subscription;
import io.github.binder4j.testkit.BinderTest;
import io.github.binder4j.testkit.JavaProcess;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadFactory;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the driver knows of threads that have ended, how many it may ask for, and who is told that they do not suffice. */
@Tag("binderfs")
@BinderTest(serviceManager = true)
class ThreadsIT {
    private static final int THREADS = 60;

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

    // The end of threads

    @Test
    void shouldLeaveNoRecordOfThreadsHoweverTheyUsedTheDriverAndEnded() throws Exception {
        try (JavaProcess process = JavaProcess.start(Peer.class)) {
            process.awaitLine(Peer.READY);
            IBinder peer = ServiceManager.getService(Peer.NAME);
            assertTrue(peer.pingBinder());

            join(start(Thread::new, peer));

            Await.until(() -> threadsThatOnlyCalled() <= 2, () -> "more than this one and the janitor:\n" + log);
        }
    }

    /** Those of the driver's records that are not of loopers. */
    private long threadsThatOnlyCalled() {
        return log.records("thread").stream()
                .filter(line -> line.contains(": l 00 "))
                .count();
    }

    private static List<Thread> start(ThreadFactory factory, IBinder peer) {
        List<Thread> threads = IntStream.range(0, THREADS)
                .mapToObj(i -> factory.newThread(() -> use(peer, i)))
                .toList();
        for (Thread thread : threads) {
            thread.setUncaughtExceptionHandler((dead, e) -> {});
            thread.start();
        }
        return threads;
    }

    private static void join(List<Thread> threads) throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private static void use(IBinder peer, int way) {
        try {
            switch (way % 4) {
                case 0 -> Calls.call(peer, Peer.CALL_BACK, data -> data.writeStrongBinder(new Peer()));
                case 1 -> Calls.oneway(peer, Peer.NOTE, data -> data.writeInt(1));
                case 2 -> {
                    IBinder.DeathRecipient recipient = () -> {};
                    peer.linkToDeath(recipient, 0);
                    peer.unlinkToDeath(recipient, 0);
                }
                default -> Calls.call(peer, Peer.GIVE_BLOB, data -> data.writeInt(100));
            }
        } catch (RemoteException e) {
            throw new IllegalStateException(e);
        }
        if (way % 3 == 0) {
            throw new IllegalStateException("the thread dies by this");
        }
    }

    /** Virtual threads leave records of those that carried their calls, which live on for a while: no more than these. */
    @Test
    void shouldKnowNoMoreThreadsThanThereAreAfterVirtualOnes() throws Exception {
        try (JavaProcess process = JavaProcess.start(Peer.class)) {
            process.awaitLine(Peer.READY);
            IBinder peer = ServiceManager.getService(Peer.NAME);
            assertTrue(peer.pingBinder());

            join(start(newestKindOfThreads(), peer));

            Await.until(
                    () -> threadsThatOnlyCalled() <= 2 + carriers(),
                    () -> "more than this one, the janitor and " + carriers() + " carriers:\n" + log);
        }
    }

    private static long carriers() {
        return OwnProcess.binderThreads().stream()
                .filter(thread -> thread.getName().startsWith("binder-carrier-"))
                .count();
    }

    /** Makes virtual threads where there are any (JDK 21+), by name, because this compiles for Java 17. */
    private static ThreadFactory newestKindOfThreads() throws ReflectiveOperationException {
        if (Runtime.version().feature() < 21) {
            return Thread::new;
        }
        Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
        return (ThreadFactory)
                Class.forName("java.lang.Thread$Builder").getMethod("factory").invoke(builder);
    }

    // How many there may be

    private int pendingCalls() {
        return log.records("pending transaction").size();
    }

    @Test
    void shouldAskForNoMoreThreadsThanItMay() throws Exception {
        device.setMaxThreads(3);
        PoolIT.Holder holder = new PoolIT.Holder();
        ServiceManager.addService("holder", holder);
        try (JavaProcess callers = JavaProcess.start(PoolIT.Callers.class, "holder", "12")) {
            holder.awaitEntered(4);
            Await.until(() -> pendingCalls() == 8, () -> log);
            assertEquals(4, holder.entered.get());
            assertEquals(4, device.statistics().loopers());

            device.setMaxThreads(5);
            // The driver asks for another one when a thread takes a call and leaves none waiting.
            holder.exits.release();
            holder.awaitEntered(7);
            Await.until(() -> pendingCalls() == 5, () -> log);
            assertEquals(7, holder.entered.get());
            assertEquals(6, device.statistics().loopers());

            holder.exits.release(11);
            callers.awaitLine(PoolIT.Callers.DONE);
        }
        assertEquals(6, holder.threads.size());
        assertEquals(6, device.statistics().loopers());
    }

    // When they do not suffice

    @Test
    void shouldTellOfEachStarvationOnce() throws Exception {
        List<String> told = new CopyOnWriteArrayList<>();
        device.setMaxThreads(1);
        PoolIT.Holder holder = new PoolIT.Holder();
        ServiceManager.addService("holder", holder);
        Subscription subscription = device.subscribe(new DeviceListener() {
            @Override
            public void onStarvation(int threads, long starvedMs) {
                told.add(threads + " threads, " + (starvedMs >= 100 ? "for long" : "for " + starvedMs + " ms") + ", "
                        + Thread.currentThread().getName());
            }
        });
        String expected = "2 threads, for long, binder-events-binder";
        starve(holder, 1);
        Await.until(() -> told.size() == 1, told::toString);
        starve(holder, 2);
        Await.until(() -> told.size() == 2, told::toString);
        assertEquals(List.of(expected, expected), told);
        subscription.close();
        starve(holder, 3);
        assertEquals(2, told.size());
        assertEquals(3, device.statistics().starvations());
    }

    /** Keeps both threads busy until the device has noticed. */
    private void starve(PoolIT.Holder holder, int time) throws Exception {
        try (JavaProcess callers = JavaProcess.start(PoolIT.Callers.class, "holder", "2")) {
            holder.awaitEntered(2 * time);
            Await.until(() -> device.starvations() == time, device::starvations);
            holder.exits.release(2);
            callers.awaitLine(PoolIT.Callers.DONE);
        }
    }

    @Test
    void shouldTellAListenerThatThrowsAndTheOthersToo() throws Exception {
        List<String> told = new CopyOnWriteArrayList<>();
        List<Throwable> uncaught = new CopyOnWriteArrayList<>();
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> uncaught.add(e));
        device.setMaxThreads(1);
        PoolIT.Holder holder = new PoolIT.Holder();
        ServiceManager.addService("holder", holder);
        device.subscribe(new DeviceListener() {
            @Override
            public void onStarvation(int threads, long starvedMs) {
                throw new IllegalStateException("on purpose");
            }
        });
        device.subscribe(new DeviceListener() {
            @Override
            public void onStarvation(int threads, long starvedMs) {
                told.add("told");
            }
        });

        starve(holder, 1);

        Await.until(() -> told.size() == 1 && uncaught.size() == 1, () -> told + " " + uncaught);
        Thread.setDefaultUncaughtExceptionHandler(null);
    }
}
