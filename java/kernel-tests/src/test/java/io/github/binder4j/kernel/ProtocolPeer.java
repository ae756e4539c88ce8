package io.github.binder4j.kernel;

import android.os.Binder;
import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.PolledLooper;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A {@link Peer} that also does what few tests ask for, on any device, served by a pool or by its main thread alone. */
class ProtocolPeer extends Peer {
    private static final int FIRST = FIRST_CALL_TRANSACTION + 100;

    static final int RING = FIRST;
    static final int WORK_SOURCES = FIRST + 1;
    static final int CHANGE_ALL_AND_THROW = FIRST + 2;
    static final int THREADS = FIRST + 3;
    static final int WATCH = FIRST + 4;
    static final int OBITUARIES = FIRST + 5;
    static final int EXTEND = FIRST + 6;

    /** What stands for the main thread alone, in place of a pool. */
    static final String POLLED = "--polled";

    private final AtomicInteger obituaries = new AtomicInteger();
    private final List<IBinder> watched = new ArrayList<>();

    /** Arguments: devices, on each of which a peer of its own is called {@value #NAME}; after {@value #POLLED}, one. */
    public static void main(String[] args) {
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> System.out.println("peer: uncaught " + e));
        if (args[0].equals(POLLED)) {
            poll(BinderDevice.open(Path.of(args[1])));
            return;
        }
        List<BinderDevice> devices = new ArrayList<>();
        for (String path : args) {
            BinderDevice device = BinderDevice.open(Path.of(path));
            device.addService(NAME, new ProtocolPeer());
            devices.add(device);
        }
        System.out.println(READY);
        devices.get(0).joinThreadPool();
    }

    private static void poll(BinderDevice device) {
        PolledLooper looper = device.startPolling();
        device.addService(NAME, new ProtocolPeer());
        System.out.println(READY + " descriptor " + looper.descriptor());
        while (true) {
            looper.await(Duration.ofHours(1));
            looper.handlePolledCommands();
        }
    }

    @Override
    protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
        if (code < FIRST || code > EXTEND) {
            return super.onTransact(code, data, reply, flags);
        }
        data.enforceInterface(DESCRIPTOR);
        switch (code) {
            case RING -> ring(data, reply);
            case WORK_SOURCES -> workSources(data.readStrongBinder(), reply);
            case CHANGE_ALL_AND_THROW -> changeAllAndThrow(data.readString());
            case THREADS -> threads(reply);
            case WATCH -> watch(data.readStrongBinder(), reply);
            case OBITUARIES -> {
                reply.writeNoException();
                reply.writeInt(obituaries.get());
            }
            default -> {
                setExtension(data.readStrongBinder());
                reply.writeNoException();
            }
        }
        return true;
    }

    /** Calls the next of those it was given, which does the same; answers process and thread of each, the last first. */
    private static void ring(Parcel data, Parcel reply) throws RemoteException {
        int depth = data.readInt();
        List<IBinder> stops = new ArrayList<>();
        for (int i = data.readInt(); i > 0; i--) {
            stops.add(data.readStrongBinder());
        }
        String inner = depth == 0 ? "" : ring(stops, depth - 1);
        reply.writeNoException();
        reply.writeString(inner + ProcessHandle.current().pid() + "/"
                + Thread.currentThread().getId() + " ");
    }

    /** Has {@code depth + 1} calls made, one in the other, the last to the first of {@code stops}. */
    static String ring(List<IBinder> stops, int depth) throws RemoteException {
        return Calls.call(
                stops.get(depth % stops.size()),
                RING,
                data -> {
                    data.writeInt(depth);
                    data.writeInt(stops.size());
                    stops.forEach(data::writeStrongBinder);
                },
                Parcel::readString);
    }

    /** Answers on whose account it works: as called; after a call; having passed it on in a call; having cleared it. */
    private static void workSources(IBinder callback, Parcel reply) throws RemoteException {
        reply.writeNoException();
        reply.writeInt(getCallingWorkSourceUid());
        Calls.call(callback, NOTHING, Calls.NOTHING);
        reply.writeInt(getCallingWorkSourceUid());
        long token = setCallingWorkSourceUid(getCallingWorkSourceUid());
        Calls.call(callback, NOTHING, Calls.NOTHING);
        reply.writeInt(getCallingWorkSourceUid());
        restoreCallingWorkSource(token);
        clearCallingWorkSource();
        Calls.call(callback, NOTHING, Calls.NOTHING);
        reply.writeInt(getCallingWorkSourceUid());
    }

    private static void changeAllAndThrow(String message) {
        Binder.clearCallingIdentity();
        Binder.setCallingWorkSourceUid(4711);
        throw new IllegalStateException(message);
    }

    private static void threads(Parcel reply) {
        reply.writeNoException();
        reply.writeString(Thread.currentThread().getName());
        List<String> names = OwnProcess.binderThreads().stream()
                .map(Thread::getName)
                .sorted()
                .toList();
        reply.writeString(String.join(" ", names));
    }

    private void watch(IBinder mortal, Parcel reply) throws RemoteException {
        watched.add(mortal);
        mortal.linkToDeath(obituaries::incrementAndGet, 0);
        reply.writeNoException();
    }
}
