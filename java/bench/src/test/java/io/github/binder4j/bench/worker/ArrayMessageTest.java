package io.github.binder4j.bench.worker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArrayMessageTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 7, 8, 64})
    void shouldBeTheMessageThatOthersSend(int sizeBytes) {
        byte[] message = ArrayMessage.of(Message.ECHO, sizeBytes);
        ArrayMessage.setSequence(message, 0x0102_0304_0506_0708L);
        ByteBuffer other = Message.of(Message.ECHO, sizeBytes).putLong(Message.SEQUENCE_OFFSET, 0x0102_0304_0506_0708L);
        byte[] bytes = new byte[other.remaining()];
        other.get(bytes);
        assertArrayEquals(bytes, message);
    }

    @Test
    void shouldAnswerCallWithItsSequenceAndNoPayload() {
        byte[] message = message(Message.CALL, 64, 5);
        byte[] answer = ArrayMessage.answer(message);
        assertEquals(Message.HEADER_BYTES, answer.length);
        ArrayMessage.checkAnswer(answer, message);
    }

    @Test
    void shouldAnswerEchoWithTheMessage() {
        byte[] message = message(Message.ECHO, 64, 5);
        assertSame(message, ArrayMessage.answer(message));
        ArrayMessage.checkAnswer(message.clone(), message);
    }

    @Test
    void shouldRefuseAnswerToAnotherMessage() {
        byte[] answer = ArrayMessage.answer(message(Message.CALL, 64, 5));
        assertRefused(() -> ArrayMessage.checkAnswer(answer, message(Message.CALL, 64, 6)));
    }

    @Test
    void shouldRefuseEchoWithoutPayload() {
        byte[] answer = ArrayMessage.answer(message(Message.CALL, 64, 5));
        assertRefused(() -> ArrayMessage.checkAnswer(answer, message(Message.ECHO, 64, 5)));
    }

    @Test
    void shouldRefuseAnswerOfAnotherKind() {
        byte[] answer = ArrayMessage.arrived(5);
        assertRefused(() -> ArrayMessage.checkAnswer(answer, message(Message.CALL, 64, 5)));
    }

    @Test
    void shouldRefuseWhatWasCut() {
        byte[] message = message(Message.CALL, 64, 5);
        assertRefused(() -> ArrayMessage.check(Arrays.copyOf(message, message.length - 1)));
    }

    @Test
    void shouldRefuseWhatDoesNotEndWithTheMarker() {
        byte[] message = message(Message.CALL, 64, 5);
        message[message.length - 1]++;
        assertRefused(() -> ArrayMessage.answer(message));
    }

    @Test
    void shouldRefuseToAnswerWhatIsNotAnswered() {
        assertRefused(() -> ArrayMessage.answer(message(Message.ONEWAY, 64, 5)));
    }

    @Test
    void shouldTellHowManyHaveArrived() {
        ArrayMessage.checkAnswer(ArrayMessage.arrived(7), message(Message.FLUSH, 0, 7));
    }

    private static byte[] message(int kind, int sizeBytes, long sequence) {
        byte[] message = ArrayMessage.of(kind, sizeBytes);
        ArrayMessage.setSequence(message, sequence);
        return message;
    }

    private static void assertRefused(Runnable work) {
        assertThrows(IllegalStateException.class, work::run);
    }
}
