/**
 * Real Binder for the JVM on Linux: the {@code android.os} API on the kernel's driver.
 */
@SuppressWarnings("module") // the service manager is built after this module
module io.github.binder4j {
    requires io.github.binder4j.natives;
    requires jdk.jfr;

    exports android.os;
    exports io.github.binder4j;
    exports io.github.binder4j.binderfs;
    exports io.github.binder4j.errors;
    exports io.github.binder4j.runtime to
            io.github.binder4j.servicemanager;
}
