package io.github.binder4j.natives;

import java.nio.charset.StandardCharsets;
import org.bytedeco.javacpp.annotation.Cast;
import org.bytedeco.javacpp.annotation.Name;
import org.bytedeco.javacpp.annotation.NoException;
import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;

/**
 * The C layer's functions, one to one.
 *
 * <p>Names are bytes that end in a 0, as {@link FileNames} makes them; none is null. JavaCPP makes the C side of these methods
 * while this is built; they take and give primitives and arrays of them alone, so that none of it is needed to run them.
 *
 * <p>A negative result is a negative errno. Addresses and descriptors are not checked: who passes a wrong one may crash the
 * JVM, which is why the package is exported to the library alone. All methods may be called from any platform thread.
 */
@Properties(
        @Platform(
                value = "linux", // with every processor: Platform says which have a jar
                cinclude = {
                    "abi.h",
                    "binderfs.h",
                    "control.h",
                    "descriptors.h",
                    "device.h",
                    "errnos.h",
                    "identity.h",
                    "reports.h",
                    "threads.h",
                    "transaction.h"
                }))
@NoException
public final class BinderNative {
    private static final int MAX_ERRNO_NAME = 32;

    static {
        NativeLibrary.load();
    }

    private BinderNative() {}

    // device.h

    /** Opens a device for reading and writing, close-on-exec, with {@code extraFlags} of open(2). */
    @Name("b4j_open_device")
    public static native int openDevice(@Cast("const char*") byte[] path, int extraFlags);

    /** The same with names that {@link FileNames#bytes(String)} turns into bytes. */
    public static int openDevice(String path, int extraFlags) {
        return openDevice(FileNames.bytes(path), extraFlags);
    }

    /** close(2). */
    @Name("b4j_close_fd")
    public static native int closeFd(int fd);

    /** close(2) if that cannot wait for another process or a device: 0; else 1, and the descriptor is left open. */
    @Name("b4j_close_at_once")
    public static native int closeAtOnce(int fd);

    /** BINDER_VERSION: the driver's protocol version; -EINVAL if it is not a binder device, -ENOTTY likewise. */
    @Name("b4j_protocol_version")
    public static native int protocolVersion(int fd);

    /** The protocol version of the header this was built with. */
    @Name("b4j_user_protocol_version")
    public static native int userProtocolVersion();

    /** Maps the device's receive area read-only; returns its address. */
    @Name("b4j_map_device")
    public static native long mapDevice(int fd, long size);

    /** The size of a page: a mapping is made of whole ones. */
    @Name("b4j_page_size")
    public static native int pageSize();

    /** Puts read-only memory of zeros in the place of a mapping, so that reads of it stay possible and its file is let go. */
    @Name("b4j_replace_mapping")
    public static native int replaceMapping(long address, long size);

    /** munmap(2). */
    @Name("b4j_unmap_device")
    public static native int unmapDevice(long address, long size);

    /**
     * Makes the threads blocked in the device return, soon; to be repeated until all have, for one may miss it.
     *
     * @param copy one of {@code fd} that {@link #duplicate} made, so that this needs no free number; stays open
     */
    @Name("b4j_wake_threads")
    public static native int wakeThreads(int fd, int copy);

    // transaction.h

    /**
     * BINDER_WRITE_READ with the {@code binder_write_read} at an address, which says where the buffers are; blocks if there is
     * room to read into. Never returns -EINTR.
     *
     * @param writeSize bytes for the driver; those it consumed are the upper 32 bits of the result
     * @param readSize room for what it has to say; those it filled are the lower 32 bits of the result
     * @return both, or a negative errno: then the struct tells how much was consumed
     */
    @Name("b4j_write_read")
    public static native long writeRead(int fd, long bwrAddress, int writeSize, int readSize);

    /**
     * The same with a BC_REPLY at the end of the write; does not return when all that was read is BR_TRANSACTION_COMPLETE, but
     * reads again.
     */
    @Name("b4j_reply_and_read")
    public static native long replyAndRead(int fd, long bwrAddress, int writeSize, int readSize);

    // control.h

    /** BINDER_SET_MAX_THREADS. */
    @Name("b4j_set_max_threads")
    public static native int setMaxThreads(int fd, int count);

    /** BINDER_SET_CONTEXT_MGR_EXT with ptr and cookie 0; -EBUSY if there is a manager, -EPERM for another user. */
    @Name("b4j_become_context_manager")
    public static native int becomeContextManager(int fd, int nodeFlags);

    /** BINDER_THREAD_EXIT. */
    @Name("b4j_thread_exit")
    public static native int threadExit(int fd);

    /** BINDER_ENABLE_ONEWAY_SPAM_DETECTION; -EINVAL if the kernel has none. */
    @Name("b4j_enable_oneway_spam_detection")
    public static native int enableOnewaySpamDetection(int fd, int enable);

    /** BINDER_GET_EXTENDED_ERROR into 12 bytes; -EINVAL if the kernel has none. */
    @Name("b4j_extended_error")
    public static native int extendedError(int fd, long outAddress);

    /** BINDER_FREEZE; -EAGAIN if calls are still open after the timeout, -EINVAL for an unknown process. */
    @Name("b4j_freeze")
    public static native int freeze(int fd, int pid, int enable, int timeoutMs);

    /** BINDER_GET_FROZEN_INFO with a {@code binder_frozen_status_info}, whose pid is set, at an address. */
    @Name("b4j_frozen_info")
    public static native int frozenInfo(int fd, long inOutAddress);

    /** BINDER_GET_NODE_DEBUG_INFO with a {@code binder_node_debug_info} at an address. */
    @Name("b4j_node_debug_info")
    public static native int nodeDebugInfo(int fd, long inOutAddress);

    /** BINDER_GET_NODE_INFO_FOR_REF with a {@code binder_node_info_for_ref} at an address; -EPERM if not the manager. */
    @Name("b4j_node_info_for_ref")
    public static native int nodeInfoForRef(int fd, long inOutAddress);

    // threads.h

    /** Enters a device in the table of those whose threads owe a BINDER_THREAD_EXIT; returns its slot. */
    @Name("b4j_register_device")
    public static native long registerDevice(int fd);

    /** Takes a device out of the table; afterwards no ending thread uses its descriptor. */
    @Name("b4j_retire_device")
    public static native int retireDevice(long slot);

    /** Has the calling OS thread issue BINDER_THREAD_EXIT when it ends; once, however often it enters. */
    @Name("b4j_enter_thread")
    public static native int enterThread(long slot);

    /** Issues it now; -ENOENT if the thread had not entered. */
    @Name("b4j_leave_thread")
    public static native int leaveThread(long slot);

    // binderfs.h

    /**
     * Mounts a new binderfs instance.
     *
     * @param maxDevices 0 for the kernel's limit
     * @param globalStats not 0 for the driver's logs in {@code binder_logs}
     */
    @Name("b4j_mount_binderfs")
    public static native int mountBinderfs(@Cast("const char*") byte[] target, int maxDevices, int globalStats);

    /** The same with names that {@link FileNames#bytes(String)} turns into bytes. */
    public static int mountBinderfs(String target, int maxDevices, int globalStats) {
        return mountBinderfs(FileNames.bytes(target), maxDevices, globalStats);
    }

    /** umount(2). */
    @Name("b4j_unmount")
    public static native int unmount(@Cast("const char*") byte[] target);

    /** The same with names that {@link FileNames#bytes(String)} turns into bytes. */
    public static int unmount(String target) {
        return unmount(FileNames.bytes(target));
    }

    /** Adds a device to an instance; returns {@code major << 32 | minor}, or -EEXIST, -ENOSPC, -ENAMETOOLONG. */
    @Name("b4j_add_device")
    public static native long addDevice(@Cast("const char*") byte[] controlPath, @Cast("const char*") byte[] name);

    /** The same with names that {@link FileNames#bytes(String)} turns into bytes. */
    public static long addDevice(String controlPath, String name) {
        return addDevice(FileNames.bytes(controlPath), FileNames.bytes(name));
    }

    /** Removes a device from its instance; -EPERM for what is no device. Who has it open keeps it. */
    @Name("b4j_remove_device")
    public static native int removeDevice(@Cast("const char*") byte[] path);

    /** The same with names that {@link FileNames#bytes(String)} turns into bytes. */
    public static int removeDevice(String path) {
        return removeDevice(FileNames.bytes(path));
    }

    // reports.h

    /**
     * A netlink socket that hears of every transaction that fails from now on, to be closed with {@link #closeFd}.
     *
     * @return {@code family << 32 | descriptor}; -ENOENT if the kernel does not report them
     */
    @Name("b4j_open_reports")
    public static native long openReports();

    /**
     * Puts the attributes of the next report at an address.
     *
     * @param timeoutMs -1 waits for ever
     * @return their size in bytes; 0 if the time is over; -ENOBUFS, once, if reports were dropped; -EMSGSIZE if one did not
     *     fit and is gone; never -EINTR
     */
    @Name("b4j_receive_report")
    public static native int receiveReport(int fd, int family, long address, int size, int timeoutMs);

    /** How many reports the kernel dropped since the socket was opened, because those before were not received. */
    @Name("b4j_dropped_reports")
    public static native long droppedReports(int fd);

    // descriptors.h

    /** A copy of a descriptor, close-on-exec. */
    @Name("b4j_duplicate")
    public static native int duplicate(int fd);

    /** open(2), close-on-exec. */
    @Name("b4j_open_file")
    public static native int openFile(@Cast("const char*") byte[] path, int flags, int mode);

    /** The same with names that {@link FileNames#bytes(String)} turns into bytes. */
    public static int openFile(String path, int flags, int mode) {
        return openFile(FileNames.bytes(path), flags, mode);
    }

    /** pipe2(2), close-on-exec; returns {@code writing end << 32 | reading end}. */
    @Name("b4j_pipe")
    public static native long pipe();

    /** Anonymous memory of {@code size} bytes; {@code sealed} not 0 fixes its size for good. */
    @Name("b4j_memfd")
    public static native int memfd(@Cast("const char*") byte[] name, long size, int sealed);

    /** The same with names that {@link FileNames#bytes(String)} turns into bytes. */
    public static int memfd(String name, long size, int sealed) {
        return memfd(FileNames.bytes(name), size, sealed);
    }

    /**
     * Waits until a read would not block, which it does not where it would fail either.
     *
     * @param timeoutMs -1 waits for ever
     * @return 1; 0 if the time is over; never -EINTR
     */
    @Name("b4j_poll_readable")
    public static native int pollReadable(int fd, int timeoutMs);

    /**
     * Sends a number, in network order, on a socket; never waits.
     *
     * @return 0; -EAGAIN if the peer has no room for it, -ENOTSOCK if it is no socket; both send nothing
     */
    @Name("b4j_send_number")
    public static native int sendNumber(int fd, int number);

    // identity.h

    /** This process, as the driver and others in its pid namespace know it. */
    @Name("b4j_pid")
    public static native int pid();

    /** The calling OS thread, by which the driver keeps its records. */
    @Name("b4j_tid")
    public static native int tid();

    /** The effective user id, which the driver gives to callees. */
    @Name("b4j_euid")
    public static native int euid();

    // abi.h

    /**
     * What the kernel's header says: a constant, {@code sizeof:STRUCT} or {@code offsetof:STRUCT.FIELD}.
     *
     * @return the value; {@link Long#MIN_VALUE} if the name is unknown
     */
    @Name("b4j_abi_value")
    public static native long abiValue(@Cast("const char*") byte[] name);

    /** The same with names that {@link FileNames#bytes(String)} turns into bytes. */
    public static long abiValue(String name) {
        return abiValue(FileNames.bytes(name));
    }

    // errnos.h

    /** Puts the name of an errno into an array; returns its length, 0 if it has none or there is no room. */
    @Name("b4j_copy_errno_name")
    private static native int copyErrnoName(int error, @Cast("char*") byte[] name, int size);

    /** The name of an errno; null if it has none. */
    public static String errnoName(int error) {
        byte[] name = new byte[MAX_ERRNO_NAME];
        int length = copyErrnoName(error, name, name.length);
        return length == 0 ? null : new String(name, 0, length, StandardCharsets.US_ASCII);
    }
}
