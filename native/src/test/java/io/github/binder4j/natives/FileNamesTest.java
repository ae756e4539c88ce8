package io.github.binder4j.natives;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names of files, whatever the locale. */
class FileNamesTest {
    @TempDir
    Path directory;

    @Test
    void shouldNameAFileInALocaleWithoutItsCharacters() throws Exception {
        assertNamesFiles("C", Jvm.own());
        assertNamesFiles("C", Jvm.newest());
    }

    @Test
    void shouldNameAFileInALocaleThatHasThem() throws Exception {
        assertNamesFiles("C.UTF-8", Jvm.own());
        assertNamesFiles("C.UTF-8", Jvm.newest());
    }

    private void assertNamesFiles(String locale, Jvm jvm) throws IOException, InterruptedException {
        Path fresh = java.nio.file.Files.createTempDirectory(directory, locale);
        String output = jvm.environment("LC_ALL", locale)
                .classPath(Jvm.CLASSES, Jvm.PLATFORM, Jvm.PROGRAMS)
                .run(FileNamesProgram.class, fresh.toString());

        assertFalse(output.contains("NO") || output.contains("Exception"), output);
        assertTrue(output.contains("directory: yes"), output);
    }

    @Test
    void shouldEndNamesAsCDoes() {
        assertArrayEquals("/dev/binder\0".getBytes(StandardCharsets.US_ASCII), FileNames.bytes("/dev/binder"));
        assertArrayEquals("binder\0".getBytes(StandardCharsets.US_ASCII), FileNames.bytes(Path.of("binder")));
        assertEquals(Path.of("/dev/binder"), FileNames.path("/dev/binder"));
    }

    @Test
    void shouldRefuseANameThatCWouldCut() {
        String message = assertThrows(IllegalArgumentException.class, () -> FileNames.bytes("bin\0der"))
                .getMessage();

        assertTrue(message.contains("bin\\0der"), message);
    }
}
