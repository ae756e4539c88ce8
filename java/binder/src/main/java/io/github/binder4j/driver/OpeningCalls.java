package io.github.binder4j.driver;

import io.github.binder4j.memory.OffHeap;
import io.github.binder4j.natives.BinderNative;
import io.github.binder4j.natives.FileNames;
import java.nio.file.Path;

/** What opening a device asks of the system, step by step, so that a test can have each fail. Results are the C layer's. */
interface OpeningCalls {
    /** The kernel. */
    OpeningCalls KERNEL = new OpeningCalls() {};

    default int open(Path path) {
        return BinderNative.openDevice(FileNames.bytes(path), 0);
    }

    default int protocolVersion(int fd) {
        return BinderNative.protocolVersion(fd);
    }

    default long map(int fd, long size) {
        return BinderNative.mapDevice(fd, size);
    }

    default OffHeap view(long address, int size) {
        return OffHeap.viewReadOnly(address, size);
    }

    default int duplicate(int fd) {
        return BinderNative.duplicate(fd);
    }

    default long register(int fd) {
        return BinderNative.registerDevice(fd);
    }

    /** The last step: the device is there, and about to be handed out. */
    default void opened() {}
}
