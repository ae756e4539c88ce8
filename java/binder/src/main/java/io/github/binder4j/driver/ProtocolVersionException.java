package io.github.binder4j.driver;

import java.nio.file.Path;

/** The driver speaks a protocol version this library does not. */
public final class ProtocolVersionException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ProtocolVersionException(Path path, int found, int expected) {
        super(path + " speaks binder protocol version " + found + ", this library speaks " + expected
                + (found == 7 ? " (7 is the 32-bit kernel interface: CONFIG_ANDROID_BINDER_IPC_32BIT)" : "")
                + ". Use a kernel that speaks it, as ./ci/vm does");
    }
}
