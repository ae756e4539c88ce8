package io.github.binder4j.testkit;

/** Stands for a throwable of the container that could not be carried over as itself: its text, stack trace and causes. */
final class RemoteFailure extends AssertionError {
    private static final long serialVersionUID = 1;

    RemoteFailure(String text) {
        super(text);
    }

    static RemoteFailure of(Throwable original, int causesLeft) {
        RemoteFailure likeness = new RemoteFailure(original.toString());
        likeness.setStackTrace(original.getStackTrace());
        if (original.getCause() != null && causesLeft > 0) {
            likeness.initCause(of(original.getCause(), causesLeft - 1));
        }
        return likeness;
    }
}
