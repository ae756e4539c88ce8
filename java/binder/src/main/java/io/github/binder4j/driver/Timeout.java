package io.github.binder4j.driver;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How long a program lets a method wait. Every method that takes a {@link Duration} asks here, so that all answer alike: zero
 * does not wait, less than nothing is refused, and what is too long to be counted is as long as can be.
 */
public final class Timeout {
    private static final Duration ONE = Duration.ofNanos(TimeUnit.MILLISECONDS.toNanos(1) - 1);

    private Timeout() {}

    /**
     * In milliseconds, rounded up: a wait is never shorter than was asked for.
     *
     * @param method what it was given to, for the message
     * @throws IllegalArgumentException if it is negative
     */
    public static long millis(String method, Duration timeout) {
        check(method, timeout);
        long rounded = TimeUnit.MILLISECONDS.convert(timeout); // saturates, where Duration throws
        return rounded == Long.MAX_VALUE ? rounded : TimeUnit.MILLISECONDS.convert(timeout.plus(ONE));
    }

    /**
     * In nanoseconds.
     *
     * @param method what it was given to, for the message
     * @throws IllegalArgumentException if it is negative
     */
    public static long nanos(String method, Duration timeout) {
        check(method, timeout);
        return TimeUnit.NANOSECONDS.convert(timeout);
    }

    private static void check(String method, Duration timeout) {
        if (timeout.isNegative()) {
            throw new IllegalArgumentException(method + ": a timeout of " + timeout + ", which is 0 or more");
        }
    }
}
