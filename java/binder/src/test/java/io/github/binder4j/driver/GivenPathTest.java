package io.github.binder4j.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.natives.BinderNative;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Paths that are not ASCII, given to a JVM in each way and in locales with and without their characters. What they lead to is
 * a file that is no device: who opened it is told ENOTTY.
 */
class GivenPathTest {
    /** For printf(1): the shell names the file, so that the locale of these tests does not matter. */
    private static final String NAME = "ger\\303\\244t";

    @TempDir
    Path directory;

    @Test
    void shouldOpenWhatAPropertyNames() throws Exception {
        assertOpens("", "-Dbinder4j.device=\"$path\"", "");
    }

    @Test
    void shouldOpenWhatTheEnvironmentNames() throws Exception {
        assertOpens("BINDER4J_DEVICE=\"$path\"", "", "");
    }

    @Test
    void shouldOpenWhatAnArgumentNames() throws Exception {
        assertOpens("", "", "\"$path\"");
    }

    private void assertOpens(String variables, String options, String arguments) throws Exception {
        for (String locale : new String[] {"C", "C.UTF-8"}) {
            String output = run("path='" + directory + "'/$(printf '" + NAME + "') && : >\"$path\" && LC_ALL="
                    + locale + " " + variables + " " + java() + " " + options + " "
                    + GivenPathProgram.class.getName() + " "
                    + arguments);

            assertTrue(output.startsWith(Errno.ENOTTY + " "), locale + ": " + output);
        }
    }

    @Test
    void shouldSayThatTheLocaleLacksThePathsCharacters() throws Exception {
        String inC = run("LC_ALL=C " + java() + " -Dbinder4j.device=/nowhere/$(printf '" + NAME + "') "
                + GivenPathProgram.class.getName());
        String inUtf8 = run(
                "LC_ALL=C.UTF-8 " + java() + " -Dbinder4j.device=/nowhere/what? " + GivenPathProgram.class.getName());

        assertTrue(inC.startsWith(Errno.ENOENT + " "), inC);
        assertTrue(inC.contains("LC_ALL=C.UTF-8"), inC);
        assertTrue(!inUtf8.contains("LC_ALL"), inUtf8);
    }

    private static String run(String command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("BINDER4J_"));
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output;
    }

    private static String java() {
        String processor = System.getProperty("os.arch").equals("amd64") ? "x86_64" : "arm64";
        String entries = String.join(
                File.pathSeparator,
                entry(nameOf(GivenPathProgram.class)),
                entry(nameOf(GivenPath.class)),
                entry(nameOf(BinderNative.class)),
                entry("io/github/binder4j/natives/linux-" + processor + "/libjniBinderNative.so"));
        return "'" + Path.of(System.getProperty("java.home"), "bin", "java")
                + "' --enable-native-access=ALL-UNNAMED -cp '" + entries + "'";
    }

    private static String nameOf(Class<?> type) {
        return type.getName().replace('.', '/') + ".class";
    }

    /** The jar or the directory that a resource is in. */
    private static String entry(String name) {
        String found = GivenPathTest.class.getClassLoader().getResource(name).toString();
        String entry = found.substring(0, found.length() - name.length());
        return Path.of(URI.create(entry.replaceFirst("^jar:", "").replaceFirst("!/$", "")))
                .toString();
    }
}
