package io.github.binder4j.demo;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import org.junit.jupiter.api.Test;

/** The demo checks itself; here it runs with every other test. */
class DemoIT {
    @Test
    void shouldSeeEveryStepHappenInFourContainers() {
        assertDoesNotThrow(() -> new Demo("text of the test, \u00e9\ud83d\ude00", null).run());
    }
}
