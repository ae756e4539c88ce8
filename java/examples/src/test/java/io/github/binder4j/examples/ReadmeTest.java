package io.github.binder4j.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ReadmeTest {
    @Test
    void shouldShowTheExampleAsItCompiles() throws IOException {
        Path root = Path.of("").toAbsolutePath().getParent().getParent();
        String source =
                Files.readString(root.resolve("java/examples/src/main/java/io/github/binder4j/examples/Echo.java"));
        String shown = source.substring(source.indexOf("public final class"));

        assertTrue(
                Files.readString(root.resolve("README.md")).contains("```java\n" + shown + "```"),
                "README.md shows another Echo than Echo.java");
    }
}
