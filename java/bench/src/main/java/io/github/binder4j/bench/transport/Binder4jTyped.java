package io.github.binder4j.bench.transport;

import android.os.RemoteException;
import io.github.binder4j.bench.result.Transports;
import io.github.binder4j.bench.worker.Connection;
import io.github.binder4j.bench.worker.Message;
import io.github.binder4j.bench.worker.Transport;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** A stub and a proxy as the aidl compiler makes them: byte arrays go through the Java heap of both sides. */
final class Binder4jTyped implements Transport {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    @Override
    public String name() {
        return Transports.BINDER4J_TYPED;
    }

    @Override
    public void serve(String text, int threads) {
        Services.serve(text, threads, Service::new);
    }

    @Override
    public Connection connect(String text, int index) {
        return new Caller(IBench.Stub.asInterface(Services.find(text, index)));
    }

    /** The interface has no room for the number of an echo but in its payload, if that is large enough. */
    private static boolean isNumbered(byte[] payload) {
        return payload.length >= 2 * Long.BYTES;
    }

    private static void check(byte[] payload) {
        if (payload.length >= Long.BYTES) {
            Message.checkMarker((long) LONG.get(payload, payload.length - Long.BYTES));
        }
    }

    private static final class Service extends IBench.Stub {
        private final Arrivals arrivals = new Arrivals();

        @Override
        public long call(long sequence, byte[] payload) {
            check(payload);
            return sequence;
        }

        @Override
        public byte[] echo(long sequence, byte[] payload) {
            check(payload);
            return payload;
        }

        @Override
        public void send(long sequence, byte[] payload) {
            check(payload);
            arrivals.add();
        }

        @Override
        public long flush(long sent) {
            return arrivals.await(sent);
        }
    }

    static final class Caller implements Connection {
        private final IBench service;
        private byte[] payload;
        private boolean echo;

        Caller(IBench service) {
            this.service = service;
        }

        @Override
        public void prepare(String shape, int sizeBytes) {
            echo = Shapes.kindOf(shape) == Message.ECHO;
            payload = new byte[sizeBytes];
            if (sizeBytes >= Long.BYTES) {
                LONG.set(payload, sizeBytes - Long.BYTES, Message.MARKER);
            }
        }

        @Override
        public void exchange(long sequence) throws RemoteException {
            if (echo) {
                echo(sequence);
            } else {
                Message.checkSequence(service.call(sequence, payload), sequence);
            }
        }

        private void echo(long sequence) throws RemoteException {
            if (isNumbered(payload)) {
                LONG.set(payload, 0, sequence);
            }
            byte[] answer = service.echo(sequence, payload);
            if (answer.length != payload.length) {
                throw new IllegalStateException("the echo is " + answer.length + " bytes instead of " + payload.length);
            }
            check(answer);
            if (isNumbered(answer)) {
                Message.checkSequence((long) LONG.get(answer, 0), sequence);
            }
        }

        @Override
        public void send(long sequence) throws RemoteException {
            service.send(sequence, payload);
        }

        @Override
        public void flush(long sent) throws RemoteException {
            Message.checkSequence(service.flush(sent), sent);
        }
    }
}
