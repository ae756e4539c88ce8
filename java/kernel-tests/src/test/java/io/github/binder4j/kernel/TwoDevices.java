package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.natives.BinderNative;
import io.github.binder4j.testkit.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Two devices of this container's own, a service manager on each, and one process that is a peer on both. */
final class TwoDevices implements AutoCloseable {
    static final Path A = Path.of("/dev/binderfs/a-binder");
    static final Path B = Path.of("/dev/binderfs/b-binder");

    static final String CONTROL = "/dev/binderfs/binder-control";

    final JavaProcess peers;
    private final List<JavaProcess> managers = new ArrayList<>();

    private TwoDevices() {
        for (Path device : List.of(A, B)) {
            long added = BinderNative.addDevice(CONTROL, device.getFileName().toString());
            assertTrue(added >= 0, "adding " + device + ": errno " + -added);
            managers.add(JavaProcess.start("io.github.binder4j.servicemanager.Main", "--device", device.toString()));
        }
        managers.forEach(manager -> manager.awaitLine("servicemanager: ready"));
        peers = JavaProcess.start(ProtocolPeer.class, A.toString(), B.toString());
        peers.awaitLine(Peer.READY);
    }

    static TwoDevices start() {
        return new TwoDevices();
    }

    /** Waits until this process holds nothing of any device. */
    static void awaitNothingLeft() throws Exception {
        Await.until(() -> OwnProcess.binderThreads().isEmpty(), OwnProcess::binderThreads);
        Await.gcUntil(() -> OwnProcess.binderMappings().isEmpty(), TwoDevices::mappings);
        assertEquals(List.of(), OwnProcess.descriptors("/dev/binderfs/.*"));
    }

    private static String mappings() {
        try {
            return OwnProcess.binderMappings().toString();
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Override
    public void close() {
        peers.close();
        managers.forEach(JavaProcess::close);
        for (Path device : List.of(A, B)) {
            assertEquals(0, BinderNative.removeDevice(device.toString()));
            assertTrue(Files.notExists(device));
        }
    }
}
