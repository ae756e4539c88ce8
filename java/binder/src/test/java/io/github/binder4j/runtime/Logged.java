package io.github.binder4j.runtime;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.ResourceBundle;

/** A logger that keeps what it is given. */
final class Logged implements System.Logger {
    private final List<String> lines = Collections.synchronizedList(new ArrayList<>());
    private final List<Throwable> causes = Collections.synchronizedList(new ArrayList<>());

    List<String> lines() {
        return List.copyOf(lines);
    }

    /** Of each line, null where it has none. */
    List<Throwable> causes() {
        synchronized (causes) {
            return new ArrayList<>(causes);
        }
    }

    @Override
    public String getName() {
        return "logged";
    }

    @Override
    public boolean isLoggable(Level level) {
        return true;
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String text, Throwable thrown) {
        lines.add(level + " " + text);
        causes.add(thrown);
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String format, Object... params) {
        throw new AssertionError("a peer's words as a format: " + format);
    }
}
