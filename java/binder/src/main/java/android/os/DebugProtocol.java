package android.os;

import java.io.FileDescriptor;
import java.io.IOException;

/** The arguments of DUMP_TRANSACTION and SHELL_COMMAND_TRANSACTION, which have no interface token. */
final class DebugProtocol {
    /** {@code IResultReceiver}, to whom a shell command tells its result: oneway, with an int and a bundle that may be null. */
    private static final String RESULT_RECEIVER = "com.android.internal.os.IResultReceiver";

    private static final int SEND = IBinder.FIRST_CALL_TRANSACTION;

    private DebugProtocol() {}

    static void dump(IBinder target, FileDescriptor fd, String[] args, int flags) throws RemoteException {
        Parcel data = Parcel.obtain();
        Parcel reply = Parcel.obtain();
        try {
            data.writeFileDescriptor(fd);
            writeArguments(data, args);
            target.transact(IBinder.DUMP_TRANSACTION, data, flags == 0 ? reply : null, flags);
            reply.readException();
        } finally {
            reply.recycle();
            data.recycle();
        }
    }

    static void serveDump(Binder target, Parcel data, Parcel reply) throws RemoteException {
        try (ParcelFileDescriptor fd = data.readFileDescriptor()) {
            String[] args = readArguments(data);
            if (fd != null) {
                target.dump(fd.getFileDescriptor(), args);
            }
        } catch (IOException e) {
            throw new IllegalStateException("dump: " + e.getMessage(), e);
        }
        reply.writeNoException();
    }

    static void serveShellCommand(Binder target, Parcel data, Parcel reply) throws RemoteException {
        try (ParcelFileDescriptor in = data.readFileDescriptor();
                ParcelFileDescriptor out = data.readFileDescriptor();
                ParcelFileDescriptor err = data.readFileDescriptor()) {
            String[] args = readArguments(data);
            data.readStrongBinder(); // the caller's shell callback, by which a command may open the caller's files
            IBinder receiver = data.readStrongBinder();
            int result = in == null || out == null || err == null ? -1 : target.handleShellCommand(in, out, err, args);
            if (receiver != null) {
                sendResult(receiver, result);
            }
        } catch (IOException e) {
            throw new IllegalStateException("shell command: " + e.getMessage(), e);
        }
        reply.writeNoException();
    }

    private static void sendResult(IBinder receiver, int result) throws RemoteException {
        Parcel data = Parcel.obtain();
        try {
            data.writeInterfaceToken(RESULT_RECEIVER);
            data.writeInt(result);
            data.writeInt(0); // no bundle
            receiver.transact(SEND, data, null, IBinder.FLAG_ONEWAY);
        } finally {
            data.recycle();
        }
    }

    private static void writeArguments(Parcel data, String[] args) {
        data.writeInt(args == null ? -1 : args.length);
        for (String arg : args == null ? new String[0] : args) {
            data.writeString(arg);
        }
    }

    private static String[] readArguments(Parcel data) {
        int count = data.readInt();
        // A string takes four bytes at least, so a count from a broken caller cannot ask for more than it sent.
        if (count > data.dataAvail() / Integer.BYTES) {
            throw new BadParcelableException(count + " arguments in " + data.dataAvail() + " bytes");
        }
        String[] args = new String[Math.max(0, count)];
        for (int i = 0; i < args.length; i++) {
            args[i] = data.readString();
        }
        return args;
    }
}
