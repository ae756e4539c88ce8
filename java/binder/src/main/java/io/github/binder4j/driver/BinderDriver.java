package io.github.binder4j.driver;

import io.github.binder4j.memory.OffHeap;
import io.github.binder4j.natives.BinderNative;
import java.nio.file.Path;

/**
 * One open binder device: its descriptor and the mapping the driver copies incoming transactions into.
 *
 * <p>Thread-safe. The mapping stays valid until {@link #unmap}, which the owner calls once nothing reads it any more.
 */
public final class BinderDriver {
    /**
     * What libbinder maps: one MiB less two pages, so that with the guard pages the kernel's allocation is one MiB.
     * The driver caps any size at 4 MiB ({@code binder_alloc_mmap_handler}, drivers/android/binder_alloc.c).
     */
    public static final int DEFAULT_MAPPING_SIZE = (1 << 20) - 2 * 4096;

    private final Path path;
    private final DriverCalls calls;
    private final Descriptor descriptor;
    private final int protocolVersion;
    private final OffHeap mapping;

    /** A device whose system calls are those given. */
    BinderDriver(DriverCalls calls, Descriptor descriptor, int protocolVersion, OffHeap mapping) {
        this.path = descriptor.path;
        this.calls = calls;
        this.descriptor = descriptor;
        this.protocolVersion = protocolVersion;
        this.mapping = mapping;
    }

    /**
     * Opens, checks and maps a device.
     *
     * @throws DriverException if a system call fails
     * @throws ProtocolVersionException if the driver speaks another protocol version
     */
    public static BinderDriver open(Path path, int mappingSize) {
        int fd = (int) DriverException.check("open " + path, BinderNative.openDevice(path.toString(), 0));
        long address = 0;
        try {
            int version = checkVersion(path, fd);
            address = DriverException.check("mmap of " + path, BinderNative.mapDevice(fd, mappingSize));
            OffHeap mapping = OffHeap.viewReadOnly(address, mappingSize);
            long slot = DriverException.check("registering " + path, BinderNative.registerDevice(fd));
            return new BinderDriver(DriverCalls.KERNEL, new Descriptor(path, fd, slot), version, mapping);
        } catch (RuntimeException e) {
            if (address > 0) {
                BinderNative.unmapDevice(address, mappingSize);
            }
            BinderNative.closeFd(fd);
            throw e;
        }
    }

    private static int checkVersion(Path path, int fd) {
        int version = (int) DriverException.check("BINDER_VERSION on " + path, BinderNative.protocolVersion(fd));
        if (version != BinderNative.userProtocolVersion()) {
            throw new ProtocolVersionException(path, version, BinderNative.userProtocolVersion());
        }
        return version;
    }

    /** The user the driver tells our callees that we are. */
    public static int effectiveUid() {
        return BinderNative.euid();
    }

    public Path path() {
        return path;
    }

    public int protocolVersion() {
        return protocolVersion;
    }

    /** The receive area: the driver writes it, this process only reads it. */
    public OffHeap mapping() {
        return mapping;
    }

    DriverCalls calls() {
        return calls;
    }

    Descriptor descriptor() {
        return descriptor;
    }

    private int openFd() {
        if (descriptor.closing) {
            throw new DriverClosedException(path);
        }
        return descriptor.fd;
    }

    /** How many loopers the driver may ask for, besides those that enter by themselves. */
    public void setMaxThreads(int count) {
        DriverException.check("BINDER_SET_MAX_THREADS " + count, calls.setMaxThreads(openFd(), count));
    }

    /**
     * Claims handle 0 of this device for this process.
     *
     * @throws DriverException with EBUSY if there is a manager, EPERM if the first manager had another user id
     */
    public void becomeContextManager(int nodeFlags) {
        DriverException.check("BINDER_SET_CONTEXT_MGR on " + path, calls.becomeContextManager(openFd(), nodeFlags));
    }

    /** Whether {@link #beginClose} was called: no thread may start an ioctl any more. */
    public boolean isClosing() {
        return descriptor.closing;
    }

    /** Refuses every ioctl that has not begun, with {@link DriverClosedException}. */
    public void beginClose() {
        descriptor.closing = true;
    }

    /** Makes every thread that is blocked in this device, or about to block, return from its ioctl. */
    public void wakeThreads() {
        DriverException.check("waking the threads of " + path, calls.wakeThreads(descriptor.fd));
    }

    /** Closes the descriptor. Every {@link DriverThread} of this device has answered false to {@code isInDriver()}. */
    public void closeDescriptor() {
        calls.close(descriptor.fd, descriptor.slot);
    }

    /** Unmaps the receive area. No buffer of it may be read any more: a later read would kill the JVM. */
    public void unmap() {
        calls.unmap(mapping.address, mapping.size());
    }
}
