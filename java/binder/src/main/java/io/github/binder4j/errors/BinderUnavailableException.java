package io.github.binder4j.errors;

/**
 * There is no usable binder device: none exists, it may not be opened, it speaks another protocol, or its owner closed it;
 * or what was asked for the kernel does not offer. The message names the cause and the command that mends it.
 */
public final class BinderUnavailableException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /** Positive, or 0 if no system call failed. */
    private final int errno;

    /**
     * Creates an exception.
     *
     * @param message what failed, with values, and what to do
     * @param errno the positive errno of the system call that failed, or 0 if none did
     */
    public BinderUnavailableException(String message, int errno) {
        super(message);
        this.errno = errno;
    }

    /**
     * Returns the errno behind this failure.
     *
     * @return the positive errno of the system call that failed, or 0 if none did
     */
    public int errno() {
        return errno;
    }
}
