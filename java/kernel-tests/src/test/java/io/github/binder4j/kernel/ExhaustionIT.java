package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;
import android.os.ServiceManager;
import android.os.TransactionTooLargeException;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.errors.BinderUnavailableException;
import io.github.binder4j.natives.BinderNative;
import io.github.binder4j.testkit.BinderTest;
import io.github.binder4j.testkit.JavaProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What there is only so much of: room to receive in, threads, descriptors. Who asks for more is told; the rest goes on. */
@Tag("binderfs")
@BinderTest(serviceManager = true, timeoutSeconds = 600)
class ExhaustionIT {
    private static final int BLOCK = 128 * 1024;
    /** Older kernels count their own record of a oneway buffer too. */
    private static final int BUFFER_RECORD = 256;

    private static BinderLogs ownLog;
    private static BinderDevice device;
    private static BinderLogs log;
    private static JavaProcess process;
    private static IBinder victim;
    private static int limit;

    @BeforeAll
    static void startVictim() {
        ownLog = BinderLogs.ofThisProcess();
        device = BinderDevice.getDefault();
        log = BinderLogs.of(() -> {
            process = JavaProcess.start(Victim.class);
            process.awaitLine(Peer.READY);
        });
        victim = ServiceManager.getService(Peer.NAME);
        assertNotNull(victim);
        limit = device.mappingSizeBytes(); // the victim's is of the same size
    }

    @AfterAll
    static void endVictim() {
        process.close();
    }

    @AfterEach
    void checkThatBothAreWellAndHoldNothing() throws Exception {
        awaitRoom();
        assertEquals(process.pid(), Calls.askInt(victim, Peer.PID));
        assertEquals(0, device.leakedBuffers());
    }

    /** Waits until no buffer is in use on either side, by the driver's account. */
    private static void awaitRoom() throws Exception {
        Await.until(() -> log.records("buffer").isEmpty(), () -> log);
        Await.until(() -> ownLog.records("buffer").isEmpty(), () -> ownLog);
    }

    // The largest parcels

    /** Fills {@code data} up, so that it has {@code size} bytes. */
    private static void fill(Parcel data, int size) {
        data.writeByteArray(new byte[size - data.dataSize() - Integer.BYTES]);
        assertEquals(size, data.dataSize());
    }

    private static int call(int size) throws RemoteException {
        return Calls.call(victim, Victim.SIZE, data -> fill(data, size), Parcel::readInt);
    }

    private static int callWithAnObject(int size) throws RemoteException {
        return Calls.call(
                victim,
                Victim.SIZE,
                data -> {
                    data.writeStrongBinder(victim);
                    fill(data, size);
                },
                Parcel::readInt);
    }

    @Test
    void shouldTakeACallThatFillsTheWholeMappingAndNoLarger() throws Exception {
        awaitRoom();
        assertEquals(limit, call(limit));
        awaitRoom();
        for (int more : new int[] {4, 8, 4096, limit}) {
            TransactionTooLargeException thrown =
                    assertThrows(TransactionTooLargeException.class, () -> call(limit + more));
            assertTrue(thrown.getMessage().contains("data=" + (limit + more) + " bytes"), thrown.getMessage());
        }
        assertEquals(limit, call(limit));
    }

    /** The list of objects lies in the same buffer: eight bytes for each. */
    @Test
    void shouldCountTheObjectsOfACall() throws Exception {
        awaitRoom();
        assertThrows(TransactionTooLargeException.class, () -> callWithAnObject(limit));
        assertEquals(limit - Long.BYTES, callWithAnObject(limit - Long.BYTES));
    }

    /** Asks for a reply of so many bytes and returns how many it had. */
    private static int replySize(int size) throws RemoteException {
        Parcel data = Parcel.obtain();
        Parcel reply = Parcel.obtain();
        try {
            data.writeInterfaceToken(Peer.DESCRIPTOR);
            data.writeInt(size);
            assertTrue(victim.transact(Victim.GIVE_BYTES, data, reply, 0));
            return reply.dataSize();
        } finally {
            reply.recycle();
            data.recycle();
        }
    }

    @Test
    void shouldTakeAReplyThatFillsTheWholeMappingAndNoLarger() throws Exception {
        awaitRoom();
        assertEquals(limit, replySize(limit));
        awaitRoom();
        for (int more : new int[] {4, 8, 4096}) {
            TransactionTooLargeException thrown =
                    assertThrows(TransactionTooLargeException.class, () -> replySize(limit + more));
            assertTrue(
                    thrown.getMessage().contains("no room for the reply in this process's buffer"),
                    thrown.getMessage());
        }
        assertEquals(limit, replySize(limit));
    }

    @Test
    void shouldTakeAOnewayCallOfHalfTheMappingAndNoLarger() throws Exception {
        int half = limit / 2;
        int before = Calls.askInt(victim, Peer.NOTES);
        awaitRoom();
        int size = half + 8;
        while (!isNoteAccepted(size)) {
            size -= 8;
        }
        awaitRoom();

        assertTrue(size <= half && size >= half - BUFFER_RECORD, size + " bytes accepted of " + half);
        assertEquals(before + 1, Calls.askInt(victim, Peer.NOTES));
    }

    private static boolean isNoteAccepted(int size) throws RemoteException {
        try {
            Calls.oneway(victim, Peer.NOTE, data -> {
                data.writeInt(1);
                fill(data, size);
            });
            return true;
        } catch (TransactionTooLargeException e) {
            return false;
        }
    }

    // Floods

    /** Sends numbered oneway calls until enough were refused; returns the numbers of those accepted. */
    private static List<Integer> flood(int sender, int refusals) throws RemoteException {
        List<Integer> accepted = new ArrayList<>();
        int refused = 0;
        for (int number = 0; refused < refusals; number++) {
            int sent = number;
            try {
                Calls.oneway(victim, Victim.RECORD, data -> {
                    data.writeInt(sender);
                    data.writeInt(sent);
                    data.writeByteArray(new byte[sender * 200]);
                });
                accepted.add(sent);
            } catch (TransactionTooLargeException e) {
                refused++;
            }
        }
        return accepted;
    }

    @Test
    void shouldDeliverEveryOnewayCallItAcceptedInOrder() throws Exception {
        int senders = 8;
        List<List<Integer>> accepted = inParallel(senders, sender -> flood(sender, 20));
        int count = accepted.stream().mapToInt(List::size).sum();
        assertEquals(
                process.pid(), Calls.askInt(victim, Peer.PID), "calls that wait for an answer are served meanwhile");
        assertTrue(count > 200, count + " accepted");

        Calls.call(victim, Victim.RELEASE, data -> data.writeInt(count));
        awaitRoom();

        List<List<Integer>> recorded = new ArrayList<>();
        for (int sender = 0; sender < senders; sender++) {
            recorded.add(new ArrayList<>());
        }
        Calls.ask(victim, Victim.RECORDED, reply -> {
            for (int left = reply.readInt(); left > 0; left--) {
                recorded.get(reply.readInt()).add(reply.readInt());
            }
            return null;
        });
        assertEquals(accepted, recorded);
        assertTrue(isNoteAccepted(limit / 4));
    }

    private interface Numbered<T> {
        T call(int number) throws Exception;
    }

    /** Runs {@code task} in so many threads at once. */
    private static <T> List<T> inParallel(int threads, Numbered<T> task) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Callable<T>> tasks = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                int number = i;
                tasks.add(() -> task.call(number));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> result : executor.invokeAll(tasks)) {
                results.add(result.get());
            }
            return results;
        } finally {
            executor.shutdown();
        }
    }

    // Receivers that keep what they received

    @Test
    void shouldServeAgainWhenWhatAServiceKeptIsFreed() throws Exception {
        awaitRoom();
        byte[] block = new byte[BLOCK];
        TransactionTooLargeException thrown = assertThrows(TransactionTooLargeException.class, () -> {
            for (int i = 0; i < limit / BLOCK + 1; i++) {
                Calls.call(victim, Victim.KEEP_VIEW, data -> data.writeBlob(block));
            }
        });

        assertTrue(thrown.getMessage().contains("ENOSPC"), thrown.getMessage());
        assertEquals(process.pid(), Calls.askInt(victim, Peer.PID), "there is room for a small call");
        assertThrows(TransactionTooLargeException.class, () -> call(limit / 2));
        Calls.call(victim, Victim.CLOSE_VIEWS, Calls.NOTHING);
        Await.until(() -> log.records("buffer").isEmpty(), () -> log);
        assertEquals(limit, call(limit));
    }

    @Test
    void shouldReceiveAgainWhenTheRepliesKeptAreFreed() throws Exception {
        awaitRoom();
        List<Parcel> kept = new ArrayList<>();
        Parcel data = Parcel.obtain();
        data.writeInterfaceToken(Peer.DESCRIPTOR);
        data.writeInt(BLOCK);

        assertThrows(TransactionTooLargeException.class, () -> {
            for (int i = 0; i < limit / BLOCK + 1; i++) {
                Parcel reply = Parcel.obtain();
                kept.add(reply);
                victim.transact(Victim.GIVE_BYTES, data, reply, 0);
            }
        });

        assertEquals(limit / BLOCK + 1, kept.size());
        assertEquals(process.pid(), Calls.askInt(victim, Peer.PID), "there is room for a small reply");
        kept.get(0).setDataPosition(BLOCK - Integer.BYTES);
        assertEquals(BLOCK - Integer.BYTES, kept.get(0).readInt(), "what was received before is intact");
        kept.forEach(Parcel::recycle);
        data.recycle();
        awaitRoom();
        assertEquals(limit, replySize(limit));
    }

    @Test
    void shouldServeAsManyLargeCallsAtOnceAsThereIsRoomFor() throws Exception {
        awaitRoom();
        int callers = 12;
        int fitting = limit / BLOCK;
        AtomicInteger refused = new AtomicInteger();
        FutureTask<List<Boolean>> answers = new FutureTask<>(() -> inParallel(callers, number -> {
            try {
                Calls.call(victim, Victim.WAIT, data -> data.writeByteArray(new byte[BLOCK - 1000]));
                return true;
            } catch (TransactionTooLargeException e) {
                refused.incrementAndGet();
                return false;
            }
        }));
        new Thread(answers, "callers").start();
        Await.until(() -> refused.get() == callers - fitting, refused::get);
        Await.until(() -> Calls.askInt(victim, Victim.WAITING) == fitting, () -> log);

        Calls.call(victim, Victim.RELEASE, data -> data.writeInt(fitting));

        assertEquals(fitting, Collections.frequency(answers.get(), true));
    }

    // Threads

    private static int pendingCalls() {
        return log.records("pending transaction").size();
    }

    @Test
    void shouldAnswerAThousandCallsMadeAtOnce() throws Exception {
        int calls = 1000;
        FutureTask<List<Integer>> answers = new FutureTask<>(() -> inParallel(calls, number -> {
            Calls.call(victim, Victim.WAIT, Calls.NOTHING);
            return number;
        }));
        new Thread(answers, "callers").start();
        Await.until(() -> log.records("incoming transaction").size() + pendingCalls() == calls, () -> log);
        assertTrue(pendingCalls() > calls - 20, pendingCalls() + " wait");

        process.send("" + calls); // no thread of the victim's is free to be called

        assertEquals(calls, answers.get().size());
    }

    /** One thread of the library's and the one that joined. */
    @Test
    void shouldServeEverythingWithoutAThreadMore() throws Exception {
        try (JavaProcess few = JavaProcess.start(Victim.class, "0", "few")) {
            few.awaitLine(Peer.READY);
            IBinder target = ServiceManager.getService("few");
            Peer own = new Peer();

            List<Integer> answers = inParallel(30, number -> {
                Calls.oneway(target, Peer.NOTE, data -> data.writeInt(1));
                Calls.call(target, Peer.CALL_BACK, data -> data.writeStrongBinder(own));
                return Calls.askInt(target, Peer.PID);
            });

            assertEquals(Collections.nCopies(30, (int) few.pid()), answers);
            Await.until(() -> Calls.askInt(target, Peer.NOTES) == 30, () -> "notes are missing");
        }
    }

    // Descriptors

    /** Calls when this process can open no more files, tries to open a device, and closes one that has a looper waiting. */
    static final class Exhausted {
        static final String REFUSED = "exhausted: refused: ";
        static final String DONE = "exhausted: done";

        public static void main(String[] args) throws Exception {
            IBinder peer = ServiceManager.getService(Peer.NAME);
            Path device = BinderDevice.getDefault().path();
            callAndOpen(peer, Path.of("/dev/null")); // once with what the JVM needs to load the classes
            openServed(device).close(); // likewise
            BinderDevice served = openServed(device);
            List<Integer> opened = openAll();
            System.out.println(REFUSED + callAndOpen(peer, device));
            served.close();
            opened.forEach(BinderNative::closeFd);
            BinderDevice.open(device).close();
            System.out.println(DONE);
            System.exit(0);
        }

        private static BinderDevice openServed(Path device) throws RemoteException {
            BinderDevice served = BinderDevice.open(device);
            served.contextManager().linkToDeath(() -> {}, 0);
            return served;
        }

        /** Calls, and returns why the device cannot be opened. */
        private static String callAndOpen(IBinder peer, Path device) throws RemoteException {
            for (int i = 0; i < 20; i++) {
                Calls.call(peer, Peer.CALL_BACK, data -> data.writeStrongBinder(new Peer()));
                Calls.oneway(peer, Peer.NOTE, data -> data.writeInt(1));
            }
            try {
                BinderDevice.open(device).close();
            } catch (BinderUnavailableException e) {
                return e.getMessage();
            }
            return "nothing";
        }

        private static List<Integer> openAll() {
            List<Integer> opened = new ArrayList<>();
            int fd = BinderNative.openDevice("/dev/null", 0);
            while (fd >= 0) {
                opened.add(fd);
                fd = BinderNative.openDevice("/dev/null", 0);
            }
            return opened;
        }
    }

    @Test
    void shouldCallAndCloseWithoutADescriptorToSpare() {
        try (JavaProcess exhausted = JavaProcess.start(Exhausted.class)) {
            String refusal = exhausted.awaitLine(Exhausted.REFUSED);
            exhausted.awaitLine(Exhausted.DONE);

            assertTrue(refusal.contains("EMFILE"), refusal);
            assertEquals(0, exhausted.exitCode());
        }
    }
}
