package io.github.binder4j.runtime;

import static io.github.binder4j.driver.Commands.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.driver.ScriptedDriver;
import io.github.binder4j.parcel.ParcelData;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events for JDK Flight Recorder, written and read again. */
class FlightRecordsTest {
    private final ScriptedProcess scripted = new ScriptedProcess();
    private final ScriptedDriver driver = scripted.driver;
    private final ProcessState process = scripted.process;

    @TempDir
    private Path directory;

    @AfterEach
    void close() {
        scripted.close();
    }

    private interface Work {
        void run() throws Exception;
    }

    private List<RecordedEvent> recorded(Work work) throws Exception {
        try (Recording recording = new Recording()) {
            recording.start();
            work.run();
            recording.stop();
            return read(recording);
        }
    }

    private List<RecordedEvent> read(Recording recording) throws IOException {
        Path file = directory.resolve("calls.jfr");
        recording.dump(file);
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().startsWith("binder4j."))
                .toList();
    }

    @Test
    void shouldRecordACallWithPeerSizesAndOutcome() throws Exception {
        ParcelData data = new ParcelData();
        data.setInterfaceName("org.example.IThing");
        data.writeInt(1);
        scripted.manager.setOwnerPid(99);

        List<RecordedEvent> events = recorded(() -> {
            driver.answer(returns -> returns.noop().complete().reply(new byte[8]));
            process.transact(scripted.manager, 5, data, new ParcelData(), 0);
        });

        assertEquals(1, events.size(), events::toString);
        RecordedEvent call = events.get(0);
        assertEquals("binder4j.ClientCall", call.getEventType().getName());
        assertEquals("org.example.IThing", call.getString("interfaceName"));
        assertEquals(0, call.getInt("handle"));
        assertEquals(99, call.getInt("peerPid"));
        assertEquals(5, call.getInt("code"));
        assertEquals(4, call.getLong("dataSize"));
        assertEquals(8, call.getLong("replySize"));
        assertEquals("BR_REPLY", call.getString("outcome"));
        assertTrue(call.getDuration().toNanos() > 0);
    }

    @Test
    void shouldRecordACallThatFailed() throws Exception {
        List<RecordedEvent> events = recorded(() -> {
            driver.answer(returns -> returns.noop().put(BR_DEAD_REPLY));
            try {
                process.transact(scripted.manager, 5, new ParcelData(), new ParcelData(), 0);
            } catch (TransactionFailure expected) {
                return;
            }
        });

        assertEquals("BR_DEAD_REPLY", events.get(0).getString("outcome"));
        assertNull(events.get(0).getString("interfaceName"));
    }

    @Test
    void shouldRecordAServedCallAnObituaryAndSpam() throws Exception {
        process.becomeContextManager(new ScriptedProcess.Served((code, data, reply, flags) -> {
            reply.writeInt(1);
            return Status.OK;
        }));
        process.startPolling();
        driver.device().enableOnewaySpamDetection();
        RemoteObject object = scripted.receive(7);
        object.linkToDeath("a", () -> {});
        long cookie = driver.commands(BC_REQUEST_DEATH_NOTIFICATION).get(0).longAt(4);

        List<RecordedEvent> events = recorded(() -> {
            driver.answer(returns -> returns.transaction(0, 3, 0, new byte[12]));
            driver.answer(returns -> returns.complete());
            driver.answer(returns -> returns.cookie(BR_DEAD_BINDER, cookie));
            process.servePolled();
            driver.answer(returns -> returns.put(BR_ONEWAY_SPAM_SUSPECT));
            process.transact(scripted.manager, 4, new ParcelData(), null, TF_ONE_WAY);
        });

        RecordedEvent served = named(events, "binder4j.ServedCall");
        assertEquals(3, served.getInt("code"));
        assertEquals(12, served.getLong("dataSize"));
        assertEquals(4, served.getLong("replySize"));
        assertEquals(ScriptedDriver.SENDER_PID, served.getInt("peerPid"));
        assertEquals(ScriptedDriver.SENDER_UID, served.getInt("peerUid"));
        assertEquals(7, named(events, "binder4j.Obituary").getInt("handle"));
        assertEquals(4, named(events, "binder4j.OnewaySpam").getInt("code"));
        assertEquals(
                "BR_ONEWAY_SPAM_SUSPECT", named(events, "binder4j.ClientCall").getString("outcome"));
    }

    @Test
    void shouldRecordAServedCallThatFailedUnheard() throws Exception {
        process.becomeContextManager(new ScriptedProcess.Served((code, data, reply, flags) -> {
            throw new ArithmeticException("by zero");
        }));

        List<RecordedEvent> events = recorded(() -> {
            driver.answer(returns -> returns.complete().transaction(0, 3, 0, new byte[12]));
            driver.answer(returns -> returns.complete());
            driver.answer(returns -> returns.reply(new byte[0]));
            process.transact(scripted.manager, 4, new ParcelData(), new ParcelData(), 0);
        });

        RecordedEvent failed = named(events, "binder4j.ServedCallFailed");
        assertEquals(3, failed.getInt("code"));
        assertEquals(ScriptedDriver.SENDER_PID, failed.getInt("peerPid"));
        assertEquals(ScriptedDriver.SENDER_UID, failed.getInt("peerUid"));
        assertEquals("java.lang.ArithmeticException: by zero", failed.getString("exception"));
    }

    @Test
    void shouldMakeNoEventWhileNobodyRecords() {
        assertNull(FlightRecords.beginCall());
        assertNull(FlightRecords.beginServed());
    }

    private static RecordedEvent named(List<RecordedEvent> events, String name) {
        return events.stream()
                .filter(event -> event.getEventType().getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " is not among " + events));
    }
}
