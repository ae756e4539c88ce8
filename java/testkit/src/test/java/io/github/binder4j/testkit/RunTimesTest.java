package io.github.binder4j.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunTimesTest {
    @TempDir
    Path dir;

    private final String before = System.clearProperty(RunTimes.FILE);

    @AfterEach
    void restore() {
        System.clearProperty(RunTimes.FILE);
        if (before != null) {
            System.setProperty(RunTimes.FILE, before);
        }
    }

    @Test
    void shouldWriteALineForEachClass() throws IOException {
        Path file = dir.resolve("times.tsv");
        System.setProperty(RunTimes.FILE, file.toString());

        finished().write(RunTimesTest.class, "3\t4500");
        finished().write(RunTimesTest.class, ""); // a container that ended before it could say

        List<String> lines = Files.readAllLines(file);
        assertEquals(2, lines.size());
        assertTrue(lines.get(0).matches(RunTimesTest.class.getName() + "(\t\\d+){4}\t3\t4500"), lines.get(0));
        assertTrue(lines.get(1).endsWith("\t0\t0"), lines.get(1));
    }

    @Test
    void shouldWriteNothingUnlessAsked() throws IOException {
        finished().write(RunTimesTest.class, "");

        try (var files = Files.list(dir)) {
            assertFalse(files.findAny().isPresent());
        }
    }

    private static RunTimes finished() {
        RunTimes times = new RunTimes();
        times.firstTestStarts();
        times.lastTestEnded();
        return times;
    }
}
