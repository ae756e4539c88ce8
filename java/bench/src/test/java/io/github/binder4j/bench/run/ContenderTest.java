package io.github.binder4j.bench.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is made of the answers of workers, which here are shells. */
@Timeout(60)
class ContenderTest {
    private static final Work CALL = Work.oneway(64);

    @TempDir
    Path directory;

    private Contender contender;

    @AfterEach
    void end() {
        contender.client().close();
    }

    @Test
    void shouldReadWhatWasDone() throws IOException {
        contender = thatRuns("read command && echo done 7 8000 -");
        Contender.Done done = contender.oneway(CALL, 10);
        assertEquals(7, done.calls());
        assertEquals(8000, done.nanos());
        assertNull(done.allocatedBytes());
    }

    @Test
    void shouldSayWhatATransportCannot() throws IOException {
        contender = thatRuns("read command && echo unsupported it has no queue");
        IOException why = assertThrows(Contender.UnsupportedException.class, () -> contender.oneway(CALL, 10));
        assertEquals("it has no queue", why.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "echo \\# A fatal error has been detected,its JVM crashed",
        "echo 7,cannot understand its answer",
        "echo failed: no room,failed: no room",
        "exit 3,ended with status 3",
        "echo said to err >&2; exit 1,said to err",
    })
    void shouldSayHowAWorkerFailed(String instead, String words) throws IOException {
        contender = thatRuns("read command && " + instead);
        WorkerFailedException failure = assertThrows(WorkerFailedException.class, () -> contender.oneway(CALL, 10));
        assertTrue(failure.getMessage().contains(words), failure.getMessage());
        assertTrue(failure.getMessage().startsWith("shell"), failure.getMessage());
    }

    private Contender thatRuns(String script) throws IOException {
        WorkerProcess client = new WorkerProcess(
                "shell client", List.of("sh", "-c", "echo ready; " + script + "; read end"), directory);
        client.awaitReady("ready");
        return new Contender("shell", false, "1 service", List.of(), client);
    }
}
