package io.github.binder4j.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class JavaProcessTest {

    /** Greets, then says back what it is told; an empty line ends it. */
    static final class Echo {
        public static void main(String[] args) throws IOException {
            System.out.println("hello " + args[0]);
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
                System.out.println("heard " + line);
            }
            System.exit(7);
        }
    }

    @Test
    void shouldTalkWithTheProcess() {
        try (JavaProcess echo = JavaProcess.start(Echo.class, "you")) {
            assertEquals("hello you", echo.awaitLine("hello"));
            echo.send("one");
            echo.send("two");
            assertEquals("heard two", echo.awaitLine("heard two"));
            echo.send("");
            assertEquals(7, echo.exitCode());
        }
    }

    @Test
    void shouldKill() {
        try (JavaProcess echo = JavaProcess.start(Echo.class, "you")) {
            echo.awaitLine("hello");
            echo.kill9();
            assertFalse(echo.isAlive());
            assertEquals(128 + 9, echo.exitCode());
        }
    }

    @Test
    void shouldShowTheOutputWhenALineDoesNotCome() {
        try (JavaProcess echo = JavaProcess.start(Echo.class, "you")) {
            echo.awaitLine("hello");
            AssertionError late =
                    assertThrows(AssertionError.class, () -> echo.awaitLine("heard", Duration.ofMillis(10)));
            assertTrue(late.getMessage().contains("still running"), late.getMessage());
            echo.send("");
            AssertionError ended = assertThrows(AssertionError.class, () -> echo.awaitLine("heard"));
            assertTrue(ended.getMessage().contains("hello you"), ended.getMessage());
        }
    }

    @Test
    void shouldWaitForALineAsLongAsItIsTold() {
        try (JavaProcess echo = JavaProcess.start(Echo.class, "you")) {
            Duration longest = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);
            assertEquals("hello you", echo.awaitLine("hello", longest));
            assertThrows(AssertionError.class, () -> echo.awaitLine("heard", Duration.ZERO));
            Duration negative = Duration.ofNanos(-1);
            IllegalArgumentException refused =
                    assertThrows(IllegalArgumentException.class, () -> echo.awaitLine("heard", negative));
            assertTrue(refused.getMessage().contains(negative.toString()), refused.getMessage());
        }
    }

    @Test
    void shouldNotOutliveItsOwner() {
        JavaProcess echo = JavaProcess.start(Echo.class, "you");
        echo.close();
        assertFalse(echo.isAlive());
    }
}
