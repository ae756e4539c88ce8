package android.os;

import io.github.binder4j.driver.BinderDriver;
import io.github.binder4j.files.PeerOutput;
import io.github.binder4j.runtime.CallingIdentity;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.util.function.Consumer;

/** The arguments of DUMP_TRANSACTION and SHELL_COMMAND_TRANSACTION, which have no interface token. */
final class DebugProtocol {
    /** {@code IResultReceiver}, to whom a shell command tells its result: oneway, with an int and a bundle that may be null. */
    private static final String RESULT_RECEIVER = "com.android.internal.os.IResultReceiver";

    private static final int SEND = IBinder.FIRST_CALL_TRANSACTION;

    private static final int ROOT_UID = 0;
    /** Android's {@code Process.SHELL_UID}, by which adb works. */
    private static final int SHELL_UID = 2000;

    /** Bytes of the three descriptors that a command's arguments follow. */
    private static final int STREAMS_SIZE = 3 * 24;

    private static final long PATIENCE_MS = 2000;

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

    static void serveDump(Binder target, Parcel data, Parcel reply) {
        ParcelFileDescriptor fd = data.readFileDescriptor();
        try {
            String[] args = readArguments(data);
            if (fd != null) {
                target.dump(fd.getFileDescriptor(), args);
            }
        } finally {
            dropAll(fd);
        }
        reply.writeNoException();
    }

    /**
     * Has a text written to a descriptor. If that is a peer's, whose call this thread serves, it is waited for a moment only.
     *
     * @throws IllegalStateException if some of the text will not be written for that reason
     */
    static void print(FileDescriptor to, Consumer<PrintWriter> text) {
        if (!CallingIdentity.current().isServing()) {
            print(new FileOutputStream(to), text); // not closed: that would close the descriptor
            return;
        }
        try (PeerOutput out = new PeerOutput(to, PATIENCE_MS)) {
            print(out, text);
        } catch (IOException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    private static void print(OutputStream to, Consumer<PrintWriter> text) {
        PrintWriter out = new PrintWriter(to);
        text.accept(out);
        out.flush();
    }

    static void serveShellCommand(Binder target, Parcel data, Parcel reply) throws RemoteException {
        if (!mayRunCommands(Binder.getCallingUid())) {
            tellRefusal(data);
            throw new SecurityException("Shell commands are only callable by ADB: by root, user " + SHELL_UID
                    + " and the user of this process, " + BinderDriver.effectiveUid() + ", not by user "
                    + Binder.getCallingUid());
        }
        ParcelFileDescriptor in = null;
        ParcelFileDescriptor out = null;
        ParcelFileDescriptor err = null;
        try {
            in = data.readFileDescriptor();
            out = data.readFileDescriptor();
            err = data.readFileDescriptor();
            String[] args = readArguments(data);
            data.readStrongBinder(); // the caller's shell callback, by which a command may open the caller's files
            IBinder receiver = data.readStrongBinder();
            int result = in == null || out == null || err == null ? -1 : target.handleShellCommand(in, out, err, args);
            if (receiver != null) {
                sendResult(receiver, result);
            }
        } finally {
            dropAll(in, out, err);
        }
        reply.writeNoException();
    }

    private static boolean mayRunCommands(int uid) {
        return uid == ROOT_UID || uid == SHELL_UID || uid == BinderDriver.effectiveUid();
    }

    /**
     * A native shell waits for its result receiver whatever the reply says. One that is an object of this process is none of a
     * caller that may not run commands.
     */
    private static void tellRefusal(Parcel data) {
        try {
            data.setDataPosition(STREAMS_SIZE);
            readArguments(data);
            data.readStrongBinder();
            if (data.readStrongBinder() instanceof BinderProxy receiver) {
                sendResult(receiver, -1);
            }
        } catch (RemoteException | RuntimeException e) {
            return; // the reply says it
        }
    }

    private static void dropAll(ParcelFileDescriptor... descriptors) {
        for (ParcelFileDescriptor descriptor : descriptors) {
            if (descriptor != null) {
                descriptor.drop();
            }
        }
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
