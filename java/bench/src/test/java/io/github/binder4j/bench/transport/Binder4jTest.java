package io.github.binder4j.bench.transport;

import static org.junit.jupiter.api.Assertions.assertThrows;

import android.os.Binder;
import android.os.Parcel;
import android.os.RemoteException;
import io.github.binder4j.bench.worker.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which answers pass, of a service in the same process, which needs no driver. */
class Binder4jTest {
    private static final long SEQUENCE = 7;

    @ParameterizedTest
    @ValueSource(ints = {0, 4, 8, 64})
    void shouldTakeTheAnswersOfItsService(int sizeBytes) throws RemoteException {
        Binder4j.Proxy proxy = new Binder4j.Proxy(new Binder4j.Service());
        for (String shape : new String[] {"call", "echo"}) {
            proxy.prepare(shape, sizeBytes);
            proxy.exchange(SEQUENCE);
            proxy.exchange(SEQUENCE + 1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        Message.CALL + ",0," + SEQUENCE, // an echo without its payload
        Message.ECHO + ",0," + SEQUENCE,
        Message.ECHO + ",64," + SEQUENCE, // which only says that it has one
        Message.CALL + ",64," + SEQUENCE,
    })
    void shouldRefuseAnEchoWithoutItsPayload(int kind, int size, long sequence) {
        assertRefused("echo", kind, size, sequence);
    }

    @ParameterizedTest
    @CsvSource({
        Message.ECHO + ",0," + SEQUENCE,
        Message.CALL + ",8," + SEQUENCE,
        Message.CALL + ",-4," + SEQUENCE,
        Message.CALL + ",0,8",
    })
    void shouldRefuseTheAnswerToSomethingElse(int kind, int size, long sequence) {
        assertRefused("call", kind, size, sequence);
    }

    private static void assertRefused(String shape, int kind, int size, long sequence) {
        Binder4j.Proxy proxy = new Binder4j.Proxy(new Answering(kind, size, sequence));
        proxy.prepare(shape, 64);
        assertThrows(IllegalStateException.class, () -> proxy.exchange(SEQUENCE));
    }

    @Test
    void shouldRefuseAMessageThatComesAsAnother() throws RemoteException {
        Binder4j.Service service = new Binder4j.Service();
        Parcel data = Parcel.obtain();
        Parcel reply = Parcel.obtain();
        data.writeInt(Message.CALL);
        data.writeInt(0);
        data.writeLong(SEQUENCE);
        service.transact(Message.CALL, data, reply, 0);
        assertThrows(IllegalStateException.class, () -> service.transact(Message.ECHO, data, reply, 0));
    }

    /** Answers everything with the same header. */
    private static final class Answering extends Binder {
        private final int kind;
        private final int size;
        private final long sequence;

        Answering(int kind, int size, long sequence) {
            this.kind = kind;
            this.size = size;
            this.sequence = sequence;
        }

        @Override
        protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) {
            reply.writeInt(kind);
            reply.writeInt(size);
            reply.writeLong(sequence);
            return true;
        }
    }
}
