package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.Binder;
import android.os.Parcel;
import android.os.ParcelFileDescriptor;
import android.os.ServiceManager;
import io.github.binder4j.ShellCommands;
import io.github.binder4j.testkit.BinderTest;
import io.github.binder4j.testkit.JavaProcess;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Processes of another user: kept out by the device's permissions, or let in and told apart. */
@Tag("binderfs")
@BinderTest
class PermissionIT {
    private static final Path DEVICE = Path.of("/dev/binderfs/binder");
    private static final String SERVICE_MANAGER = "io.github.binder4j.servicemanager.Main";

    private JavaProcess manager;

    @BeforeEach
    void startManager() {
        manager = JavaProcess.start(SERVICE_MANAGER);
        manager.awaitLine("servicemanager: ready");
    }

    @AfterEach
    void forbid() throws IOException {
        manager.close();
        Files.setPosixFilePermissions(DEVICE, PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void shouldEndTheServiceManagerWithOneMessageWhenItMayNotOpenTheDevice() throws Exception {
        AsNobody second = new AsNobody(SERVICE_MANAGER);

        assertEquals(1, second.exitCode);
        assertTrue(second.output.startsWith("servicemanager: cannot use binder device " + DEVICE), second.output);
        assertTrue(second.output.contains("EACCES"), second.output);
        assertTrue(second.output.contains("belongs to root:root with permissions rw-------"), second.output);
        assertTrue(second.output.contains("this is user nobody"), second.output);
        assertTrue(second.output.contains("sudo chmod 666 " + DEVICE), second.output);
        assertFalse(second.output.contains("\tat "), second.output);
    }

    @Test
    void shouldTellAServiceWhichUserCalls() throws Exception {
        int[] callingUid = {-1};
        ServiceManager.addService("uid", new Binder() {
            @Override
            protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) {
                callingUid[0] = Binder.getCallingUid();
                return true;
            }
        });
        AsNobody.allow(DEVICE);

        AsNobody caller = new AsNobody(DeathIT.Caller.class.getName(), "uid");

        assertTrue(caller.output.contains(DeathIT.Caller.DONE), caller.output);
        assertEquals(AsNobody.UID, callingUid[0]);
        assertEquals(0, Binder.getCallingUid());
    }

    /** Has {@code args[0]} run a command, whose output goes to a pipe that is full. */
    static final class CommandCaller {
        private CommandCaller() {}

        public static void main(String[] args) throws Exception {
            FileDescriptor full = ParcelFileDescriptor.createPipe()[1].getFileDescriptor();
            new FileOutputStream(full).write(new byte[64 * 1024]);
            try {
                ShellCommands.run(ServiceManager.getService(args[0]), full, full, full, "word");
                System.out.println("run");
            } catch (SecurityException e) {
                System.out.println("refused: " + e.getMessage());
            }
            System.exit(0);
        }
    }

    @Test
    void shouldRunNoCommandOfAnyUser() throws Exception {
        ServiceManager.addService("commands", new Binder());
        AsNobody.allow(DEVICE);

        AsNobody caller = new AsNobody(CommandCaller.class.getName(), "commands");

        assertTrue(caller.output.contains("refused: Shell commands are only callable by ADB"), caller.output);
    }

    @Test
    void shouldSayThatThereIsAContextManager() throws Exception {
        AsNobody.allow(DEVICE);

        AsNobody second = new AsNobody(SERVICE_MANAGER);

        assertEquals(1, second.exitCode);
        assertTrue(second.output.startsWith("servicemanager: cannot become context manager of "), second.output);
        assertTrue(second.output.contains("EBUSY"), second.output);
    }

    @Test
    void shouldSayThatTheFirstContextManagerWasAnotherUser() throws Exception {
        AsNobody.allow(DEVICE);
        manager.kill9();

        AsNobody second = new AsNobody(SERVICE_MANAGER);

        assertEquals(1, second.exitCode);
        assertTrue(second.output.startsWith("servicemanager: cannot become context manager of "), second.output);
        assertTrue(second.output.contains("its first one ran as another user (EPERM)"), second.output);
        assertTrue(second.output.contains("run as that user"), second.output);
    }
}
