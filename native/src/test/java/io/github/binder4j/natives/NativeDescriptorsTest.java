package io.github.binder4j.natives;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeDescriptorsTest {
    @Test
    void shouldKnowTheNumbersOfTheStandardStreams() {
        assertEquals(0, NativeDescriptors.numberOf(FileDescriptor.in));
        assertEquals(2, NativeDescriptors.numberOf(FileDescriptor.err));
        assertEquals(-1, NativeDescriptors.numberOf(new FileDescriptor()));
    }

    @Test
    void shouldMakeDescriptorsThatJavasStreamsUse() throws IOException {
        long ends = BinderNative.pipe();
        FileDescriptor reading = new FileDescriptor();
        NativeDescriptors.setNumber(reading, (int) ends);
        FileDescriptor writing = new FileDescriptor();
        NativeDescriptors.setNumber(writing, (int) (ends >>> 32));

        try (FileInputStream in = new FileInputStream(reading)) {
            try (FileOutputStream out = new FileOutputStream(writing)) {
                out.write(42);
            }
            assertFalse(writing.valid());
            assertEquals(-1, NativeDescriptors.numberOf(writing));
            assertEquals(42, in.read());
            assertEquals(-1, in.read());
        }
    }

    @Test
    void shouldOpenAFile(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("created");
        int created = BinderNative.openFile(file.toString(), 0x41, 0600); // O_WRONLY | O_CREAT

        assertTrue(created > 0, () -> "open: " + created);
        assertEquals(0, BinderNative.closeFd(created));
        assertTrue(Files.exists(file));
    }
}
