package io.github.binder4j.bench.transport;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.binder4j.bench.worker.Message;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which answers pass. */
class FramedTest {
    @ParameterizedTest
    @CsvSource({"call,0", "call,64", "echo,0", "echo,64"})
    void shouldTakeTheAnswer(String shape, int sizeBytes) throws IOException {
        int kind = Shapes.kindOf(shape);
        exchange(shape, sizeBytes, kind, kind == Message.ECHO ? sizeBytes : 0, 7);
    }

    @ParameterizedTest
    @CsvSource({
        "echo,1,0,7", // an answer without its payload
        "echo,2,0,7",
        "echo,2,56,7",
        "echo,2,64,8",
        "call,1,64,7",
        "call,1,0,8",
        "call,4,0,7",
    })
    void shouldRefuseTheAnswerToSomethingElse(String shape, int kind, int size, long sequence) {
        assertThrows(IllegalStateException.class, () -> exchange(shape, 64, kind, size, sequence));
    }

    /** Makes the seventh exchange with a server that answers so. */
    private static void exchange(String shape, int sizeBytes, int kind, int size, long sequence) throws IOException {
        ByteBuffer answer = Message.of(kind, size).putLong(Message.SEQUENCE_OFFSET, sequence);
        byte[] bytes = new byte[answer.remaining()];
        answer.get(bytes);
        Framed connection = new Framed(
                Channels.newChannel(new ByteArrayInputStream(bytes)), Channels.newChannel(new ByteArrayOutputStream()));
        connection.prepare(shape, sizeBytes);
        connection.exchange(7);
    }
}
