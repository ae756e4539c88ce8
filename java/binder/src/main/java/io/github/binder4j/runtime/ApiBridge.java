package io.github.binder4j.runtime;

import io.github.binder4j.parcel.ParcelData;

/**
 * Lets {@code io.github.binder4j} and the service manager see behind the API classes, which may have no public member that
 * Android's do not have. Installed by {@code android.os} when its first class is initialised.
 */
public abstract class ApiBridge {
    private static volatile ApiBridge installed;

    protected ApiBridge() {}

    /** The bridge; whoever holds an API object may ask for it. */
    public static ApiBridge get() {
        return installed;
    }

    public static void install(ApiBridge bridge) {
        installed = bridge;
    }

    /**
     * What is behind an {@code android.os.Parcel}.
     *
     * @throws IllegalStateException if the parcel has ended
     */
    public abstract ParcelData dataOf(Object parcel);

    /**
     * Refuses what was read of a parcel's {@code data} if the parcel has ended meanwhile.
     *
     * @throws IllegalStateException if so
     */
    public abstract void checkInUse(Object parcel, ParcelData data);

    /** What is behind an {@code android.os.Binder}. */
    public abstract LocalObject localObjectOf(Object binder);

    /** The {@code android.os.IBinder} for what the runtime resolved: a local object, a {@link RemoteObject} or null. */
    public abstract Object binderFor(Object resolved);

    /** What is behind a proxy; null for any other {@code android.os.IBinder}. */
    public abstract RemoteObject remoteObjectOf(Object binder);

    /** A client of the service manager of one device. */
    public abstract Services servicesOf(ProcessState process);

    /** {@code android.os.ServiceManager} for one device; the objects are {@code android.os.IBinder}s. */
    public interface Services {
        Object find(int code, String name);

        void add(String name, Object service);

        String[] list();
    }
}
