package io.github.binder4j.binderfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.binderfs.Features.Feature;
import io.github.binder4j.driver.Errno;
import io.github.binder4j.errors.BinderUnavailableException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Instances in a directory that only looks like one, with a kernel that answers as told. */
class BinderfsTest {
    private static final long DEVICE = 243L << 32 | 0x80000007L;

    @TempDir
    private Path directory;

    private final FakeKernel kernel = new FakeKernel();

    /** Answers every call alike, and keeps a record. */
    private static final class FakeKernel implements BinderfsCalls {
        private final List<String> calls = new ArrayList<>();
        private long answer;

        @Override
        public int mount(Path target, MountOptions options) {
            calls.add("mount " + target + " " + options);
            return (int) answer;
        }

        @Override
        public int unmount(Path target) {
            calls.add("unmount " + target);
            return (int) answer;
        }

        @Override
        public long addDevice(Path control, String name) {
            calls.add("add " + control + " " + name);
            return answer;
        }

        @Override
        public int removeDevice(Path path) {
            calls.add("remove " + path);
            return (int) answer;
        }
    }

    @BeforeEach
    void makeInstance() throws IOException {
        Files.createFile(directory.resolve("binder-control"));
        Files.createDirectory(directory.resolve("features"));
        Files.createDirectory(directory.resolve("binder_logs"));
        Files.createFile(directory.resolve("hwbinder"));
        Files.createFile(directory.resolve("binder"));
    }

    private Binderfs instance() throws IOException {
        return Binderfs.at(kernel, directory);
    }

    private static void assertSays(Exception thrown, String... parts) {
        for (String part : parts) {
            assertTrue(thrown.getMessage().contains(part), thrown.getMessage());
        }
    }

    private <T extends Exception> T mountFailure(int errno, Class<T> type, MountOptions options) {
        kernel.answer = -errno;
        return assertThrows(type, () -> Binderfs.mount(kernel, directory.resolve("new"), options));
    }

    // Mounting

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"0 | false | ''", "4 | false | max=4", "0 | true | stats=global", "4 | true | max=4,stats=global"})
    void shouldMountWithTheOptionsAskedFor(int max, boolean stats, String words) throws IOException {
        MountOptions options = max == 0 ? MountOptions.DEFAULT : MountOptions.DEFAULT.withMaxDevices(max);

        Binderfs mounted =
                Binderfs.mount(kernel, directory.resolve("new"), stats ? options.withGlobalStats() : options);

        assertEquals(List.of("mount " + directory.resolve("new") + " " + words), kernel.calls);
        assertEquals(directory.resolve("new"), mounted.path());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 1048577})
    void shouldRefuseALimitTheKernelRefuses(int max) {
        IllegalArgumentException thrown =
                assertThrows(IllegalArgumentException.class, () -> MountOptions.DEFAULT.withMaxDevices(max));

        assertSays(thrown, "max=" + max, "1048576");
    }

    @Test
    void shouldNotHideAnInstanceUnderAnother() {
        FileAlreadyExistsException thrown = assertThrows(
                FileAlreadyExistsException.class, () -> Binderfs.mount(kernel, directory, MountOptions.DEFAULT));

        assertSays(thrown, directory.toString(), "Binderfs.at");
        assertEquals(List.of(), kernel.calls);
    }

    @Test
    void shouldSayThatMountingNeedsRoot() {
        AccessDeniedException thrown =
                mountFailure(Errno.EPERM, AccessDeniedException.class, MountOptions.DEFAULT.withGlobalStats());

        assertEquals(directory.resolve("new").toString(), thrown.getFile());
        assertSays(thrown, "EPERM (1)", "stats=global", "Be root", "outside of any user namespace");
    }

    @Test
    void shouldSayThatTheKernelHasNoBinderfs() {
        BinderUnavailableException thrown =
                mountFailure(Errno.ENODEV, BinderUnavailableException.class, MountOptions.DEFAULT);

        assertEquals(Errno.ENODEV, thrown.errno());
        assertSays(thrown, directory.resolve("new").toString(), "no binderfs", "modprobe binder_linux");
    }

    @Test
    void shouldSayThatTheDirectoryIsMissing() {
        assertSays(
                mountFailure(Errno.ENOENT, NoSuchFileException.class, MountOptions.DEFAULT),
                "mkdir -p " + directory.resolve("new"));
    }

    @Test
    void shouldSayThatTheLimitIsLessThanTheKernelNeeds() {
        assertSays(
                mountFailure(Errno.ENOSPC, FileSystemException.class, MountOptions.DEFAULT.withMaxDevices(1)),
                "max=1",
                "ENOSPC",
                "larger max");
    }

    @ParameterizedTest
    @ValueSource(ints = {Errno.ENOTDIR, Errno.EINVAL})
    void shouldNameAnyOtherFailureToMount(int errno) {
        assertSays(
                mountFailure(errno, FileSystemException.class, MountOptions.DEFAULT),
                directory.resolve("new").toString(),
                Errno.describe(errno));
    }

    // Adopting

    @Test
    void shouldSayWhatIsNoInstance() throws IOException {
        Path missing = directory.resolve("missing");
        assertSays(assertThrows(NoSuchFileException.class, () -> Binderfs.at(missing)), missing.toString());
        assertSays(
                assertThrows(FileSystemException.class, () -> Binderfs.at(directory.resolve("features"))),
                "not a binderfs",
                "binder-control",
                "findmnt -t binder");
        assertSays(
                assertThrows(FileSystemException.class, () -> Binderfs.at(directory.resolve("binder"))),
                "not a directory");
    }

    @Test
    void shouldSayThatItIsNoInstanceAnyMore() throws IOException {
        Binderfs instance = instance();
        Files.delete(directory.resolve("binder-control"));

        for (Change change : List.<Change>of(
                instance::devices,
                instance::features,
                () -> instance.add("more"),
                () -> instance.remove("binder"),
                () -> instance.setGroup("binder", "0"))) {
            assertSays(assertThrows(FileSystemException.class, change::apply), "not a binderfs");
        }
        assertEquals(List.of(), kernel.calls);
    }

    private interface Change {
        void apply() throws IOException;
    }

    // Unmounting

    @Test
    void shouldUnmountOnceWhatItMounted() throws IOException {
        Binderfs mounted = Binderfs.mount(kernel, directory.resolve("new"), MountOptions.DEFAULT);
        kernel.calls.clear();

        mounted.close();
        mounted.close();

        assertEquals(List.of("unmount " + directory.resolve("new")), kernel.calls);
    }

    @Test
    void shouldLeaveMountedWhatItAdopted() throws IOException {
        try (Binderfs adopted = instance()) {
            assertEquals(directory, adopted.path());
        }

        assertEquals(List.of(), kernel.calls);
    }

    @Test
    void shouldUnmountWhatItAdoptedWhenAskedTo() throws IOException {
        instance().unmount();

        assertEquals(List.of("unmount " + directory), kernel.calls);
    }

    @Test
    void shouldTryToUnmountAgainAfterAFailure() throws IOException {
        Binderfs mounted = Binderfs.mount(kernel, directory.resolve("new"), MountOptions.DEFAULT);
        kernel.answer = -Errno.EBUSY;
        assertSays(assertThrows(FileSystemException.class, mounted::close), "EBUSY", "is open", "fuser");
        kernel.answer = 0;
        kernel.calls.clear();

        mounted.close();

        assertEquals(List.of("unmount " + directory.resolve("new")), kernel.calls);
    }

    @Test
    void shouldSayWhyItCannotUnmount() throws IOException {
        Binderfs instance = instance();
        kernel.answer = -Errno.EPERM;
        assertSays(assertThrows(AccessDeniedException.class, instance::unmount), "EPERM", "Be root");
        kernel.answer = -Errno.EINVAL;
        assertSays(assertThrows(FileSystemException.class, instance::unmount), "EINVAL", "Nothing is mounted");
        kernel.answer = -Errno.ENOENT;
        assertThrows(NoSuchFileException.class, instance::unmount);
    }

    // Devices

    @Test
    void shouldListDevicesByName() throws IOException {
        assertEquals(
                List.of("binder", "hwbinder"),
                instance().devices().stream().map(BinderfsDevice::name).toList());
        assertEquals(directory.resolve("binder"), instance().device("binder").path());
    }

    @Test
    void shouldNameTheDevicesThereAreWhenAskedForAnother() throws IOException {
        Binderfs instance = instance();

        NoSuchFileException thrown = assertThrows(NoSuchFileException.class, () -> instance.device("vndbinder"));

        assertEquals(directory.resolve("vndbinder").toString(), thrown.getFile());
        assertSays(thrown, "[binder, hwbinder]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"binder-control", "features", "binder_logs", "missing"})
    void shouldChangeNothingThatIsNoDevice(String name) throws IOException {
        Binderfs instance = instance();

        assertThrows(NoSuchFileException.class, () -> instance.device(name));
        assertThrows(NoSuchFileException.class, () -> instance.remove(name));
        assertThrows(NoSuchFileException.class, () -> instance.setPermissions(name, Set.of()));
        assertThrows(NoSuchFileException.class, () -> instance.setGroup(name, "0"));
        assertThrows(NoSuchFileException.class, () -> instance.setOwner(name, "0"));
        assertEquals(List.of(), kernel.calls);
    }

    @Test
    void shouldAddADevice() throws IOException {
        kernel.answer = DEVICE;

        BinderfsDevice added = instance().add("test 1");

        assertEquals(List.of("add " + directory.resolve("binder-control") + " test 1"), kernel.calls);
        assertEquals(new BinderfsDevice("test 1", directory.resolve("test 1"), 243, 0x80000007), added);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "/", "a/b", "/dev/binder", "nul\0"})
    void shouldRefuseANameNoFileCanHave(String name) throws IOException {
        Binderfs instance = instance();

        assertThrows(IllegalArgumentException.class, () -> instance.add(name));
        assertEquals(List.of(), kernel.calls);
    }

    private <T extends FileSystemException> T addFailure(int errno, Class<T> type, String name) throws IOException {
        Binderfs instance = instance();
        kernel.answer = -errno;
        T thrown = assertThrows(type, () -> instance.add(name));
        assertEquals(directory.resolve(name).toString(), thrown.getFile());
        assertSays(thrown, Errno.describe(errno));
        return thrown;
    }

    @Test
    void shouldSayWhyItCannotAddADevice() throws IOException {
        assertSays(addFailure(Errno.EEXIST, FileAlreadyExistsException.class, "binder"), "remove it first");
        assertSays(addFailure(Errno.ENOSPC, FileSystemException.class, "more"), "full", "larger max");
        assertSays(addFailure(Errno.EACCES, AccessDeniedException.class, "more"), "Be root");
        assertSays(addFailure(Errno.EPERM, AccessDeniedException.class, "more"), "Be root");
        assertSays(
                addFailure(Errno.ENAMETOOLONG, FileSystemException.class, "n".repeat(256)), "256 bytes", "at most 255");
        addFailure(Errno.EMFILE, FileSystemException.class, "more");
    }

    @Test
    void shouldNameTheLimitThatIsReached() {
        FileSystemException thrown = Failures.ofAdd(directory.resolve("more"), OptionalInt.of(3), Errno.ENOSPC);

        assertSays(thrown, "max=3");
    }

    @Test
    void shouldRemoveADevice() throws IOException {
        instance().remove("binder");

        assertEquals(List.of("remove " + directory.resolve("binder")), kernel.calls);
    }

    @Test
    void shouldSayWhyItCannotRemoveADevice() throws IOException {
        Binderfs instance = instance();
        kernel.answer = -Errno.EPERM;
        assertSays(assertThrows(AccessDeniedException.class, () -> instance.remove("binder")), "EPERM", "Be root");
        kernel.answer = -Errno.ENOENT;
        assertThrows(NoSuchFileException.class, () -> instance.remove("binder"));
        kernel.answer = -Errno.EBUSY;
        assertSays(assertThrows(FileSystemException.class, () -> instance.remove("binder")), "EBUSY");
    }

    @Test
    void shouldDecodeTheNumbersOfStat() {
        assertEquals(
                new BinderfsDevice("b", Path.of("/b"), 243, 5), BinderfsDevice.ofStat(Path.of("/b"), 243 << 8 | 5));
        assertEquals(
                new BinderfsDevice("b", Path.of("/b"), 0xabcdefff, 0xfedcbaff),
                BinderfsDevice.ofStat(Path.of("/b"), 0xabcdeL << 44 | 0xfedcbaL << 20 | 0xfffL << 8 | 0xff));
    }

    @Test
    void shouldChangeWhoMayOpenADevice() throws IOException {
        Binderfs instance = instance();
        String group =
                Files.getAttribute(directory.resolve("binder"), "unix:gid").toString();
        String user =
                Files.getAttribute(directory.resolve("binder"), "unix:uid").toString();

        instance.setPermissions("binder", PosixFilePermissions.fromString("rw-rw----"));
        instance.setGroup("binder", group);
        instance.setOwner("binder", user);

        assertEquals(
                "rw-rw----",
                PosixFilePermissions.toString(instance.attributes("binder").permissions()));
    }

    @Test
    void shouldSayThatThereIsNoSuchUserOrGroup() throws IOException {
        Binderfs instance = instance();

        FileSystemException thrown =
                assertThrows(FileSystemException.class, () -> instance.setGroup("binder", "no such group"));

        assertEquals(directory.resolve("binder").toString(), thrown.getFile());
        assertSays(thrown, "group no such group", "Give the number");
        assertSays(
                assertThrows(FileSystemException.class, () -> instance.setOwner("binder", "no such user")),
                "owner no such user");
    }

    @Test
    void shouldSayWhyADeviceCannotBeChanged() {
        FileSystemException refused = new FileSystemException("/b", null, "Operation not permitted");
        FileSystemException thrown = Failures.ofChange(Path.of("/b"), "group x", refused);

        assertSays(thrown, "/b", "group x", "Operation not permitted", "Be root or its owner");
        assertEquals(refused, thrown.getCause());
        assertInstanceOf(
                NoSuchFileException.class, Failures.ofChange(Path.of("/b"), "group x", new NoSuchFileException("/b")));
    }

    // Features and logs

    @Test
    void shouldReadFeaturesKnownAndUnknown() throws IOException {
        Path features = directory.resolve("features");
        Files.writeString(features.resolve("extended_error"), "1\n");
        Files.writeString(features.resolve("time_travel"), "1\n");
        Files.writeString(features.resolve("freeze_notification"), "0\n");

        Features offered = instance().features();

        assertEquals(Set.of("extended_error", "time_travel"), offered.names());
        assertTrue(offered.has(Feature.EXTENDED_ERROR));
        assertFalse(offered.has(Feature.FREEZE_NOTIFICATION));
        assertFalse(offered.has(Feature.ONEWAY_SPAM_DETECTION));
    }

    @Test
    void shouldFindNoFeaturesWhereTheKernelTellsNone() throws IOException {
        Files.delete(directory.resolve("features"));

        assertEquals(Set.of(), instance().features().names());
    }

    @Test
    void shouldFindItsLogs() throws IOException {
        Binderfs instance = instance();
        assertSays(assertThrows(NoSuchFileException.class, instance::logs), "stats=global");

        Files.createFile(directory.resolve("binder_logs/state"));

        assertEquals(directory.resolve("binder_logs"), instance.logs().directory());
    }

    @Test
    void shouldKnowNoLimitWhereNothingIsMounted() throws IOException {
        assertEquals(OptionalInt.empty(), instance().maxDevices());
    }
}
