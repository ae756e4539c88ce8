package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.ServiceManager;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.errors.BinderUnavailableException;
import io.github.binder4j.testkit.BinderTest;
import io.github.binder4j.testkit.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A device that is not there, or is something else: the first error most people meet. */
@Tag("binderfs")
@BinderTest
class NoDeviceIT {
    private static final String PROPERTY = "binder4j.device";
    private static final int ENOENT = 2;

    @AfterEach
    void forgetDevice() {
        System.clearProperty(PROPERTY);
    }

    private static List<String> outputOfServiceManager(String device) {
        JavaProcess manager = JavaProcess.start("io.github.binder4j.servicemanager.Main", "--device", device);
        try (manager) {
            assertEquals(1, manager.exitCode());
        }
        return manager.output();
    }

    private static BinderUnavailableException failureToOpen(String device) {
        System.setProperty(PROPERTY, device);
        return assertThrows(BinderUnavailableException.class, BinderDevice::getDefault);
    }

    @Test
    void shouldEndTheServiceManagerWithOneMessageWhenThereIsNoDevice() {
        List<String> output = outputOfServiceManager("/dev/binderfs/missing");

        assertTrue(
                output.get(0).startsWith("servicemanager: cannot use binder device /dev/binderfs/missing: "),
                output.toString());
        assertTrue(output.get(0).contains("ENOENT"), output.toString());
        assertEquals(2, output.size(), output.toString());
        assertTrue(output.get(1).contains("has no device of that name"), output.toString());
    }

    @Test
    void shouldSayThatBinderfsHasNoSuchDevice() {
        BinderUnavailableException thrown = failureToOpen("/dev/binderfs/missing");

        assertEquals(ENOENT, thrown.errno());
        assertTrue(thrown.getMessage().contains("has no device of that name"), thrown.getMessage());
        assertTrue(thrown.getMessage().contains("-D" + PROPERTY), thrown.getMessage());
    }

    @Test
    void shouldSayHowToMountBinderfs() {
        BinderUnavailableException thrown = failureToOpen("/dev/elsewhere/binder");

        assertEquals(ENOENT, thrown.errno());
        assertTrue(thrown.getMessage().contains("mount -t binder binder /dev/elsewhere"), thrown.getMessage());
    }

    @Test
    void shouldSayThatSomethingElseIsNotABinderDevice() throws IOException {
        Path file = Files.createTempFile("not-binder", "");
        for (String device : List.of("/dev/null", file.toString())) {
            BinderUnavailableException thrown = failureToOpen(device);

            assertTrue(thrown.getMessage().contains("it is not a binder device"), thrown.getMessage());
            assertTrue(thrown.getMessage().contains("ENOTTY"), thrown.getMessage());
        }
        Files.delete(file);
    }

    @Test
    void shouldLeaveNoDescriptorOfADeviceItCouldNotUse() throws IOException {
        for (int i = 0; i < 10; i++) {
            failureToOpen("/dev/zero");
        }

        assertEquals(List.of(), OwnProcess.descriptors("/dev/zero"));
    }

    @Test
    void shouldSaySoToWhoeverLooksForAService() {
        System.setProperty(PROPERTY, "/dev/binderfs/missing");

        assertThrows(BinderUnavailableException.class, () -> ServiceManager.getService("any"));
    }

    @Test
    void shouldOpenTheDeviceAfterAFailure() {
        failureToOpen("/dev/binderfs/missing");
        System.clearProperty(PROPERTY);

        try (BinderDevice device = BinderDevice.getDefault()) {
            assertEquals(8, device.protocolVersion());
        }
    }

    @Test
    void shouldRefuseArgumentsItDoesNotKnow() {
        try (JavaProcess manager = JavaProcess.start("io.github.binder4j.servicemanager.Main", "--devise", "x")) {
            String message = manager.awaitLine("servicemanager: cannot understand --devise x");

            assertEquals(1, manager.exitCode());
            assertEquals(List.of(message, "usage: servicemanager [--device PATH]"), manager.output());
        }
    }
}
