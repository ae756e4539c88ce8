package io.github.binder4j.bench.report;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;

/**
 * Writes XML, and HTML in its XML form. Every text and every attribute is escaped here and nowhere else.
 *
 * <p>Attributes are given as name, value, name, value …; one whose value is null is left out, a number has at most two decimals.
 */
final class Markup {
    private final StringBuilder out = new StringBuilder();
    private final Deque<String> open = new ArrayDeque<>();

    /** Begins an element, which {@link #close} ends. */
    Markup open(String tag, Object... attributes) {
        tag(tag, attributes).append('>');
        open.push(tag);
        return this;
    }

    /** Ends the element begun last. */
    Markup close() {
        out.append("</").append(open.pop()).append('>');
        return this;
    }

    /** Ends that many elements. */
    Markup close(int count) {
        for (int i = 0; i < count; i++) {
            close();
        }
        return this;
    }

    /** An element without content: one of SVG, or one of HTML's that never has any. */
    Markup empty(String tag, Object... attributes) {
        tag(tag, attributes).append("/>");
        return this;
    }

    /** An element with nothing but text in it. */
    Markup leaf(String tag, String text, Object... attributes) {
        return open(tag, attributes).text(text).close();
    }

    Markup text(String text) {
        out.append(escape(text));
        return this;
    }

    Markup line() {
        out.append('\n');
        return this;
    }

    /** What is markup already, or a style sheet without {@code <} and {@code &}. */
    Markup raw(String markup) {
        out.append(markup);
        return this;
    }

    private StringBuilder tag(String tag, Object... attributes) {
        out.append('<').append(tag);
        for (int i = 0; i < attributes.length; i += 2) {
            if (attributes[i + 1] != null) {
                out.append(' ').append(attributes[i]).append("=\"");
                out.append(escape(value(attributes[i + 1]))).append('"');
            }
        }
        return out;
    }

    private static String value(Object value) {
        return value instanceof Double number ? number(number) : value.toString();
    }

    /** A coordinate, as short as two decimals allow. */
    static String number(double value) {
        String text = String.format(Locale.ROOT, "%.2f", value);
        String shortened = text.replaceAll("\\.?0+$", "");
        return shortened.equals("-0") ? "0" : shortened;
    }

    /** Text as it may stand in an element or an attribute; what XML does not allow becomes U+FFFD. */
    static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(character -> {
            switch (character) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.appendCodePoint(isAllowed(character) ? character : 0xfffd);
            }
        });
        return escaped.toString();
    }

    private static boolean isAllowed(int character) {
        return character == '\t'
                || character == '\n'
                || character == '\r'
                || (character >= 0x20 && character <= 0xd7ff)
                || (character >= 0xe000 && character <= 0xfffd)
                || character >= 0x10000;
    }

    @Override
    public String toString() {
        if (!open.isEmpty()) {
            throw new IllegalStateException("not closed: " + open);
        }
        return out.toString();
    }
}
