package io.github.binder4j.testkit;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class NoBinderTest {

    @Test
    void shouldRecogniseAKernelWithoutBinderfs() {
        assertTrue(
                isNoBinder(
                        "error while mounting volume '/v': failed to mount local volume: mount binder:/v/_data: no such device"));
    }

    @Test
    void shouldRecogniseAMissingDevice() {
        assertTrue(
                isNoBinder(
                        "error gathering device information while adding custom device \"/dev/binder\": no such file or directory"));
    }

    @Test
    void shouldNotMistakeOtherFailures() {
        assertFalse(isNoBinder("failed to mount local volume: mount binder:/v/_data: permission denied"));
        assertFalse(isNoBinder(null));
    }

    private static boolean isNoBinder(String answer) {
        return NoBinder.isCauseOf(new IllegalStateException("outer", new IllegalArgumentException(answer)));
    }
}
