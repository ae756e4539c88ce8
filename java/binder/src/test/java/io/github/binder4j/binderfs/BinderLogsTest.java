package io.github.binder4j.binderfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logs in a directory, wherever that comes from. */
class BinderLogsTest {
    private static final String PROCESS = "proc 5\ncontext binder\n  thread 6: l 12 need_return 0 tr 0\n";
    private static final String CALL = "7: call  from 5:6 to 8:0 context binder node 9 handle 1 size 4:0 ret 0/0 l=0\n";

    @TempDir
    private Path directory;

    @BeforeEach
    void write() throws IOException {
        Files.createDirectory(directory.resolve("proc"));
        write("state", "binder state:\n" + PROCESS);
        write("transactions", "binder transactions:\n");
        write("stats", "binder stats:\nBC_REPLY: 3\n");
        write("transaction_log", CALL);
        write("failed_transaction_log", "");
        write("proc/10", "binder proc state:\n");
        write("proc/5", "binder proc state:\n" + PROCESS);
    }

    private void write(String file, String text) throws IOException {
        Files.writeString(directory.resolve(file), text);
    }

    @Test
    void shouldReadEachFileForWhatItIs() throws IOException {
        BinderLogs logs = BinderLogs.at(directory);

        assertEquals(directory, logs.directory());
        assertEquals(1, logs.state().processes().size());
        assertEquals(List.of(), logs.transactions().processes());
        assertEquals(3, logs.stats().counters().command("BC_REPLY"));
        assertEquals(7, logs.transactionLog().transactions().get(0).id());
        assertEquals(List.of(), logs.failedTransactionLog().transactions());
        assertEquals(List.of(5, 10), List.copyOf(logs.pids()));
        assertEquals(6, logs.process(5).processes().get(0).threads().get(0).tid());
    }

    @Test
    void shouldReadAnewEachTime() throws IOException {
        BinderLogs logs = BinderLogs.at(directory);
        logs.transactionLog();

        write("transaction_log", CALL + CALL);

        assertEquals(2, logs.transactionLog().transactions().size());
    }

    @Test
    void shouldReadNamesOfAnyBytes() throws IOException {
        Files.write(directory.resolve("state"), new byte[] {
            'p', 'r', 'o', 'c', ' ', '5', '\n', 'c', 'o', 'n', 't', 'e', 'x', 't', ' ', (byte) 0xff, '\n'
        });

        assertEquals(
                "\ufffd", BinderLogs.at(directory).state().processes().get(0).context());
    }

    @Test
    void shouldSayThatAProcessHasNoDeviceOpen() throws IOException {
        BinderLogs logs = BinderLogs.at(directory);

        assertThrows(NoSuchFileException.class, () -> logs.process(99));
        assertEquals(Set.of(5, 10), logs.pids());
    }

    @Test
    void shouldSayHowToGetLogsWhereThereAreNone() {
        Path elsewhere = directory.resolve("proc");

        NoSuchFileException thrown = assertThrows(NoSuchFileException.class, () -> BinderLogs.at(elsewhere));

        assertTrue(thrown.getMessage().startsWith(elsewhere.toString()), thrown.getMessage());
        assertTrue(thrown.getMessage().contains("stats=global"), thrown.getMessage());
        assertTrue(thrown.getMessage().contains("mount -t debugfs"), thrown.getMessage());
    }
}
