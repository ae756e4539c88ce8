package io.github.binder4j.bench.run;

import java.io.IOException;

/** A process of a measurement did not do what it was asked. */
public final class WorkerFailedException extends IOException {
    private static final long serialVersionUID = 1;

    WorkerFailedException(String message) {
        super(message);
    }
}
