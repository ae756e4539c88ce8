package io.github.binder4j;

import io.github.binder4j.runtime.TraceSwitch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * Writes every command between this process and the binder driver, of every device, as a line for people.
 *
 * <p>To trace a program from its start, set the system property {@value TraceSwitch#PROPERTY} or the environment variable
 * {@value TraceSwitch#ENVIRONMENT} to a file ({@code %p} stands for the process id), or to {@code -} for standard error. See
 * {@code docs/observability.md} for what the lines say. One trace is on at a time; a later one takes its place.
 */
public final class ProtocolTrace implements AutoCloseable {
    private final TraceSwitch trace;

    private ProtocolTrace(TraceSwitch trace) {
        this.trace = trace;
    }

    /**
     * Traces into a file.
     *
     * @param file created, or emptied; {@code %p} in its name stands for the process id
     * @return what ends the trace and closes the file
     * @throws IOException if the file cannot be written
     */
    public static ProtocolTrace to(Path file) throws IOException {
        return new ProtocolTrace(TraceSwitch.toFile(file.toString()));
    }

    /**
     * Hands each line to a program.
     *
     * @param lines called by the thread that speaks with the driver, several at a time; must not call binder, nor
     *     wait long: no device can be closed meanwhile. If it throws, that is logged, and the trace ends
     * @return what ends the trace
     */
    public static ProtocolTrace to(Consumer<String> lines) {
        return new ProtocolTrace(TraceSwitch.to(lines));
    }

    /** Ends the trace. Doing so again has no effect. */
    @Override
    public void close() {
        trace.close();
    }
}
