package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;

/** A program of this class path, run to its end as the user nobody. */
final class AsNobody {
    static final int UID = 65534;

    final String output;
    final int exitCode;

    AsNobody(String mainClass, String... arguments) throws Exception {
        String java = System.getProperty("java.home") + "/bin/java -cp " + System.getProperty("java.class.path");
        String command = java + " " + mainClass.replace("$", "\\$") + " " + String.join(" ", arguments);
        Process process = new ProcessBuilder("su", "-s", "/bin/sh", "nobody", "-c", command)
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS));
        exitCode = process.exitValue();
        System.out.println(output);
    }

    /** Lets every user open a device. */
    static void allow(Path device) throws IOException {
        Files.setPosixFilePermissions(device, PosixFilePermissions.fromString("rw-rw-rw-"));
    }
}
