package io.github.binder4j.runtime;

/**
 * {@code android.os.IServiceManager} as Android 16 numbers it.
 *
 * <p>The numbers differ between Android releases; both ends of this library take them from here.
 */
public final class ServiceManagerProtocol {
    public static final String DESCRIPTOR = "android.os.IServiceManager";

    public static final int GET_SERVICE = 1;
    public static final int CHECK_SERVICE = 3;
    public static final int ADD_SERVICE = 5;
    public static final int LIST_SERVICES = 6;

    public static final int DUMP_PRIORITY_DEFAULT = 1 << 3;
    public static final int DUMP_PRIORITY_ALL = 15;

    private ServiceManagerProtocol() {}
}
