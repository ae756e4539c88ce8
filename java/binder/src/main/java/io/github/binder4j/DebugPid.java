package io.github.binder4j;

import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;
import io.github.binder4j.runtime.ApiBridge;
import io.github.binder4j.runtime.RemoteObject;
import io.github.binder4j.runtime.ReservedCode;

/** Which process has an object. */
public final class DebugPid {
    private DebugPid() {}

    /**
     * Asks an object for its process, as libbinder's {@code getDebugPid} does. Later messages about the object name it.
     *
     * @param binder a proxy or an object of this process
     * @return a process id in the pid namespace of the process that answers; 0 if it does not know the question, as Android
     *     before 11 and libgbinder
     * @throws RemoteException if it cannot be asked
     */
    public static int of(IBinder binder) throws RemoteException {
        RemoteObject remote = ApiBridge.get().remoteObjectOf(binder);
        if (remote == null) {
            return (int) ProcessHandle.current().pid();
        }
        Parcel data = Parcel.obtain();
        Parcel reply = Parcel.obtain();
        try {
            binder.transact(ReservedCode.DEBUG_PID, data, reply, 0);
            int pid = reply.readInt();
            remote.setOwnerPid(pid);
            return pid;
        } finally {
            reply.recycle();
            data.recycle();
        }
    }
}
