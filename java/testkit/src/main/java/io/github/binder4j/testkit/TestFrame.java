package io.github.binder4j.testkit;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One event of a test run, as one line of the container's output.
 *
 * @param kind what happened
 * @param id the JUnit unique id it happened to; empty for BEGIN and END
 * @param text a skipped test's reason, a failed or aborted one's stack trace; at the END the times of {@link
 *     JavaProcess#startTimes}
 * @param failure the serialised Throwable, or empty
 */
record TestFrame(Kind kind, String id, String text, byte[] failure) {

    enum Kind {
        BEGIN,
        STARTED,
        PASSED,
        FAILED,
        ABORTED,
        SKIPPED,
        END
    }

    private static final String MARK = "##binder4j-test ";
    private static final String LAST = "##";

    TestFrame(Kind kind, String id) {
        this(kind, id, "", new byte[0]);
    }

    static TestFrame of(Kind kind, String id, Throwable failure) {
        return new TestFrame(kind, id, Failures.describe(failure), Failures.serialize(failure));
    }

    /** The line, without its end: the mark, the kind, three fields in base64, and a last field that shows it is whole. */
    String encode() {
        return Stream.of(utf8(id), utf8(text), failure)
                .map(Base64.getEncoder()::encodeToString)
                .collect(Collectors.joining(" ", MARK + kind + " ", " " + LAST));
    }

    /** Where a frame starts in a line, which may begin with output that did not end its line; -1 if there is none. */
    static int indexIn(String line) {
        return line.indexOf(MARK);
    }

    /** The frame from the given place to the line's end; empty if it is torn. */
    static Optional<TestFrame> decode(String line, int start) {
        String[] fields = line.substring(start + MARK.length()).split(" ", -1);
        if (fields.length != 5 || !fields[4].equals(LAST)) {
            return Optional.empty();
        }
        try {
            Base64.Decoder base64 = Base64.getDecoder();
            return Optional.of(new TestFrame(
                    Kind.valueOf(fields[0]),
                    string(base64.decode(fields[1])),
                    string(base64.decode(fields[2])),
                    base64.decode(fields[3])));
        } catch (IllegalArgumentException torn) {
            return Optional.empty();
        }
    }

    boolean isOutcome() {
        return switch (kind) {
            case PASSED, FAILED, ABORTED, SKIPPED -> true;
            case BEGIN, STARTED, END -> false;
        };
    }

    private static byte[] utf8(String string) {
        return string.getBytes(StandardCharsets.UTF_8);
    }

    private static String string(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TestFrame that
                && kind == that.kind
                && id.equals(that.id)
                && text.equals(that.text)
                && Arrays.equals(failure, that.failure);
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }
}
