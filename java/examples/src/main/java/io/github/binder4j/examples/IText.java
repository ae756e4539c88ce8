package io.github.binder4j.examples;

import android.os.Binder;
import android.os.IBinder;
import android.os.IInterface;
import android.os.Parcel;
import android.os.RemoteException;
import io.github.binder4j.BlobView;
import io.github.binder4j.Blobs;
import java.nio.ByteBuffer;

/** The example's interface, with the stub and proxy that the aidl compiler would write for it. */
public interface IText extends IInterface {
    String DESCRIPTOR = "io.github.binder4j.examples.IText";

    /** Returns the text turned round and in capitals. */
    String transform(String text) throws RemoteException;

    /** Tells the service something and does not wait: a oneway call. */
    void note(String text) throws RemoteException;

    /** Delivers data and learns what became of it over there. */
    Receipt deliver(ByteBuffer data) throws RemoteException;

    /** Has the service call {@code listener} back before this returns; tells it the last note. */
    void callBack(ITextListener listener) throws RemoteException;

    /** What the receiver saw: a checksum, and where in the driver's mapping the data lay (-1: not in it). */
    record Receipt(long checksum, long offsetInMapping) {}

    /** The service's side: unpacks a call. */
    abstract class Stub extends Binder implements IText {
        static final int TRANSACTION_TRANSFORM = FIRST_CALL_TRANSACTION;
        static final int TRANSACTION_NOTE = FIRST_CALL_TRANSACTION + 1;
        static final int TRANSACTION_DELIVER = FIRST_CALL_TRANSACTION + 2;
        static final int TRANSACTION_CALL_BACK = FIRST_CALL_TRANSACTION + 3;

        @SuppressWarnings("this-escape") // only remembered until the object is sent
        protected Stub() {
            attachInterface(this, DESCRIPTOR);
        }

        /** The object itself if it lives in this process, else a proxy; the caller need not know which. */
        public static IText asInterface(IBinder binder) {
            if (binder == null) {
                return null;
            }
            return binder.queryLocalInterface(DESCRIPTOR) instanceof IText local ? local : new Proxy(binder);
        }

        @Override
        public IBinder asBinder() {
            return this;
        }

        /** What was delivered, read where it lies: valid until this returns. */
        protected abstract Receipt deliver(BlobView data) throws RemoteException;

        /** From within this process. */
        @Override
        public Receipt deliver(ByteBuffer data) throws RemoteException {
            Parcel parcel = Parcel.obtain();
            try {
                Blobs.write(parcel, data);
                parcel.setDataPosition(0);
                return deliver(Blobs.view(parcel));
            } finally {
                parcel.recycle();
            }
        }

        @Override
        protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
            if (code >= FIRST_CALL_TRANSACTION && code <= LAST_CALL_TRANSACTION) {
                data.enforceInterface(DESCRIPTOR);
            }
            switch (code) {
                case TRANSACTION_TRANSFORM -> {
                    String result = transform(data.readString());
                    reply.writeNoException();
                    reply.writeString(result);
                }
                case TRANSACTION_NOTE -> note(data.readString());
                case TRANSACTION_DELIVER -> {
                    Receipt result = deliver(Blobs.view(data));
                    reply.writeNoException();
                    reply.writeLong(result.checksum());
                    reply.writeLong(result.offsetInMapping());
                }
                case TRANSACTION_CALL_BACK -> {
                    callBack(ITextListener.Stub.asInterface(data.readStrongBinder()));
                    reply.writeNoException();
                }
                default -> {
                    return super.onTransact(code, data, reply, flags);
                }
            }
            return true;
        }
    }

    /** The client's side: packs a call. */
    final class Proxy implements IText {
        private final IBinder remote;

        Proxy(IBinder remote) {
            this.remote = remote;
        }

        @Override
        public IBinder asBinder() {
            return remote;
        }

        @Override
        public String transform(String text) throws RemoteException {
            Parcel data = Parcel.obtain();
            Parcel reply = Parcel.obtain();
            try {
                data.writeInterfaceToken(DESCRIPTOR);
                data.writeString(text);
                remote.transact(Stub.TRANSACTION_TRANSFORM, data, reply, 0);
                reply.readException();
                return reply.readString();
            } finally {
                reply.recycle();
                data.recycle();
            }
        }

        @Override
        public void note(String text) throws RemoteException {
            Parcel data = Parcel.obtain();
            try {
                data.writeInterfaceToken(DESCRIPTOR);
                data.writeString(text);
                remote.transact(Stub.TRANSACTION_NOTE, data, null, IBinder.FLAG_ONEWAY);
            } finally {
                data.recycle();
            }
        }

        @Override
        public Receipt deliver(ByteBuffer bytes) throws RemoteException {
            Parcel data = Parcel.obtain();
            Parcel reply = Parcel.obtain();
            try {
                data.writeInterfaceToken(DESCRIPTOR);
                Blobs.write(data, bytes);
                remote.transact(Stub.TRANSACTION_DELIVER, data, reply, 0);
                reply.readException();
                return new Receipt(reply.readLong(), reply.readLong());
            } finally {
                reply.recycle();
                data.recycle();
            }
        }

        @Override
        public void callBack(ITextListener listener) throws RemoteException {
            Parcel data = Parcel.obtain();
            Parcel reply = Parcel.obtain();
            try {
                data.writeInterfaceToken(DESCRIPTOR);
                data.writeStrongInterface(listener);
                remote.transact(Stub.TRANSACTION_CALL_BACK, data, reply, 0);
                reply.readException();
            } finally {
                reply.recycle();
                data.recycle();
            }
        }
    }
}
