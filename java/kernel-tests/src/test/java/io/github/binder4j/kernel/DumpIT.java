package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.Binder;
import android.os.IBinder;
import android.os.ParcelFileDescriptor;
import android.os.RemoteException;
import android.os.ServiceManager;
import io.github.binder4j.ShellCommands;
import io.github.binder4j.testkit.BinderTest;
import io.github.binder4j.testkit.JavaProcess;
import java.io.BufferedInputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a service says of itself, and its commands, written to descriptors of the caller's. */
@BinderTest(serviceManager = true)
class DumpIT {
    /** Sixteen pages: pipe(7). */
    private static final int PIPE_CAPACITY = 64 * 1024;

    private static JavaProcess process;
    private static IBinder service;

    /** Describes itself by the arguments it was given; has one command, which shouts what it reads. */
    static final class Described extends Binder {
        public static void main(String[] args) {
            ServiceManager.addService("described", new Described());
            ServiceManager.addService("plain", new Binder());
            System.out.println(Peer.READY);
            Binder.joinThreadPool();
        }

        @Override
        protected void dump(FileDescriptor fd, PrintWriter fout, String[] args) {
            if (args.length == 1 && args[0].equals("secret")) {
                throw new SecurityException("not for you");
            }
            fout.print("described with " + String.join(",", args));
        }

        @Override
        public int handleShellCommand(
                ParcelFileDescriptor in, ParcelFileDescriptor out, ParcelFileDescriptor err, String[] args) {
            try {
                new FileOutputStream(out.getFileDescriptor())
                        .write(read(in).toUpperCase().getBytes());
                new FileOutputStream(err.getFileDescriptor()).write(args[0].getBytes());
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
            return args.length + 40;
        }
    }

    @BeforeAll
    static void start() {
        process = JavaProcess.start(Described.class);
        process.awaitLine(Peer.READY);
        service = ServiceManager.getService("described");
    }

    @AfterAll
    static void end() {
        process.close();
    }

    private static String read(ParcelFileDescriptor end) throws IOException {
        try (InputStream in = new BufferedInputStream(new ParcelFileDescriptor.AutoCloseInputStream(end))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private interface Dump {
        void into(FileDescriptor fd) throws RemoteException;
    }

    /** What {@code dump} writes; ends because nobody has the writing end any more, here or there. */
    private static String written(Dump dump) throws Exception {
        ParcelFileDescriptor[] pipe = ParcelFileDescriptor.createPipe();
        try (ParcelFileDescriptor end = pipe[1]) {
            dump.into(end.getFileDescriptor());
        }
        return read(pipe[0]);
    }

    @Test
    void shouldDumpIntoTheCallersDescriptor() throws Exception {
        assertEquals("described with -a,b", written(fd -> service.dump(fd, new String[] {"-a", "b"})));
        assertEquals("described with ", written(fd -> service.dump(fd, null)));
        assertEquals("described with c", written(fd -> service.dumpAsync(fd, new String[] {"c"})));
        assertEquals("described with d", written(fd -> new Described().dump(fd, new String[] {"d"})));
    }

    /** A pipe that is full, whose reader comes later: what was written by then is there. */
    @Test
    void shouldAnswerACallerThatReadsNothing() throws Exception {
        IBinder plain = ServiceManager.getService("plain");
        ParcelFileDescriptor[] pipe = ParcelFileDescriptor.createPipe();
        try (ParcelFileDescriptor end = pipe[1]) {
            FileDescriptor full = end.getFileDescriptor();
            new FileOutputStream(full).write(new byte[PIPE_CAPACITY]);

            service.dump(full, new String[] {"a"});
            plain.dump(full, null);
            assertEquals(0, ShellCommands.run(plain, full, full, full, "x").get(60, TimeUnit.SECONDS));
            assertTrue(service.pingBinder());
        }

        String said = read(pipe[0]).substring(PIPE_CAPACITY);
        assertTrue(said.contains("described with a"), said);
        assertTrue(said.contains("No shell command implementation"), said);
    }

    @Test
    void shouldPassOnWhatDumpThrows() throws Exception {
        written(fd -> {
            SecurityException thrown =
                    assertThrows(SecurityException.class, () -> service.dump(fd, new String[] {"secret"}));
            assertEquals("not for you", thrown.getMessage());
        });
    }

    @Test
    void shouldRunACommandAndTellItsResult() throws Exception {
        ParcelFileDescriptor[] in = ParcelFileDescriptor.createPipe();
        ParcelFileDescriptor[] out = ParcelFileDescriptor.createPipe();
        ParcelFileDescriptor[] err = ParcelFileDescriptor.createPipe();
        new FileOutputStream(in[1].getFileDescriptor()).write("hello".getBytes());
        in[1].close();

        int result = ShellCommands.run(
                        service,
                        in[0].getFileDescriptor(),
                        out[1].getFileDescriptor(),
                        err[1].getFileDescriptor(),
                        "shout",
                        "now")
                .get(60, TimeUnit.SECONDS);
        in[0].close();
        out[1].close();
        err[1].close();

        assertEquals(42, result);
        assertEquals("HELLO", read(out[0]));
        assertEquals("shout", read(err[0]));
    }

    @Test
    void shouldSayThatAServiceHasNoCommands() throws Exception {
        IBinder none = new Binder();
        String said = written(fd -> {
            try {
                assertEquals(0, ShellCommands.run(none, fd, fd, fd, "x").get(60, TimeUnit.SECONDS));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        assertTrue(said.contains("No shell command implementation"), said);
    }
}
