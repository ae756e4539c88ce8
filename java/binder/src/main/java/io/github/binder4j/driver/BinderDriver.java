package io.github.binder4j.driver;

import io.github.binder4j.memory.OffHeap;
import io.github.binder4j.natives.BinderNative;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntUnaryOperator;

/**
 * One open binder device: its descriptor and the mapping the driver copies incoming transactions into.
 *
 * <p>Thread-safe. The mapping can be read as long as a buffer of it is reachable; after {@link #unmap} there are zeros.
 */
public final class BinderDriver {
    /** What libbinder maps: one MiB less two pages, so that with the guard pages the kernel's allocation is one MiB. */
    public static final int DEFAULT_MAPPING_SIZE = (1 << 20) - 2 * 4096;

    private static final int FREEZE_SLICE_MS = 1000;
    /** More the driver does not use ({@code binder_alloc_mmap_handler}, drivers/android/binder_alloc.c). */
    private static final int MAX_MAPPING_SIZE = 4 << 20;

    private static final int FROZEN_INFO_SIZE = 12;
    private static final int NODE_DEBUG_INFO_SIZE = 24;
    private static final int NODE_INFO_FOR_REF_SIZE = 24;

    private final Path path;
    private final DriverCalls calls;
    private final Descriptor descriptor;
    private final int protocolVersion;
    private final int mappingSize;
    private OffHeap mapping;
    private final AtomicInteger controls = new AtomicInteger();

    /** A device whose system calls are those given. */
    BinderDriver(DriverCalls calls, Descriptor descriptor, int protocolVersion, OffHeap mapping) {
        this.path = descriptor.path;
        this.calls = calls;
        this.descriptor = descriptor;
        this.protocolVersion = protocolVersion;
        this.mappingSize = mapping.size();
        this.mapping = mapping;
    }

    /**
     * Opens, checks and maps a device.
     *
     * @param mappingSizeBytes rounded up to whole pages, of all of which the driver makes use; at most 4 MiB is mapped
     * @throws DriverException if a system call fails
     * @throws ProtocolVersionException if the driver speaks another protocol version
     */
    public static BinderDriver open(Path path, int mappingSizeBytes) {
        int mappingSize = wholePages(Math.min(mappingSizeBytes, MAX_MAPPING_SIZE));
        return new Opening(OpeningCalls.KERNEL, path, mappingSize).open();
    }

    private static int wholePages(int sizeBytes) {
        int page = BinderNative.pageSize();
        return (sizeBytes + page - 1) / page * page;
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

    /** How large it is, or was before {@link #unmap}, in bytes. */
    public int mappingSize() {
        return mappingSize;
    }

    DriverCalls calls() {
        return calls;
    }

    Descriptor descriptor() {
        return descriptor;
    }

    /**
     * Issues an ioctl that is no thread's in particular, of which {@link #isControlled} tells while it lasts.
     *
     * @throws DriverClosedException if the device is being closed
     */
    private int control(IntUnaryOperator ioctl) {
        controls.incrementAndGet(); // before asking: either who closes sees this, or the closing is seen here
        try {
            if (descriptor.closing) {
                throw new DriverClosedException(path);
            }
            return ioctl.applyAsInt(descriptor.fd);
        } finally {
            controls.decrementAndGet();
        }
    }

    /** Whether one of the calls below is in an ioctl, so that the descriptor must not be closed. */
    public boolean isControlled() {
        return controls.get() > 0;
    }

    /** How many loopers the driver may ask for, besides those that enter by themselves. */
    public void setMaxThreads(int count) {
        CommandTrace.call(descriptor, "BINDER_SET_MAX_THREADS " + count);
        DriverException.check("BINDER_SET_MAX_THREADS " + count, control(fd -> calls.setMaxThreads(fd, count)));
    }

    /**
     * Claims handle 0 of this device for this process.
     *
     * @throws DriverException with EBUSY if there is a manager, EPERM if the first manager had another user id
     */
    public void becomeContextManager(int nodeFlags) {
        CommandTrace.call(descriptor, "BINDER_SET_CONTEXT_MGR_EXT flags=0x" + Integer.toHexString(nodeFlags));
        DriverException.check(
                "BINDER_SET_CONTEXT_MGR on " + path, control(fd -> calls.becomeContextManager(fd, nodeFlags)));
    }

    /**
     * Has the driver say BR_ONEWAY_SPAM_SUSPECT to a sender whose oneway calls fill a receiver's buffer.
     *
     * @return false if this driver cannot
     */
    public boolean enableOnewaySpamDetection() {
        return supported(control(fd -> calls.enableOnewaySpamDetection(fd, 1)), "BINDER_ENABLE_ONEWAY_SPAM_DETECTION");
    }

    /** An ioctl the driver does not know is answered with EINVAL ({@code binder_ioctl}), elsewhere with ENOTTY. */
    private static boolean supported(int result, String what) {
        if (result == -Errno.EINVAL || result == -Errno.ENOTTY) {
            return false;
        }
        DriverException.check(what, result);
        return true;
    }

    /**
     * Freezes a process on every binder device it has open, or lets it go on.
     *
     * @throws DriverException with EINVAL if no process {@code pid} has a device open; with EAGAIN if it still serves calls
     *     after {@code timeoutMs}, and is then not frozen
     */
    public void freeze(int pid, boolean frozen, int timeoutMs) {
        String what = "BINDER_FREEZE of process " + pid;
        CommandTrace.call(descriptor, what + (frozen ? ", timeout " + timeoutMs + " ms" : ", to go on"));
        int left = timeoutMs;
        int result;
        do { // in slices: nothing wakes a thread in this ioctl when the device is being closed
            int slice = Math.min(left, FREEZE_SLICE_MS);
            result = control(fd -> calls.freeze(fd, pid, frozen ? 1 : 0, slice));
            left -= slice;
        } while (result == -Errno.EAGAIN && left > 0);
        DriverException.check(what, result);
    }

    /**
     * What a frozen process has missed: {@code sync_recv} in the upper half, {@code async_recv} in the lower.
     *
     * @throws DriverException with EINVAL if no process {@code pid} has a device open
     */
    public long frozenInfo(int pid) {
        OffHeap info = OffHeap.allocate(FROZEN_INFO_SIZE);
        info.bytes.putInt(0, pid);
        DriverException.check(
                "BINDER_GET_FROZEN_INFO of process " + pid, control(fd -> calls.frozenInfo(fd, info.address)));
        return (long) info.bytes.getInt(4) << Integer.SIZE | info.bytes.getInt(8) & 0xffffffffL;
    }

    /**
     * The node of this process with the next larger number than {@code ptr}, in the driver's own book.
     *
     * @return a {@code binder_node_debug_info}: u64 ptr, 0 after the last; u64 cookie; u32 has_strong_ref; u32 has_weak_ref
     */
    public ByteBuffer nodeAfter(long ptr) {
        OffHeap info = OffHeap.allocate(NODE_DEBUG_INFO_SIZE);
        info.bytes.putLong(0, ptr);
        DriverException.check("BINDER_GET_NODE_DEBUG_INFO", control(fd -> calls.nodeDebugInfo(fd, info.address)));
        return info.bytes;
    }

    /**
     * How many strong references all processes together hold on the node behind a handle. Only for the context manager.
     *
     * @throws DriverException with EPERM if this process is not, EINVAL if it has no such handle
     */
    public int strongCount(int handle) {
        OffHeap info = OffHeap.allocate(NODE_INFO_FOR_REF_SIZE);
        info.bytes.putInt(0, handle);
        DriverException.check(
                "BINDER_GET_NODE_INFO_FOR_REF " + handle, control(fd -> calls.nodeInfoForRef(fd, info.address)));
        return info.bytes.getInt(4);
    }

    /** The descriptor for an event loop to watch for reading. Still this object's to close. */
    public int pollDescriptor() {
        return control(fd -> fd);
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
        DriverException.check("waking the threads of " + path, calls.wakeThreads(descriptor.fd, descriptor.copy));
    }

    /** Closes the descriptor. Every {@link DriverThread} of this device has answered false to {@code isInDriver()}. */
    public void closeDescriptor() {
        calls.close(descriptor.fd, descriptor.copy, descriptor.slot);
    }

    /** Gives everything back, of a device that no thread has entered. */
    public void discard() {
        beginClose();
        closeDescriptor();
        unmap();
    }

    /**
     * Takes the receive area away from the driver, whose file it holds. What is read there afterwards is zeros: no read, however
     * late, meets memory that is not there. The addresses go back to the system when no buffer of the area is reachable.
     */
    public void unmap() {
        OffHeap gone = mapping;
        gone.setGone();
        DriverException.check("unmapping " + path, calls.replaceMapping(gone.address, mappingSize));
        gone.whenUnreachable(calls.unmapping(gone.address, mappingSize));
        // The safety net leads to the class loader, and so to a static that leads here: this must not lead to what it
        // waits for.
        mapping = OffHeap.allocate(0);
        mapping.setGone();
    }
}
