package io.github.binder4j.bench.transport;

import android.os.Binder;
import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;
import io.github.binder4j.Blobs;
import io.github.binder4j.bench.result.Transports;
import io.github.binder4j.bench.worker.Connection;
import io.github.binder4j.bench.worker.Message;
import io.github.binder4j.bench.worker.Transport;

/**
 * A parcel of bytes, built once and sent again and again: what the library adds to the driver. The payload is a blob, whose
 * length and kind are eight bytes more than the other transports' messages have.
 */
final class Binder4j implements Transport {
    private static final int BLOB_HEADER_BYTES = 8;

    @Override
    public String name() {
        return Transports.BINDER4J;
    }

    @Override
    public void serve(String text, int threads) {
        Services.serve(text, threads, Service::new);
    }

    @Override
    public Connection connect(String text, int index) {
        return new Proxy(Services.find(text, index));
    }

    static final class Service extends Binder {
        private final Arrivals arrivals = new Arrivals();

        @Override
        protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
            if (code < Message.CALL || code > Message.FLUSH) {
                return super.onTransact(code, data, reply, flags);
            }
            int kind = data.readInt();
            int size = data.readInt();
            long sequence = data.readLong();
            if (kind != code) {
                throw new IllegalStateException("a message of kind " + kind + " came as " + code);
            }
            check(data, size);
            if (code == Message.ONEWAY) {
                arrivals.add();
                return true;
            }
            reply.writeInt(kind);
            reply.writeInt(code == Message.ECHO ? size : 0);
            reply.writeLong(code == Message.FLUSH ? arrivals.await(sequence) : sequence);
            if (code == Message.ECHO && size > 0) {
                reply.appendFrom(data, Message.HEADER_BYTES, data.dataSize() - Message.HEADER_BYTES);
            }
            return true;
        }
    }

    /** Refuses a message whose header says another size than it has, or whose payload was mixed up. */
    private static void check(Parcel parcel, int size) {
        int expected = Message.HEADER_BYTES + (size == 0 ? 0 : BLOB_HEADER_BYTES + size);
        if (parcel.dataSize() != expected) {
            throw new IllegalStateException(
                    "a message of " + size + " bytes came as " + parcel.dataSize() + " instead of " + expected);
        }
        if (size >= Long.BYTES) {
            int position = parcel.dataPosition();
            parcel.setDataPosition(parcel.dataSize() - Long.BYTES);
            Message.checkMarker(parcel.readLong());
            parcel.setDataPosition(position);
        }
    }

    static final class Proxy implements Connection {
        private final IBinder service;
        private final Parcel flush = message(Message.FLUSH, 0);
        private Parcel data;
        private int code;
        private int sizeBytes;

        Proxy(IBinder service) {
            this.service = service;
        }

        @Override
        public void prepare(String shape, int sizeBytes) {
            code = Shapes.kindOf(shape);
            this.sizeBytes = sizeBytes;
            if (data != null) {
                data.recycle();
            }
            data = message(code, sizeBytes);
        }

        private static Parcel message(int kind, int sizeBytes) {
            Parcel parcel = Parcel.obtain();
            parcel.writeInt(kind);
            parcel.writeInt(sizeBytes);
            parcel.writeLong(0);
            if (sizeBytes > 0) {
                Blobs.write(parcel, Message.payload(sizeBytes));
            }
            return parcel;
        }

        private static void number(Parcel parcel, long sequence) {
            parcel.setDataPosition(Message.SEQUENCE_OFFSET);
            parcel.writeLong(sequence);
        }

        @Override
        public void exchange(long sequence) throws RemoteException {
            transact(code, sizeBytes, data, sequence);
        }

        private void transact(int code, int sizeBytes, Parcel data, long sequence) throws RemoteException {
            number(data, sequence);
            Parcel reply = Parcel.obtain();
            try {
                service.transact(code, data, reply, 0);
                int kind = reply.readInt();
                int size = reply.readInt();
                Message.checkAnswer(kind, size, reply.readLong(), code, sizeBytes, sequence);
                check(reply, size);
            } finally {
                reply.recycle();
            }
        }

        @Override
        public void send(long sequence) throws RemoteException {
            number(data, sequence);
            service.transact(Message.ONEWAY, data, null, IBinder.FLAG_ONEWAY);
        }

        @Override
        public void flush(long sent) throws RemoteException {
            transact(Message.FLUSH, 0, flush, sent);
        }
    }
}
