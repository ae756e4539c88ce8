package io.github.binder4j.driver;

import static io.github.binder4j.driver.Commands.*;

import io.github.binder4j.memory.OffHeap;
import io.github.binder4j.natives.NativeMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * A binder driver that records what it is written and reads back what a test scripted.
 *
 * <p>It says nothing that no kernel says: a script that breaks a {@link DriverRule} fails the test, at once on the scripted
 * thread, else as one of the {@link #mistakes}.
 *
 * <p>The thread that makes it is the scripted one: each of its reads takes the next answer of the script, and a read
 * without one fails the test. Reads of other threads block while there is no answer for them, until the device is woken:
 * those that entered as loopers take answers meant for loopers, the rest those meant for callers.
 */
public final class ScriptedDriver implements DriverCalls {
    public static final Path PATH = Path.of("/dev/scripted");
    public static final int MAPPING_SIZE = 256 * 1024;
    public static final long ONLY_NODE = 0x100000001L;

    private static final int FD = -7;
    private static final int COPY = -8;
    private static final long SLOT = 4711;
    private static final Set<Integer> TRANSACTIONS = Set.of(BC_TRANSACTION, BC_REPLY, BC_TRANSACTION_SG, BC_REPLY_SG);
    private static final Set<Integer> LOOPER_ENTRIES = Set.of(BC_ENTER_LOOPER, BC_REGISTER_LOOPER);

    /** A command and its payload; of a transaction also the data and object positions it pointed at. */
    public record Command(int word, ByteBuffer payload, byte[] data, long[] offsets) {
        public int intAt(int offset) {
            return payload.getInt(offset);
        }

        public long longAt(int offset) {
            return payload.getLong(offset);
        }

        public ByteBuffer dataBuffer() {
            return ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        }

        @Override
        public String toString() {
            return "0x" + Integer.toHexString(word);
        }
    }

    /** One BINDER_WRITE_READ: what the driver consumed of it, by whom, and whether it asked to read. */
    public record Call(Thread thread, List<Command> commands, boolean reads) {
        public List<Integer> words() {
            return commands.stream().map(Command::word).toList();
        }
    }

    private final OffHeap area = OffHeap.allocate(MAPPING_SIZE);
    private final Descriptor descriptor = new Descriptor(PATH, FD, COPY, SLOT);
    private final BinderDriver device =
            new BinderDriver(this, descriptor, 8, OffHeap.viewReadOnly(area.address, MAPPING_SIZE));

    private final DriverRules rules = new DriverRules(device.mapping());
    private final Thread scripted = Thread.currentThread();
    private final Deque<Consumer<Returns>> script = new ArrayDeque<>();
    private final Deque<Consumer<Returns>> looperScript = new ArrayDeque<>();
    private final Deque<Consumer<Returns>> callerScript = new ArrayDeque<>();
    private final Set<Thread> loopers = new HashSet<>();
    private final Map<Thread, Deque<Integer>> consumedLimits = new HashMap<>();
    private final List<Call> calls = new ArrayList<>();
    private final Set<Long> buffers = new HashSet<>();
    private final List<Integer> freezeTimeouts = new ArrayList<>();
    private final List<String> mistakes = new ArrayList<>();

    private int areaUsed;
    private int extendedError;
    private int result;
    private int managerResult;
    private int managerFlags;
    private int controlResult;
    private int refused;
    private int extendedErrorsTaken;
    private int repliesThatReadOn;
    private boolean woken;
    private boolean closed;
    private boolean unmapped;
    private int entered;
    private int left;
    private boolean failLeave;
    private int controlsBeforeError = -1;
    private Runnable duringClaim;
    private int duringClaimResult;

    public BinderDriver device() {
        return device;
    }

    /** What it is held to. */
    public DriverRules rules() {
        return rules;
    }

    /** Lets the script break a rule, for a test of what becomes of a driver that does. */
    public ScriptedDriver departFrom(DriverRule rule) {
        rules.departFrom(rule);
        return this;
    }

    // The script

    /** What the next read of the scripted thread brings. */
    public synchronized ScriptedDriver answer(Consumer<Returns> answer) {
        script.add(answer);
        return this;
    }

    /** What the next read of a looper brings. */
    public synchronized void answerLooper(Consumer<Returns> answer) {
        looperScript.add(answer);
        notifyAll();
    }

    /** What the next read of a thread brings that is neither the scripted one nor a looper. */
    public synchronized void answerCaller(Consumer<Returns> answer) {
        callerScript.add(answer);
        notifyAll();
    }

    /** The next write of the calling thread is consumed to this many bytes only. */
    public synchronized ScriptedDriver consumeOnly(int bytes) {
        consumedLimits
                .computeIfAbsent(Thread.currentThread(), unknown -> new ArrayDeque<>())
                .add(bytes);
        return this;
    }

    /** What BINDER_GET_EXTENDED_ERROR says, once: a negative errno. */
    public synchronized void extendedErrorIs(int param) {
        extendedError = param;
    }

    /** The next BINDER_WRITE_READ fails before anything of its write is taken. */
    public synchronized void failNext(int negativeErrno) {
        result = negativeErrno;
    }

    /** A command at which BINDER_WRITE_READ stops with EINVAL from now on, as a driver does that does not know it. */
    public synchronized void refuse(int word) {
        refused = word;
    }

    /** The timeout of every BINDER_FREEZE. */
    public synchronized List<Integer> freezeTimeouts() {
        return List.copyOf(freezeTimeouts);
    }

    /** How often BINDER_GET_EXTENDED_ERROR was asked. */
    public synchronized int extendedErrorsTaken() {
        return extendedErrorsTaken;
    }

    /** How often a reply and the read of what follows were asked for in one. */
    public synchronized int repliesThatReadOn() {
        return repliesThatReadOn;
    }

    /** What BINDER_SET_CONTEXT_MGR_EXT returns from now on: 0 or a negative errno. */
    public synchronized void becomeContextManagerReturns(int result) {
        managerResult = result;
    }

    // What happened

    /** The flags of the node with which handle 0 was claimed last. */
    public synchronized int contextManagerFlags() {
        return managerFlags;
    }

    public synchronized List<Call> calls() {
        return List.copyOf(calls);
    }

    /** The calls of the scripted thread. */
    public synchronized List<Call> ownCalls() {
        return calls.stream().filter(call -> call.thread() == scripted).toList();
    }

    public synchronized Call lastOwnCall() {
        List<Call> own = ownCalls();
        return own.get(own.size() - 1);
    }

    /** Every command with this word, of any thread, in order. */
    public synchronized List<Command> commands(int word) {
        return calls.stream()
                .flatMap(call -> call.commands().stream())
                .filter(command -> command.word() == word)
                .toList();
    }

    public synchronized void forgetCalls() {
        calls.clear();
    }

    /** Forgets the calls that do not hold this word. */
    public synchronized void forgetCallsBut(int word) {
        calls.removeIf(call -> !call.words().contains(word));
    }

    /** Waits until a call was made that {@code wanted} accepts, and returns it. */
    public synchronized Call await(Predicate<Call> wanted) throws InterruptedException {
        while (true) {
            for (Call call : calls) {
                if (wanted.test(call)) {
                    return call;
                }
            }
            wait();
        }
    }

    public Call awaitCommand(int word) throws InterruptedException {
        return await(call -> call.words().contains(word));
    }

    /** Delivers from the beginning of the area again. */
    public synchronized void forgetArea() {
        areaUsed = 0;
    }

    /** Buffers delivered and not freed. */
    public synchronized int liveBuffers() {
        return buffers.size();
    }

    /** What a driver would have logged: buffers freed twice or never delivered; and what of the script no driver says. */
    public synchronized List<String> mistakes() {
        List<String> all = new ArrayList<>(mistakes);
        all.addAll(rules.violations());
        return List.copyOf(all);
    }

    public synchronized boolean isClosed() {
        return closed;
    }

    public synchronized boolean isUnmapped() {
        return unmapped;
    }

    public synchronized int threadsInside() {
        return entered - left;
    }

    // DriverCalls

    @Override
    public long writeRead(int fd, long bwrAddress, int writeSize, int readSize) {
        ByteBuffer bwr = view(bwrAddress, 48);
        List<Command> offered = decode(view(bwr.getLong(16), writeSize), writeSize);
        List<Command> taken;
        Consumer<Returns> answer;
        int failure;
        synchronized (this) {
            if (fd != FD || closed) {
                throw new AssertionError("ioctl on descriptor " + fd + ", closed=" + closed);
            }
            rules.begin(offered);
            failure = offered.stream().anyMatch(command -> command.word() == refused) ? -Errno.EINVAL : result;
            taken = take(offered, writeSize);
            result = 0;
            bwr.putLong(8, sizeOf(taken)).putLong(32, 0);
            record(new Call(Thread.currentThread(), taken, readSize > 0));
            answer = readSize > 0 && failure == 0 ? nextAnswer() : null;
        }
        ByteBuffer read = null;
        if (answer != null) {
            Returns returns = new Returns(view(bwr.getLong(40), readSize));
            answer.accept(returns);
            bwr.putLong(32, returns.out.position());
            read = returns.out.flip();
        }
        rules.end(offered, taken, failure, read, readSize);
        failIfScriptBreaksARule();
        return failure != 0 ? failure : consumed(bwr);
    }

    /** What the driver executes of a write. */
    private List<Command> take(List<Command> offered, int writeSize) {
        if (result != 0) {
            return List.of();
        }
        List<Command> within = within(offered, Math.min(writeSize, nextLimit()));
        int refusedAt = within.stream().map(Command::word).toList().indexOf(refused);
        return refusedAt < 0 ? within : within.subList(0, refusedAt);
    }

    /** Those commands that end within the first {@code bytes} of their write. */
    static List<Command> within(List<Command> offered, int bytes) {
        int count = 0;
        while (count < offered.size() && sizeOf(offered.subList(0, count + 1)) <= bytes) {
            count++;
        }
        return offered.subList(0, count);
    }

    private void record(Call call) {
        calls.add(call);
        for (Command command : call.commands()) {
            if (command.word() == BC_FREE_BUFFER) {
                free(command);
            } else if (LOOPER_ENTRIES.contains(command.word())) {
                loopers.add(call.thread());
            }
        }
        notifyAll();
    }

    private void failIfScriptBreaksARule() {
        if (Thread.currentThread() == scripted && !rules.violations().isEmpty()) {
            throw new AssertionError("no kernel says so: " + rules.violations());
        }
    }

    private static long consumed(ByteBuffer bwr) {
        return bwr.getLong(8) << 32 | bwr.getLong(32);
    }

    @Override
    public long replyAndRead(int fd, long bwrAddress, int writeSize, int readSize) {
        synchronized (this) {
            repliesThatReadOn++;
        }
        return replyAndRead(this, fd, bwrAddress, writeSize, readSize);
    }

    /** As the C layer does it, in two steps. */
    static long replyAndRead(DriverCalls calls, int fd, long bwrAddress, int writeSize, int readSize) {
        long result = calls.writeRead(fd, bwrAddress, writeSize, readSize);
        ByteBuffer bwr = view(bwrAddress, 48);
        ByteBuffer returns = view(bwr.getLong(40), 8);
        boolean onlyComplete =
                bwr.getLong(32) == 8 && returns.getInt() == BR_NOOP && returns.getInt() == BR_TRANSACTION_COMPLETE;
        if (result < 0 || bwr.getLong(8) < writeSize || !onlyComplete) {
            return result;
        }
        result = calls.writeRead(fd, bwrAddress, 0, readSize);
        bwr.putLong(8, writeSize);
        return result < 0 ? result : consumed(bwr);
    }

    private int nextLimit() {
        Deque<Integer> limits = consumedLimits.get(Thread.currentThread());
        return limits == null || limits.isEmpty() ? Integer.MAX_VALUE : limits.removeFirst();
    }

    /** What a read would bring that {@code answer} fills. */
    synchronized ByteBuffer whatIsRead(Consumer<Returns> answer, int readSize) {
        Returns returns = new Returns(OffHeap.allocate(readSize).bytes);
        answer.accept(returns);
        return returns.out.flip();
    }

    private Consumer<Returns> nextAnswer() {
        if (Thread.currentThread() == scripted) {
            if (script.isEmpty()) {
                throw new AssertionError("a read for which nothing is scripted, after " + calls);
            }
            return script.removeFirst();
        }
        Deque<Consumer<Returns>> answers = loopers.contains(Thread.currentThread()) ? looperScript : callerScript;
        while (answers.isEmpty() && !woken) {
            try {
                wait();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        return answers.isEmpty() ? Returns::noop : answers.removeFirst();
    }

    private static int sizeOf(List<Command> commands) {
        return commands.stream()
                .mapToInt(command -> Integer.BYTES + command.payload().capacity())
                .sum();
    }

    /** The commands of a write, with what those that carry data point at. */
    static List<Command> decode(ByteBuffer written, int consumed) {
        List<Command> commands = new ArrayList<>();
        while (written.position() < consumed) {
            int word = written.getInt();
            int size = word >>> 16 & 0x3fff;
            byte[] copy = new byte[size];
            written.get(copy);
            ByteBuffer payload = ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN);
            byte[] data = new byte[0];
            long[] offsets = new long[0];
            if (TRANSACTIONS.contains(word)) {
                data = new byte[(int) payload.getLong(32)];
                view(payload.getLong(48), data.length).get(data);
                offsets = new long[(int) payload.getLong(40) / Long.BYTES];
                view(payload.getLong(56), offsets.length * Long.BYTES)
                        .asLongBuffer()
                        .get(offsets);
            }
            commands.add(new Command(word, payload, data, offsets));
        }
        return commands;
    }

    private void free(Command command) {
        if (!buffers.remove(command.longAt(0))) {
            mistakes.add("BC_FREE_BUFFER of what is no buffer: 0x" + Long.toHexString(command.longAt(0)));
        }
    }

    static ByteBuffer view(long address, int size) {
        return (size == 0 ? ByteBuffer.allocate(0) : NativeMemory.directBuffer(address, size))
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public synchronized int extendedError(int fd, long outAddress) {
        extendedErrorsTaken++;
        rules.extendedErrorIs(extendedError);
        view(outAddress, 12).putInt(8, extendedError);
        extendedError = 0;
        return 0;
    }

    @Override
    public synchronized int enterThread(long deviceSlot) {
        entered++;
        return deviceSlot == SLOT ? 0 : -Errno.EINVAL;
    }

    /** The next thread that leaves finds its stack too short for that. */
    public synchronized void failNextLeave() {
        failLeave = true;
    }

    @Override
    public synchronized int leaveThread(long deviceSlot) {
        if (failLeave) {
            failLeave = false;
            throw new StackOverflowError();
        }
        left++;
        rules.threadExits();
        return 0;
    }

    /** After so many more of BINDER_SET_MAX_THREADS and BINDER_ENABLE_ONEWAY_SPAM_DETECTION, one runs out of memory. */
    public synchronized void failControlAfter(int controls) {
        controlsBeforeError = controls;
    }

    private void control() {
        if (controlsBeforeError-- == 0) {
            throw new OutOfMemoryError("scripted");
        }
    }

    @Override
    public synchronized int setMaxThreads(int fd, int count) {
        control();
        rules.maxThreadsAre(count);
        return 0;
    }

    /** What happens while the next claim of handle 0 is in the driver, and what that returns; of no other claim. */
    public synchronized void duringClaim(Runnable during, int result) {
        duringClaim = during;
        duringClaimResult = result;
    }

    @Override
    public int becomeContextManager(int fd, int nodeFlags) {
        Runnable during;
        synchronized (this) {
            managerFlags = nodeFlags;
            during = duringClaim;
            duringClaim = null;
        }
        if (during == null) {
            return managerResult;
        }
        during.run();
        return duringClaimResult;
    }

    /** What any other ioctl of the device returns from now on: 0 or a negative errno. */
    public synchronized void controlReturns(int result) {
        controlResult = result;
    }

    @Override
    public synchronized int enableOnewaySpamDetection(int fd, int enable) {
        control();
        if (controlResult == 0) {
            rules.spamDetectionIsOn();
        }
        return controlResult;
    }

    @Override
    public synchronized int freeze(int fd, int pid, int enable, int timeoutMs) {
        freezeTimeouts.add(timeoutMs);
        return controlResult;
    }

    /** As of a process that refused a synchronous call and has a oneway call waiting. */
    @Override
    public synchronized int frozenInfo(int fd, long inOutAddress) {
        view(inOutAddress, 12).putInt(4, 1).putInt(8, 1);
        return controlResult;
    }

    /** As of a process with one node, {@link #ONLY_NODE}. */
    @Override
    public synchronized int nodeDebugInfo(int fd, long inOutAddress) {
        ByteBuffer info = view(inOutAddress, 24);
        info.putLong(0, info.getLong(0) < ONLY_NODE ? ONLY_NODE : 0)
                .putInt(16, 1)
                .putInt(20, 1);
        return controlResult;
    }

    @Override
    public synchronized int nodeInfoForRef(int fd, long inOutAddress) {
        view(inOutAddress, 24).putInt(4, 3);
        return controlResult;
    }

    /** Readable if the script has an answer for the scripted thread. */
    @Override
    public synchronized int pollReadable(int fd, int timeoutMs) {
        return script.isEmpty() ? 0 : 1;
    }

    @Override
    public synchronized int wakeThreads(int fd, int copy) {
        if (fd != FD || copy != COPY || closed) {
            mistakes.add("woken by descriptors " + fd + " and " + copy + ", closed=" + closed);
        }
        woken = true;
        notifyAll();
        return 0;
    }

    @Override
    public synchronized void close(int fd, int copy, long deviceSlot) {
        if (fd != FD || copy != COPY || deviceSlot != SLOT || closed) {
            mistakes.add("close of " + fd + ", " + copy + " and " + deviceSlot + ", closed=" + closed);
        }
        closed = true;
    }

    @Override
    public synchronized int replaceMapping(long address, long size) {
        if (unmapped || !closed || address != area.address || size != MAPPING_SIZE) {
            mistakes.add("mmap over 0x" + Long.toHexString(address) + ", " + size + " bytes, unmapped=" + unmapped
                    + ", closed=" + closed);
        }
        unmapped = true;
        area.bytes.put(0, new byte[MAPPING_SIZE]);
        return 0;
    }

    @Override
    public Runnable unmapping(long address, long size) {
        return () -> {}; // the area is memory like any other
    }

    private synchronized int place(byte[] data, long... offsets) {
        int at = areaUsed;
        int offsetsAt = at + (data.length + 7 & ~7);
        areaUsed = Math.max(offsetsAt + offsets.length * Long.BYTES, at + 8);
        area.bytes.put(at, data);
        for (int i = 0; i < offsets.length; i++) {
            area.bytes.putLong(offsetsAt + i * Long.BYTES, offsets[i]);
        }
        buffers.add(area.address + at);
        return at;
    }

    /** The read buffer of one call, filled by the script after the BR_NOOP with which each begins. */
    public final class Returns {
        private final ByteBuffer out;

        private Returns(ByteBuffer out) {
            this.out = out.putInt(BR_NOOP);
        }

        /** A command without a payload. BR_SPAWN_LOOPER is written over the BR_NOOP. */
        public Returns put(int word) {
            if (word == BR_SPAWN_LOOPER) {
                out.putInt(0, word);
            } else {
                out.putInt(word);
            }
            return this;
        }

        /** Nothing more. */
        public Returns noop() {
            return this;
        }

        public Returns complete() {
            return put(BR_TRANSACTION_COMPLETE);
        }

        public Returns bytes(byte... payload) {
            out.put(payload);
            return this;
        }

        public Returns object(int word, long ptr) {
            return object(word, ptr, ptr);
        }

        public Returns object(int word, long ptr, long cookie) {
            put(word);
            out.putLong(ptr).putLong(cookie);
            return this;
        }

        public Returns cookie(int word, long cookie) {
            put(word);
            out.putLong(cookie);
            return this;
        }

        public Returns frozen(long cookie, boolean frozen) {
            put(BR_FROZEN_BINDER);
            out.putLong(cookie).putInt(frozen ? 1 : 0).putInt(0);
            return this;
        }

        /** The end of a BR_TRANSACTION_SEC_CTX that {@link #deliver} has begun: where the context lies, which it places. */
        public Returns securityContext(String context) {
            int at = place((context + '\0').getBytes(StandardCharsets.UTF_8));
            out.putLong(area.address + at);
            return this;
        }

        public Returns reply(byte[] data, long... offsets) {
            return deliver(BR_REPLY, 0, 0, 0, data, offsets);
        }

        public Returns status(int status) {
            byte[] data = ByteBuffer.allocate(4)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(status)
                    .array();
            return deliver(BR_REPLY, 0, 0, TF_STATUS_CODE, data);
        }

        public Returns transaction(long ptr, int code, int flags, byte[] data, long... offsets) {
            return deliver(BR_TRANSACTION, ptr, code, flags, data, offsets);
        }

        /** A call or reply; of BR_TRANSACTION_SEC_CTX without the eight bytes that follow. */
        public Returns deliver(int word, long ptr, int code, int flags, byte[] data, long... offsets) {
            int at = place(data, offsets);
            boolean tellsSender = word != BR_REPLY && (flags & TF_ONE_WAY) == 0;
            put(word);
            out.putLong(ptr).putLong(ptr).putInt(code).putInt(flags);
            out.putInt(tellsSender ? SENDER_PID : 0).putInt(SENDER_UID);
            out.putLong(data.length).putLong(offsets.length * (long) Long.BYTES);
            out.putLong(area.address + at).putLong(area.address + at + (data.length + 7 & ~7));
            return this;
        }

        /** A call or reply at an address of the test's choosing. */
        public Returns rawTransactionData(int word, long dataAddress, long dataSize) {
            put(word);
            out.putLong(0).putLong(0).putInt(0).putInt(0).putInt(0).putInt(0);
            out.putLong(dataSize).putLong(0).putLong(dataAddress).putLong(dataAddress);
            return this;
        }
    }

    public static final int SENDER_PID = 4242;
    /** With the highest bit, as the users of a user namespace may have it. */
    public static final int SENDER_UID = 0xfffe_0412;
}
