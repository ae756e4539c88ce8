package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.DeadObjectException;
import android.os.IBinder;
import android.os.ServiceManager;
import android.os.TransactionTooLargeException;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.binderfs.BinderLogs;
import io.github.binder4j.binderfs.BinderState;
import io.github.binder4j.binderfs.Binderfs;
import io.github.binder4j.binderfs.BufferRecord;
import io.github.binder4j.binderfs.LoggedTransaction;
import io.github.binder4j.binderfs.MountOptions;
import io.github.binder4j.binderfs.NodeRecord;
import io.github.binder4j.binderfs.ProcessRecord;
import io.github.binder4j.binderfs.ProcessStats;
import io.github.binder4j.binderfs.RefRecord;
import io.github.binder4j.binderfs.ThreadRecord.LooperState;
import io.github.binder4j.binderfs.TransactionKind;
import io.github.binder4j.binderfs.TransactionLog;
import io.github.binder4j.binderfs.TransactionRecord;
import io.github.binder4j.binderfs.TransactionRecord.Role;
import io.github.binder4j.testkit.BinderTest;
import io.github.binder4j.testkit.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What the driver's logs say of processes that are known here from both sides: this one and a peer talk over one device,
 * beside another, in an instance of their own.
 */
@Tag("binderfs")
@BinderTest(privileged = true)
class BinderLogsIT {
    private static final String PROPERTY = "binder4j.device";
    private static final String ONE = "one";
    private static final String TWO = "two";
    private static final int TOO_LARGE = 2_000_000;
    private static final int ENOSPC = 28;

    private static Path directory;
    private static Binderfs binderfs;
    private static BinderLogs logs;
    private static JavaProcess otherManager;
    private static JavaProcess manager;
    private static JavaProcess process;
    private static IBinder peer;
    private static int managerPid;
    private static int peerPid;
    private static int ownPid;

    @BeforeAll
    static void openTwoDevices() throws IOException {
        directory = Files.createTempDirectory("binderfs");
        binderfs = Binderfs.mount(directory, MountOptions.DEFAULT.withGlobalStats());
        logs = binderfs.logs();
        otherManager = serviceManager(binderfs.add(TWO).path());
        Path device = binderfs.add(ONE).path();
        managerPid = pidThatAppears(() -> manager = serviceManager(device));
        peerPid = pidThatAppears(() -> process = peer(Peer.NAME));
        ownPid = pidThatAppears(() -> peer = ServiceManager.getService(Peer.NAME));
    }

    private static JavaProcess peer(String name) {
        JavaProcess started = JavaProcess.start(Peer.class, name);
        started.awaitLine(Peer.READY);
        return started;
    }

    private static JavaProcess serviceManager(Path device) {
        System.setProperty(PROPERTY, device.toString());
        JavaProcess started = JavaProcess.start("io.github.binder4j.servicemanager.Main");
        started.awaitLine("servicemanager: ready");
        return started;
    }

    /** Its number outside of this container, by which alone the driver knows it. */
    private static int pidThatAppears(Runnable opening) throws IOException {
        Set<Integer> known = logs.pids();
        opening.run();
        Set<Integer> added = new TreeSet<>(logs.pids());
        added.removeAll(known);
        assertEquals(1, added.size(), () -> "processes that opened a device meanwhile: " + added);
        return added.iterator().next();
    }

    @AfterAll
    static void unmount() throws Exception {
        BinderDevice.getDefault().close();
        System.clearProperty(PROPERTY);
        process.close();
        manager.close();
        otherManager.close();
        Await.until(() -> OwnProcess.binderMappings().isEmpty(), () -> "still mapped");
        binderfs.close();
        Files.delete(directory);
    }

    private static BinderState state() throws IOException {
        BinderState state = logs.state();
        assertEquals(List.of(), state.unparsed());
        return state;
    }

    private static ProcessRecord record(BinderState state, int pid) {
        List<ProcessRecord> records = state.processes(pid);
        assertEquals(1, records.size(), () -> pid + " in " + state);
        return records.get(0);
    }

    /** This process's reference to the only object of another. */
    private static RefRecord refTo(int owner, BinderState state) {
        List<RefRecord> refs = record(state, ownPid).refs().stream()
                .filter(ref -> record(state, owner).node(ref.node()).isPresent())
                .toList();
        assertEquals(1, refs.size(), () -> "to " + owner + ": " + refs);
        return refs.get(0);
    }

    private static NodeRecord ownNode(BinderState state, Set<Integer> known) {
        List<NodeRecord> nodes = record(state, ownPid).nodes().stream()
                .filter(node -> !known.contains(node.id()))
                .toList();
        assertEquals(1, nodes.size(), nodes::toString);
        return nodes.get(0);
    }

    private static Set<Integer> ownNodes(BinderState state) {
        return record(state, ownPid).nodes().stream().map(NodeRecord::id).collect(Collectors.toSet());
    }

    @Test
    void shouldShowWhoHoldsAndOwnsWhat() throws Exception {
        Set<Integer> known = ownNodes(state());
        IBinder given = new Peer();
        Calls.call(peer, Peer.KEEP, data -> data.writeStrongBinder(given));
        peer.linkToDeath(() -> {}, 0);
        // The order reaches the driver with the next call.
        Calls.call(peer, Peer.NOTHING, Calls.NOTHING);

        BinderState state = state();
        RefRecord ref = refTo(peerPid, state);
        ProcessRecord owner = state.ownerOfNode(ref.node()).orElseThrow();
        NodeRecord ownNode = ownNode(state, known);

        assertEquals(ONE, record(state, ownPid).context());
        assertEquals(peerPid, owner.pid());
        assertEquals(OptionalInt.of(peerPid), state.ownerOf(ownPid, ONE, ref.handle()));
        assertEquals(OptionalInt.empty(), state.ownerOf(ownPid, TWO, ref.handle()));
        assertTrue(ref.strong() > 0 && !ref.nodeDead() && ref.deathRequested(), ref::toString);
        assertEquals(
                Set.of(managerPid, ownPid),
                new TreeSet<>(owner.node(ref.node()).orElseThrow().holders()));
        assertEquals(List.of(peerPid), ownNode.holders());
        assertTrue(ownNode.hasStrongRef() && ownNode.internalStrong() > 0, ownNode::toString);
        int back = record(state, peerPid).refs().stream()
                .filter(one -> one.node() == ownNode.id())
                .findFirst()
                .orElseThrow()
                .handle();
        assertEquals(OptionalInt.of(ownPid), state.ownerOf(peerPid, ONE, back));
        assertEquals(
                state.processes(ownPid).get(0).nodes(),
                logs.process(ownPid).processes().get(0).nodes());
    }

    @Test
    void shouldShowBothDevices() throws IOException {
        BinderState state = state();
        Set<Integer> onOne = new TreeSet<>();
        Set<Integer> onTwo = new TreeSet<>();
        for (int pid : logs.pids()) {
            (record(state, pid).context().equals(ONE) ? onOne : onTwo).add(pid);
        }

        assertEquals(Set.of(managerPid, peerPid, ownPid), onOne);
        assertEquals(1, onTwo.size());
        ProcessRecord other = record(state, onTwo.iterator().next());
        assertEquals(TWO, other.context());
        assertEquals(1, other.nodes().size());
        assertTrue(
                other.threads().stream().anyMatch(thread -> thread.states().contains(LooperState.WAITING)),
                other::toString);
    }

    @Test
    void shouldShowACallThatIsBeingServedAndThenTheDeathOfItsService() throws Exception {
        JavaProcess[] mortal = new JavaProcess[1];
        int mortalPid = pidThatAppears(() -> mortal[0] = peer("mortal"));
        IBinder target = ServiceManager.getService("mortal");
        FutureTask<Void> call = new FutureTask<>(() -> {
            Calls.call(target, Peer.HOLD, Calls.NOTHING);
            return null;
        });
        new Thread(call, "caller").start();
        mortal[0].awaitLine(Peer.HOLDING);
        RefRecord ref = refTo(mortalPid, state());

        checkCall(logs.transactions(), mortalPid, ref.node());

        mortal[0].close();
        assertThrows(ExecutionException.class, () -> call.get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS));
        Await.until(
                () -> record(state(), ownPid).ref(ref.handle()).orElseThrow().nodeDead(), logs::toString);
        BinderState afterwards = state();
        assertEquals(OptionalInt.empty(), afterwards.ownerOf(ownPid, ONE, ref.handle()));
        assertTrue(
                afterwards.deadNodes().stream()
                        .anyMatch(dead ->
                                dead.id() == ref.node() && dead.holders().contains(ownPid)),
                () -> ref + " in " + afterwards.deadNodes());
        assertThrows(DeadObjectException.class, () -> Calls.call(target, Peer.NOTHING, Calls.NOTHING));
    }

    private static void checkCall(BinderState state, int servantPid, int node) {
        assertEquals(List.of(), state.unparsed());
        TransactionRecord sent = onlyTransaction(record(state, ownPid));
        TransactionRecord served = onlyTransaction(record(state, servantPid));
        assertEquals(List.of(Role.OUTGOING, Role.INCOMING), List.of(sent.role(), served.role()));
        for (TransactionRecord one : List.of(sent, served)) {
            assertEquals(TransactionKind.CALL, one.kind());
            assertEquals(Peer.HOLD, one.code());
            assertEquals(List.of(ownPid, servantPid), List.of(one.fromPid(), one.toPid()));
            assertEquals(sent.id(), one.id());
        }
        assertEquals(OptionalInt.of(node), served.node());
        assertEquals(
                List.of(served.dataSizeBytes().orElseThrow()),
                record(state, servantPid).buffers().stream()
                        .filter(buffer -> buffer.id() == served.id() && buffer.active())
                        .map(BufferRecord::dataSizeBytes)
                        .toList());
    }

    private static TransactionRecord onlyTransaction(ProcessRecord process) {
        List<TransactionRecord> transactions = process.threads().stream()
                .flatMap(thread -> thread.transactions().stream())
                .toList();
        assertEquals(1, transactions.size(), transactions::toString);
        return transactions.get(0);
    }

    /** The logs keep 32 transactions of the whole kernel: others may have pushed ours out before they are read. */
    @Test
    void shouldLogTransactionsAndFailures() throws Exception {
        int node = refTo(peerPid, state()).node();

        Await.until(() -> found(node), () -> "never among the last ones: " + logs);
    }

    private static boolean found(int node) throws Exception {
        assertThrows(
                TransactionTooLargeException.class,
                () -> Calls.call(peer, Peer.NOTE, data -> data.writeByteArray(new byte[TOO_LARGE])));
        TransactionLog failures = logs.failedTransactionLog();
        TransactionLog all = logs.transactionLog();
        assertEquals(List.of(), failures.unparsed());
        assertEquals(List.of(), all.unparsed());
        List<LoggedTransaction> ours = failures.transactions().stream()
                .filter(one -> one.fromPid() == ownPid)
                .toList();
        ours.forEach(failed -> {
            assertEquals(TransactionKind.CALL, failed.kind());
            assertEquals(ONE, failed.context());
            assertEquals(peerPid, failed.toPid());
            assertEquals(node, failed.node());
            assertEquals("BR_FAILED_REPLY", failed.returnErrorName());
            assertEquals(-ENOSPC, failed.returnErrorParam());
            assertTrue(failed.dataSizeBytes() > TOO_LARGE, failed::toString);
            assertTrue(failed.returnErrorLine() > 0, failed::toString);
        });
        return !ours.isEmpty() && all.transactions().containsAll(ours.subList(ours.size() - 1, ours.size()));
    }

    @Test
    void shouldCountWhatThisProcessDoes() throws Exception {
        Calls.call(peer, Peer.KEEP, data -> data.writeStrongBinder(new Peer()));
        ProcessStats before = stats();

        Calls.call(peer, Peer.NOTHING, Calls.NOTHING);

        ProcessStats after = stats();
        assertEquals(
                1,
                after.counters().command("BC_TRANSACTION") - before.counters().command("BC_TRANSACTION"));
        assertEquals(1, after.counters().command("BR_REPLY") - before.counters().command("BR_REPLY"));
        assertEquals(ONE, after.context());
        ProcessRecord record = record(state(), ownPid);
        assertEquals(record.nodes().size(), after.nodes());
        assertEquals(record.refs().size(), after.refs());
        assertTrue(after.nodes() > 0 && after.strongRefs() > 0, after::toString);
        assertEquals(15, after.maxThreads());
        assertTrue(after.threads() > 0 && after.freeAsyncSpaceBytes() > 0, after::toString);
        assertEquals(after.activePages() + after.reclaimablePages() + after.freePages(), pagesOfReceiveArea());
        assertTrue(logs.stats().counters().object("proc").active() >= 4);
    }

    private static int pagesOfReceiveArea() {
        return BinderDevice.getDefault().mappingSizeBytes() / 4096;
    }

    private static ProcessStats stats() throws IOException {
        assertEquals(List.of(), logs.stats().unparsed());
        List<ProcessStats> stats = logs.stats().processes(ownPid);
        assertEquals(1, stats.size());
        return stats.get(0);
    }
}
