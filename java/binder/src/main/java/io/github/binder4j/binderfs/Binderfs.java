package io.github.binder4j.binderfs;

import io.github.binder4j.natives.FileNames;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One instance of the binder file system: a directory of devices, each with a context manager of its own.
 *
 * <p>Thread-safe. Nearly everything but reading needs root; what is refused, and what else goes wrong, is a {@link
 * FileSystemException} that names the path and says what to do. All of an instance is gone when it is unmounted, the
 * owners and permissions of its devices too.
 */
public final class Binderfs implements AutoCloseable {
    static final String CONTROL = "binder-control";

    private static final String FEATURES = "features";
    private static final String LOGS = "binder_logs";

    private final BinderfsCalls calls;
    private final Path path;
    private final AtomicBoolean toUnmount;

    private Binderfs(BinderfsCalls calls, Path path, boolean mounted) {
        this.calls = calls;
        this.path = path;
        this.toUnmount = new AtomicBoolean(mounted);
    }

    /**
     * Mounts a new instance with {@link MountOptions#DEFAULT}.
     *
     * @param directory where; it exists
     * @return the instance, which {@link #close} unmounts
     * @throws IOException as {@link #mount(Path, MountOptions)} does
     */
    public static Binderfs mount(Path directory) throws IOException {
        return mount(directory, MountOptions.DEFAULT);
    }

    /**
     * Mounts a new instance. It has the devices of the kernel module's {@code devices} parameter.
     *
     * @param directory where; it exists
     * @param options its limit, and whether it has logs
     * @return the instance, which {@link #close} unmounts
     * @throws java.nio.file.AccessDeniedException if this process may not mount
     * @throws FileAlreadyExistsException if an instance is mounted there already
     * @throws NoSuchFileException if there is no such directory
     * @throws FileSystemException if it is no directory, or cannot be mounted for another reason
     * @throws io.github.binder4j.errors.BinderUnavailableException if the kernel has no binderfs
     */
    public static Binderfs mount(Path directory, MountOptions options) throws IOException {
        return mount(BinderfsCalls.KERNEL, directory, options);
    }

    static Binderfs mount(BinderfsCalls calls, Path directory, MountOptions options) throws IOException {
        Path path = absolute(directory);
        if (Files.exists(path.resolve(CONTROL))) {
            throw new FileAlreadyExistsException(
                    path.toString(), null, "a binderfs is mounted there: use it with Binderfs.at, or unmount it first");
        }
        int result = calls.mount(path, options);
        if (result < 0) {
            throw Failures.ofMount(path, options, -result);
        }
        return new Binderfs(calls, path, true);
    }

    /**
     * Adopts an instance that is mounted.
     *
     * @param directory where it is mounted
     * @return the instance, which {@link #close} leaves mounted
     * @throws NoSuchFileException if there is no such directory
     * @throws FileSystemException if it is no instance
     */
    public static Binderfs at(Path directory) throws IOException {
        return at(BinderfsCalls.KERNEL, directory);
    }

    static Binderfs at(BinderfsCalls calls, Path directory) throws IOException {
        Binderfs instance = new Binderfs(calls, absolute(directory), false);
        instance.requireInstance();
        return instance;
    }

    private static Path absolute(Path directory) {
        return directory.toAbsolutePath().normalize();
    }

    private void requireInstance() throws IOException {
        if (!Files.exists(path.resolve(CONTROL))) {
            throw Failures.notAnInstance(path);
        }
    }

    /**
     * Where it is mounted.
     *
     * @return an absolute path
     */
    public Path path() {
        return path;
    }

    /**
     * How many devices it may have.
     *
     * @return the limit; empty if the kernel does not say
     * @throws IOException if the table of mounts cannot be read
     */
    public OptionalInt maxDevices() throws IOException {
        Optional<MountTable.Instance> mount = MountTable.at(Files.exists(path) ? path.toRealPath() : path);
        return mount.isPresent() ? mount.get().maxDevices() : OptionalInt.empty();
    }

    /**
     * What the driver can do.
     *
     * @return its features; none on kernels that do not tell
     * @throws FileSystemException if this is no instance any more
     * @throws IOException if they cannot be read
     */
    public Features features() throws IOException {
        requireInstance();
        Path directory = path.resolve(FEATURES);
        Set<String> offered = new TreeSet<>();
        if (Files.isDirectory(directory)) {
            for (Path file : entries(directory)) {
                if (Files.readString(file).strip().equals("1")) {
                    offered.add(FileNames.lastName(file));
                }
            }
        }
        return new Features(Collections.unmodifiableSet(offered));
    }

    /**
     * The driver's logs, which are those of all instances and devices of the kernel.
     *
     * @return the logs
     * @throws NoSuchFileException if the instance was mounted without {@link MountOptions#withGlobalStats}
     */
    public BinderLogs logs() throws NoSuchFileException {
        return BinderLogs.at(path.resolve(LOGS));
    }

    /**
     * All devices, without {@code binder-control}.
     *
     * @return sorted by name
     * @throws FileSystemException if this is no instance any more
     * @throws IOException if the directory cannot be read
     */
    public List<BinderfsDevice> devices() throws IOException {
        requireInstance();
        List<BinderfsDevice> devices = new ArrayList<>();
        for (Path entry : entries(path)) {
            if (isDevice(entry)) {
                devices.add(BinderfsDevice.ofStat(entry, number(entry)));
            }
        }
        devices.sort(Comparator.comparing(BinderfsDevice::name));
        return List.copyOf(devices);
    }

    /** The directories beside the devices hold features and logs. */
    private static boolean isDevice(Path entry) {
        return !entry.getFileName().toString().equals(CONTROL)
                && Files.exists(entry, LinkOption.NOFOLLOW_LINKS)
                && !Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS);
    }

    private static long number(Path device) throws IOException {
        return ((Number) Files.getAttribute(device, "unix:rdev", LinkOption.NOFOLLOW_LINKS)).longValue();
    }

    private static List<Path> entries(Path directory) throws IOException {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            stream.forEach(entries::add);
        }
        return entries;
    }

    /**
     * A device.
     *
     * @param name its name
     * @return the device of that name
     * @throws NoSuchFileException if there is none, naming those there are
     * @throws FileSystemException if this is no instance any more
     * @throws IOException if it cannot be read
     */
    public BinderfsDevice device(String name) throws IOException {
        return devices().stream()
                .filter(device -> device.name().equals(name))
                .findFirst()
                .orElseThrow(() -> Failures.noDevice(path, name, names()));
    }

    private List<String> names() {
        try {
            return devices().stream().map(BinderfsDevice::name).toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    /**
     * Adds a device. It belongs to the user who mounted the instance, and nobody else may open it.
     *
     * @param name 1 to 255 bytes, without {@code /}
     * @return the new device
     * @throws IllegalArgumentException if no file can have that name
     * @throws FileAlreadyExistsException if the instance has something of that name
     * @throws java.nio.file.AccessDeniedException if this process may not add devices
     * @throws FileSystemException if the name is too long, the instance is full or is not one any more
     * @throws IOException if it cannot be added for another reason
     */
    public BinderfsDevice add(String name) throws IOException {
        if (name.isEmpty() || name.equals(".") || name.equals("..") || name.indexOf('/') >= 0) {
            throw new IllegalArgumentException(
                    "device name '" + name + "': it must be the name of a file, without '/'");
        }
        Path device = FileNames.resolve(path, name);
        requireInstance();
        long result = calls.addDevice(path.resolve(CONTROL), name);
        if (result < 0) {
            throw Failures.ofAdd(device, maxDevices(), (int) -result);
        }
        return BinderfsDevice.ofNumber(device, result);
    }

    /**
     * Removes a device. Who has it open keeps it; its name and number are free at once.
     *
     * @param name its name
     * @throws NoSuchFileException if there is no such device
     * @throws java.nio.file.AccessDeniedException if this process may not remove it
     * @throws FileSystemException if this is no instance any more
     * @throws IOException if it cannot be removed for another reason
     */
    public void remove(String name) throws IOException {
        Path device = device(name).path();
        int result = calls.removeDevice(device);
        if (result < 0) {
            throw Failures.ofRemove(device, -result);
        }
    }

    /**
     * Who may open a device: both reading and writing is needed for that.
     *
     * @param name its name
     * @param permissions all that are granted
     * @throws NoSuchFileException if there is no such device
     * @throws FileSystemException if this process may not change it, or this is no instance any more
     * @throws IOException if it cannot be changed for another reason
     */
    public void setPermissions(String name, Set<PosixFilePermission> permissions) throws IOException {
        change(name, "permissions", device -> view(device).setPermissions(permissions));
    }

    /**
     * Gives a device to a group.
     *
     * @param name its name
     * @param group a group's name, or its number
     * @throws NoSuchFileException if there is no such device
     * @throws FileSystemException if there is no such group, this process may not change it, or this is no instance any more
     * @throws IOException if it cannot be changed for another reason
     */
    public void setGroup(String name, String group) throws IOException {
        change(name, "group " + group, device -> view(device).setGroup(users().lookupPrincipalByGroupName(group)));
    }

    /**
     * Gives a device to a user.
     *
     * @param name its name
     * @param user a user's name, or its number
     * @throws NoSuchFileException if there is no such device
     * @throws FileSystemException if there is no such user, this process may not change it, or this is no instance any more
     * @throws IOException if it cannot be changed for another reason
     */
    public void setOwner(String name, String user) throws IOException {
        change(name, "owner " + user, device -> view(device).setOwner(users().lookupPrincipalByName(user)));
    }

    /**
     * Whom a device belongs to, and who may open it.
     *
     * @param name its name
     * @return its owner, group and permissions
     * @throws NoSuchFileException if there is no such device
     * @throws FileSystemException if this is no instance any more
     * @throws IOException if they cannot be read
     */
    public PosixFileAttributes attributes(String name) throws IOException {
        return view(device(name).path()).readAttributes();
    }

    private UserPrincipalLookupService users() {
        return path.getFileSystem().getUserPrincipalLookupService();
    }

    private static PosixFileAttributeView view(Path device) {
        return Files.getFileAttributeView(device, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    }

    private interface Change {
        void apply(Path device) throws IOException;
    }

    private void change(String name, String what, Change change) throws IOException {
        Path device = device(name).path();
        try {
            change.apply(device);
        } catch (UserPrincipalNotFoundException e) {
            throw Failures.ofUnknownPrincipal(device, what, e);
        } catch (FileSystemException e) {
            throw Failures.ofChange(device, what, e);
        }
    }

    /**
     * Unmounts the instance, whoever mounted it.
     *
     * @throws java.nio.file.AccessDeniedException if this process may not
     * @throws FileSystemException if a device is open, or nothing is mounted there
     */
    public void unmount() throws FileSystemException {
        int result = calls.unmount(path);
        if (result < 0) {
            throw Failures.ofUnmount(path, -result);
        }
        toUnmount.set(false);
    }

    /**
     * Unmounts the instance if {@link #mount} made it and it was not unmounted through this object; else does nothing.
     *
     * @throws FileSystemException as {@link #unmount} does; may be called again then
     */
    @Override
    public void close() throws FileSystemException {
        if (toUnmount.compareAndSet(true, false)) {
            try {
                unmount();
            } catch (FileSystemException e) {
                toUnmount.set(true);
                throw e;
            }
        }
    }

    @Override
    public String toString() {
        return "binderfs at " + path;
    }
}
