package io.github.binder4j.driver;

import io.github.binder4j.natives.BinderNative;

/**
 * The system calls on an open device and its threads.
 *
 * <p>The seam at which a test scripts exact BR_ sequences; outside tests there is one implementation, the kernel.
 * Results are those of {@link BinderNative}: negative for an errno.
 */
public interface DriverCalls {
    /** The kernel. */
    DriverCalls KERNEL = new DriverCalls() {
        @Override
        public long writeRead(int fd, long bwrAddress, int writeSize, int readSize) {
            return BinderNative.writeRead(fd, bwrAddress, writeSize, readSize);
        }

        @Override
        public long replyAndRead(int fd, long bwrAddress, int writeSize, int readSize) {
            return BinderNative.replyAndRead(fd, bwrAddress, writeSize, readSize);
        }

        @Override
        public int extendedError(int fd, long outAddress) {
            return BinderNative.extendedError(fd, outAddress);
        }

        @Override
        public int enterThread(long deviceSlot) {
            return BinderNative.enterThread(deviceSlot);
        }

        @Override
        public int leaveThread(long deviceSlot) {
            return BinderNative.leaveThread(deviceSlot);
        }

        @Override
        public int setMaxThreads(int fd, int count) {
            return BinderNative.setMaxThreads(fd, count);
        }

        @Override
        public int becomeContextManager(int fd, int nodeFlags) {
            return BinderNative.becomeContextManager(fd, nodeFlags);
        }

        @Override
        public int enableOnewaySpamDetection(int fd, int enable) {
            return BinderNative.enableOnewaySpamDetection(fd, enable);
        }

        @Override
        public int freeze(int fd, int pid, int enable, int timeoutMs) {
            return BinderNative.freeze(fd, pid, enable, timeoutMs);
        }

        @Override
        public int frozenInfo(int fd, long inOutAddress) {
            return BinderNative.frozenInfo(fd, inOutAddress);
        }

        @Override
        public int nodeDebugInfo(int fd, long inOutAddress) {
            return BinderNative.nodeDebugInfo(fd, inOutAddress);
        }

        @Override
        public int nodeInfoForRef(int fd, long inOutAddress) {
            return BinderNative.nodeInfoForRef(fd, inOutAddress);
        }

        @Override
        public int pollReadable(int fd, int timeoutMs) {
            return BinderNative.pollReadable(fd, timeoutMs);
        }

        @Override
        public int wakeThreads(int fd, int copy) {
            return BinderNative.wakeThreads(fd, copy);
        }

        @Override
        public void close(int fd, int copy, long deviceSlot) {
            BinderNative.retireDevice(deviceSlot);
            BinderNative.closeFd(copy);
            BinderNative.closeFd(fd);
        }

        @Override
        public int replaceMapping(long address, long size) {
            return BinderNative.replaceMapping(address, size);
        }

        @Override
        public Runnable unmapping(long address, long size) {
            return () -> BinderNative.unmapDevice(address, size);
        }
    };

    /**
     * BINDER_WRITE_READ with the {@code binder_write_read} at {@code bwrAddress}, of which only the buffers' addresses are set.
     *
     * @return the bytes consumed, of the write above those of the read, 32 bits each; or a negative errno, and then only the
     *     struct has them
     */
    long writeRead(int fd, long bwrAddress, int writeSize, int readSize);

    /** The same, and once more to read if all that the driver told was BR_TRANSACTION_COMPLETE. */
    long replyAndRead(int fd, long bwrAddress, int writeSize, int readSize);

    /** BINDER_GET_EXTENDED_ERROR into the {@code binder_extended_error} at {@code outAddress}. */
    int extendedError(int fd, long outAddress);

    /** Arranges BINDER_THREAD_EXIT for when the calling OS thread ends. */
    int enterThread(long deviceSlot);

    /** Issues BINDER_THREAD_EXIT for the calling OS thread now. */
    int leaveThread(long deviceSlot);

    /** BINDER_SET_MAX_THREADS. */
    int setMaxThreads(int fd, int count);

    /** BINDER_SET_CONTEXT_MGR_EXT. */
    int becomeContextManager(int fd, int nodeFlags);

    /** BINDER_ENABLE_ONEWAY_SPAM_DETECTION. */
    int enableOnewaySpamDetection(int fd, int enable);

    /** BINDER_FREEZE. */
    int freeze(int fd, int pid, int enable, int timeoutMs);

    /** BINDER_GET_FROZEN_INFO with the {@code binder_frozen_status_info} at {@code inOutAddress}. */
    int frozenInfo(int fd, long inOutAddress);

    /** BINDER_GET_NODE_DEBUG_INFO with the {@code binder_node_debug_info} at {@code inOutAddress}. */
    int nodeDebugInfo(int fd, long inOutAddress);

    /** BINDER_GET_NODE_INFO_FOR_REF with the {@code binder_node_info_for_ref} at {@code inOutAddress}. */
    int nodeInfoForRef(int fd, long inOutAddress);

    /** Waits until the calling thread's read would not block; 1, or 0 if the time is over. */
    int pollReadable(int fd, int timeoutMs);

    /** Makes every thread blocked in the device return from its read; {@code copy} is one of {@code fd}, and stays open. */
    int wakeThreads(int fd, int copy);

    /** Closes the descriptor and its copy; afterwards no ending thread uses them. */
    void close(int fd, int copy, long deviceSlot);

    /** Puts memory of zeros in the place of the receive area, of which the driver is then rid. */
    int replaceMapping(long address, long size);

    /** What gives the addresses of the receive area back to the system; it leads to nothing that is of this device. */
    Runnable unmapping(long address, long size);
}
