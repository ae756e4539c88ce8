package io.github.binder4j.driver;

import static io.github.binder4j.driver.Commands.*;

import io.github.binder4j.driver.ScriptedDriver.Command;
import io.github.binder4j.memory.OffHeap;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Holds what passes between a process and its driver against every {@link DriverRule}.
 *
 * <p>Told of each BINDER_WRITE_READ twice: before it, for what is written may have effects on other threads before it returns;
 * and after it. What it demands of several threads it demands only where the one told before must have been first.
 * It says what may come: that something is left out, it does not see.
 */
public final class DriverRules {
    private static final int ROOM = 76;
    private static final int BINDER = 0x73622a85;
    private static final int WEAK_BINDER = 0x77622a85;
    private static final int EPROTO = 71;

    private static final Set<Integer> TRANSACTIONS = Set.of(BC_TRANSACTION, BC_TRANSACTION_SG);
    private static final Set<Integer> REPLIES = Set.of(BC_REPLY, BC_REPLY_SG);
    private static final Set<Integer> COUNTS = Set.of(BR_INCREFS, BR_ACQUIRE, BR_RELEASE, BR_DECREFS);
    /** BC_ACQUIRE: of handle 0, by the context manager. */
    private static final Set<Integer> REFUSABLE = Set.of(
            BC_REQUEST_FREEZE_NOTIFICATION, BC_CLEAR_FREEZE_NOTIFICATION, BC_FREEZE_NOTIFICATION_DONE, BC_ACQUIRE);

    private final OffHeap mapping;
    private final Set<DriverRule> departures = EnumSet.noneOf(DriverRule.class);
    private final Set<DriverRule> exercised = EnumSet.noneOf(DriverRule.class);
    private final List<String> violations = new ArrayList<>();

    private final Map<Thread, Caller> callers = new HashMap<>();
    private final Map<Long, Node> nodes = new HashMap<>();
    private final Map<Long, Notices> deaths = new HashMap<>();
    private final Map<Long, Notices> freezes = new HashMap<>();
    /** Address of each buffer in use; with the node it keeps from its next oneway call, or null. */
    private final Map<Long, Node> buffers = new HashMap<>();

    private final Node contextManager = new Node(0);
    private int maxThreads;
    private int threadsStarted;
    private boolean threadAskedFor;
    private boolean spamDetection;
    private long exchanges;

    /** For a process that receives in this mapping. */
    public DriverRules(OffHeap mapping) {
        this.mapping = mapping;
    }

    /** The rules whose cases have come up. */
    public synchronized Set<DriverRule> exercised() {
        return exercised.isEmpty() ? EnumSet.noneOf(DriverRule.class) : EnumSet.copyOf(exercised);
    }

    /** How many exchanges were held against the rules. */
    public synchronized long exchanges() {
        return exchanges;
    }

    /** What no kernel says. */
    public synchronized List<String> violations() {
        return List.copyOf(violations);
    }

    /** For a test of what the library does with a driver that breaks {@code rule}. */
    public synchronized void departFrom(DriverRule rule) {
        departures.add(rule);
    }

    private void check(DriverRule rule, boolean kept, Object found) {
        exercised.add(rule);
        if (!kept && !departures.contains(rule)) {
            violations.add(rule + ": " + found + " on " + Thread.currentThread().getName());
        }
    }

    // What the process does besides

    synchronized void maxThreadsAre(int count) {
        maxThreads = count;
    }

    synchronized void spamDetectionIsOn() {
        spamDetection = true;
    }

    /** BINDER_THREAD_EXIT: the driver forgets the calling thread. */
    synchronized void threadExits() {
        callers.remove(Thread.currentThread());
    }

    synchronized void extendedErrorIs(int param) {
        Caller caller = caller();
        if (caller.errorTaken) {
            check(DriverRule.ERROR_IS_TOLD_ONCE, param == 0, param);
        }
        if (caller.replyRefused) {
            check(DriverRule.REPLY_IS_COMPLETE, param == -EPROTO, "BR_FAILED_REPLY to a reply, with " + param);
        }
        caller.errorTaken = true;
        caller.replyRefused = false;
    }

    // Writing

    /** Commands are about to be written. */
    synchronized void begin(List<Command> offered) {
        offered.forEach(this::knowOf);
    }

    private void knowOf(Command command) {
        switch (command.word()) {
            case BC_TRANSACTION, BC_TRANSACTION_SG, BC_REPLY, BC_REPLY_SG -> knowNodesOf(command);
            case BC_FREE_BUFFER -> buffers.remove(command.longAt(0));
            case BC_INCREFS_DONE -> node(command.longAt(0)).weakDone = true;
            case BC_ACQUIRE_DONE -> node(command.longAt(0)).strongDone = true;
            case BC_REQUEST_DEATH_NOTIFICATION -> notices(deaths, command.longAt(4)).requested++;
            case BC_CLEAR_DEATH_NOTIFICATION -> notices(deaths, command.longAt(4)).clearsAsked++;
            case BC_DEAD_BINDER_DONE -> notices(deaths, command.longAt(0)).done++;
            case BC_REQUEST_FREEZE_NOTIFICATION -> notices(freezes, command.longAt(4)).requested++;
            case BC_CLEAR_FREEZE_NOTIFICATION -> notices(freezes, command.longAt(4)).clearsAsked++;
            case BC_FREEZE_NOTIFICATION_DONE -> notices(freezes, command.longAt(0)).done++;
            case BC_REGISTER_LOOPER -> threadRegisters();
            default -> {}
        }
    }

    private void threadRegisters() {
        if (threadAskedFor) {
            threadAskedFor = false;
            threadsStarted++;
        }
    }

    private void knowNodesOf(Command command) {
        ByteBuffer data = command.dataBuffer();
        for (long offset : command.offsets()) {
            int at = (int) offset;
            if (at >= 0 && at <= data.limit() - 24 && (data.getInt(at) == BINDER || data.getInt(at) == WEAK_BINDER)) {
                node(data.getLong(at + 8)).cookie = data.getLong(at + 16);
            }
        }
    }

    private Node node(long ptr) {
        return nodes.computeIfAbsent(ptr, Node::new);
    }

    private static Notices notices(Map<Long, Notices> of, long cookie) {
        return of.computeIfAbsent(cookie, any -> new Notices());
    }

    private Caller caller() {
        return callers.computeIfAbsent(Thread.currentThread(), any -> new Caller());
    }

    /**
     * A BINDER_WRITE_READ has returned.
     *
     * @param result 0 or a negative errno
     * @param read what it brought; null if it did not ask to read
     */
    synchronized void end(List<Command> offered, List<Command> taken, int result, ByteBuffer read, int readSize) {
        Caller caller = caller();
        exchanges++;
        caller.writes(taken);
        if (taken.size() < offered.size()) {
            stopped(caller, offered.get(taken.size()), taken, result);
        }
        if (result == 0 && read != null) {
            read(caller, read, readSize);
        } else if (result != 0) {
            check(DriverRule.REFUSED_IS_NOT_CONSUMED, read == null || read.limit() == 0, "a read beside " + result);
        }
    }

    private void stopped(Caller caller, Command at, List<Command> taken, int result) {
        if (result == 0) {
            boolean mayHaveFailed = taken.isEmpty() ? caller.hasUnreadFailure() : caller.lastMayFail();
            check(DriverRule.WRITE_STOPS_AT_FAILURE, mayHaveFailed, "stopped before " + name(at.word()));
        } else if (result == -Errno.EINVAL) {
            check(DriverRule.REFUSED_IS_NOT_CONSUMED, REFUSABLE.contains(at.word()), name(at.word()) + " refused");
        }
    }

    // Reading

    private void read(Caller caller, ByteBuffer read, int readSize) {
        boolean first = read.limit() >= 4 && (read.getInt(0) == BR_NOOP || read.getInt(0) == BR_SPAWN_LOOPER);
        check(DriverRule.NOOP_FIRST, first, new Words(read));
        caller.idle = caller.open.isEmpty() && caller.owed.isEmpty();
        int at = 0;
        int before = BR_NOOP;
        while (at < read.limit()) {
            int end = endOfCommand(read, at);
            check(DriverRule.WORDS_ARE_WHOLE, end <= read.limit(), new Words(read));
            if (end > read.limit()) {
                return;
            }
            int word = read.getInt(at);
            if (at > 0) {
                check(DriverRule.NOOP_FIRST, word != BR_NOOP && word != BR_SPAWN_LOOPER, new Words(read));
                boolean sameNode = COUNTS.contains(word) && COUNTS.contains(before);
                check(DriverRule.ROOM_FOR_ANY, sameNode || at + ROOM <= readSize, name(word) + " at " + at);
            }
            item(caller, word, read, at + 4, end == read.limit());
            before = word;
            at = end;
        }
    }

    /** Where the command at {@code at} ends, or would if it were whole. */
    private static int endOfCommand(ByteBuffer read, int at) {
        int payload = at + Integer.BYTES;
        return payload > read.limit() ? payload : payload + payloadSize(read.getInt(at));
    }

    /** The words of a read; spelled only for one that breaks a rule. */
    private record Words(ByteBuffer read) {
        @Override
        public String toString() {
            List<String> words = new ArrayList<>();
            for (int at = 0; at < read.limit(); at = endOfCommand(read, at)) {
                words.add(endOfCommand(read, at) > read.limit() ? "a part of one" : name(read.getInt(at)));
            }
            return words.toString();
        }
    }

    private void item(Caller caller, int word, ByteBuffer read, int at, boolean last) {
        check(DriverRule.NEVER_SAID, word != BR_OK && word != BR_FINISHED, name(word));
        switch (word) {
            case BR_SPAWN_LOOPER -> spawn(caller);
            case BR_TRANSACTION_COMPLETE, BR_ONEWAY_SPAM_SUSPECT, BR_TRANSACTION_PENDING_FROZEN -> taken(caller, word);
            case BR_FROZEN_REPLY, BR_DEAD_REPLY, BR_FAILED_REPLY -> failed(caller, word);
            case BR_ERROR ->
                check(
                        DriverRule.ERROR_OF_A_DEATH_REQUEST,
                        caller.last == BC_REQUEST_DEATH_NOTIFICATION,
                        "after " + name(caller.last));
            case BR_TRANSACTION, BR_TRANSACTION_SEC_CTX, BR_REPLY -> {
                check(DriverRule.TRANSACTION_ENDS_READ, last, name(word));
                received(caller, word, read, at);
            }
            case BR_INCREFS, BR_ACQUIRE, BR_RELEASE, BR_DECREFS -> {
                if (word == BR_RELEASE) {
                    check(DriverRule.PROCESS_WORK_FOR_THE_IDLE, caller.idle, name(word));
                }
                counted(word, read.getLong(at), read.getLong(at + 8));
            }
            case BR_DEAD_BINDER -> {
                check(DriverRule.NOTICE_ENDS_READ, last, name(word));
                check(DriverRule.PROCESS_WORK_FOR_THE_IDLE, caller.idle, name(word));
                dead(notices(deaths, read.getLong(at)), read.getLong(at));
            }
            case BR_CLEAR_DEATH_NOTIFICATION_DONE -> deathCleared(notices(deaths, read.getLong(at)), read.getLong(at));
            case BR_FROZEN_BINDER -> {
                check(DriverRule.NOTICE_ENDS_READ, last, name(word));
                frozen(notices(freezes, read.getLong(at)), read.getLong(at));
            }
            case BR_CLEAR_FREEZE_NOTIFICATION_DONE ->
                freezeCleared(notices(freezes, read.getLong(at)), read.getLong(at));
            default -> {} // BR_NOOP, or of a later kernel
        }
    }

    private void spawn(Caller caller) {
        boolean may = caller.looper && !threadAskedFor && threadsStarted < maxThreads;
        check(
                DriverRule.SPAWN_WHEN_SHORT,
                may,
                "looper=" + caller.looper + " asked for=" + threadAskedFor + " started=" + threadsStarted + " of "
                        + maxThreads);
        threadAskedFor = true;
    }

    private void taken(Caller caller, int word) {
        Written written = caller.owed.poll();
        check(DriverRule.OUTCOME_IS_OWED, written != null, name(word));
        if (written == null) {
            return;
        }
        written.complete = true;
        if (word != BR_TRANSACTION_COMPLETE) {
            boolean may = written.kind == Kind.ONEWAY && (word != BR_ONEWAY_SPAM_SUSPECT || spamDetection);
            check(DriverRule.ONLY_ONEWAY_WAITS, may, name(word) + " of " + written.kind);
        } else if (written.kind == Kind.REPLY || written.kind == Kind.STRAY_REPLY) {
            check(DriverRule.REPLY_IS_COMPLETE, written.kind == Kind.REPLY, "a reply to no call is complete");
        }
    }

    private void failed(Caller caller, int word) {
        Written written = caller.owed.poll();
        if (written != null) {
            failedAtOnce(caller, word, written);
            return;
        }
        check(DriverRule.FROZEN_IN_PLACE_OF_COMPLETE, word != BR_FROZEN_REPLY, name(word) + " of no new call");
        Written call = caller.open.pollLast();
        check(DriverRule.FAILURE_HAS_A_CALL, call != null && call.kind == Kind.CALL, name(word) + " of " + call);
    }

    private void failedAtOnce(Caller caller, int word, Written written) {
        caller.open.remove(written);
        if (written.exchange < caller.exchanges) {
            check(DriverRule.WRITE_STOPS_AT_FAILURE, !caller.tookCommands, "commands taken before " + name(word));
        }
        if (word == BR_FROZEN_REPLY) {
            check(DriverRule.FROZEN_IN_PLACE_OF_COMPLETE, written.kind == Kind.CALL, name(word) + " of " + written);
        } else if (written.kind == Kind.REPLY || written.kind == Kind.STRAY_REPLY) {
            boolean stray = written.kind == Kind.STRAY_REPLY && word == BR_FAILED_REPLY;
            check(DriverRule.REPLY_IS_COMPLETE, stray, name(word) + " of a reply");
            caller.replyRefused = true;
        } else {
            check(DriverRule.FAILURE_HAS_A_CALL, true, "");
        }
    }

    private void received(Caller caller, int word, ByteBuffer read, int at) {
        long ptr = read.getLong(at);
        long cookie = read.getLong(at + 8);
        boolean oneway = (read.getInt(at + 20) & TF_ONE_WAY) != 0;
        if (word == BR_REPLY || oneway) {
            check(DriverRule.SENDER_OF_A_CALL, read.getInt(at + 24) == 0, "sender_pid " + read.getInt(at + 24));
        }
        Node node = null;
        if (word == BR_REPLY) {
            check(DriverRule.REPLY_NAMES_NO_NODE, ptr == 0 && cookie == 0, ptr + ", " + cookie);
            replied(caller);
        } else {
            node = ptr == 0 ? contextManager : nodes.get(ptr);
            check(DriverRule.TARGET_WAS_SENT, node != null && node.cookie == cookie, "a call of " + ptr);
            called(caller, oneway);
        }
        buffer(read, at, oneway && word != BR_REPLY ? node : null);
    }

    private void replied(Caller caller) {
        Written call = caller.open.pollLast();
        boolean awaited = call != null && call.kind == Kind.CALL && call.complete && caller.owed.isEmpty();
        check(DriverRule.COMPLETE_BEFORE_REPLY, awaited, "open: " + call + ", owed: " + caller.owed);
    }

    private void called(Caller caller, boolean oneway) {
        Written open = caller.open.peekLast();
        if (open == null) {
            check(DriverRule.PROCESS_WORK_FOR_THE_IDLE, caller.idle, "a call beside an outcome");
        } else {
            check(DriverRule.NO_CALL_WHILE_SERVING, open.kind == Kind.CALL, "a call while serving");
            check(DriverRule.NESTED_IS_SYNCHRONOUS, !oneway, "a oneway call while waiting");
            check(DriverRule.OUTCOME_IS_OWED, caller.owed.isEmpty(), "a nested call before " + caller.owed);
        }
        if (!oneway) {
            caller.open.add(new Written(Kind.SERVED));
        }
    }

    private void buffer(ByteBuffer read, int at, Node onewayOf) {
        long size = read.getLong(at + 32);
        long offsetsSize = read.getLong(at + 40);
        long address = read.getLong(at + 48);
        long offsets = read.getLong(at + 56);
        boolean inside = address >= mapping.address && offsets + offsetsSize <= mapping.address + mapping.size();
        boolean placed = address % 8 == 0 && size >= 0 && offsetsSize >= 0 && offsets == address + (size + 7 & ~7);
        check(
                DriverRule.BUFFER_IN_MAPPING,
                inside && placed,
                "0x" + Long.toHexString(address) + ", " + size + " bytes, offsets at 0x" + Long.toHexString(offsets));
        check(DriverRule.BUFFER_NOT_IN_USE, !buffers.containsKey(address), "0x" + Long.toHexString(address));
        if (onewayOf != null) {
            check(DriverRule.ONEWAY_IN_TURN, !buffers.containsValue(onewayOf), "two oneway calls of " + onewayOf.ptr);
        }
        buffers.put(address, onewayOf);
    }

    private void counted(int word, long ptr, long cookie) {
        Node node = nodes.get(ptr);
        check(DriverRule.COUNTED_WAS_SENT, node != null && node.cookie == cookie, name(word) + " of " + ptr);
        if (node == null) {
            return;
        }
        check(DriverRule.COUNTS_IN_ORDER, node.mayBe(word), name(word) + " of " + ptr);
        if (word == BR_RELEASE || word == BR_DECREFS) {
            check(DriverRule.COUNTS_AFTER_DONE, word == BR_RELEASE ? node.strongDone : node.weakDone, name(word));
        }
        node.become(word);
    }

    private void dead(Notices notices, long cookie) {
        notices.told++;
        check(DriverRule.DEAD_WAS_ASKED_FOR, notices.told <= notices.requested, "cookie " + cookie);
    }

    private void deathCleared(Notices notices, long cookie) {
        notices.cleared++;
        check(DriverRule.DEATH_CLEARED_WAS_ASKED_FOR, notices.cleared <= notices.clearsAsked, "cookie " + cookie);
        if (notices.told > 0) {
            check(DriverRule.DEATH_CLEARED_AFTER_DONE, notices.told <= notices.done, "cookie " + cookie);
        }
    }

    private void frozen(Notices notices, long cookie) {
        check(DriverRule.FROZEN_WAS_ASKED_FOR, notices.cleared < notices.requested, "cookie " + cookie);
        if (notices.told > 0) {
            check(DriverRule.FROZEN_AFTER_DONE, notices.told <= notices.done, "cookie " + cookie);
        }
        notices.told++;
    }

    private void freezeCleared(Notices notices, long cookie) {
        notices.cleared++;
        check(DriverRule.FREEZE_CLEARED_WAS_ASKED_FOR, notices.cleared <= notices.clearsAsked, "cookie " + cookie);
        check(DriverRule.FROZEN_AFTER_DONE, notices.told <= notices.done, "cookie " + cookie);
    }

    private enum Kind {
        CALL,
        ONEWAY,
        REPLY,
        /** A reply of a thread that has no call to answer. */
        STRAY_REPLY,
        /** A call this thread has yet to answer. */
        SERVED
    }

    private static final class Written {
        final Kind kind;
        boolean complete;
        /** In which exchange of its thread it was written. */
        int exchange;

        Written(Kind kind) {
            this.kind = kind;
        }

        @Override
        public String toString() {
            return kind + (complete ? ", complete" : "");
        }
    }

    /** A thread's open calls, its own and those it serves, and what it has yet to be told of. */
    private static final class Caller {
        final Deque<Written> owed = new ArrayDeque<>();
        final Deque<Written> open = new ArrayDeque<>();
        boolean looper;
        boolean idle;
        boolean errorTaken;
        boolean replyRefused;
        int last;
        int exchanges;
        boolean tookCommands;

        void writes(List<Command> taken) {
            exchanges++;
            tookCommands = !taken.isEmpty();
            taken.forEach(this::wrote);
        }

        private void wrote(Command command) {
            last = command.word();
            if (TRANSACTIONS.contains(last)) {
                boolean oneway = (command.intAt(20) & TF_ONE_WAY) != 0;
                Written call = new Written(oneway ? Kind.ONEWAY : Kind.CALL);
                owes(call);
                if (!oneway) {
                    open.add(call);
                }
            } else if (REPLIES.contains(last)) {
                boolean serves = !open.isEmpty() && open.peekLast().kind == Kind.SERVED;
                if (serves) {
                    open.removeLast();
                }
                owes(new Written(serves ? Kind.REPLY : Kind.STRAY_REPLY));
            } else if (last == BC_ENTER_LOOPER || last == BC_REGISTER_LOOPER) {
                looper = true;
            }
        }

        private void owes(Written written) {
            written.exchange = exchanges;
            owed.add(written);
            errorTaken = false;
        }

        boolean lastMayFail() {
            return TRANSACTIONS.contains(last) || REPLIES.contains(last) || last == BC_REQUEST_DEATH_NOTIFICATION;
        }

        boolean hasUnreadFailure() {
            return !owed.isEmpty() || last == BC_REQUEST_DEATH_NOTIFICATION;
        }
    }

    /** An object of this process, and whether the driver holds it. */
    private static final class Node {
        final long ptr;
        long cookie;
        boolean weak;
        boolean strong;
        boolean weakDone;
        boolean strongDone;

        Node(long ptr) {
            this.ptr = ptr;
        }

        boolean mayBe(int word) {
            return switch (word) {
                case BR_INCREFS -> !weak;
                case BR_ACQUIRE -> weak && !strong;
                case BR_RELEASE -> strong;
                default -> weak && !strong;
            };
        }

        void become(int word) {
            switch (word) {
                case BR_INCREFS -> {
                    weak = true;
                    weakDone = false;
                }
                case BR_ACQUIRE -> {
                    strong = true;
                    strongDone = false;
                }
                case BR_RELEASE -> strong = false;
                default -> weak = false;
            }
        }
    }

    /** How often what was said about a cookie. */
    private static final class Notices {
        int requested;
        int told;
        int done;
        int clearsAsked;
        int cleared;
    }

    /** The rules that none of {@code all} has exercised, but for those whose case nobody can bring about. */
    public static Set<DriverRule> unexercised(List<DriverRules> all) {
        Set<DriverRule> left = EnumSet.allOf(DriverRule.class);
        left.remove(DriverRule.ERROR_OF_A_DEATH_REQUEST); // the kernel would have to be out of memory there
        all.forEach(rules -> left.removeAll(rules.exercised()));
        return Collections.unmodifiableSet(left);
    }
}
