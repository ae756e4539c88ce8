package io.github.binder4j.binderfs;

import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The values in a line that matched a pattern, by the names of the pattern's groups. */
final class Fields {
    private static final int HEX = 16;

    private final Matcher matcher;

    private Fields(Matcher matcher) {
        this.matcher = matcher;
    }

    /** What turns a line's values into a record; a NumberFormatException says that they are none. */
    interface Reader<T> {
        T read(Fields fields);
    }

    /** The record a line stands for; null if it does not match, or has a number too large for its kind. */
    static <T> T read(Pattern pattern, String line, Reader<T> reader) {
        Matcher matcher = pattern.matcher(line);
        if (!matcher.matches()) {
            return null;
        }
        try {
            return reader.read(new Fields(matcher));
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** Null if the group took no part. */
    String text(String group) {
        return matcher.group(group);
    }

    boolean has(String group) {
        return text(group) != null;
    }

    boolean flag(String group) {
        return "1".equals(text(group));
    }

    int number(String group) {
        return Integer.parseInt(text(group));
    }

    long large(String group) {
        return Long.parseLong(text(group));
    }

    int hex(String group) {
        return Integer.parseUnsignedInt(text(group), HEX);
    }

    long largeHex(String group) {
        return Long.parseUnsignedLong(text(group), HEX);
    }

    OptionalInt optionalNumber(String group) {
        return has(group) ? OptionalInt.of(number(group)) : OptionalInt.empty();
    }

    OptionalLong optionalLarge(String group) {
        return has(group) ? OptionalLong.of(large(group)) : OptionalLong.empty();
    }
}
