package io.github.binder4j.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassPathTest {

    @TempDir
    Path dir;

    private Path jar;
    private Path classes;

    @BeforeEach
    void makeEntries() throws IOException {
        jar = Files.writeString(dir.resolve("a.jar"), "jar");
        classes = Files.createDirectories(dir.resolve("one/classes"));
        Files.writeString(classes.resolve("A.class"), "A");
    }

    @Test
    void shouldLeaveOutWhatOnlyTheHostNeeds() throws IOException {
        Path testcontainers = Files.createFile(dir.resolve("testcontainers-2.0.5.jar"));
        Path dockerJava = Files.createFile(dir.resolve("docker-java-api-3.7.1.jar"));

        assertEquals(List.of(jar), join(testcontainers, jar, dockerJava).entries());
    }

    @Test
    void shouldLeaveOutWhatDoesNotExistAndWhatIsThereTwice() {
        assertEquals(
                List.of(jar, classes),
                join(jar, dir.resolve("none"), classes, jar).entries());
    }

    @Test
    void shouldBeginWithArchives() throws IOException {
        Path other = Files.writeString(dir.resolve("b.jar"), "jar");
        ClassPath sorted = join(classes, jar, other);

        assertEquals(List.of(jar, other, classes), sorted.entries());
        assertEquals(List.of("00-a.jar", "01-b.jar"), sorted.archiveNames());
    }

    @Test
    void shouldNameEntriesApart() throws IOException {
        Path other = Files.createDirectories(dir.resolve("two/classes"));

        assertEquals(List.of("00-classes", "01-classes"), join(classes, other).names());
    }

    @Test
    void shouldHashNamesContentsAndOrder() throws IOException {
        Path other = Files.writeString(dir.resolve("b.jar"), "jar");
        String hash = join(jar, other, classes).hash();

        assertEquals(hash, join(jar, other, classes).hash());
        assertNotEquals(hash, join(other, jar, classes).hash());
        Files.writeString(classes.resolve("A.class"), "B");
        assertNotEquals(hash, join(jar, other, classes).hash());
    }

    private static ClassPath join(Path... entries) {
        return ClassPath.of(String.join(
                File.pathSeparator,
                List.of(entries).stream().map(Path::toString).toList()));
    }
}
