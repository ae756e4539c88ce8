package io.github.binder4j.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import org.junit.jupiter.api.Test;
import org.opentest4j.AssertionFailedError;

class FailuresTest {

    @Test
    void shouldCarryExpectedAndActual() {
        AssertionFailedError original = new AssertionFailedError("differs", "a", "b");

        AssertionFailedError copy = assertInstanceOf(AssertionFailedError.class, carry(original));

        assertEquals("a", copy.getExpected().getValue());
        assertEquals("b", copy.getActual().getValue());
        assertArrayEquals(original.getStackTrace(), copy.getStackTrace());
    }

    @Test
    void shouldCarryTheLikenessOfWhatCannotBeSerialised() {
        Exception original = new Unserializable("lost", new IllegalStateException("why"));

        Throwable copy = carry(original);

        assertInstanceOf(RemoteFailure.class, copy);
        assertEquals(original.toString(), copy.getMessage());
        assertArrayEquals(original.getStackTrace(), copy.getStackTrace());
        assertEquals("java.lang.IllegalStateException: why", copy.getCause().getMessage());
    }

    @Test
    void shouldFallBackToTextWhenItCannotBeReadBack() {
        Throwable copy =
                Failures.deserialize(new byte[] {1, 2}, "the text", getClass().getClassLoader());

        assertEquals("the text", copy.getMessage());
    }

    private Throwable carry(Throwable original) {
        return Failures.deserialize(
                Failures.serialize(original), "unused", getClass().getClassLoader());
    }

    private static final class Unserializable extends Exception {
        private static final long serialVersionUID = 1;

        @SuppressWarnings("serial") // the point of it
        private final Object field = new Object();

        Unserializable(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
