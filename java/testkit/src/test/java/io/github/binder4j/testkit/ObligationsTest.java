package io.github.binder4j.testkit;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.testkit.TestFrame.Kind;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ObligationsTest {

    private static final String CLASS = "[engine:junit-jupiter]/[class:A]";
    private static final String METHOD = CLASS + "/[method:m()]";
    private static final String TEMPLATE = CLASS + "/[test-template:t(int)]";
    private static final String INNER = CLASS + "/[nested-class:Inner]";
    private static final String CASES = CLASS + "/[nested-class-template:Cases]";

    private final Obligations obligations = new Obligations();
    private final Exception original = new Exception("original");

    @BeforeEach
    void enterClass() {
        obligations.enter(CLASS);
    }

    @Test
    void shouldNotThrowWhatWasShown() {
        obligations.reach(METHOD);

        assertTrue(obligations.show(METHOD));
        assertFalse(obligations.show(METHOD));
        assertNothingDue(METHOD);
    }

    @Test
    void shouldNotThrowWhatWasNotSelected() {
        obligations.reach(METHOD);
        obligations.reach(INNER);
        obligations.enter(INNER);
        obligations.reach(INNER + "/[method:m()]");

        assertNothingDue(CLASS + "/[method:other()]", TEMPLATE + "/[test-template-invocation:#1]");
        assertNothingDue(INNER + "/[method:other()]", INNER + "X/[method:m()]", CASES);
    }

    @Test
    void shouldThrowWhatOnlyTheHostSkipped() {
        obligations.reach(METHOD);
        obligations.reach(INNER);

        assertDue(METHOD);
        assertDue(INNER);
        assertDue(INNER + "/[method:m()]");
        assertDue(INNER + "/[nested-class:Innermost]/[test-template:t()]/[test-template-invocation:#1]");
    }

    @Test
    void shouldThrowInvocationsThatOnlyTheContainerHas() {
        obligations.reach(TEMPLATE);
        obligations.reach(TEMPLATE + "/[test-template-invocation:#1]");
        obligations.show(TEMPLATE + "/[test-template-invocation:#1]");

        assertNothingDue(TEMPLATE + "/[test-template-invocation:#1]");
        assertDue(TEMPLATE + "/[test-template-invocation:#2]");
    }

    @Test
    void shouldThrowInvocationsOfAClassThatOnlyTheContainerHas() {
        String first = CASES + "/[class-template-invocation:#1]";
        obligations.reach(CASES);
        obligations.reach(first);
        obligations.enter(first);
        obligations.reach(first + "/[method:m()]");

        assertDue(CASES + "/[class-template-invocation:#2]");
        assertDue(CASES + "/[class-template-invocation:#2]/[method:m()]");
        assertNothingDue(CASES + "/[class-template-invocation:#2]/[method:other()]");
    }

    @Test
    void shouldThrowTheFailureOfAnEnteredClassThatWasNotShown() {
        assertDue(CLASS);
        obligations.show(CLASS);
        assertNothingDue(CLASS);
    }

    @Test
    void shouldThrowAllAtOnce() {
        obligations.reach(INNER);

        AssertionError error = assertThrows(
                AssertionError.class, () -> check(INNER + "/[method:a()]", METHOD, INNER + "/[method:b()]"));

        assertTrue(error.getMessage().endsWith(INNER + "/[method:a()]"), error.getMessage());
        assertSame(original, error.getCause());
        assertEquals(1, error.getSuppressed().length);
        Throwable other = error.getSuppressed()[0];
        assertTrue(other.getMessage().endsWith(INNER + "/[method:b()]"), other.getMessage());
        assertSame(original, other.getCause());
    }

    private void assertDue(String id) {
        assertThrows(AssertionError.class, () -> check(id), id);
    }

    private void assertNothingDue(String... ids) {
        assertDoesNotThrow(() -> check(ids));
    }

    private void check(String... ids) {
        obligations.check(
                Arrays.stream(ids).map(id -> new TestFrame(Kind.FAILED, id)).toList(), failure -> original);
    }
}
