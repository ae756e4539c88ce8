package io.github.binder4j.runtime;

import io.github.binder4j.driver.CommandTrace;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** The protocol trace of this process: on or off, and where it goes. */
public final class TraceSwitch implements AutoCloseable {
    /** System property that says where the trace goes from the start. */
    public static final String PROPERTY = "binder4j.trace";
    /** Environment variable that says so. */
    public static final String ENVIRONMENT = "BINDER4J_TRACE";

    /** Before each line on standard error, to tell it from what else is there. */
    private static final String MARK = "[binder] ";

    private static boolean asked;

    private final Consumer<String> lines;
    private final AutoCloseable file;

    private TraceSwitch(Consumer<String> lines, AutoCloseable file) {
        this.lines = lines;
        this.file = file;
        CommandTrace.start(lines);
    }

    public static TraceSwitch to(Consumer<String> lines) {
        return new TraceSwitch(lines, () -> {});
    }

    public static TraceSwitch toFile(String name) throws IOException {
        String path = name.replace("%p", Long.toString(ProcessHandle.current().pid()));
        PrintStream out = new PrintStream(new FileOutputStream(path), true, StandardCharsets.UTF_8);
        out.println(header());
        return new TraceSwitch(out::println, out);
    }

    /** Switches the trace on if the property or the environment asks for it; once. */
    static synchronized void asAsked() {
        if (asked) {
            return;
        }
        asked = true;
        String target = System.getProperty(PROPERTY, System.getenv(ENVIRONMENT));
        if (target == null || target.isEmpty()) {
            return;
        }
        if (target.equals("-")) {
            System.err.println(MARK + header());
            to(line -> System.err.println(MARK + line));
        } else {
            startFile(target);
        }
    }

    private static void startFile(String target) {
        try {
            toFile(target);
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "cannot write the protocol trace to \"" + target + "\" (" + PROPERTY + ", " + ENVIRONMENT + "): "
                            + e.getMessage() + ". Name a file that can be written, or - for standard error",
                    e);
        }
    }

    /** Names the process for those who read several traces together. */
    private static String header() {
        String program =
                System.getProperty("sun.java.command", "java").split(" ")[0].replaceFirst("\\.Main$", "");
        return "# process " + ProcessHandle.current().pid() + " " + program.substring(program.lastIndexOf('.') + 1);
    }

    @Override
    public void close() {
        CommandTrace.stop(lines);
        try {
            file.close();
        } catch (Exception e) {
            throw new IllegalStateException("cannot close the protocol trace: " + e.getMessage(), e);
        }
    }
}
