package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.Binder;
import android.os.IBinder;
import android.os.ParcelFileDescriptor;
import android.os.RemoteException;
import android.os.ServiceManager;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.testkit.BinderTest;
import io.github.binder4j.testkit.JavaProcess;
import java.io.BufferedInputStream;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The service manager: names, and what becomes of them and of the clients when it or a service dies. */
@BinderTest(timeoutSeconds = 600)
class ServiceManagerIT {
    private static final String MAIN = "io.github.binder4j.servicemanager.Main";
    private static final String READY = "servicemanager: ready";

    private JavaProcess manager;

    @BeforeEach
    void startManager() {
        manager = JavaProcess.start(MAIN);
        manager.awaitLine(READY);
    }

    @AfterEach
    void endManager() {
        manager.close();
    }

    private static JavaProcess startPeer(String name) {
        JavaProcess peer = JavaProcess.start(Peer.class, name);
        peer.awaitLine(Peer.READY);
        return peer;
    }

    // Names

    @Test
    void shouldFindWhatAnotherProcessAdded() throws RemoteException {
        try (JavaProcess peer = startPeer("peer")) {
            IBinder found = ServiceManager.getService("peer");

            assertNotNull(found);
            assertEquals(peer.pid(), Calls.askInt(found, Peer.PID));
            assertSame(found, ServiceManager.checkService("peer"));
        }
    }

    @Test
    void shouldFindOnesOwnServiceItself() {
        IBinder own = new Peer();
        ServiceManager.addService("own", own);

        assertSame(own, ServiceManager.getService("own"));
    }

    @Test
    void shouldGiveNullForAnUnknownName() {
        assertNull(ServiceManager.getService("nobody"));
        assertNull(ServiceManager.checkService("nobody"));
    }

    @Test
    void shouldListNamesSorted() {
        for (String name : List.of("zebra", "Ant", "bee/default", "bee.2", "a")) {
            ServiceManager.addService(name, new Peer());
        }

        String[] expected = {"a", "bee.2", "bee/default", "manager", "zebra", "Ant"};
        Arrays.sort(expected);
        assertArrayEquals(expected, ServiceManager.listServices());
    }

    @Test
    void shouldReplaceAServiceOfTheSameName() {
        IBinder first = new Peer();
        IBinder second = new Peer();
        ServiceManager.addService("same", first);
        ServiceManager.addService("same", second);

        assertSame(second, ServiceManager.getService("same"));
        assertArrayEquals(new String[] {"manager", "same"}, ServiceManager.listServices());
    }

    @Test
    void shouldKeepANameWhoseFormerOwnerDies() throws Exception {
        try (JavaProcess former = startPeer("shared");
                JavaProcess witness = startPeer("witness")) {
            IBinder own = new Peer();
            ServiceManager.addService("shared", own);
            former.kill9();
            witness.kill9();
            Await.until(() -> ServiceManager.getService("witness") == null, () -> "the witness is still listed");

            assertSame(own, ServiceManager.getService("shared"));
        }
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "with space", "umlaut-ä", "semi;colon"})
    void shouldRefuseABadNameAndSayWhich(String name) {
        IllegalArgumentException thrown =
                assertThrows(IllegalArgumentException.class, () -> ServiceManager.addService(name, new Peer()));

        assertTrue(thrown.getMessage().contains("\"" + name + "\""), thrown.getMessage());
    }

    @Test
    void shouldAcceptNamesUpTo127Characters() {
        String longest = "n".repeat(127);
        ServiceManager.addService(longest, new Peer());

        assertNotNull(ServiceManager.getService(longest));
        assertThrows(IllegalArgumentException.class, () -> ServiceManager.addService(longest + "n", new Peer()));
    }

    @Test
    void shouldRefuseNullAndSayForWhichName() {
        IllegalArgumentException thrown =
                assertThrows(IllegalArgumentException.class, () -> ServiceManager.addService("nothing", null));

        assertTrue(thrown.getMessage().contains("\"nothing\""), thrown.getMessage());
        assertNull(ServiceManager.getService("nothing"));
    }

    @Test
    void shouldRefuseNullInTheManagersOwnProcessToo() {
        manager.kill9();
        try (BinderDevice device = BinderDevice.open(BinderDevice.getDefault().path())) {
            device.becomeContextManager(new Peer()); // which has no idea of names
            assertThrows(IllegalArgumentException.class, () -> device.addService("nothing", null));
            assertThrows(IllegalArgumentException.class, () -> device.addService(null, new Peer()));
            assertNull(device.getService(null));
        }
    }

    @Test
    void shouldDumpTheManagerIntoTheCallersDescriptor() throws Exception {
        IBinder found = ServiceManager.getService("manager");
        ParcelFileDescriptor[] pipe = ParcelFileDescriptor.createPipe();
        try (ParcelFileDescriptor end = pipe[1]) {
            found.dump(end.getFileDescriptor(), null);
        }
        try (InputStream in = new BufferedInputStream(new ParcelFileDescriptor.AutoCloseInputStream(pipe[0]))) {
            in.readAllBytes(); // ends, so the manager has closed the descriptor it was given
        }
    }

    @Test
    void shouldForgetAServiceThatDies() throws Exception {
        try (JavaProcess peer = startPeer("mortal")) {
            assertNotNull(ServiceManager.getService("mortal"));
            peer.kill9();

            Await.until(() -> ServiceManager.getService("mortal") == null, () -> "the dead service is still found");
            assertArrayEquals(new String[] {"manager"}, ServiceManager.listServices());
        }
    }

    /** A process with many services. */
    static final class Many {
        static final int SERVICES = 200;

        public static void main(String[] args) {
            for (int i = 0; i < SERVICES; i++) {
                ServiceManager.addService(args[0] + i, new Peer());
            }
            System.out.println(Peer.READY);
            Binder.joinThreadPool();
        }
    }

    /** By the obituaries alone: the manager's heap is large enough never to be collected, as its own log shows. */
    @Test
    @Tag("binderfs")
    void shouldHoldNoReferenceToTheDeadBeforeItCollects() throws Exception {
        manager.close();
        BinderLogs log = BinderLogs.of(() -> {
            manager = JavaProcess.start(List.of("-Xlog:gc", "-Xmx512m", "-Xmn256m", "-XX:+DisableExplicitGC"), MAIN);
            manager.awaitLine(READY);
        });
        int before = log.records("ref").size();
        try (JavaProcess one = JavaProcess.start(Many.class, "one.");
                JavaProcess other = JavaProcess.start(Many.class, "other.")) {
            one.awaitLine(Peer.READY);
            other.awaitLine(Peer.READY);
            assertEquals(before + 2 * Many.SERVICES, log.records("ref").size());
        }

        Await.until(() -> log.records("ref").size() == before, () -> log);
        assertArrayEquals(new String[] {"manager"}, ServiceManager.listServices());
        assertTrue(manager.output().stream().noneMatch(line -> line.contains("Pause")), "it was collected");
    }

    // Managers

    @Test
    void shouldEndASecondManagerWithAMessage() {
        try (JavaProcess second = JavaProcess.start(MAIN)) {
            String message = second.awaitLine("servicemanager: cannot become context manager of ");

            assertTrue(message.contains("EBUSY"), message);
            assertTrue(message.contains("stop that one"), message);
            assertEquals(1, second.exitCode());
            assertEquals(List.of(message), second.output());
        }
        assertArrayEquals(new String[] {"manager"}, ServiceManager.listServices());
    }

    @Test
    void shouldSayThatThereIsNoManager() {
        ServiceManager.addService("before", new Peer());
        manager.kill9();

        assertNoManager(() -> ServiceManager.getService("before"));
        assertNoManager(() -> ServiceManager.addService("after", new Peer()));
        assertNoManager(ServiceManager::listServices);
    }

    private static void assertNoManager(Runnable call) {
        IllegalStateException thrown = assertThrows(IllegalStateException.class, call::run);
        assertTrue(thrown.getMessage().contains("no context manager on /dev/"), thrown.getMessage());
        assertTrue(thrown.getMessage().contains("start servicemanager"), thrown.getMessage());
    }

    @Test
    void shouldWorkWithANewManager() {
        IBinder own = new Peer();
        ServiceManager.addService("service", own);
        manager.kill9();
        assertNoManager(ServiceManager::listServices);

        manager = JavaProcess.start(MAIN);
        manager.awaitLine(READY);

        assertNull(ServiceManager.getService("service"));
        ServiceManager.addService("service", own);
        assertSame(own, ServiceManager.getService("service"));
    }

    @Test
    void shouldCallOnServicesFoundBeforeTheManagerDied() throws RemoteException {
        try (JavaProcess peer = startPeer("survivor")) {
            IBinder found = ServiceManager.getService("survivor");
            manager.kill9();

            assertEquals(peer.pid(), Calls.askInt(found, Peer.PID));
        }
    }

    @Test
    void shouldTellOfTheDeathOfEachManager() throws Exception {
        for (int i = 0; i < 2; i++) {
            IBinder proxy = ServiceManager.getService("manager");
            CountDownLatch died = new CountDownLatch(1);
            proxy.linkToDeath(died::countDown, 0);
            manager.kill9();

            assertTrue(died.await(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS), "no obituary of manager " + i);
            manager = JavaProcess.start(MAIN);
            manager.awaitLine(READY);
            assertTrue(ServiceManager.getService("manager").pingBinder());
        }
    }

    @Test
    void shouldEndAServiceWithoutManagerWithAMessage() {
        manager.kill9();
        try (JavaProcess peer = JavaProcess.start(Peer.class)) {
            String message = peer.awaitLine("Exception in thread \"main\"");

            assertTrue(message.contains("no context manager on /dev/"), message);
            assertEquals(1, peer.exitCode());
        }
    }
}
