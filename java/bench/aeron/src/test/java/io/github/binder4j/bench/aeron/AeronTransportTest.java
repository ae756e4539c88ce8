package io.github.binder4j.bench.aeron;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.binder4j.bench.transport.BuiltIn;
import io.github.binder4j.bench.worker.Connection;
import io.github.binder4j.bench.worker.Message;
import io.github.binder4j.bench.worker.Transport;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections check every answer: its sequence, its length and the marker at its end. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AeronTransportTest {
    @TempDir
    private static Path directory;

    private static Connection connection;
    private static Connection another;

    /** One transport serves and another calls, as in two processes. */
    @BeforeAll
    static void connect() throws Exception {
        String address = directory.resolve("address").toString();
        BuiltIn.find("aeron").serve(address, 2);
        Transport client = BuiltIn.find("aeron");
        connection = client.connect(address, 0);
        another = client.connect(address, 1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 64, 65_536, Message.MAX_PAYLOAD_BYTES})
    void shouldAnswerCalls(int sizeBytes) throws Exception {
        connection.prepare("call", sizeBytes);
        connection.exchange(1);
        connection.exchange(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 64, 65_536, Message.MAX_PAYLOAD_BYTES})
    void shouldEchoPayloads(int sizeBytes) throws Exception {
        connection.prepare("echo", sizeBytes);
        connection.exchange(1);
        connection.exchange(2);
    }

    @Test
    void shouldServeConnectionsSideBySide() throws Exception {
        connection.prepare("call", 64);
        another.prepare("echo", 4096);
        for (int i = 0; i < 100; i++) {
            connection.exchange(i);
            another.exchange(1000 + i);
        }
    }

    /** The sizes are so different that a transport may change its ways between them. */
    @Test
    void shouldCountMessagesWithoutAnswerUntilFlush() throws Exception {
        another.prepare("oneway", 64);
        another.flush(send(0, 100));
        another.prepare("oneway", Message.MAX_PAYLOAD_BYTES);
        another.flush(send(100, 3));
        another.send(104);
        assertThrows(IllegalStateException.class, () -> another.flush(103));
    }

    private static long send(long before, int count) throws Exception {
        for (int i = 1; i <= count; i++) {
            another.send(before + i);
        }
        return before + count;
    }

    @Test
    void shouldRefuseUnknownWork() {
        assertThrows(UnsupportedOperationException.class, () -> connection.prepare("sing", 64));
    }

    /** These tests run with the options that are said to be needed, and with no other. */
    @Test
    void shouldNameTheOptionsItNeeds() {
        List<String> given = ManagementFactory.getRuntimeMXBean().getInputArguments();
        assertEquals(
                new AeronTransport().jvmOptions(),
                given.stream().filter(option -> option.startsWith("--")).toList());
    }
}
