package io.github.binder4j.servicemanager;

import android.os.Binder;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.runtime.ApiBridge;
import io.github.binder4j.runtime.DefaultDevice;

/**
 * Runs the service manager of one device until it is killed.
 *
 * <p>Prints one line beginning with {@value #READY} when names can be added and found; everything that goes wrong before is
 * one message on standard error and exit status 1.
 */
public final class Main {
    private static final String READY = "servicemanager: ready";
    private static final String USAGE = "usage: servicemanager [--device PATH]";

    private Main() {}

    /**
     * Starts the program.
     *
     * @param args {@code --device PATH}, or nothing for the default device
     */
    public static void main(String[] args) {
        try {
            chooseDevice(args);
            serve();
        } catch (IllegalArgumentException | IllegalStateException | LinkageError e) {
            System.err.println("servicemanager: " + e.getMessage());
            System.exit(1);
        }
    }

    private static void chooseDevice(String[] args) {
        if (args.length == 2 && args[0].equals("--device")) {
            System.setProperty(DefaultDevice.PROPERTY, args[1]);
        } else if (args.length != 0) {
            throw new IllegalArgumentException("cannot understand " + String.join(" ", args) + "\n" + USAGE);
        }
    }

    private static void serve() {
        BinderDevice device = BinderDevice.getDefault();
        ServiceRegistry registry = new ServiceRegistry();
        DefaultDevice.get().becomeContextManager(ApiBridge.get().localObjectOf(registry));
        registry.add(ServiceRegistry.OWN_NAME, registry, ServiceRegistry.OWN_DUMP_PRIORITY);
        System.out.println(
                READY + ": owns handle 0 of " + device.path() + ", protocol version " + device.protocolVersion());
        Binder.joinThreadPool();
    }
}
