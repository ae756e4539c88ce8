package io.github.binder4j.driver;

import io.github.binder4j.natives.FileNames;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Paths that come from outside the program, by its command line or its environment.
 *
 * <p>A JVM whose locale lacks their characters has put others in their place before the program sees them. The kernel still
 * has the bytes.
 */
public final class GivenPath {
    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");
    private static final Path ENVIRONMENT = Path.of("/proc/self/environ");

    private GivenPath() {}

    /** The path that a system property names or, if there is none, an environment variable; null if neither does. */
    public static Path ofSetting(String property, String variable) {
        String text = System.getProperty(property);
        if (text != null) {
            return text.isEmpty() ? null : find(text, COMMAND_LINE, "-D" + property + "=");
        }
        text = System.getenv(variable);
        return text == null || text.isEmpty() ? null : find(text, ENVIRONMENT, variable + "=");
    }

    /** The path that an argument of the program is. */
    public static Path ofArgument(String argument) {
        return find(argument, COMMAND_LINE, "");
    }

    /** Whether a text may have lost characters of a locale that has them all. */
    public static boolean isDamaged(String text) {
        return !FileNames.isLocaleUnicode() && text.chars().anyMatch(GivenPath::isStandIn);
    }

    private static boolean isStandIn(int character) {
        return character == '?' || character == '\ufffd';
    }

    private static Path find(String text, Path entries, String prefix) {
        byte[] name = isDamaged(text) ? undamaged(text, entries, prefix) : null;
        return name == null ? FileNames.path(text) : FileNames.path(name);
    }

    /** The last entry that the JVM may have made this text of; null if there is none. */
    private static byte[] undamaged(String text, Path entries, String prefix) {
        byte[] found = null;
        for (String entry : read(entries).split("\0")) {
            if (entry.startsWith(prefix) && isSame(text, entry.substring(prefix.length()))) {
                found = entry.substring(prefix.length()).getBytes(StandardCharsets.ISO_8859_1);
            }
        }
        return found;
    }

    /** Each character of the result stands for a byte. */
    private static String read(Path entries) {
        try {
            return new String(Files.readAllBytes(entries), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    /** The locales that lack characters put one in the place of each byte. */
    private static boolean isSame(String text, String bytes) {
        if (text.length() != bytes.length()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            boolean isSame = bytes.charAt(i) < 0x80 ? text.charAt(i) == bytes.charAt(i) : isStandIn(text.charAt(i));
            if (!isSame) {
                return false;
            }
        }
        return true;
    }
}
