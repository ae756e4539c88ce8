package io.github.binder4j.bench.transport;

import io.github.binder4j.bench.worker.Message;

/** The kinds of work every transport knows. */
final class Shapes {
    private Shapes() {}

    static int kindOf(String shape) {
        return switch (shape) {
            case "call" -> Message.CALL;
            case "echo" -> Message.ECHO;
            case "oneway" -> Message.ONEWAY;
            default -> throw new UnsupportedOperationException("it knows no \"" + shape + '"');
        };
    }
}
