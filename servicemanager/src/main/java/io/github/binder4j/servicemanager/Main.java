package io.github.binder4j.servicemanager;

import io.github.binder4j.BinderDevice;
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
            serve(open(args));
        } catch (IllegalArgumentException | IllegalStateException | LinkageError e) {
            System.err.println("servicemanager: " + e.getMessage());
            System.exit(1);
        }
    }

    private static BinderDevice open(String[] args) {
        if (args.length == 2 && args[0].equals("--device")) {
            return BinderDevice.open(DefaultDevice.ofArgument(args[1]));
        } else if (args.length != 0) {
            throw new IllegalArgumentException("cannot understand " + String.join(" ", args) + "\n" + USAGE);
        }
        return BinderDevice.getDefault();
    }

    private static void serve(BinderDevice device) {
        ServiceRegistry registry = new ServiceRegistry();
        device.becomeContextManager(registry);
        registry.add(ServiceRegistry.OWN_NAME, registry, ServiceRegistry.OWN_DUMP_PRIORITY);
        System.out.println(
                READY + ": owns handle 0 of " + device.path() + ", protocol version " + device.protocolVersion());
        device.joinThreadPool();
    }
}
