package io.github.binder4j.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.testcontainers.containers.ContainerLaunchException;
import org.testcontainers.lifecycle.Startables;

@Tag("binderfs")
class BinderContainerIT {

    private final BinderMount own = BinderMount.own();

    @AfterEach
    void removeMount() {
        own.close();
    }

    @Test
    void shouldHaveADeviceThatOpens() throws IOException, InterruptedException {
        try (BinderContainer container = idle(own)) {
            container.start();

            assertEquals("opened", sh(container, "exec 3<>/dev/binderfs/binder && echo opened"));
        }
    }

    @Test
    void shouldShareANamedInstanceAndNoOther() throws IOException, InterruptedException {
        String name = UUID.randomUUID().toString();
        try (BinderMount shared = BinderMount.named(name);
                BinderMount sameShared = BinderMount.named(name);
                BinderContainer one = idle(shared);
                BinderContainer two = idle(sameShared);
                BinderContainer other = idle(own)) {
            Startables.deepStart(one, two, other).join();

            assertEquals(fileSystem(one), fileSystem(two));
            assertNotEquals(fileSystem(one), fileSystem(other));
        }
    }

    @Test
    void shouldRunAClassOfThisClassPath() {
        try (BinderContainer container = new BinderContainer(own)
                .withMainClass(Greeting.class.getName(), "world")
                .waitingForLine("hello world")) {
            container.start();
        }
    }

    @Test
    void shouldStartAServiceManager() {
        try (ServiceManagerContainer serviceManager = new ServiceManagerContainer(own)) {
            serviceManager.start();

            assertTrue(serviceManager.isRunning());
        }
    }

    @Test
    void shouldTellHowAContainerEndedThatDoesNotGetReady() {
        try (BinderContainer container = new BinderContainer(Engine.baseImage(), own)
                .withCommand("sh", "-c", "echo giving up; exit 3")
                .waitingForLine("ready")) {
            String message = assertThrows(ContainerLaunchException.class, container::start)
                    .getMessage();

            assertTrue(message.contains("exited with status 3"), message);
            assertTrue(message.contains("giving up"), message);
            assertTrue(message.contains("Linux version") || message.contains("binder"), message);
        }
    }

    @Test
    void shouldSayWhatToDoWhenTheKernelHasNoBinder() {
        BinderMount none = new BinderMount("binder4j-none", true, "no-such-binder", "/dev/no-such-binder");
        try (none;
                BinderContainer container = idle(none)) {
            String message = assertThrows(ContainerLaunchException.class, container::start)
                    .getMessage();

            assertTrue(message.startsWith("no binder driver"), message);
            assertTrue(message.contains("modprobe binder_linux"), message);
        }
    }

    private static BinderContainer idle(BinderMount mount) {
        return new BinderContainer(Engine.baseImage(), mount).withCommand("sleep", "600");
    }

    private static String fileSystem(BinderContainer container) throws IOException, InterruptedException {
        return sh(container, "stat -c %d /dev/binderfs");
    }

    private static String sh(BinderContainer container, String command) throws IOException, InterruptedException {
        var result = container.execInContainer("sh", "-c", command);
        assertEquals(0, result.getExitCode(), result.getStderr());
        return result.getStdout().strip();
    }

    /** Says hello and stays. */
    static final class Greeting {
        public static void main(String[] args) throws InterruptedException {
            System.out.println("hello " + args[0]);
            Thread.currentThread().join();
        }
    }
}
