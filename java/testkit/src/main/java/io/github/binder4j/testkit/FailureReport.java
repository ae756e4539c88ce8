package io.github.binder4j.testkit;

import com.github.dockerjava.api.command.InspectContainerResponse.ContainerState;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.HostConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.testcontainers.containers.GenericContainer;

/** What a person needs to know about a container that failed: how it ended, what it said, and what the kernel said. */
final class FailureReport {

    /** Where the container's JVM leaves its last words. */
    static final String CRASH_FILE = "/tmp/hs_err.log";

    private static final int LOG_LINES = 100;
    private static final int CRASH_LINES = 60;
    private static final String KERNEL_COMMAND = "dmesg | tail -n 30;" + " cd " + BinderMount.DIRECTORY
            + "/binder_logs 2>/dev/null && grep . failed_transaction_log /dev/null";

    private FailureReport() {}

    static String of(BinderContainer container) {
        return "--- container: " + state(container) + "\n"
                + "--- its output, last " + LOG_LINES + " lines:\n" + lastLines(log(container), LOG_LINES) + "\n"
                + crash(container)
                + "--- the kernel's messages:\n" + kernel(container.mount());
    }

    /** One line: how the container ended. */
    static String state(GenericContainer<?> container) {
        try {
            return describe(container.getCurrentContainerInfo().getState());
        } catch (NotFoundException e) {
            return "removed";
        }
    }

    private static String describe(ContainerState state) {
        if (Boolean.TRUE.equals(state.getRunning())) {
            return "still running";
        }
        String reason = Boolean.TRUE.equals(state.getOOMKilled()) ? ", killed by the kernel: out of memory" : "";
        return "exited with status " + state.getExitCodeLong() + reason;
    }

    private static String log(GenericContainer<?> container) {
        try {
            return container.getLogs();
        } catch (DockerException e) {
            return "(cannot be read: " + e.getMessage() + ")";
        }
    }

    /** The JVM's crash report, if it left one. */
    static String crash(GenericContainer<?> container) {
        try {
            String text = container.copyFileFromContainer(CRASH_FILE, FailureReport::read);
            return "--- the JVM crashed:\n" + text.lines().limit(CRASH_LINES).collect(Collectors.joining("\n")) + "\n";
        } catch (RuntimeException thereIsNone) {
            return "";
        }
    }

    private static String read(InputStream in) throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    /** The end of the kernel's log, and the binder driver's own log of failed transactions. */
    static String kernel(BinderMount mount) {
        HostConfig privileged = HostConfig.newHostConfig().withPrivileged(true);
        mount.attachTo(privileged);
        try {
            return Engine.run(privileged, "sh", "-c", KERNEL_COMMAND);
        } catch (DockerException | IllegalStateException e) {
            return "(cannot be read: " + e.getMessage() + ")";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "(not read: interrupted)";
        }
    }

    private static String lastLines(String text, int count) {
        String[] lines = text.split("\n");
        return Arrays.stream(lines).skip(Math.max(0, lines.length - count)).collect(Collectors.joining("\n"));
    }
}
