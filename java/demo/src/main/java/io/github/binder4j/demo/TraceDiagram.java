package io.github.binder4j.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Draws one call across processes, from the protocol traces of all of them, as a Mermaid sequence diagram.
 *
 * <p>The call is found by the interface and code of its BC_TRANSACTION. Its beginning is matched with the BR_TRANSACTION of
 * the same interface, code and size that follows it in another trace; so are the calls made while it is served. A process
 * id would not do: each container counts its own.
 */
public final class TraceDiagram {
    private static final String USAGE =
            "usage: TraceDiagram INTERFACE CODE TRACE…   draws the first call of CODE (such as 0x1) of INTERFACE";

    private static final Pattern HEADER = Pattern.compile("(?:\\[binder] )?# process (\\d+) (\\S+)");
    private static final Pattern LINE = Pattern.compile(
            "(?:\\[binder] )?(?<seconds>\\d+)\\.(?<nanos>\\d{9}) (?<pid>\\d+)/(?<tid>\\d+) (?<thread>\\S+) (?<device>\\S+) (?<direction>[<>=]) (?<what>.+)");

    private TraceDiagram() {}

    /** One line of a trace. */
    record Step(long nanos, String process, String tid, String thread, char direction, String what) {
        String command() {
            return what.split(" ")[0];
        }

        String field(String name) {
            Matcher field = Pattern.compile("\\b" + name + "=(\\S+)").matcher(what);
            return field.find() ? field.group(1) : "";
        }

        /** The thread, which the driver serves by itself. */
        String lifeline() {
            return process + "/" + tid;
        }
    }

    /**
     * Prints the diagram.
     *
     * @param args the interface, the code, and the trace files
     */
    public static void main(String[] args) throws IOException {
        if (args.length < 3) {
            System.err.println(USAGE);
            System.exit(2);
        }
        List<Step> steps = new ArrayList<>();
        for (int i = 2; i < args.length; i++) {
            steps.addAll(read(Files.readAllLines(Path.of(args[i]))));
        }
        try {
            System.out.print(draw(oneCall(steps, args[0], args[1])));
        } catch (IllegalArgumentException e) {
            System.err.println("TraceDiagram: " + e.getMessage());
            System.exit(1);
        }
    }

    /** The steps of one process's trace; lines that are none are passed over. */
    static List<Step> read(List<String> lines) {
        List<Step> steps = new ArrayList<>();
        String process = "?";
        for (String line : lines) {
            Matcher header = HEADER.matcher(line);
            Matcher step = LINE.matcher(line);
            if (header.matches()) {
                process = header.group(2);
            } else if (step.matches()) {
                long nanos =
                        Long.parseLong(step.group("seconds")) * 1_000_000_000L + Long.parseLong(step.group("nanos"));
                steps.add(new Step(
                        nanos,
                        process,
                        step.group("tid"),
                        step.group("thread"),
                        step.group("direction").charAt(0),
                        step.group("what")));
            }
        }
        return steps;
    }

    /**
     * What belongs to the first call of {@code code} of {@code interfaceName}, in order of time.
     *
     * @throws IllegalArgumentException if there is none
     */
    static List<Step> oneCall(List<Step> all, String interfaceName, String code) {
        List<Step> ordered = new ArrayList<>(all);
        ordered.sort(Comparator.comparingLong(Step::nanos));
        int first = indexOfCall(ordered, interfaceName, code);
        Map<String, Frames> threads = new HashMap<>();
        Set<Step> chosen = new LinkedHashSet<>();
        List<Step> unanswered = new ArrayList<>();
        threads.put(ordered.get(first).lifeline(), new Frames());
        for (Step step : ordered.subList(first, ordered.size())) {
            if (step.command().equals("BR_TRANSACTION") && !threads.containsKey(step.lifeline())) {
                Step sent = sentAs(step, unanswered);
                if (sent == null) {
                    continue;
                }
                unanswered.remove(sent);
                threads.put(step.lifeline(), new Frames());
            }
            Frames frames = threads.get(step.lifeline());
            if (frames == null || frames.done) {
                continue;
            }
            if (!step.command().equals("BR_NOOP")) {
                chosen.add(step);
            }
            if (step.command().equals("BC_TRANSACTION")) {
                unanswered.add(step);
            }
            frames.see(step);
        }
        return List.copyOf(chosen);
    }

    private static int indexOfCall(List<Step> ordered, String interfaceName, String code) {
        for (int i = 0; i < ordered.size(); i++) {
            Step step = ordered.get(i);
            if (step.command().equals("BC_TRANSACTION")
                    && step.field("interface").equals(interfaceName)
                    && step.field("code").equals(code)) {
                return i;
            }
        }
        throw new IllegalArgumentException(
                "no BC_TRANSACTION with interface=" + interfaceName + " code=" + code + " in these traces");
    }

    private static Step sentAs(Step received, List<Step> unanswered) {
        for (Step sent : unanswered) {
            if (List.of("interface", "code", "data", "objects").stream()
                    .allMatch(field -> sent.field(field).equals(received.field(field)))) {
                return sent;
            }
        }
        return null;
    }

    /** How deep a thread is in calls of its own and calls it serves; it is done when it is out of all. */
    private static final class Frames {
        private int depth;
        private boolean replied;
        private boolean done;

        void see(Step step) {
            switch (step.command()) {
                case "BC_TRANSACTION", "BR_TRANSACTION" -> depth++;
                case "BR_REPLY", "BR_DEAD_REPLY", "BR_FAILED_REPLY", "BR_FROZEN_REPLY" -> end();
                case "BC_REPLY" -> replied = true;
                case "BR_TRANSACTION_COMPLETE" -> {
                    if (replied) {
                        replied = false;
                        end();
                    }
                }
                default -> {}
            }
        }

        private void end() {
            done = --depth == 0;
        }
    }

    /** The diagram: a lifeline for each thread, one for the driver. */
    static String draw(List<Step> steps) {
        Map<String, String> names = new LinkedHashMap<>();
        StringBuilder out = new StringBuilder("sequenceDiagram\n");
        for (Step step : steps) {
            names.computeIfAbsent(step.lifeline(), key -> "T" + names.size());
        }
        boolean driverDrawn = false;
        for (Map.Entry<String, String> name : names.entrySet()) {
            Step any = steps.stream()
                    .filter(step -> step.lifeline().equals(name.getKey()))
                    .findFirst()
                    .orElseThrow();
            out.append("    participant %s as %s<br/>%s%n".formatted(name.getValue(), any.process(), any.thread()));
            if (!driverDrawn) {
                out.append("    participant D as driver\n");
                driverDrawn = true;
            }
        }
        for (Step step : steps) {
            String thread = names.get(step.lifeline());
            String arrow = switch (step.direction()) {
                case '>' -> thread + "->>D";
                case '<' -> "D->>" + thread;
                default -> thread + "->>D";
            };
            out.append("    %s: %s%n".formatted(arrow, step.what().replace(";", ",")));
        }
        return out.toString();
    }
}
