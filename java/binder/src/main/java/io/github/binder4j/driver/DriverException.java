package io.github.binder4j.driver;

/** A system call on a binder device failed; the layers above decide what that means to their caller. */
public final class DriverException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    DriverException(String what, int errno) {
        super(what + ": " + Errno.describe(errno));
        this.errno = errno;
    }

    /** The positive errno of the call. */
    public int errno() {
        return errno;
    }

    /** Returns {@code result}, or throws naming {@code what} failed if it is a negative errno. */
    static long check(String what, long result) {
        if (result < 0 && result > -4096) {
            throw new DriverException(what, (int) -result);
        }
        return result;
    }
}
