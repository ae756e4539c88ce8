package io.github.binder4j.driver;

import io.github.binder4j.memory.OffHeap;
import io.github.binder4j.natives.BinderNative;
import java.nio.file.Path;

/**
 * The opening of one device, which gives back what it has if a step fails, be it with an {@link Error}.
 *
 * <p>What a step returns is noted before anything else is done with it.
 */
final class Opening {
    private final OpeningCalls calls;
    private final Path path;
    private final int mappingSize;

    private int fd = -1;
    private long address = -1;
    private int copy = -1;
    private long slot = -1;

    /** @param mappingSize in bytes, whole pages */
    Opening(OpeningCalls calls, Path path, int mappingSize) {
        this.calls = calls;
        this.path = path;
        this.mappingSize = mappingSize;
    }

    /** As {@link BinderDriver#open}; once. */
    BinderDriver open() {
        boolean opened = false;
        try {
            BinderDriver driver = openDevice();
            calls.opened();
            opened = true;
            return driver;
        } finally {
            if (!opened) {
                giveBack();
            }
        }
    }

    private BinderDriver openDevice() {
        fd = calls.open(path);
        check("open ", fd);
        int version = checkVersion();
        address = calls.map(fd, mappingSize);
        check("mmap of ", address);
        OffHeap mapping = calls.view(address, mappingSize);
        copy = calls.duplicate(fd);
        check("copying the descriptor of ", copy);
        slot = calls.register(fd);
        check("registering ", slot);
        Descriptor descriptor = new Descriptor(path, fd, copy, slot);
        CommandTrace.call(descriptor, "open, BINDER_VERSION " + version);
        CommandTrace.call(descriptor, "mmap 0x" + Long.toHexString(address) + ", " + mappingSize + " bytes");
        return new BinderDriver(DriverCalls.KERNEL, descriptor, version, mapping);
    }

    private long check(String what, long result) {
        return DriverException.check(what + path, result);
    }

    private int checkVersion() {
        int version = (int) check("BINDER_VERSION on ", calls.protocolVersion(fd));
        if (version != BinderNative.userProtocolVersion()) {
            throw new ProtocolVersionException(path, version, BinderNative.userProtocolVersion());
        }
        return version;
    }

    private void giveBack() {
        if (slot >= 0) {
            BinderNative.retireDevice(slot);
        }
        if (address >= 0) {
            BinderNative.unmapDevice(address, mappingSize);
        }
        if (copy >= 0) {
            BinderNative.closeFd(copy);
        }
        if (fd >= 0) {
            BinderNative.closeFd(fd);
        }
    }
}
