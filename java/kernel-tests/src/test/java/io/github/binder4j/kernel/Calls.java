package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;

/** Calls a {@link Peer}. */
final class Calls {
    /** No arguments. */
    static final Writer NOTHING = data -> {};

    private Calls() {}

    interface Writer {
        void write(Parcel data) throws RemoteException;
    }

    interface Reader<T> {
        T read(Parcel reply) throws RemoteException;
    }

    static <T> T call(IBinder target, int code, Writer arguments, Reader<T> result) throws RemoteException {
        Parcel data = Parcel.obtain();
        Parcel reply = Parcel.obtain();
        try {
            data.writeInterfaceToken(Peer.DESCRIPTOR);
            arguments.write(data);
            assertTrue(target.transact(code, data, reply, 0), "the peer does not know code " + code);
            reply.readException();
            return result.read(reply);
        } finally {
            reply.recycle();
            data.recycle();
        }
    }

    static void call(IBinder target, int code, Writer arguments) throws RemoteException {
        call(target, code, arguments, reply -> null);
    }

    static <T> T ask(IBinder target, int code, Reader<T> result) throws RemoteException {
        return call(target, code, NOTHING, result);
    }

    static int askInt(IBinder target, int code) throws RemoteException {
        return ask(target, code, Parcel::readInt);
    }

    static void oneway(IBinder target, int code, Writer arguments) throws RemoteException {
        Parcel data = Parcel.obtain();
        try {
            data.writeInterfaceToken(Peer.DESCRIPTOR);
            arguments.write(data);
            target.transact(code, data, null, IBinder.FLAG_ONEWAY);
        } finally {
            data.recycle();
        }
    }
}
