package io.github.binder4j.driver;

import java.nio.file.Path;

/** What the threads of one open device share: its descriptor, and whether it may still be used. */
final class Descriptor {
    final Path path;
    final int fd;
    /** The device's entry in the native table of threads that owe a BINDER_THREAD_EXIT. */
    final long slot;

    volatile boolean closing;

    Descriptor(Path path, int fd, long slot) {
        this.path = path;
        this.fd = fd;
        this.slot = slot;
    }
}
