package io.github.binder4j.binderfs;

import io.github.binder4j.binderfs.TransactionRecord.Role;
import io.github.binder4j.binderfs.WorkRecord.Kind;
import io.github.binder4j.driver.Commands;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * Reads {@code state} and its kin, as the functions {@code print_binder_…} of drivers/android/binder.c write them.
 *
 * <p>Counts may be negative: the kernel prints them signed, and has bugs.
 */
final class StateParser {
    private static final String FROM_TO =
            "from (?<fromPid>-?\\d+):(?<fromTid>-?\\d+) to (?<toPid>-?\\d+):(?<toTid>-?\\d+)";
    private static final Pattern HEADING = Pattern.compile("binder (?:proc )?(?:state|transactions):");
    private static final Pattern PROC = Pattern.compile("proc (?<pid>\\d+)");
    private static final Pattern CONTEXT = Pattern.compile("context (?<name>.*)");
    private static final Pattern THREAD = Pattern.compile(
            "thread (?<tid>\\d+): l (?<looper>[0-9a-f]+) need_return (?<needReturn>\\d+) tr (?<tr>-?\\d+)");
    private static final Pattern NODE = Pattern.compile("node (?<id>-?\\d+): u(?<ptr>[0-9a-f]+) c(?<cookie>[0-9a-f]+)"
            + " hs (?<hs>\\d+) hw (?<hw>\\d+) ls (?<ls>-?\\d+) lw (?<lw>-?\\d+) is (?<is>-?\\d+) iw (?<iw>-?\\d+)"
            + " tr (?<tr>-?\\d+)(?: proc(?<holders> [\\d ]*\\d))?");
    private static final Pattern REF = Pattern.compile("ref (?<id>-?\\d+): desc (?<desc>-?\\d+) (?<dead>dead )?node"
            + " (?<node>-?\\d+) s (?<s>-?\\d+) w (?<w>-?\\d+) d (?<death>\\S+)");
    private static final Pattern BUFFER = Pattern.compile("buffer (?<id>-?\\d+): (?<place>[0-9a-f]+)"
            + " size (?<data>\\d+):(?<offsets>\\d+):(?<extra>\\d+) (?<state>active|delivered)");

    /** 6.1 has neither elapsed time nor offset, but an address; 7.2 has a flag more, beside which the other has a new meaning. */
    private static final Pattern TRANSACTION = Pattern.compile(
            "(?<role>outgoing|incoming|bad|pending|pending async) transaction (?<id>-?\\d+): \\S+ " + FROM_TO
                    + " code (?<code>[0-9a-f]+) flags (?<flags>[0-9a-f]+) pri (?<priority>\\S+)"
                    + "(?: a(?<async>[01]))? r(?<reply>[01])(?: elapsed (?<elapsed>-?\\d+)ms)?"
                    + "(?: buffer free)?(?: node (?<node>-?\\d+))?"
                    + "(?: size (?<data>\\d+):(?<offsets>\\d+) (?:data|offset) \\S+)?");

    private static final Map<Kind, Pattern> WORK = Map.ofEntries(
            work(Kind.RETURN_ERROR, "transaction error: (?<number>\\d+)"),
            work(Kind.TRANSACTION_COMPLETE, "transaction complete"),
            work(Kind.NODE, "node work (?<number>-?\\d+): .*"),
            work(Kind.DEAD_BINDER, "has dead binder"),
            work(Kind.DEAD_BINDER_AND_CLEAR, "has cleared dead binder"),
            work(Kind.CLEAR_DEATH_NOTIFICATION, "has cleared death notification"),
            work(Kind.FROZEN_BINDER, "has frozen binder"),
            work(Kind.CLEAR_FREEZE_NOTIFICATION, "has cleared freeze notification"),
            work(Kind.DELIVERED_DEAD_BINDER, "has delivered dead binder"),
            work(Kind.DELIVERED_FROZEN_BINDER, "has delivered freeze binder"),
            work(Kind.UNKNOWN, "unknown work: type (?<number>-?\\d+)"));

    /** What the kernel prints for no pointer. */
    private static final Pattern NULL = Pattern.compile("0+|\\(null\\)");

    /** An address is printed with all its digits, an offset is not. */
    private static final int ADDRESS_DIGITS = 16;

    private final List<NodeRecord> deadNodes = new ArrayList<>();
    private final List<ProcessRecord> processes = new ArrayList<>();
    private final List<String> unparsed = new ArrayList<>();

    private static Map.Entry<Kind, Pattern> work(Kind kind, String pattern) {
        // every pattern has the group, so that all are read alike
        return Map.entry(kind, Pattern.compile(pattern.contains("<number>") ? pattern : pattern + "(?<number>(?!))?"));
    }

    BinderState parse(String text) {
        Block proc = null;
        for (Block block : Block.parse(text)) {
            Integer pid = Fields.read(PROC, block.line(), fields -> fields.number("pid"));
            String context = Fields.read(CONTEXT, block.line(), fields -> fields.text("name"));
            if (pid != null && block.children().isEmpty()) {
                keep(proc);
                proc = block;
            } else if (context != null && proc != null) {
                processes.add(new ProcessReader().read(proc, context, block.children()));
                proc = null;
            } else if (block.line().equals("dead nodes:")) {
                block.children().forEach(this::addDeadNode);
            } else if (!HEADING.matcher(block.line()).matches()
                    || !block.children().isEmpty()) {
                keep(block);
            }
        }
        keep(proc);
        return new BinderState(List.copyOf(deadNodes), List.copyOf(processes), List.copyOf(unparsed));
    }

    private void keep(Block block) {
        if (block != null) {
            block.collectLines(unparsed);
        }
    }

    private void addDeadNode(Block block) {
        NodeRecord node = node(block);
        if (node == null) {
            keep(block);
        } else {
            deadNodes.add(node);
        }
    }

    /** What belongs to a process, a thread or a node and has yet to be handled. */
    private final class Todo {
        private final List<TransactionRecord> transactions = new ArrayList<>();
        private final List<WorkRecord> work = new ArrayList<>();

        List<TransactionRecord> transactions() {
            return List.copyOf(transactions);
        }

        List<WorkRecord> work() {
            return List.copyOf(work);
        }

        boolean add(Block block) {
            if (!block.children().isEmpty()) {
                return false;
            }
            return StateParser.add(transactions, transaction(block.line()))
                    || StateParser.add(work, workOf(block.line()));
        }

        Todo addAll(List<Block> blocks) {
            for (Block block : blocks) {
                if (!add(block)) {
                    keep(block);
                }
            }
            return this;
        }
    }

    /** Reads one process. */
    private final class ProcessReader {
        private final List<ThreadRecord> threads = new ArrayList<>();
        private final List<NodeRecord> nodes = new ArrayList<>();
        private final List<RefRecord> refs = new ArrayList<>();
        private final List<BufferRecord> buffers = new ArrayList<>();
        private final Todo todo = new Todo();

        ProcessRecord read(Block proc, String context, List<Block> children) {
            for (Block child : children) {
                if (!add(child)) {
                    keep(child);
                }
            }
            int pid = Fields.read(PROC, proc.line(), fields -> fields.number("pid"));
            return new ProcessRecord(
                    pid,
                    context,
                    List.copyOf(threads),
                    List.copyOf(nodes),
                    List.copyOf(refs),
                    List.copyOf(buffers),
                    todo.transactions(),
                    todo.work());
        }

        private boolean add(Block block) {
            return StateParser.add(threads, thread(block))
                    || StateParser.add(nodes, node(block))
                    || addLeaf(block)
                    || todo.add(block);
        }

        private boolean addLeaf(Block block) {
            return block.children().isEmpty()
                    && (StateParser.add(refs, ref(block.line())) || StateParser.add(buffers, buffer(block.line())));
        }
    }

    private static <T> boolean add(List<T> records, T record) {
        return record != null && records.add(record);
    }

    private ThreadRecord thread(Block block) {
        return Fields.read(THREAD, block.line(), fields -> {
            int tid = fields.number("tid");
            int looper = fields.hex("looper");
            int temporary = fields.number("tr");
            Todo todo = new Todo().addAll(block.children());
            boolean needsReturn = fields.flag("needReturn");
            return new ThreadRecord(tid, looper, needsReturn, temporary, todo.transactions(), todo.work());
        });
    }

    private NodeRecord node(Block block) {
        NodeRecord bare = Fields.read(NODE, block.line(), StateParser::bareNode);
        if (bare == null || block.children().isEmpty()) {
            return bare;
        }
        Todo todo = new Todo().addAll(block.children());
        return new NodeRecord(
                bare.id(),
                bare.ptr(),
                bare.cookie(),
                bare.hasStrongRef(),
                bare.hasWeakRef(),
                bare.localStrong(),
                bare.localWeak(),
                bare.internalStrong(),
                bare.internalWeak(),
                bare.temporaryReferences(),
                bare.holders(),
                todo.transactions(),
                todo.work());
    }

    private static NodeRecord bareNode(Fields fields) {
        return new NodeRecord(
                fields.number("id"),
                fields.largeHex("ptr"),
                fields.largeHex("cookie"),
                fields.flag("hs"),
                fields.flag("hw"),
                fields.number("ls"),
                fields.number("lw"),
                fields.number("is"),
                fields.number("iw"),
                fields.number("tr"),
                holders(fields.text("holders")),
                List.of(),
                List.of());
    }

    private static List<Integer> holders(String pids) {
        return pids == null
                ? List.of()
                : Arrays.stream(pids.strip().split(" ")).map(Integer::valueOf).toList();
    }

    private static RefRecord ref(String line) {
        return Fields.read(
                REF,
                line,
                fields -> new RefRecord(
                        fields.number("id"),
                        fields.number("desc"),
                        fields.number("node"),
                        fields.has("dead"),
                        fields.number("s"),
                        fields.number("w"),
                        !NULL.matcher(fields.text("death")).matches()));
    }

    private static BufferRecord buffer(String line) {
        return Fields.read(
                BUFFER,
                line,
                fields -> new BufferRecord(
                        fields.number("id"),
                        fields.text("place").length() < ADDRESS_DIGITS
                                ? OptionalLong.of(fields.largeHex("place"))
                                : OptionalLong.empty(),
                        fields.large("data"),
                        fields.large("offsets"),
                        fields.large("extra"),
                        fields.text("state").equals("active")));
    }

    private static TransactionRecord transaction(String line) {
        return Fields.read(
                TRANSACTION,
                line,
                fields -> new TransactionRecord(
                        Role.valueOf(
                                fields.text("role").toUpperCase(Locale.ROOT).replace(' ', '_')),
                        fields.number("id"),
                        kind(fields),
                        fields.number("fromPid"),
                        fields.number("fromTid"),
                        fields.number("toPid"),
                        fields.number("toTid"),
                        fields.hex("code"),
                        fields.hex("flags"),
                        fields.text("priority"),
                        fields.optionalLarge("elapsed"),
                        fields.optionalNumber("node"),
                        fields.optionalLarge("data"),
                        fields.optionalLarge("offsets")));
    }

    /** {@code r} says whether a reply is needed; beside {@code a}, which says whether it is oneway, whether it is a reply. */
    private static TransactionKind kind(Fields fields) {
        boolean async = fields.has("async") ? fields.flag("async") : (fields.hex("flags") & Commands.TF_ONE_WAY) != 0;
        if (async) {
            return TransactionKind.ASYNC;
        }
        boolean reply = fields.has("async") == fields.flag("reply");
        return reply ? TransactionKind.REPLY : TransactionKind.CALL;
    }

    private static WorkRecord workOf(String line) {
        for (Map.Entry<Kind, Pattern> entry : WORK.entrySet()) {
            OptionalLong number = Fields.read(entry.getValue(), line, fields -> fields.optionalLarge("number"));
            if (number != null) {
                return new WorkRecord(entry.getKey(), number);
            }
        }
        return null;
    }
}
