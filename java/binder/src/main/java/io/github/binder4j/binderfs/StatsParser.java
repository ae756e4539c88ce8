package io.github.binder4j.binderfs;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Reads {@code stats}, as {@code binder_stats_show} of drivers/android/binder.c writes it. */
final class StatsParser {
    private static final Pattern PROC = Pattern.compile("proc (?<pid>\\d+)");
    private static final Pattern CONTEXT = Pattern.compile("context (?<name>.*)");
    private static final Pattern COMMAND = Pattern.compile("(?<name>B[CR]_\\w+): (?<count>-?\\d+)");
    private static final Pattern OBJECT =
            Pattern.compile("(?<name>\\w+): active (?<active>-?\\d+) total (?<total>-?\\d+)");

    private final List<ProcessStats> processes = new ArrayList<>();
    private final List<String> unparsed = new ArrayList<>();

    /** A line of a process, and what the numbers in it are. */
    private enum Figures {
        THREADS("threads: #", "threads"),
        REQUESTED("requested threads: #+#/#", "requested", "started", "max"),
        READY("ready threads #", "ready"),
        ASYNC_SPACE("free async space #", "asyncSpace"),
        NODES("nodes: #", "nodes"),
        REFS("refs: # s # w #", "refs", "strong", "weak"),
        BUFFERS("buffers: #", "buffers"),
        PAGES("pages: #:#:#", "activePages", "reclaimablePages", "freePages"),
        WATERMARK("pages high watermark: #", "watermark"),
        PENDING("pending transactions: #", "pending");

        private final Pattern pattern;
        private final String[] names;

        Figures(String line, String... names) {
            String regex = line.replace("+", "\\+");
            for (String name : names) {
                regex = regex.replaceFirst("#", "(?<" + name + ">-?\\\\d+)");
            }
            this.pattern = Pattern.compile(regex);
            this.names = names;
        }

        /** False if the line is another. */
        boolean addTo(Map<String, Long> figures, String line) {
            Map<String, Long> found = Fields.read(pattern, line, this::values);
            if (found != null) {
                figures.putAll(found);
            }
            return found != null;
        }

        private Map<String, Long> values(Fields fields) {
            Map<String, Long> values = new HashMap<>();
            for (String name : names) {
                values.put(name, fields.large(name));
            }
            return values;
        }
    }

    /** Counters being read. */
    private static final class Counting {
        private final Map<String, Integer> commands = new LinkedHashMap<>();
        private final Map<String, Counters.Objects> objects = new LinkedHashMap<>();

        boolean add(String line) {
            return put(commands, line, COMMAND, fields -> fields.number("count"))
                    || put(
                            objects,
                            line,
                            OBJECT,
                            fields -> new Counters.Objects(fields.number("active"), fields.number("total")));
        }

        private static <T> boolean put(Map<String, T> map, String line, Pattern pattern, Fields.Reader<T> reader) {
            Map.Entry<String, T> entry =
                    Fields.read(pattern, line, fields -> Map.entry(fields.text("name"), reader.read(fields)));
            if (entry != null) {
                map.put(entry.getKey(), entry.getValue());
            }
            return entry != null;
        }

        Counters counters() {
            return new Counters(Collections.unmodifiableMap(commands), Collections.unmodifiableMap(objects));
        }
    }

    BinderStats parse(String text) {
        Counting counting = new Counting();
        Block proc = null;
        for (Block block : Block.parse(text)) {
            String context = Fields.read(CONTEXT, block.line(), fields -> fields.text("name"));
            if (pid(block) != null) {
                keep(proc);
                proc = block;
            } else if (context != null && proc != null) {
                processes.add(process(pid(proc), context, block.children()));
                proc = null;
            } else if (!block.children().isEmpty() || !isHeading(block) && !counting.add(block.line())) {
                keep(block);
            }
        }
        keep(proc);
        return new BinderStats(counting.counters(), List.copyOf(processes), List.copyOf(unparsed));
    }

    private static boolean isHeading(Block block) {
        return block.line().equals("binder stats:");
    }

    /** Null if the block is another. */
    private static Integer pid(Block block) {
        return block.children().isEmpty() ? Fields.read(PROC, block.line(), fields -> fields.number("pid")) : null;
    }

    private void keep(Block block) {
        if (block != null) {
            block.collectLines(unparsed);
        }
    }

    private ProcessStats process(int pid, String context, List<Block> children) {
        Map<String, Long> figures = new HashMap<>();
        Counting counting = new Counting();
        for (Block child : children) {
            if (!child.children().isEmpty() || !addTo(figures, child.line()) && !counting.add(child.line())) {
                keep(child);
            }
        }
        return process(pid, context, figures, counting.counters());
    }

    private static boolean addTo(Map<String, Long> figures, String line) {
        for (Figures kind : Figures.values()) {
            if (kind.addTo(figures, line)) {
                return true;
            }
        }
        return false;
    }

    private static ProcessStats process(int pid, String context, Map<String, Long> figures, Counters counters) {
        return new ProcessStats(
                pid,
                context,
                figure(figures, "threads"),
                figure(figures, "requested"),
                figure(figures, "started"),
                figure(figures, "max"),
                figure(figures, "ready"),
                figures.getOrDefault("asyncSpace", 0L),
                figure(figures, "nodes"),
                figure(figures, "refs"),
                figure(figures, "strong"),
                figure(figures, "weak"),
                figure(figures, "buffers"),
                figure(figures, "activePages"),
                figure(figures, "reclaimablePages"),
                figure(figures, "freePages"),
                figures.getOrDefault("watermark", 0L),
                figure(figures, "pending"),
                counters);
    }

    private static int figure(Map<String, Long> figures, String name) {
        return figures.getOrDefault(name, 0L).intValue();
    }
}
