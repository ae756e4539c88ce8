package io.github.binder4j;

import android.os.Binder;
import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;
import java.io.FileDescriptor;
import java.util.concurrent.CompletableFuture;

/** Runs a command of a service, as Android's {@code cmd} does (SHELL_COMMAND_TRANSACTION). */
public final class ShellCommands {
    private static final String RESULT_RECEIVER = "com.android.internal.os.IResultReceiver";

    private ShellCommands() {}

    /** Hears the result of one command. */
    private static final class ResultReceiver extends Binder {
        private final CompletableFuture<Integer> result;

        ResultReceiver(CompletableFuture<Integer> result) {
            super(RESULT_RECEIVER);
            this.result = result;
        }

        @Override
        protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
            if (code != FIRST_CALL_TRANSACTION) {
                return super.onTransact(code, data, reply, flags);
            }
            data.enforceInterface(RESULT_RECEIVER);
            result.complete(data.readInt());
            return true;
        }
    }

    /**
     * Runs a command.
     *
     * @param service whose command it is
     * @param in what the command reads; stays the caller's
     * @param out where it writes; stays the caller's
     * @param err where it writes errors; stays the caller's
     * @param args the command's words
     * @return its result, which {@code Binder.handleShellCommand} gave; completes when the service says it, never if it dies
     *     before: link to its death to be told
     * @throws RemoteException if the service cannot be called
     * @throws UnsupportedOperationException if it has no commands
     * @throws SecurityException if this process may not run them: it is neither root's, nor user 2000's, nor the service's own
     *     user's
     */
    public static CompletableFuture<Integer> run(
            IBinder service, FileDescriptor in, FileDescriptor out, FileDescriptor err, String... args)
            throws RemoteException {
        CompletableFuture<Integer> result = new CompletableFuture<>();
        Parcel data = Parcel.obtain();
        Parcel reply = Parcel.obtain();
        try {
            data.writeFileDescriptor(in);
            data.writeFileDescriptor(out);
            data.writeFileDescriptor(err);
            data.writeInt(args.length);
            for (String arg : args) {
                data.writeString(arg);
            }
            data.writeStrongBinder(null); // no files are opened for the command
            data.writeStrongBinder(new ResultReceiver(result));
            if (!service.transact(IBinder.SHELL_COMMAND_TRANSACTION, data, reply, 0)) {
                throw new UnsupportedOperationException(service + " has no shell commands");
            }
            reply.readException();
            return result;
        } finally {
            reply.recycle();
            data.recycle();
        }
    }
}
