package io.github.binder4j.examples;

import android.os.Binder;
import android.os.IBinder;
import android.os.IInterface;
import android.os.Parcel;
import android.os.RemoteException;

/** What a client hands to the service to be called back at. */
public interface ITextListener extends IInterface {
    String DESCRIPTOR = "io.github.binder4j.examples.ITextListener";

    /** Receives text from the service. */
    void onText(String text) throws RemoteException;

    /** The side that is called. */
    abstract class Stub extends Binder implements ITextListener {
        static final int TRANSACTION_ON_TEXT = FIRST_CALL_TRANSACTION;

        @SuppressWarnings("this-escape") // only remembered until the object is sent
        protected Stub() {
            attachInterface(this, DESCRIPTOR);
        }

        /** The object itself if it lives in this process, else a proxy. */
        public static ITextListener asInterface(IBinder binder) {
            if (binder == null) {
                return null;
            }
            return binder.queryLocalInterface(DESCRIPTOR) instanceof ITextListener local ? local : new Proxy(binder);
        }

        @Override
        public IBinder asBinder() {
            return this;
        }

        @Override
        protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
            if (code != TRANSACTION_ON_TEXT) {
                return super.onTransact(code, data, reply, flags);
            }
            data.enforceInterface(DESCRIPTOR);
            onText(data.readString());
            reply.writeNoException();
            return true;
        }
    }

    /** The side that calls. */
    final class Proxy implements ITextListener {
        private final IBinder remote;

        Proxy(IBinder remote) {
            this.remote = remote;
        }

        @Override
        public IBinder asBinder() {
            return remote;
        }

        @Override
        public void onText(String text) throws RemoteException {
            Parcel data = Parcel.obtain();
            Parcel reply = Parcel.obtain();
            try {
                data.writeInterfaceToken(DESCRIPTOR);
                data.writeString(text);
                remote.transact(Stub.TRANSACTION_ON_TEXT, data, reply, 0);
                reply.readException();
            } finally {
                reply.recycle();
                data.recycle();
            }
        }
    }
}
