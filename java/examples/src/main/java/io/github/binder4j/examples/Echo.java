package io.github.binder4j.examples;

import android.os.Binder;
import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;
import android.os.ServiceManager;

/** The shortest service and client: {@code Echo} serves, {@code Echo TEXT} calls. */
public final class Echo extends Binder {
    private static final String INTERFACE = "io.github.binder4j.examples.Echo";

    public static void main(String[] args) throws RemoteException {
        if (args.length == 0) {
            ServiceManager.addService("echo", new Echo());
            System.out.println("serving as \"echo\"");
            joinThreadPool();
        } else {
            IBinder echo = ServiceManager.getService("echo");
            System.out.println(echo == null ? "no service named \"echo\" yet" : call(echo, args[0]));
        }
    }

    @Override
    protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
        if (code != FIRST_CALL_TRANSACTION) {
            return super.onTransact(code, data, reply, flags);
        }
        data.enforceInterface(INTERFACE);
        reply.writeNoException();
        reply.writeString("user " + getCallingUid() + " said: " + data.readString());
        return true;
    }

    private static String call(IBinder echo, String text) throws RemoteException {
        Parcel data = Parcel.obtain();
        Parcel reply = Parcel.obtain();
        try {
            data.writeInterfaceToken(INTERFACE);
            data.writeString(text);
            echo.transact(FIRST_CALL_TRANSACTION, data, reply, 0);
            reply.readException();
            return reply.readString();
        } finally {
            reply.recycle();
            data.recycle();
        }
    }
}
