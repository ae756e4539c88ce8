package io.github.binder4j.kernel;

import static io.github.binder4j.kernel.RawClient.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.BadParcelableException;
import android.os.IBinder;
import android.os.ServiceManager;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.kernel.HostileParcels.NoBinder;
import io.github.binder4j.kernel.HostileParcels.Refused;
import io.github.binder4j.kernel.HostileParcels.Token;
import io.github.binder4j.kernel.RawClient.Event;
import io.github.binder4j.natives.BinderNative;
import io.github.binder4j.testkit.BinderTest;
import io.github.binder4j.testkit.JavaProcess;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The service manager under attack, and a manager that attacks those who ask it. */
@Tag("binderfs")
@BinderTest(serviceManager = true)
class HostileManagerIT {
    private static final String DESCRIPTOR = "android.os.IServiceManager";
    private static final int GET = 1;
    private static final int ADD = 5;
    private static final int LIST = 6;

    private static final int SECURITY = -1;
    private static final int BAD_PARCELABLE = -2;
    private static final int ILLEGAL_ARGUMENT = -3;
    private static final int UNKNOWN_TRANSACTION = -74;
    private static final long OWN = 0x1000;

    private static BinderLogs log;
    private static IBinder service;

    private RawClient raw;

    @BeforeAll
    static void addService() {
        log = BinderLogs.ofTheOnlyProcess();
        service = new Peer();
        ServiceManager.addService("good", service);
    }

    @BeforeEach
    void openRaw() {
        raw = new RawClient(BinderDevice.getDefault().path());
    }

    @AfterEach
    void checkThatTheManagerIsWellAndHoldsNothing() throws Exception {
        raw.close();
        Await.until(
                () -> ServiceManager.listServices().length == 2, () -> String.join(" ", ServiceManager.listServices()));
        assertArrayEquals(new String[] {"good", "manager"}, ServiceManager.listServices());
        assertSame(service, ServiceManager.getService("good"));
        Await.until(() -> log.records("buffer").isEmpty(), () -> log);
    }

    private static RawParcel arguments() {
        return new RawParcel(300_000).token(DESCRIPTOR);
    }

    private int call(int code, RawParcel arguments, String what) {
        raw.transaction(BC_TRANSACTION_SG, 0, code, 0, arguments);
        Event reply = raw.outcome(event -> {});
        assertEquals(BR_REPLY, reply.command, what);
        int answer = reply.int32();
        assertTrue(reply.data.limit() < 2000, what + ": " + reply);
        raw.free(reply);
        raw.writeAll();
        return answer;
    }

    @Test
    void shouldNeverSeeWhatTheDriverRefuses() {
        for (Refused refused : Refused.values()) {
            RawParcel arguments = arguments().string16("bad");
            refused.write(arguments);
            assertEquals(BR_FAILED_REPLY, raw.call(0, ADD, arguments).command, refused::name);
        }
    }

    @Test
    void shouldListNothingThatIsNoBinder() {
        for (NoBinder object : NoBinder.values()) {
            RawParcel arguments = arguments().string16("bad");
            object.write(arguments);
            assertEquals(BAD_PARCELABLE, call(ADD, arguments.int32(0).int32(8), object.name()));
        }
        assertEquals(ILLEGAL_ARGUMENT, call(ADD, arguments().string16("bad"), "no object"));
    }

    @Test
    void shouldListNothingWithoutAName() {
        for (String name : List.of("", " ", "a b", "\0", "x".repeat(128), "x".repeat(100_000))) {
            assertEquals(
                    ILLEGAL_ARGUMENT, call(ADD, arguments().string16(name).binder(OWN), name.length() + " characters"));
        }
        for (int length : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            assertEquals(ILLEGAL_ARGUMENT, call(ADD, arguments().int32(length).binder(OWN), "of length " + length));
        }
    }

    @Test
    void shouldFindNothingUnderNamesThatAreNone() {
        for (RawParcel name :
                List.of(arguments(), arguments().int32(-1), arguments().int32(Integer.MAX_VALUE))) {
            assertEquals(0, call(GET, name, "exception"));
        }
    }

    @Test
    void shouldRefuseCallsThatAreNotMeantForIt() {
        for (Token token : Token.values()) {
            if (token != Token.OTHER_INTERFACE) {
                RawParcel arguments = new RawParcel();
                token.write(arguments);
                assertEquals(SECURITY, call(LIST, arguments, token.name()));
                assertEquals(BR_TRANSACTION_COMPLETE, raw.oneway(0, ADD, arguments), token::name);
            }
        }
        for (int code : new int[] {99, 0x00ffffff}) {
            assertEquals(UNKNOWN_TRANSACTION, call(code, arguments(), "code"));
        }
    }

    @Test
    void shouldListAnyNumberOfTimesAndForgetTheDead() throws Exception {
        for (int i = 0; i < 200; i++) {
            raw.addService("again", OWN + 16L * (i % 10));
        }
        assertNotNull(ServiceManager.getService("again"));
        raw.close();

        Await.until(() -> ServiceManager.getService("again") == null, () -> "the dead service is still listed");
    }

    /** Who cannot receive is called, and is not answered. */
    @Test
    void shouldServeCallersThatHaveNoRoomForAnAnswer() {
        try (RawClient roomless = new RawClient(BinderDevice.getDefault().path(), 0)) {
            assertEquals(BR_DEAD_REPLY, roomless.call(0, LIST, arguments()).command);
            assertEquals(BR_DEAD_REPLY, roomless.offer("roomless", OWN).command);
            assertNotNull(ServiceManager.getService("roomless"));
        }
    }

    // A hostile manager, in a process of its own: no process may call its own handle 0 through the driver

    /** Answers whoever asks for a service with what the service's name says. Arguments: the device. */
    static final class HostileManager {
        static final String READY = "hostile: ready";

        public static void main(String[] args) {
            try (RawClient raw = new RawClient(Path.of(args[0]))) {
                raw.becomeContextManager();
                raw.command(BC_ENTER_LOOPER).writeAll();
                System.out.println(READY);
                while (true) {
                    Event event = raw.poll(1000);
                    if (event != null && event.command == BR_TRANSACTION) {
                        answer(raw, event);
                    }
                }
            }
        }

        private static void answer(RawClient raw, Event call) {
            byte[] data = new byte[call.data.remaining()];
            call.data.get(data);
            String words = new String(data, StandardCharsets.UTF_16LE);
            RawParcel reply = new RawParcel();
            if (call.code == LIST) {
                reply.int32(0).int32(Integer.MAX_VALUE).zeros(64);
            } else if (words.contains("status")) {
                raw.reply(call, TF_STATUS_CODE, reply.int32(SECURITY));
                return;
            } else if (words.contains("thrown")) {
                reply.int32(SECURITY).string16("no").int32(0);
            } else if (words.contains("no-binder")) {
                reply.int32(0).zeros(28);
            } else if (words.contains("garbage")) {
                reply.int32(0).zeros(28).offset(3);
            }
            raw.free(call);
            raw.transaction(BC_REPLY, 0, 0, 0, reply).write();
        }
    }

    @Test
    void shouldSayWhatIsWrongWithAManager() {
        assertTrue(BinderNative.addDevice("/dev/binderfs/binder-control", "hostile") >= 0);
        Path device = Path.of("/dev/binderfs/hostile");
        try (JavaProcess manager = JavaProcess.start(HostileManager.class, device.toString())) {
            manager.awaitLine(HostileManager.READY);
            BinderDevice.getDefault().close();
            System.setProperty("binder4j.device", device.toString());

            assertNull(ServiceManager.getService("empty"));
            assertThrows(SecurityException.class, () -> ServiceManager.getService("status"));
            assertThrows(SecurityException.class, () -> ServiceManager.addService("thrown", service));
            assertThrows(BadParcelableException.class, () -> ServiceManager.getService("no-binder"));
            assertThrows(IllegalStateException.class, () -> ServiceManager.getService("garbage"));
            assertThrows(IllegalStateException.class, ServiceManager::listServices);
            assertFalse(BinderDevice.getDefault().liveBuffers() > 1);
        } finally {
            BinderDevice.getDefault().close();
            System.clearProperty("binder4j.device");
            ServiceManager.addService("good", service);
        }
    }
}
