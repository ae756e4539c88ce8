package io.github.binder4j.bench.transport;

import android.os.IBinder;
import io.github.binder4j.BinderDevice;
import java.nio.file.Path;

/** Finding services, as a client. */
final class Services {
    private static BinderDevice opened;

    private Services() {}

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
