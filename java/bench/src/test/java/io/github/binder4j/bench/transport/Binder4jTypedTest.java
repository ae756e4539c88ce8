package io.github.binder4j.bench.transport;

import static org.junit.jupiter.api.Assertions.assertThrows;

import android.os.RemoteException;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which answers pass. */
class Binder4jTypedTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 8, 16, 64})
    void shouldTakeTheSameBytesForAnEcho(int sizeBytes) throws RemoteException {
        Binder4jTyped.Caller caller = echoing(byte[]::clone, sizeBytes);
        caller.exchange(1);
        caller.exchange(2);
    }

    @Test
    void shouldRefuseAnEchoWithoutItsPayload() {
        assertThrows(
                IllegalStateException.class,
                () -> echoing(payload -> new byte[0], 64).exchange(1));
    }

    @Test
    void shouldRefuseAnEchoThatWasCut() {
        assertThrows(
                IllegalStateException.class,
                () -> echoing(payload -> Arrays.copyOfRange(payload, 8, 64), 64).exchange(1));
    }

    @Test
    void shouldRefuseTheEchoOfAnotherCall() throws RemoteException {
        byte[][] first = new byte[1][];
        Binder4jTyped.Caller caller = echoing(
                payload -> {
                    first[0] = first[0] == null ? payload.clone() : first[0];
                    return first[0];
                },
                64);
        caller.exchange(1);
        assertThrows(IllegalStateException.class, () -> caller.exchange(2));
    }

    @Test
    void shouldRefuseTheAnswerToAnotherCall() {
        Binder4jTyped.Caller caller = new Binder4jTyped.Caller(new Echoing(byte[]::clone));
        caller.prepare("call", 64);
        assertThrows(IllegalStateException.class, () -> caller.exchange(1));
    }

    private static Binder4jTyped.Caller echoing(UnaryOperator<byte[]> answer, int sizeBytes) {
        Binder4jTyped.Caller caller = new Binder4jTyped.Caller(new Echoing(answer));
        caller.prepare("echo", sizeBytes);
        return caller;
    }

    /** Echoes as it is told; the other answers are wrong. */
    private static final class Echoing extends IBench.Stub {
        private final UnaryOperator<byte[]> answer;

        Echoing(UnaryOperator<byte[]> answer) {
            this.answer = answer;
        }

        @Override
        public long call(long sequence, byte[] payload) {
            return sequence - 1;
        }

        @Override
        public byte[] echo(long sequence, byte[] payload) {
            return answer.apply(payload);
        }

        @Override
        public void send(long sequence, byte[] payload) {}

        @Override
        public long flush(long sent) {
            return -1;
        }
    }
}
