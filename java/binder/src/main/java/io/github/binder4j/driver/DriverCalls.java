package io.github.binder4j.driver;

import io.github.binder4j.natives.BinderNative;

/**
 * The system calls a thread's command stream needs.
 *
 * <p>The seam at which a test scripts exact BR_ sequences; outside tests there is one implementation, the kernel.
 * Results are those of {@link BinderNative}: negative for an errno.
 */
public interface DriverCalls {
    /** The kernel. */
    DriverCalls KERNEL = new DriverCalls() {
        @Override
        public int writeRead(int fd, long bwrAddress) {
            return BinderNative.writeRead(fd, bwrAddress);
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
    };

    /** BINDER_WRITE_READ with the {@code binder_write_read} at {@code bwrAddress}. */
    int writeRead(int fd, long bwrAddress);

    /** BINDER_GET_EXTENDED_ERROR into the {@code binder_extended_error} at {@code outAddress}. */
    int extendedError(int fd, long outAddress);

    /** Arranges BINDER_THREAD_EXIT for when the calling OS thread ends. */
    int enterThread(long deviceSlot);

    /** Issues BINDER_THREAD_EXIT for the calling OS thread now. */
    int leaveThread(long deviceSlot);
}
