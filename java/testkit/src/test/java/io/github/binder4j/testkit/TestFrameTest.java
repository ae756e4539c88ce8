package io.github.binder4j.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.testkit.TestFrame.Kind;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TestFrameTest {

    private final TestFrame frame =
            new TestFrame(Kind.FAILED, "[engine:e]/[test:ü b]", "two\nlines ##", new byte[] {0, -1, 10});

    @Test
    void shouldSurviveTheTrip() {
        String line = frame.encode();

        assertEquals(Optional.of(frame), TestFrame.decode(line, TestFrame.indexIn(line)));
        assertEquals(1, line.lines().count());
    }

    @Test
    void shouldSurviveWhenFieldsAreEmpty() {
        TestFrame empty = new TestFrame(Kind.BEGIN, "");

        assertEquals(Optional.of(empty), TestFrame.decode(empty.encode(), 0));
    }

    @Test
    void shouldBeFoundBehindOutputThatDidNotEndItsLine() {
        String line = "no newline" + frame.encode();

        assertEquals(10, TestFrame.indexIn(line));
        assertEquals(Optional.of(frame), TestFrame.decode(line, 10));
    }

    @Test
    void shouldNotBeReadWhenTorn() {
        String line = frame.encode();

        for (int length = line.length() - 1; TestFrame.indexIn(line.substring(0, length)) >= 0; length--) {
            assertTrue(TestFrame.decode(line.substring(0, length), 0).isEmpty());
        }
    }
}
