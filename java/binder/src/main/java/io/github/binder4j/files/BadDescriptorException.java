package io.github.binder4j.files;

import java.io.IOException;

/** What was passed as a file descriptor is none: it is closed, or never was open. */
public final class BadDescriptorException extends IOException {
    private static final long serialVersionUID = 1L;

    BadDescriptorException(String message) {
        super(message);
    }
}
