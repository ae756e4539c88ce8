package io.github.binder4j.driver;

import java.nio.file.Path;

/** This process closed the device: what was asked of it was not done. */
public final class DriverClosedException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    public DriverClosedException(Path path) {
        super("binder device " + path + " is closed");
    }
}
