package io.github.binder4j.natives;

import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Names of files as the kernel has them, which are bytes.
 *
 * <p>The JVM makes text of them by the locale's charset. One that lacks the characters, as that of {@code LC_ALL=C} does,
 * refuses a text and damages what it reads: such text is taken for UTF-8 here, and the bytes of a {@link Path} are never
 * made text at all.
 */
public final class FileNames {
    private static final Charset LOCALE = locale();

    private FileNames() {}

    private static Charset locale() {
        String name = System.getProperty("sun.jnu.encoding", "UTF-8");
        return Charset.isSupported(name) ? Charset.forName(name) : StandardCharsets.UTF_8;
    }

    /** Whether the locale has characters for every name, and so whether text read from outside may be damaged. */
    public static boolean isLocaleUnicode() {
        return LOCALE.equals(StandardCharsets.UTF_8);
    }

    /**
     * A name's bytes, and a 0.
     *
     * @throws IllegalArgumentException if the name has a 0 in it
     */
    public static byte[] bytes(String name) {
        return terminated(encode(name));
    }

    /**
     * A path's bytes, and a 0.
     *
     * @param path of the default file system; of any other, its text is used
     */
    public static byte[] bytes(Path path) {
        return terminated(raw(path));
    }

    private static byte[] terminated(byte[] name) {
        for (byte value : name) {
            if (value == 0) {
                throw new IllegalArgumentException(
                        "the name \"" + new String(name, StandardCharsets.UTF_8).replace("\0", "\\0")
                                + "\" has a 0 in it, where C would end it");
            }
        }
        return Arrays.copyOf(name, name.length + 1);
    }

    private static byte[] encode(String name) {
        try {
            ByteBuffer encoded = LOCALE.newEncoder().encode(CharBuffer.wrap(name));
            return Arrays.copyOf(encoded.array(), encoded.limit());
        } catch (CharacterCodingException e) {
            return name.getBytes(StandardCharsets.UTF_8);
        }
    }

    /** A URI has a path's bytes as they are, with no charset between. */
    private static byte[] raw(Path path) {
        String text = path.toString();
        if (isAscii(text) || path.getFileSystem() != FileSystems.getDefault()) {
            return encode(text);
        }
        byte[] whole = unescape(path.toUri().getRawPath());
        boolean isDirectory = whole.length > 1 && whole[whole.length - 1] == '/';
        return isDirectory ? Arrays.copyOf(whole, whole.length - 1) : whole;
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(character -> character < 0x80);
    }

    /**
     * The path of a name; an absolute one if the name is not ASCII.
     *
     * @param name its bytes, without a 0 at the end
     */
    public static Path path(byte[] name) {
        String text = new String(name, StandardCharsets.ISO_8859_1);
        return isAscii(text) ? Path.of(text) : Path.of(URI.create("file://" + base(name) + escape(name)));
    }

    private static String base(byte[] name) {
        return name[0] == '/' ? "" : escape(raw(Path.of("").toAbsolutePath())) + "/";
    }

    /** The path of a name that comes as text. */
    public static Path path(String name) {
        return isAscii(name) || isLocaleUnicode() ? Path.of(name) : path(encode(name));
    }

    /** A file of a directory. */
    public static Path resolve(Path directory, String name) {
        return isAscii(name) || isLocaleUnicode()
                ? directory.resolve(name)
                : directory.resolve(path(encode("/" + name)).getFileName());
    }

    /** The last name of a path, as text. */
    public static String lastName(Path path) {
        String text = path.getFileName().toString();
        if (isAscii(text) || isLocaleUnicode()) {
            return text;
        }
        byte[] whole = raw(path);
        int start = whole.length;
        while (whole[start - 1] != '/') {
            start--;
        }
        return decode(Arrays.copyOfRange(whole, start, whole.length));
    }

    private static String decode(byte[] name) {
        try {
            return LOCALE.newDecoder().decode(ByteBuffer.wrap(name)).toString();
        } catch (CharacterCodingException e) {
            return new String(name, StandardCharsets.UTF_8);
        }
    }

    private static String escape(byte[] name) {
        StringBuilder escaped = new StringBuilder();
        for (byte value : name) {
            if (value > 0 && (value == '/' || Character.isLetterOrDigit(value))) {
                escaped.append((char) value);
            } else {
                escaped.append(String.format("%%%02x", value));
            }
        }
        return escaped.toString();
    }

    private static byte[] unescape(String escaped) {
        ByteBuffer name = ByteBuffer.allocate(escaped.length());
        for (int i = 0; i < escaped.length(); i++) {
            if (escaped.charAt(i) == '%') {
                name.put((byte) Integer.parseInt(escaped.substring(i + 1, i + 3), 16));
                i += 2;
            } else {
                name.put((byte) escaped.charAt(i));
            }
        }
        return Arrays.copyOf(name.array(), name.position());
    }
}
