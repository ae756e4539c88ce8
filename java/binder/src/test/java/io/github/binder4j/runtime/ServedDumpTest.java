package io.github.binder4j.runtime;

import static io.github.binder4j.driver.Commands.*;
import static io.github.binder4j.runtime.ScriptedProcess.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.Binder;
import android.os.IBinder;
import android.os.Parcel;
import android.os.ParcelFileDescriptor;
import io.github.binder4j.driver.ScriptedDriver;
import io.github.binder4j.driver.ScriptedDriver.Command;
import io.github.binder4j.files.OwnedDescriptor;
import io.github.binder4j.parcel.ParcelData;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** What a service writes to a caller's descriptor, which may be a pipe that nobody reads. */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD) // nothing else ends a thread in write(2)
class ServedDumpTest {
    private static final int EX_NONE = 0;
    private static final int EX_SECURITY = -1;
    private static final int EX_ILLEGAL_STATE = -5;

    /** Made by the test, whose thread is the scripted one. */
    private ScriptedProcess scripted;

    private ScriptedDriver driver;
    private final List<String> commands = new ArrayList<>();
    private OwnedDescriptor reading;
    private OwnedDescriptor writing;

    @BeforeEach
    void openPipe() throws Exception {
        OwnedDescriptor[] pipe = OwnedDescriptor.pipe();
        reading = pipe[0];
        writing = pipe[1];
    }

    @AfterEach
    void close() {
        reading.drop();
        writing.drop();
        if (scripted != null) {
            scripted.close();
        }
    }

    private void openDevice() {
        scripted = new ScriptedProcess();
        driver = scripted.driver;
    }

    private static final class Talkative extends Binder {
        private final int size;

        Talkative(int size) {
            this.size = size;
        }

        @Override
        protected void dump(FileDescriptor fd, PrintWriter out, String[] args) {
            for (int i = 0; i < size; i++) {
                out.write('x');
            }
        }
    }

    /** The exception code in the reply to a call with copies of {@link #writing}, each followed by nothing, and an int. */
    private int serve(Binder service, int code, int descriptors) throws Exception {
        openDevice();
        ByteBuffer data = ByteBuffer.allocate(descriptors * 24 + 4).order(ByteOrder.LITTLE_ENDIAN);
        long[] offsets = new long[descriptors];
        for (int i = 0; i < descriptors; i++) {
            offsets[i] = data.position();
            int number = OwnedDescriptor.duplicate(writing.java).detach();
            data.put(ints(0x66642a85, 0, number, 0, 1, 0));
        }
        driver.answer(returns -> returns.complete().transaction(scripted.lastPtr(), code, 0, data.array(), offsets));
        driver.answer(returns -> returns.complete());
        driver.answer(returns -> returns.reply(ints()));
        scripted.transact(parcelOf(ApiBridge.get().localObjectOf(service)), new ParcelData());
        Command reply = driver.commands(BC_REPLY).get(0);
        return reply.dataBuffer().getInt();
    }

    private String readAll() throws Exception {
        writing.close();
        try (FileInputStream in = new FileInputStream(reading.java)) {
            StringBuilder text = new StringBuilder();
            byte[] bytes = new byte[64 * 1024];
            for (int count = in.read(bytes); count > 0; count = in.read(bytes)) {
                text.append(new String(bytes, 0, count, StandardCharsets.US_ASCII));
            }
            return text.toString();
        }
    }

    private void fillPipe() throws Exception {
        new FileOutputStream(writing.java).write(new byte[64 * 1024]); // its size: pipe(7)
    }

    @Test
    void shouldWriteADump() throws Exception {
        assertEquals(EX_NONE, serve(new Talkative(1000), IBinder.DUMP_TRANSACTION, 1));
        assertEquals("x".repeat(1000), readAll());
    }

    @Test
    void shouldNotWaitForeverForTheReaderOfADump() throws Exception {
        fillPipe();
        assertEquals(EX_NONE, serve(new Talkative(1000), IBinder.DUMP_TRANSACTION, 1));
        assertEquals(64 * 1024 + 1000, readAll().length(), "who reads in the end finds all of it");
    }

    @Test
    void shouldSayThatADumpIsCut() throws Exception {
        assertEquals(EX_ILLEGAL_STATE, serve(new Talkative(1 << 20), IBinder.DUMP_TRANSACTION, 1));
        int size = readAll().length();
        assertTrue(size > 256 * 1024 && size < 1 << 20, size + " bytes");
    }

    @Test
    void shouldNotWaitForWhoAsksForADumpOfNothing() throws Exception {
        fillPipe();
        assertEquals(EX_NONE, serve(new Binder(), IBinder.DUMP_TRANSACTION, 1));
        assertEquals(64 * 1024, readAll().length());
    }

    // Shell commands: the scripted driver's caller is no user who may run them

    private final Binder withCommands = new Binder() {
        @Override
        public int handleShellCommand(
                ParcelFileDescriptor in, ParcelFileDescriptor out, ParcelFileDescriptor err, String[] args) {
            commands.add(Binder.getCallingUid() + " " + List.of(args));
            return 7;
        }
    };

    @Test
    void shouldRefuseACommandOfAnyUser() throws Exception {
        fillPipe();
        assertEquals(EX_SECURITY, serve(withCommands, IBinder.SHELL_COMMAND_TRANSACTION, 3));
        assertEquals(List.of(), commands);
    }

    @Test
    void shouldTouchNothingForACallerThatMayRunNoCommands() throws Exception {
        fillPipe();
        assertEquals(EX_SECURITY, serve(new Binder(), IBinder.SHELL_COMMAND_TRANSACTION, 3));
        assertEquals(64 * 1024, readAll().length());
    }

    private int commandBy(int uid, Binder service) throws Exception {
        Parcel data = Parcel.obtain();
        Parcel reply = Parcel.obtain();
        for (int i = 0; i < 3; i++) {
            data.writeFileDescriptor(writing.java);
        }
        data.writeInt(1);
        data.writeString("word");
        data.writeStrongBinder(null);
        data.writeStrongBinder(null);
        long own = Binder.clearCallingIdentity();
        Binder.restoreCallingIdentity((long) uid << Integer.SIZE | 4711);
        try {
            assertTrue(service.transact(IBinder.SHELL_COMMAND_TRANSACTION, data, reply, 0));
            reply.readException();
            return 0;
        } finally {
            Binder.restoreCallingIdentity(own);
            reply.recycle();
            data.recycle();
        }
    }

    @Test
    void shouldRunCommandsOfRootAdbAndTheObjectsOwnUser() throws Exception {
        for (int uid : new int[] {0, 2000, Binder.getCallingUid()}) {
            commandBy(uid, withCommands);
        }
        assertEquals(List.of("0 [word]", "2000 [word]", Binder.getCallingUid() + " [word]"), commands);
        for (int uid : new int[] {1, 1999, 2001, 1_000_000, -1, -2}) {
            SecurityException refused = assertThrows(SecurityException.class, () -> commandBy(uid, withCommands));
            assertTrue(refused.getMessage().contains("only callable by ADB"), refused.getMessage());
            assertFalse(commands.size() > 3);
        }
    }

    @Test
    void shouldTellAReceiverOfAnotherProcessThatTheCommandIsRefused() throws Exception {
        openDevice();
        RemoteObject receiver = scripted.receive(5);
        driver.forgetCalls();
        driver.answer(returns -> returns.complete()
                .transaction(scripted.lastPtr(), IBinder.SHELL_COMMAND_TRANSACTION, 0, commandFor(5), 72 + 4 + 28));
        driver.answer(returns -> returns.complete()); // of the oneway call to the receiver
        driver.answer(returns -> returns.complete());
        driver.answer(returns -> returns.reply(ints()));
        scripted.transact(parcelOf(ApiBridge.get().localObjectOf(withCommands)), new ParcelData());

        Command told = driver.commands(BC_TRANSACTION).get(1);
        assertEquals(receiver.handle(), told.longAt(0));
        byte[] data = told.data();
        assertArrayEquals(ints(-1, 0), java.util.Arrays.copyOfRange(data, data.length - 8, data.length));
        assertEquals(EX_SECURITY, driver.commands(BC_REPLY).get(0).dataBuffer().getInt());
    }

    /** No descriptors, no words, no callback, a receiver. */
    private static byte[] commandFor(int handle) {
        return ByteBuffer.allocate(72 + 4 + 28 + 28)
                .put(new byte[72 + 4])
                .put(flatBinder(0))
                .put(flatHandle(handle))
                .array();
    }
}
