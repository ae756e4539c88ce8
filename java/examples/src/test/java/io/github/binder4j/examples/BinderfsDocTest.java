package io.github.binder4j.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class BinderfsDocTest {
    @Test
    void shouldShowTheExampleAsItCompiles() throws IOException {
        Path root = Path.of("").toAbsolutePath().getParent().getParent();
        String source = Files.readString(
                root.resolve("java/examples/src/main/java/io/github/binder4j/examples/PrivateDevice.java"));
        String shown = source.substring(source.indexOf("public final class"));

        assertTrue(
                Files.readString(root.resolve("docs/binderfs.md")).contains("```java\n" + shown + "```"),
                "docs/binderfs.md shows another PrivateDevice than PrivateDevice.java");
    }
}
