package io.github.binder4j.runtime;

import static io.github.binder4j.driver.Commands.*;
import static io.github.binder4j.runtime.ScriptedProcess.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.Binder;
import android.os.Parcel;
import io.github.binder4j.driver.ScriptedDriver;
import io.github.binder4j.parcel.ParcelData;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a peer can bring about in a call: a program hears of it, and is not ended by it. */
@Timeout(60)
class ServedFailuresTest {
    private static final String INTERFACE = "org.example.IThing";

    private final ScriptedProcess scripted = new ScriptedProcess();
    private final ScriptedDriver driver = scripted.driver;
    private final ProcessState process = scripted.process;
    private final List<Throwable> uncaught = Collections.synchronizedList(new ArrayList<>());
    private final LinkedBlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final LinkedBlockingQueue<Throwable> toldOf = new LinkedBlockingQueue<>();
    private Throwable thrown;

    @BeforeEach
    void listen() {
        Thread.currentThread().setUncaughtExceptionHandler((thread, e) -> uncaught.add(e));
        process.events().add(listener(() -> {}));
    }

    @AfterEach
    void close() {
        Thread.currentThread().setUncaughtExceptionHandler(null);
        scripted.close();
    }

    private DeviceEvents.Listener listener(Runnable first) {
        return new DeviceEvents.Listener() {

            @Override
            public void onServedCallFailed(String interfaceName, int code, int uid, int pid, Throwable e) {
                first.run();
                told.add(interfaceName + " " + code + " " + uid + "/" + pid);
                toldOf.add(e == null ? new Throwable() : e);
            }
        };
    }

    private final Binder service = new Binder(INTERFACE) {
        @Override
        protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) {
            Binder.clearCallingIdentity(); // the event names the caller nevertheless
            throw ServedFailuresTest.<RuntimeException>unchecked(thrown);
        }
    };

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> E unchecked(Throwable e) throws E {
        throw (E) e;
    }

    /** A call, which a call back precedes that the service ends with {@code e}. */
    private void serve(Throwable e) throws TransactionFailure {
        thrown = e;
        driver.answer(returns -> returns.complete().transaction(scripted.lastPtr(), 6, 0, ints()));
        driver.answer(returns -> returns.complete());
        driver.answer(returns -> returns.reply(ints()));
        scripted.transact(parcelOf(ApiBridge.get().localObjectOf(service)), new ParcelData());
    }

    private void serveWhenPolled() {
        process.becomeContextManager(ApiBridge.get().localObjectOf(service));
        process.startPolling();
    }

    /** A oneway call that the service ends with {@code e}. */
    private void serveOneway(Throwable e) {
        thrown = e;
        driver.answer(returns -> returns.transaction(0, 6, TF_ONE_WAY, ints()));
        process.servePolled();
    }

    /** Told of {@code e}, and of the caller as far as the driver tells it. */
    private void assertTold(Throwable e, int callerPid) throws InterruptedException {
        assertSame(e, toldOf.take());
        assertEquals(INTERFACE + " 6 " + ScriptedDriver.SENDER_UID + "/" + callerPid, told.take());
    }

    @Test
    void shouldTellOfWhatAOnewayCallThrew() throws Exception {
        serveWhenPolled();
        for (Throwable e : new Throwable[] {
            new SecurityException("Binder invocation to an incorrect interface"),
            new IllegalStateException(),
            new ArithmeticException(),
            new StackOverflowError(),
            new OutOfMemoryError()
        }) {
            serveOneway(e);
            assertTold(e, 0);
        }

        assertEquals(List.of(), uncaught);
        assertEquals(5, process.counters().servedFailures.sum());
    }

    @Test
    void shouldTellOfWhatCannotBeWrittenIntoAReply() throws Exception {
        for (Throwable e : new Throwable[] {
            new ArithmeticException(), new java.io.IOException(), new StackOverflowError(), new OutOfMemoryError()
        }) {
            serve(e);
            assertTold(e, ScriptedDriver.SENDER_PID);
        }

        assertEquals(List.of(), uncaught);
    }

    @Test
    void shouldNotTellOfWhatTheCallerIsTold() throws Exception {
        serve(new IllegalStateException("written into the reply"));

        assertEquals(0, process.counters().servedFailures.sum());
    }

    @Test
    void shouldHandAnErrorOfTheProgramsToTheHandler() throws Exception {
        Error error = new AssertionError("no peer's doing");
        serveWhenPolled();
        serveOneway(error);

        assertEquals(List.of(error), uncaught);
        assertTold(error, 0);
    }

    // The log

    private final Logged logged = new Logged();
    private final ServedFailures failures = new ServedFailures(process, logged);
    private final LocalObject called = ApiBridge.get().localObjectOf(service);

    private void report(Throwable e, boolean withStack) {
        failures.failed(CallingIdentity.current(), called, 6, e, withStack);
    }

    @Test
    void shouldLogCallAndCallerAtALimitedRate() {
        Throwable e = new ArithmeticException("by zero");
        for (int i = 0; i < 1000; i++) {
            report(e, true);
        }

        String line = logged.lines().get(0);
        assertTrue(line.startsWith("WARNING a call to /dev/scripted failed"), line);
        assertTrue(line.contains("interface=" + INTERFACE + " code=0x6"), line);
        assertTrue(line.contains("caller: user "), line);
        assertTrue(line.endsWith("java.lang.ArithmeticException: by zero"), line);
        assertSame(e, logged.causes().get(0));
        assertTrue(logged.lines().size() < 100, "lines: " + logged.lines().size()); // as many as seconds have passed
    }

    @Test
    void shouldLogNoStackWhereThereIsNoneToShow() {
        report(new StackOverflowError("too deep"), false);

        assertTrue(logged.lines().get(0).endsWith("java.lang.StackOverflowError: too deep"));
        assertEquals(Collections.singletonList(null), logged.causes());
    }

    @Test
    void shouldTellOfARefusal() throws Exception {
        failures.refused(CallingIdentity.current(), called, 6, 700);

        String message = toldOf.take().getMessage();
        assertTrue(message.contains("refused a call nested in 700 others"), message);
        assertEquals(1, process.counters().servedFailures.sum());
        assertEquals(List.of(), uncaught);
    }

    @Test
    void shouldNotLogWhatTheHandlerGets() {
        report(new AssertionError(), true);

        assertEquals(List.of(), logged.lines());
    }

    /** The caller is still to be answered. */
    @Test
    void shouldThrowNothing() {
        report(
                new ArithmeticException() {
                    private static final long serialVersionUID = 1L;

                    @Override
                    public String toString() {
                        throw new IllegalStateException("the program's");
                    }
                },
                true);

        assertEquals(1, process.counters().servedFailures.sum());
    }

    /** Else a peer decides how much memory the events take that a slow listener has not been told. */
    @Test
    void shouldDropEventsThatComeFasterThanListenersReturn() throws Exception {
        CountDownLatch tell = new CountDownLatch(1);
        process.events().add(listener(() -> await(tell)));
        for (int i = 0; i < 2 * DeviceEvents.MAX_WAITING; i++) {
            process.servedFailures.failed(CallingIdentity.current(), null, i, new ArithmeticException(), false);
        }
        tell.countDown();
        process.events().publish(listener -> listener.onServedCallFailed("last", 0, 0, 0, null));

        int count = 0;
        while (!told.take().startsWith("last")) {
            count++;
        }
        assertTrue(count <= 2 * (DeviceEvents.MAX_WAITING + 1), count + " told to two listeners");
        assertEquals(
                2 * DeviceEvents.MAX_WAITING, process.counters().servedFailures.sum());
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
