package io.github.binder4j.runtime;

import io.github.binder4j.driver.DriverException;
import io.github.binder4j.driver.Errno;
import io.github.binder4j.driver.GivenPath;
import io.github.binder4j.errors.BinderUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** Says why a device could not be opened, and which command mends it: the first error most people meet. */
final class DeviceDiagnosis {
    private static final Path FILE_SYSTEMS = Path.of("/proc/filesystems");
    private static final Path OS_RELEASE = Path.of("/etc/os-release");

    private DeviceDiagnosis() {}

    static BinderUnavailableException explain(Path device, DriverException failure) {
        String reason = switch (failure.errno()) {
            case Errno.ENOENT -> missing(device);
            case Errno.EACCES, Errno.EPERM -> notPermitted(device);
            case Errno.ENXIO, Errno.ENODEV -> "the node exists but no driver is behind it. " + loadModule();
            case Errno.EINVAL, Errno.ENOTTY ->
                "it is not a binder device. Name one with -D" + DefaultDevice.PROPERTY + "=PATH or "
                        + DefaultDevice.ENVIRONMENT;
            case Errno.EISDIR -> "it is a directory. Name a device in it, as " + device.resolve("binder");
            case Errno.EMFILE -> "this process has too many files open: raise ulimit -n, or find what leaves them open";
            default -> "no advice for that one: the kernel's log (dmesg) may say more";
        };
        return new BinderUnavailableException(
                "cannot use binder device " + device + ": " + failure.getMessage() + "\n  " + reason + damage(device),
                failure.errno());
    }

    /** A locale without a name's characters shows others in their place, and may have lost them when it was read. */
    private static String damage(Path device) {
        return GivenPath.isDamaged(device.toString())
                ? "\n  The path has characters that the locale of this JVM has not (sun.jnu.encoding="
                        + System.getProperty("sun.jnu.encoding") + "): start it with LC_ALL=C.UTF-8"
                : "";
    }

    private static String missing(Path device) {
        if (!fileSystems().contains("nodev\tbinder")) {
            return "this kernel offers no binderfs, and there is no such static device. " + loadModule();
        }
        Path directory = device.toAbsolutePath().getParent();
        return Files.exists(directory.resolve("binder-control"))
                ? "binderfs is mounted at " + directory
                        + " but has no device of that name. Add one, or name another with -D" + DefaultDevice.PROPERTY
                        + "=PATH"
                : "this kernel has binderfs, not mounted there. Mount it: sudo mkdir -p " + directory
                        + " && sudo mount -t binder binder " + directory;
    }

    private static String notPermitted(Path device) {
        String owner = "it may not be opened by this user";
        try {
            PosixFileAttributes attributes = Files.readAttributes(device, PosixFileAttributes.class);
            owner = "it belongs to " + attributes.owner() + ":" + attributes.group() + " with permissions "
                    + PosixFilePermissions.toString(attributes.permissions()) + ", this is user "
                    + System.getProperty("user.name");
        } catch (IOException e) {
            // the first words stand
        }
        return owner + ". Allow it: sudo chmod 666 " + device
                + " (in a container: also --device-cgroup-rule 'c *:* rmw' or --device " + device + ")";
    }

    private static String loadModule() {
        String packages =
                textOf(OS_RELEASE).contains("ubuntu") ? "sudo apt install linux-modules-extra-$(uname -r) && " : "";
        return "Load the driver: " + packages + "sudo modprobe binder_linux devices=binder,hwbinder,vndbinder"
                + " (no such module: use a kernel that has it, as ./ci/vm does)";
    }

    private static List<String> fileSystems() {
        return textOf(FILE_SYSTEMS).lines().toList();
    }

    private static String textOf(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }
}
