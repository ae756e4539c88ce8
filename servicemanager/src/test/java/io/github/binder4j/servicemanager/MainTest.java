package io.github.binder4j.servicemanager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the program says and returns when it cannot serve. */
@Timeout(120)
class MainTest {
    /** What was printed, after the program has ended as it does for an error. */
    private static String failure(String... arguments) throws IOException, InterruptedException {
        String[] command = new String[arguments.length + 4];
        command[0] = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        command[1] = "-cp";
        command[2] = System.getProperty("java.class.path");
        command[3] = Main.class.getName();
        System.arraycopy(arguments, 0, command, 4, arguments.length);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(1, process.waitFor(), printed);
        return printed;
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "--device", "--device /dev/a /dev/b"})
    void shouldShowHowItIsUsed(String arguments) throws Exception {
        String printed = failure(arguments.split(" "));

        assertEquals(
                "servicemanager: cannot understand " + arguments + "\nusage: servicemanager [--device PATH]\n",
                printed);
    }

    @Test
    void shouldSayWhichDeviceCannotBeUsedInOneMessage() throws Exception {
        String printed = failure("--device", "/nowhere/binder");

        assertTrue(printed.contains("servicemanager: "), printed);
        assertTrue(printed.contains("/nowhere/binder"), printed);
        assertTrue(!printed.contains("\tat "), printed);
    }
}
