package io.github.binder4j.examples;

import org.junit.jupiter.api.Test;

class ScriptsTest {
    @Test
    void shouldDoAsTheySayWhenMisusedInterruptedOrSlow() {
        CommandsTest.run("ci/selfcheck");
    }
}
