package io.github.binder4j.bench.transport;

import android.os.Binder;
import android.os.IBinder;
import io.github.binder4j.BinderDevice;
import java.nio.file.Path;
import java.util.function.Supplier;

/** Services on a device: offering them as a server, finding them as a client. */
final class Services {
    private static BinderDevice opened;

    private Services() {}

    /** Serves all names of a {@link BinderAddress} with so many threads, an object for each. */
    static void serve(String text, int threads, Supplier<Binder> service) {
        BinderAddress address = BinderAddress.parse(text);
        BinderDevice device = address.serveWith(threads);
        for (String name : address.names()) {
            device.addService(name, service.get());
        }
    }

    /** The service of a {@link BinderAddress} for a client's connection: its names take turns. */
    static IBinder find(String text, int connection) {
        BinderAddress address = BinderAddress.parse(text);
        return find(
                address.device(),
                address.names().get(connection % address.names().size()));
    }

    /** The device, opened at the first call; a process uses one. */
    static synchronized BinderDevice device(Path path) {
        if (opened == null) {
            opened = BinderDevice.open(path);
        }
        return opened;
    }

    /** A service that a server which said "ready" has registered. */
    static IBinder find(Path device, String name) {
        IBinder service = device(device).getService(name);
        if (service == null) {
            throw new IllegalStateException("no service \"" + name + "\" on " + device);
        }
        return service;
    }
}
