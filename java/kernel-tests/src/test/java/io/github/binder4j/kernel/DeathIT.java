package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.Binder;
import android.os.DeadObjectException;
import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;
import android.os.ServiceManager;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.testkit.BinderTest;
import io.github.binder4j.testkit.JavaProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the survivors see when a process is killed. */
@BinderTest(serviceManager = true, timeoutSeconds = 600)
class DeathIT {
    private static final int REINCARNATIONS = 20;

    private JavaProcess process;
    private IBinder peer;

    @BeforeEach
    void startPeer() {
        process = JavaProcess.start(Peer.class);
        process.awaitLine(Peer.READY);
        peer = ServiceManager.getService(Peer.NAME);
        assertNotNull(peer);
    }

    @AfterEach
    void endPeer() {
        process.close();
    }

    /** Counts obituaries. */
    private static final class Mourner implements IBinder.DeathRecipient {
        final AtomicInteger told = new AtomicInteger();
        final Queue<IBinder> died = new ConcurrentLinkedQueue<>();
        volatile String thread;

        @Override
        public void binderDied() {
            throw new AssertionError("the other one is called");
        }

        @Override
        public void binderDied(IBinder who) {
            thread = Thread.currentThread().getName();
            died.add(who);
            told.incrementAndGet();
        }
    }

    private static void awaitTold(int count, Mourner mourner) throws Exception {
        Await.until(() -> mourner.told.get() >= count, () -> "told " + mourner.told + " times");
    }

    /** When this returns, every obituary of an earlier death has run: the one looper runs them in order. */
    private static void awaitOneMoreDeath() throws Exception {
        try (JavaProcess other = JavaProcess.start(Peer.class, "other")) {
            other.awaitLine(Peer.READY);
            Mourner mourner = new Mourner();
            ServiceManager.getService("other").linkToDeath(mourner, 0);
            other.kill9();
            awaitTold(1, mourner);
        }
    }

    @Test
    void shouldTellEachRecipientOncePerLinkWhenTheServiceIsKilled() throws Exception {
        Mourner once = new Mourner();
        Mourner twice = new Mourner();
        Mourner unlinked = new Mourner();
        peer.linkToDeath(once, 0);
        peer.linkToDeath(twice, 0);
        peer.linkToDeath(unlinked, 0);
        peer.linkToDeath(twice, 0);
        assertTrue(peer.unlinkToDeath(unlinked, 0));

        process.kill9();
        awaitTold(1, once);
        awaitTold(2, twice);
        awaitOneMoreDeath();

        assertEquals(List.of(peer), List.copyOf(once.died));
        assertEquals(List.of(peer, peer), List.copyOf(twice.died));
        assertEquals(0, unlinked.told.get());
        assertTrue(once.thread.startsWith("binder-"), "told on " + once.thread);
        assertFalse(peer.isBinderAlive());
        assertFalse(peer.pingBinder());
    }

    @Test
    void shouldTellOnAfterARecipientThatThrows() throws Exception {
        Mourner last = new Mourner();
        peer.linkToDeath(
                () -> {
                    throw new IllegalStateException("thrown by a recipient, on purpose");
                },
                0);
        peer.linkToDeath(last, 0);

        process.kill9();

        awaitTold(1, last);
        awaitOneMoreDeath();
    }

    @Test
    void shouldNotTellWhoUnlinkedAndTellWhoLinkedAgain() throws Exception {
        Mourner mourner = new Mourner();
        for (int i = 0; i < 50; i++) {
            peer.linkToDeath(mourner, 0);
            assertTrue(peer.unlinkToDeath(mourner, 0));
        }
        assertThrows(NoSuchElementException.class, () -> peer.unlinkToDeath(mourner, 0));
        peer.linkToDeath(mourner, 0);

        process.kill9();
        awaitTold(1, mourner);
        awaitOneMoreDeath();

        assertEquals(1, mourner.told.get());
    }

    @Test
    void shouldNotTellWhenTheOnlyRecipientUnlinked() throws Exception {
        Mourner mourner = new Mourner();
        peer.linkToDeath(mourner, 0);
        assertTrue(peer.unlinkToDeath(mourner, 0));

        process.kill9();
        awaitOneMoreDeath();

        assertEquals(0, mourner.told.get());
    }

    @Test
    void shouldRefuseToLinkToTheDead() throws Exception {
        Mourner mourner = new Mourner();
        peer.linkToDeath(mourner, 0);
        process.kill9();
        awaitTold(1, mourner);

        DeadObjectException thrown = assertThrows(DeadObjectException.class, () -> peer.linkToDeath(mourner, 0));
        assertTrue(thrown.getMessage().contains("dead already"), thrown.getMessage());
        assertFalse(peer.unlinkToDeath(mourner, 0));
    }

    /** Either the driver tells at once, or the library knows and says so. */
    @Test
    void shouldTellWhoLinksAfterADeathNobodyNoticed() throws Exception {
        process.kill9();

        Mourner mourner = new Mourner();
        try {
            peer.linkToDeath(mourner, 0);
        } catch (DeadObjectException alreadyKnown) {
            return;
        }
        awaitTold(1, mourner);
    }

    @Test
    void shouldTellOnlyOfTheProcessThatDied() throws Exception {
        try (JavaProcess other = JavaProcess.start(Peer.class, "other")) {
            other.awaitLine(Peer.READY);
            IBinder otherPeer = ServiceManager.getService("other");
            Mourner mourner = new Mourner();
            otherPeer.linkToDeath(mourner, 0);
            peer.linkToDeath(mourner, 0);

            process.kill9();
            awaitTold(1, mourner);

            assertEquals(List.of(peer), List.copyOf(mourner.died));
            assertEquals(other.pid(), Calls.askInt(otherPeer, Peer.PID));
            assertTrue(otherPeer.unlinkToDeath(mourner, 0));
        }
    }

    @Test
    void shouldNameTheHandleWhenADeadServiceIsCalled() {
        process.kill9();

        DeadObjectException thrown = assertThrows(DeadObjectException.class, () -> Calls.askInt(peer, Peer.PID));
        assertTrue(thrown.getMessage().matches("(?s).*handle=[1-9].*"), thrown.getMessage());
        assertTrue(thrown.getMessage().contains("BR_DEAD_REPLY"), thrown.getMessage());
        assertFalse(peer.isBinderAlive());
        assertThrows(DeadObjectException.class, () -> Calls.oneway(peer, Peer.NOTE, data -> data.writeInt(1)));
    }

    @Test
    void shouldTellTheCallerWhenTheServiceIsKilledInTheMiddleOfItsCall() throws Exception {
        FutureTask<Void> call = new FutureTask<>(() -> {
            Calls.call(peer, Peer.HOLD, Calls.NOTHING);
            return null;
        });
        new Thread(call, "caller").start();
        process.awaitLine(Peer.HOLDING);

        process.kill9();

        ExecutionException thrown =
                assertThrows(ExecutionException.class, () -> call.get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS));
        assertInstanceOf(DeadObjectException.class, thrown.getCause());
    }

    @Test
    void shouldServeOnWhenAClientIsKilledInTheMiddleOfItsCall() throws Exception {
        CountDownLatch called = new CountDownLatch(1);
        CountDownLatch clientIsDead = new CountDownLatch(1);
        CountDownLatch replied = new CountDownLatch(1);
        List<Throwable> uncaught = new ArrayList<>();
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> uncaught.add(e));
        ServiceManager.addService("held", new Binder() {
            @Override
            protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) {
                called.countDown();
                await(clientIsDead);
                reply.writeNoException();
                reply.writeByteArray(new byte[1000]);
                replied.countDown();
                return true;
            }
        });
        try (JavaProcess client = JavaProcess.start(Caller.class, "held")) {
            await(called);
            client.kill9();
            clientIsDead.countDown();
            await(replied);
        }

        ServiceManager.addService("notes", new Peer());
        try (JavaProcess client = JavaProcess.start(Caller.class, "notes")) {
            client.awaitLine(Caller.DONE);
        }
        BinderDevice device = BinderDevice.getDefault();
        Await.until(() -> device.liveBuffers() == 0, device::liveBuffers);
        assertEquals(List.of(), uncaught);
        Thread.setDefaultUncaughtExceptionHandler(null);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The service holds an object of the client's; when the client dies, the service must be told. */
    @Test
    void shouldTellAServiceOfTheDeathOfItsClient() throws Exception {
        Peer service = new Peer();
        ServiceManager.addService("keeper", service);
        try (JavaProcess client = JavaProcess.start(Giver.class, "keeper")) {
            client.awaitLine(Giver.GIVEN);
            IBinder given = Calls.ask(service, Peer.GIVE_KEPT, Parcel::readStrongBinder);
            assertEquals(client.pid(), Calls.askInt(given, Peer.PID));
            Mourner mourner = new Mourner();
            given.linkToDeath(mourner, 0);

            client.kill9();

            awaitTold(1, mourner);
            assertEquals(List.of(given), List.copyOf(mourner.died));
        }
    }

    /** Calls a service once. */
    static final class Caller {
        static final String DONE = "caller: done";

        public static void main(String[] args) throws RemoteException {
            Calls.call(ServiceManager.getService(args[0]), Peer.NOTHING, Calls.NOTHING);
            System.out.println(DONE);
        }
    }

    /** Gives a service an object and stays. */
    static final class Giver {
        static final String GIVEN = "giver: given";

        public static void main(String[] args) throws RemoteException {
            Calls.call(ServiceManager.getService(args[0]), Peer.KEEP, data -> data.writeStrongBinder(new Peer()));
            System.out.println(GIVEN);
            Binder.joinThreadPool();
        }
    }

    // Handles, which the driver gives out again

    /** Answers which of many it is. */
    private static final class Numbered extends Binder {
        private final int number;

        Numbered(int number) {
            this.number = number;
        }

        @Override
        protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) {
            reply.writeNoException();
            reply.writeInt(number);
            return true;
        }
    }

    /** Calls on through one proxy, whatever becomes of its object, and says who answered that is another. */
    private static String callOn(IBinder proxy, int number, AtomicBoolean stop) {
        while (!stop.get()) {
            try {
                int answered = Calls.askInt(proxy, Peer.PID);
                if (answered != number) {
                    return proxy + " of " + number + " reached " + answered;
                }
            } catch (DeadObjectException goesOnForEver) {
                Thread.onSpinWait();
            } catch (RemoteException e) {
                return e.toString();
            }
        }
        return "";
    }

    @Test
    void shouldReachNoOtherObjectThroughTheProxyOfADeadOne() throws Exception {
        Path path = BinderDevice.getDefault().path();
        List<AtomicBoolean> stops = new ArrayList<>();
        List<FutureTask<String>> callers = new ArrayList<>();
        Set<String> proxies = new HashSet<>();
        for (int i = 0; i < REINCARNATIONS; i++) {
            int number = i;
            Mourner mourner = new Mourner();
            try (BinderDevice mortal = BinderDevice.open(path)) {
                mortal.addService("mortal", new Numbered(number));
                IBinder proxy = ServiceManager.getService("mortal");
                proxy.linkToDeath(mourner, 0);
                proxies.add(proxy.toString());
                AtomicBoolean stop = new AtomicBoolean();
                FutureTask<String> caller = new FutureTask<>(() -> callOn(proxy, number, stop));
                stops.add(stop);
                callers.add(caller);
                new Thread(caller, "caller-" + i).start();
                assertEquals(number, Calls.askInt(proxy, Peer.PID));
            }
            awaitTold(1, mourner);
            if (i > 0) {
                stops.get(i - 1).set(true); // it has called on while another had its number
            }
        }
        stops.get(REINCARNATIONS - 1).set(true);

        for (FutureTask<String> caller : callers) {
            assertEquals("", caller.get());
        }
        assertTrue(proxies.size() < REINCARNATIONS, "no number was given out twice: " + proxies);
    }
}
