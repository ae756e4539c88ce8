package io.github.binder4j.files;

import io.github.binder4j.natives.BinderNative;

/**
 * A pipe whose writing end a test gives away as a bare number, and whose reading end tells whether that, or a copy of it,
 * is open anywhere: a number alone may be another file's by the time it is asked about.
 */
public final class Pipe implements AutoCloseable {
    private final int reading;

    /** The number of the writing end. */
    public final int writing;

    public Pipe() {
        long ends = BinderNative.pipe();
        reading = (int) ends;
        writing = (int) (ends >>> 32);
    }

    /** Whether anybody can still write. */
    public boolean isOpen() {
        return BinderNative.pollReadable(reading, 0) == 0;
    }

    @Override
    public void close() {
        BinderNative.closeFd(reading);
    }
}
