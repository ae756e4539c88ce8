package io.github.binder4j.bench.transport;

import io.github.binder4j.bench.worker.Message;

/** The kinds of work every transport knows. */
public final class Shapes {
    private Shapes() {}

    /** The kind of its messages; throws UnsupportedOperationException if it is none of these. */
    public static int kindOf(String shape) {
        return switch (shape) {
            case "call" -> Message.CALL;
            case "echo" -> Message.ECHO;
            case "oneway" -> Message.ONEWAY;
            default -> throw new UnsupportedOperationException("it knows no \"" + shape + '"');
        };
    }
}
