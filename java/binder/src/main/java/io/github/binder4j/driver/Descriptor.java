package io.github.binder4j.driver;

import java.nio.file.Path;

/** What the threads of one open device share: its descriptors, and whether they may still be used. */
final class Descriptor {
    final Path path;
    final int fd;
    /** Of {@link #fd}, to wake with when the device is closed: there may be no free number then. */
    final int copy;
    /** The device's entry in the native table of threads that owe a BINDER_THREAD_EXIT. */
    final long slot;

    volatile boolean closing;

    Descriptor(Path path, int fd, int copy, long slot) {
        this.path = path;
        this.fd = fd;
        this.copy = copy;
        this.slot = slot;
    }
}
