package io.github.binder4j.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.testkit.TestFrame.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ResultsTest {

    private static final Instant NOW = Instant.EPOCH;
    private static final Instant LATER = Instant.now().plusSeconds(60);

    private final List<String> output = new ArrayList<>();
    private final Results results = new Results(output::add);

    @Test
    void shouldGiveTheOutcomeOfATest() throws InterruptedException {
        report(Kind.PASSED, "[class:A]/[method:m()]");

        assertEquals(Optional.of(Kind.PASSED), outcome("[class:A]/[method:m()]", LATER));
    }

    @Test
    void shouldWaitForAnOutcomeThatComesFromAnotherThread() throws InterruptedException {
        Thread other = new Thread(() -> report(Kind.SKIPPED, "late"));
        other.start();

        assertEquals(Optional.of(Kind.SKIPPED), outcome("late", LATER));
        other.join();
    }

    @Test
    void shouldGiveTheClassesFailureToATestThatNeverRan() throws InterruptedException {
        report(Kind.FAILED, "[class:A]");
        report(Kind.PASSED, "[class:AB]");
        report(Kind.END, "");

        assertEquals(Optional.of(Kind.FAILED), outcome("[class:A]/[method:m()]", LATER));
        assertEquals(Optional.empty(), outcome("[class:AB]/[method:m()]", LATER));
    }

    @Test
    void shouldKnowWhatWasRunningWhenTheOutputEnds() throws InterruptedException {
        report(Kind.STARTED, "done");
        report(Kind.STARTED, "crashing");
        report(Kind.PASSED, "done");
        results.close();

        assertEquals(Optional.empty(), outcome("crashing", LATER));
        assertEquals(Set.of("crashing"), Set.copyOf(results.running()));
        assertTrue(results.isClosed());
    }

    @Test
    void shouldTellAnOutputThatEndsAfterTheRunFromOneThatEndsBefore() throws InterruptedException {
        report(Kind.PASSED, "last");
        results.close();
        assertFalse(results.isEnded());
        assertFalse(results.awaitClose(LATER));

        report(Kind.END, "");
        assertTrue(results.isEnded());
        assertTrue(results.awaitClose(LATER));
    }

    @Test
    void shouldListFailuresInOrder() {
        report(Kind.FAILED, "b");
        report(Kind.PASSED, "c");
        report(Kind.ABORTED, "d");
        report(Kind.FAILED, "a");

        assertEquals(
                List.of("b", "a"),
                results.failures().stream().map(TestFrame::id).toList());
    }

    @Test
    void shouldGiveUpAtTheDeadline() throws InterruptedException {
        assertEquals(Optional.empty(), outcome("never", NOW));
        assertFalse(results.awaitBegin(NOW));
        assertFalse(results.awaitClose(NOW));
    }

    @Test
    void shouldPassOnAllThatIsNotAFrame() throws InterruptedException {
        results.acceptLine("first\n");
        results.acceptLine("unended" + new TestFrame(Kind.PASSED, "a").encode() + "\n");
        results.acceptLine("\n");

        outcome("a", LATER);

        assertEquals(List.of("first", "unended", ""), output);
        assertEquals("first\nunended\n", results.tail());
    }

    private void report(Kind kind, String id) {
        results.acceptLine(new TestFrame(kind, id).encode());
    }

    private Optional<Kind> outcome(String id, Instant deadline) throws InterruptedException {
        return results.awaitOutcome(id, deadline).map(TestFrame::kind);
    }
}
