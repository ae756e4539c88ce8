package io.github.binder4j.driver;

import static io.github.binder4j.driver.Commands.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.parcel.ObjectBinding;
import io.github.binder4j.parcel.ParcelData;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The lines of a protocol trace. */
class CommandTraceTest {
    private static final TransactionHandler HANDLER = deaf(TransactionHandler.class);
    private static final ObjectRegistry REGISTRY = deaf(ObjectRegistry.class);

    private final ScriptedDriver driver = new ScriptedDriver();
    private final DriverThread thread = new DriverThread(driver.device());
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Consumer<String> sink = lines::add;

    @BeforeEach
    void start() {
        CommandTrace.start(sink);
    }

    private static <T> T deaf(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> null));
    }

    @AfterEach
    void stop() {
        CommandTrace.stop(sink);
    }

    private List<String> words() {
        String prefix = "\\d+\\.\\d{9} " + ProcessHandle.current().pid() + "/\\d+ \\S+ scripted ";
        for (String line : lines) {
            assertTrue(line.matches(prefix + "[<>=] .*"), line);
        }
        return lines.stream().map(line -> line.replaceFirst(prefix, "")).toList();
    }

    private static ParcelData call() {
        ParcelData data = new ParcelData();
        data.writeInt(0x80000000);
        data.writeInt(-1);
        data.writeInt(0x53595354);
        data.writeString16("org.example.IThing");
        data.writeInt(1);
        return data;
    }

    @Test
    void shouldEndWhenItsConsumerFailsAndLoseNothing() {
        Consumer<String> full = line -> {
            throw new IllegalStateException("queue full");
        };
        CommandTrace.start(full);
        driver.answer(returns -> returns.noop().complete());
        thread.transaction(3, 5, TF_ACCEPT_FDS, call());
        thread.writeRead();

        assertFalse(CommandTrace.isOn());
        assertTrue(thread.hasReturns());
        assertFalse(thread.hasCommands());
    }

    /** Whoever closes the device unmaps it once no thread is inside. */
    @Test
    void shouldLookIntoReceivedBuffersBeforeTheThreadIsSeenToHaveLeft() {
        List<Boolean> inside = new CopyOnWriteArrayList<>();
        Consumer<String> asks = line -> {
            if (line.contains("< BR_REPLY")) {
                inside.add(thread.isInDriver());
            }
        };
        CommandTrace.start(asks);
        driver.answer(returns -> returns.noop().complete().status(-22));
        thread.transaction(3, 5, TF_ACCEPT_FDS, call());
        thread.writeRead();
        CommandTrace.stop(asks);

        assertEquals(List.of(true), inside);
    }

    @Test
    void shouldTellEveryCommandOfAWriteAndARead() {
        thread.acquire(3);
        thread.freeBuffer(0x10);
        thread.requestDeathNotification(3, 0x77);
        thread.requestFreezeNotification(3, 0x78);
        thread.transaction(3, 5, TF_ACCEPT_FDS, call());
        driver.answer(returns -> returns.complete().status(-22));
        thread.writeRead();

        List<String> words = words();
        assertEquals(
                List.of(
                        "> BC_ACQUIRE handle=3",
                        "> BC_FREE_BUFFER buffer=0x10",
                        "> BC_REQUEST_DEATH_NOTIFICATION handle=3 cookie=0x77",
                        "> BC_REQUEST_FREEZE_NOTIFICATION handle=3 cookie=0x78",
                        "> BC_TRANSACTION handle=3 code=0x5 flags=0x10 data=60 objects=0 interface=org.example.IThing",
                        "< BR_NOOP",
                        "< BR_TRANSACTION_COMPLETE"),
                words.subList(0, 7));
        assertTrue(
                words.get(7).matches("< BR_REPLY flags=0x8 data=4 objects=0 buffer=0x[0-9a-f]+ status=-22"),
                words.get(7));
        assertEquals(8, words.size());
    }

    @Test
    void shouldTellNewsOfObjects() {
        thread.requestDeathNotification(3, 0x77);
        thread.requestFreezeNotification(3, 0x78);
        thread.flush();
        lines.clear();
        driver.answer(returns -> returns.cookie(BR_DEAD_BINDER, 0x77));
        thread.writeRead();
        thread.dispatchNext(HANDLER, REGISTRY);
        driver.answer(returns -> returns.frozen(0x78, true));
        thread.writeRead();

        assertEquals(
                List.of(
                        "< BR_NOOP",
                        "< BR_DEAD_BINDER cookie=0x77",
                        "> BC_DEAD_BINDER_DONE cookie=0x77",
                        "< BR_NOOP",
                        "< BR_FROZEN_BINDER cookie=0x78 frozen=1"),
                words());
    }

    @Test
    void shouldTellTheCountsOfAnObject() {
        ParcelData data = new ParcelData();
        data.writeObject("bound below", 12);
        data.bindObjects(new ObjectBinding() {
            @Override
            public long pointerOf(Object object) {
                return 0x100000001L;
            }

            @Override
            public int flagsOf(Object object) {
                return 0;
            }

            @Override
            public int handleOf(Object object) {
                throw new AssertionError("a local object");
            }
        });
        thread.transaction(3, 5, TF_ONE_WAY, data);
        driver.answer(returns -> returns.object(BR_INCREFS, 0x100000001L).complete());
        thread.writeRead();

        assertEquals(
                List.of("< BR_NOOP", "< BR_INCREFS ptr=0x100000001", "< BR_TRANSACTION_COMPLETE"),
                words().subList(1, 4));
    }

    @Test
    void shouldTellThatTheDriverTookAReplyBeforeTheNextIsRead() {
        driver.device().becomeContextManager(0);
        driver.answer(returns -> returns.transaction(0, 1, 0, new byte[0]));
        thread.writeRead();
        thread.dispatchNext(HANDLER, REGISTRY);
        lines.clear();
        thread.reply(0, call());
        driver.answer(returns -> returns.noop().complete());
        thread.replyAndRead();

        assertEquals(List.of("< BR_NOOP", "< BR_TRANSACTION_COMPLETE"), words().subList(1, 3));
        assertEquals(0, driver.repliesThatReadOn());
    }

    @Test
    void shouldTellACallThatComesAndTheCaller() {
        byte[] data = {1, 2, 3, 4};
        driver.answer(returns -> returns.transaction(0, 6, 0, data, 0));
        thread.writeRead();

        String line = words().get(1);
        assertTrue(
                line.matches("< BR_TRANSACTION ptr=0x0 code=0x6 flags=0x0 pid=" + ScriptedDriver.SENDER_PID + " euid="
                        + ScriptedDriver.SENDER_UID + " data=4 objects=1 buffer=0x[0-9a-f]+"),
                line);
    }

    @Test
    void shouldTellOtherSystemCallsOfTheDevice() {
        driver.device().setMaxThreads(7);
        driver.device().becomeContextManager(0x1000);
        driver.device().freeze(12, true, 100);
        thread.exit();

        assertEquals(
                List.of(
                        "= BINDER_SET_MAX_THREADS 7",
                        "= BINDER_SET_CONTEXT_MGR_EXT flags=0x1000",
                        "= BINDER_FREEZE of process 12, timeout 100 ms",
                        "= BINDER_THREAD_EXIT"),
                words());
    }

    @Test
    void shouldTellNothingOnceStoppedAndLeaveALaterTraceOn() {
        List<String> later = new CopyOnWriteArrayList<>();
        Consumer<String> laterSink = later::add;
        CommandTrace.start(laterSink);
        CommandTrace.stop(sink);
        driver.device().setMaxThreads(1);
        CommandTrace.stop(laterSink);
        driver.device().setMaxThreads(2);

        assertEquals(List.of(), lines);
        assertEquals(1, later.size());
    }

    @Test
    void shouldPassOverWhatItDoesNotKnowByTheSizeInTheWord() {
        thread.transaction(3, 5, 0, call());
        driver.answer(ScriptedDriver.Returns::complete);
        thread.writeRead();
        thread.dispatchNext(HANDLER, REGISTRY);
        thread.requestDeathNotification(3, 0x77);
        lines.clear();
        driver.answer(returns ->
                returns.put(0x8006_72ff).bytes(new byte[6]).put(BR_ERROR).put(BR_DEAD_REPLY));
        thread.writeRead();

        assertEquals(
                List.of("< BR_NOOP", "< 0x800672ff with 6 bytes", "< BR_ERROR", "< BR_DEAD_REPLY"),
                words().subList(1, 5));
    }

    @Test
    void shouldTakeNoNameFromDataThatOnlyLooksLikeAToken() {
        ParcelData data = new ParcelData();
        data.writeInt(0);
        data.writeInt(0);
        data.writeInt(0x53595354);
        data.writeInt(Integer.MAX_VALUE);
        thread.transaction(1, 1, 0, data);
        driver.answer(ScriptedDriver.Returns::complete);
        thread.writeRead();

        assertEquals("> BC_TRANSACTION handle=1 code=0x1 flags=0x0 data=16 objects=0", words().get(0));
    }
}
