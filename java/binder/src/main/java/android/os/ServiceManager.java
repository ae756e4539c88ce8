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
     * @param name the name it was added under; nothing has the name null
     * @return its proxy, or the object itself if it lives in this process; null if there is none of this name
     * @throws IllegalStateException if there is no service manager, or it fails
     * @throws io.github.binder4j.errors.BinderUnavailableException if there is no usable device
     */
    public static IBinder getService(String name) {
        return services().find(ServiceManagerProtocol.GET_SERVICE, name);
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
        return services().find(ServiceManagerProtocol.CHECK_SERVICE, name);
    }

    /**
     * Offers a service, in place of one that had the name before.
     *
     * @param name 1 to 127 characters of {@code A-Z a-z 0-9 _ - . /}
     * @param service what callers of that name get
     * @throws IllegalArgumentException if name or service is null, or the manager refuses them
     * @throws SecurityException if the manager does not allow this user to add it
     * @throws IllegalStateException if there is no service manager, or it fails
     * @throws io.github.binder4j.errors.BinderUnavailableException if there is no usable device
     */
    public static void addService(String name, IBinder service) {
        services().add(name, service);
    }

    /**
     * Lists the services.
     *
     * @return their names, sorted
     * @throws IllegalStateException if there is no service manager, or it fails
     * @throws io.github.binder4j.errors.BinderUnavailableException if there is no usable device
     */
    public static String[] listServices() {
        return services().list();
    }

    private static ServiceManagerClient services() {
        return new ServiceManagerClient(DefaultDevice.get());
    }
}
