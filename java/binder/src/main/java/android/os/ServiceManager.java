package android.os;

import io.github.binder4j.runtime.DefaultDevice;
import io.github.binder4j.runtime.ServiceManagerProtocol;

/**
 * Finds services by name, and offers them, through the service manager of the default device.
 *
 * <p>Unlike Android's, which returns null or logs, a manager that cannot be reached is an {@link IllegalStateException} that
 * says so. A manager that is started later is found by the next call.
 */
public final class ServiceManager {
    private ServiceManager() {}

    /**
     * Finds a service.
     *
     * @param name the name it was added under
     * @return its proxy, or the object itself if it lives in this process; null if there is none of this name
     * @throws IllegalStateException if there is no service manager, or it fails
     * @throws io.github.binder4j.errors.BinderUnavailableException if there is no usable device
     */
    public static IBinder getService(String name) {
        return find(ServiceManagerProtocol.GET_SERVICE, name);
    }

    /**
     * Finds a service that is there already, without having the manager start it.
     *
     * @param name the name it was added under
     * @return as {@link #getService}
     * @throws IllegalStateException if there is no service manager, or it fails
     * @throws io.github.binder4j.errors.BinderUnavailableException if there is no usable device
     */
    public static IBinder checkService(String name) {
        return find(ServiceManagerProtocol.CHECK_SERVICE, name);
    }

    /**
     * Offers a service, in place of one that had the name before.
     *
     * @param name 1 to 127 characters of {@code A-Z a-z 0-9 _ - . /}
     * @param service what callers of that name get
     * @throws IllegalArgumentException if the manager refuses name or object
     * @throws SecurityException if the manager does not allow this user to add it
     * @throws IllegalStateException if there is no service manager, or it fails
     * @throws io.github.binder4j.errors.BinderUnavailableException if there is no usable device
     */
    public static void addService(String name, IBinder service) {
        call(
                ServiceManagerProtocol.ADD_SERVICE,
                data -> {
                    data.writeString(name);
                    data.writeStrongBinder(service);
                    data.writeBoolean(false); // not for isolated processes
                    data.writeInt(ServiceManagerProtocol.DUMP_PRIORITY_DEFAULT);
                },
                reply -> null);
    }

    /**
     * Lists the services.
     *
     * @return their names, sorted
     * @throws IllegalStateException if there is no service manager, or it fails
     * @throws io.github.binder4j.errors.BinderUnavailableException if there is no usable device
     */
    public static String[] listServices() {
        return call(
                ServiceManagerProtocol.LIST_SERVICES,
                data -> data.writeInt(ServiceManagerProtocol.DUMP_PRIORITY_ALL),
                ServiceManager::readNames);
    }

    private static IBinder find(int code, String name) {
        return call(code, data -> data.writeString(name), Parcel::readStrongBinder);
    }

    private static String[] readNames(Parcel reply) {
        int count = reply.readInt();
        // A name takes eight bytes at least, so a count from a broken manager cannot ask for more than it sent.
        if (count < 0 || count > reply.dataAvail() / Long.BYTES) {
            throw new IllegalStateException(
                    "the service manager listed " + count + " names in " + reply.dataAvail() + " bytes");
        }
        String[] names = new String[count];
        for (int i = 0; i < count; i++) {
            names[i] = reply.readString();
        }
        return names;
    }

    private interface Arguments {
        void write(Parcel data);
    }

    private interface Result<T> {
        T read(Parcel reply);
    }

    private static <T> T call(int code, Arguments arguments, Result<T> result) {
        IBinder manager = BinderProxy.binderFor(DefaultDevice.get().contextManager());
        Parcel data = Parcel.obtain();
        Parcel reply = Parcel.obtain();
        try {
            data.writeInterfaceToken(ServiceManagerProtocol.DESCRIPTOR);
            arguments.write(data);
            if (!manager.transact(code, data, reply, 0)) {
                throw new IllegalStateException("the context manager of "
                        + DefaultDevice.get().path() + " does not know code " + code
                        + ": it speaks another Android version's service manager protocol");
            }
            reply.readException();
            return result.read(reply);
        } catch (RemoteException e) {
            throw new IllegalStateException("service manager: " + e.getMessage(), e);
        } finally {
            reply.recycle();
            data.recycle();
        }
    }
}
