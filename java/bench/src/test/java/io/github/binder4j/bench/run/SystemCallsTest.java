package io.github.binder4j.bench.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What is read of strace's table, whose columns may be blank. */
class SystemCallsTest {
    private static final String HEADINGS = "% time     seconds  usecs/call     calls    errors syscall";
    private static final String RULE = "------ ----------- ----------- --------- --------- ----------------";

    @Test
    void shouldReadATotalWithoutTimePerCall() {
        assertEquals(OptionalLong.of(12), total("100.00    0.000000                    12         1 total"));
    }

    @Test
    void shouldReadATotalWithTimePerCall() {
        assertEquals(OptionalLong.of(812), total("100.00    0.004060           5       812         3 total"));
    }

    @Test
    void shouldReadATotalWithoutErrors() {
        assertEquals(OptionalLong.of(812), total("100.00    0.004060           5       812           total"));
        assertEquals(OptionalLong.of(812), total("100.00    0.004060                   812           total"));
    }

    @Test
    void shouldNotGuess() {
        assertEquals(OptionalLong.empty(), SystemCalls.total(List.of()));
        assertEquals(OptionalLong.empty(), total("100.00 total"));
        assertEquals(
                OptionalLong.empty(),
                SystemCalls.total(List.of("100.00    0.004060           5       812         3 total")));
    }

    private static OptionalLong total(String line) {
        return SystemCalls.total(List.of(
                HEADINGS,
                RULE,
                " 60.00    0.002436           6       406           ioctl",
                " 40.00    0.001624           4       406         3 futex",
                RULE,
                line));
    }
}
