package io.github.binder4j.bench.transport;

import android.os.Binder;
import android.os.IBinder;
import android.os.IInterface;
import android.os.Parcel;
import android.os.RemoteException;

/** An interface with the stub and the proxy that the aidl compiler would write for it. */
interface IBench extends IInterface {
    String DESCRIPTOR = "io.github.binder4j.bench.IBench";

    /** Takes bytes; returns the sequence number. */
    long call(long sequence, byte[] payload) throws RemoteException;

    /** Takes bytes and returns them. */
    byte[] echo(long sequence, byte[] payload) throws RemoteException;

    /** Takes bytes; oneway. */
    void send(long sequence, byte[] payload) throws RemoteException;

    /** Returns how many {@link #send} calls have come, when there are so many. */
    long flush(long sent) throws RemoteException;

    /** The service's side. */
    abstract class Stub extends Binder implements IBench {
        static final int TRANSACTION_CALL = FIRST_CALL_TRANSACTION;
        static final int TRANSACTION_ECHO = FIRST_CALL_TRANSACTION + 1;
        static final int TRANSACTION_SEND = FIRST_CALL_TRANSACTION + 2;
        static final int TRANSACTION_FLUSH = FIRST_CALL_TRANSACTION + 3;

        @SuppressWarnings("this-escape") // only remembered until the object is sent
        protected Stub() {
            attachInterface(this, DESCRIPTOR);
        }

        static IBench asInterface(IBinder binder) {
            if (binder == null) {
                return null;
            }
            return binder.queryLocalInterface(DESCRIPTOR) instanceof IBench local ? local : new Proxy(binder);
        }

        @Override
        public IBinder asBinder() {
            return this;
        }

        @Override
        protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
            if (code >= FIRST_CALL_TRANSACTION && code <= LAST_CALL_TRANSACTION) {
                data.enforceInterface(DESCRIPTOR);
            }
            switch (code) {
                case TRANSACTION_CALL -> {
                    long result = call(data.readLong(), data.createByteArray());
                    reply.writeNoException();
                    reply.writeLong(result);
                }
                case TRANSACTION_ECHO -> {
                    byte[] result = echo(data.readLong(), data.createByteArray());
                    reply.writeNoException();
                    reply.writeByteArray(result);
                }
                case TRANSACTION_SEND -> send(data.readLong(), data.createByteArray());
                case TRANSACTION_FLUSH -> {
                    long result = flush(data.readLong());
                    reply.writeNoException();
                    reply.writeLong(result);
                }
                default -> {
                    return super.onTransact(code, data, reply, flags);
                }
            }
            return true;
        }
    }

    /** The client's side. */
    final class Proxy implements IBench {
        private final IBinder remote;

        Proxy(IBinder remote) {
            this.remote = remote;
        }

        @Override
        public IBinder asBinder() {
            return remote;
        }

        @Override
        public long call(long sequence, byte[] payload) throws RemoteException {
            Parcel data = Parcel.obtain();
            Parcel reply = Parcel.obtain();
            try {
                data.writeInterfaceToken(DESCRIPTOR);
                data.writeLong(sequence);
                data.writeByteArray(payload);
                remote.transact(Stub.TRANSACTION_CALL, data, reply, 0);
                reply.readException();
                return reply.readLong();
            } finally {
                reply.recycle();
                data.recycle();
            }
        }

        @Override
        public byte[] echo(long sequence, byte[] payload) throws RemoteException {
            Parcel data = Parcel.obtain();
            Parcel reply = Parcel.obtain();
            try {
                data.writeInterfaceToken(DESCRIPTOR);
                data.writeLong(sequence);
                data.writeByteArray(payload);
                remote.transact(Stub.TRANSACTION_ECHO, data, reply, 0);
                reply.readException();
                return reply.createByteArray();
            } finally {
                reply.recycle();
                data.recycle();
            }
        }

        @Override
        public void send(long sequence, byte[] payload) throws RemoteException {
            Parcel data = Parcel.obtain();
            try {
                data.writeInterfaceToken(DESCRIPTOR);
                data.writeLong(sequence);
                data.writeByteArray(payload);
                remote.transact(Stub.TRANSACTION_SEND, data, null, IBinder.FLAG_ONEWAY);
            } finally {
                data.recycle();
            }
        }

        @Override
        public long flush(long sent) throws RemoteException {
            Parcel data = Parcel.obtain();
            Parcel reply = Parcel.obtain();
            try {
                data.writeInterfaceToken(DESCRIPTOR);
                data.writeLong(sent);
                remote.transact(Stub.TRANSACTION_FLUSH, data, reply, 0);
                reply.readException();
                return reply.readLong();
            } finally {
                reply.recycle();
                data.recycle();
            }
        }
    }
}
