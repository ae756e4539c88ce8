package io.github.binder4j.binderfs;

import io.github.binder4j.driver.Errno;
import io.github.binder4j.errors.BinderUnavailableException;
import io.github.binder4j.natives.FileNames;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.List;
import java.util.OptionalInt;

/** What an errno means to whoever changes an instance: the exception Java has for it, and what to do. */
final class Failures {
    private static final int MAX_NAME_BYTES = 255;

    private Failures() {}

    static FileSystemException ofMount(Path target, MountOptions options, int errno) {
        String file = target.toString();
        String what = "cannot mount binderfs" + (options.toString().isEmpty() ? "" : " with " + options) + ": "
                + Errno.describe(errno) + ". ";
        return switch (errno) {
            case Errno.ENODEV -> throw noBinderfs(file, what);
            case Errno.EPERM, Errno.EACCES -> new AccessDeniedException(file, null, what + mayNotMount(options));
            case Errno.ENOENT ->
                new NoSuchFileException(file, null, what + "Make the directory first: mkdir -p " + file);
            case Errno.ENOTDIR -> new FileSystemException(file, null, what + "Name a directory");
            case Errno.ENOSPC ->
                new FileSystemException(
                        file,
                        null,
                        what
                                + "The kernel puts the devices of the module's parameter 'devices' into every instance (cat"
                                + " /sys/module/binder*/parameters/devices): give a larger max, or load the module with"
                                + " fewer");
            default -> other(file, what);
        };
    }

    private static BinderUnavailableException noBinderfs(String file, String what) {
        return new BinderUnavailableException(
                file + ": " + what + "This kernel has no binderfs. If the driver is a module, load it: sudo modprobe"
                        + " binder_linux; some are built without binderfs (grep BINDERFS /boot/config-$(uname -r)) and"
                        + " have static devices only, as /dev/binder; ./ci/vm starts a kernel that has it",
                Errno.ENODEV);
    }

    private static String mayNotMount(MountOptions options) {
        return "Be root (in a container: --privileged)"
                + (options.globalStats()
                        ? "; stats=global also needs to be outside of any user namespace"
                        : ", or in a user and mount namespace of your own (unshare --user --map-root-user --mount)");
    }

    static FileSystemException notAnInstance(Path path) {
        String file = path.toString();
        if (!Files.exists(path)) {
            return new NoSuchFileException(
                    file, null, "no such directory. Mount a binderfs there with Binderfs.mount, or name another");
        }
        if (!Files.isDirectory(path)) {
            return new FileSystemException(file, null, "not a directory. Name where a binderfs is mounted");
        }
        return new FileSystemException(
                file,
                null,
                "not a binderfs: it has no " + Binderfs.CONTROL
                        + ". Mount one there with Binderfs.mount, or name where one is mounted (findmnt -t binder)");
    }

    static FileSystemException ofUnmount(Path target, int errno) {
        String file = target.toString();
        String what = "cannot unmount binderfs: " + Errno.describe(errno) + ". ";
        return switch (errno) {
            case Errno.EPERM, Errno.EACCES -> new AccessDeniedException(file, null, what + "Be root");
            case Errno.EBUSY ->
                new FileSystemException(
                        file, null, what + "A device or a log of it is open, or a process is in it: fuser -vm " + file);
            case Errno.EINVAL -> new FileSystemException(file, null, what + "Nothing is mounted there");
            case Errno.ENOENT -> new NoSuchFileException(file, null, what + "There is no such directory");
            default -> other(file, what);
        };
    }

    static NoSuchFileException noDevice(Path instance, String name, List<String> names) {
        return new NoSuchFileException(
                instance + "/" + name, null, "no device of that name. Add it, or use one of " + names);
    }

    static FileSystemException ofAdd(Path device, OptionalInt max, int errno) {
        String file = device.toString();
        String what = "cannot add the device: " + Errno.describe(errno) + ". ";
        return switch (errno) {
            case Errno.EEXIST ->
                new FileAlreadyExistsException(
                        file, null, what + "The instance has that name already: use it, or remove it first");
            case Errno.ENOSPC ->
                new FileSystemException(
                        file,
                        null,
                        what + "The instance is full"
                                + (max.isPresent() ? ", it may have max=" + max.getAsInt() + " devices" : "")
                                + ": remove one, or mount with a larger max");
            case Errno.ENAMETOOLONG ->
                new FileSystemException(
                        file,
                        null,
                        what + "The name has " + bytes(device.getFileName()) + " bytes: give one of at most "
                                + MAX_NAME_BYTES);
            case Errno.EPERM, Errno.EACCES -> new AccessDeniedException(file, null, what + "Be root");
            default -> other(file, what);
        };
    }

    private static int bytes(Path name) {
        return FileNames.bytes(name).length - 1;
    }

    static FileSystemException ofRemove(Path device, int errno) {
        String file = device.toString();
        String what = "cannot remove the device: " + Errno.describe(errno) + ". ";
        return switch (errno) {
            case Errno.ENOENT -> new NoSuchFileException(file, null, what + "It is gone already");
            case Errno.EPERM, Errno.EACCES -> new AccessDeniedException(file, null, what + "Be root");
            default -> other(file, what);
        };
    }

    static FileSystemException ofUnknownPrincipal(Path device, String what, UserPrincipalNotFoundException cause) {
        FileSystemException failure = new FileSystemException(
                device.toString(), null, "cannot set its " + what + ": no such name here. Give the number instead");
        failure.initCause(cause);
        return failure;
    }

    /** Java's own exception does not say what to do. */
    static FileSystemException ofChange(Path device, String what, FileSystemException cause) {
        if (cause instanceof NoSuchFileException) {
            return cause;
        }
        String reason = cause.getReason() == null ? cause.getClass().getSimpleName() : cause.getReason();
        FileSystemException failure = new FileSystemException(
                device.toString(), null, "cannot set its " + what + ": " + reason + ". Be root or its owner");
        failure.initCause(cause);
        return failure;
    }

    private static FileSystemException other(String file, String what) {
        return new FileSystemException(file, null, what + "No advice for that: the kernel's log (dmesg) may say more");
    }
}
