package io.github.binder4j;

/** Ends what was begun with {@link BinderDevice#subscribe}. */
public interface Subscription extends AutoCloseable {
    /** Tells the listener nothing more, but what has happened already. Doing so again has no effect. */
    @Override
    void close();
}
