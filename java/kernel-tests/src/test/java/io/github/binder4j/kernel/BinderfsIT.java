package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.binderfs.BinderLogs;
import io.github.binder4j.binderfs.Binderfs;
import io.github.binder4j.binderfs.BinderfsDevice;
import io.github.binder4j.binderfs.Features.Feature;
import io.github.binder4j.binderfs.MountOptions;
import io.github.binder4j.testkit.BinderTest;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Instances of binderfs, mounted, filled and unmounted on the real kernel. */
@Tag("binderfs")
@BinderTest(privileged = true)
class BinderfsIT {
    /** The test kit's instance has what the kernel puts into every one. */
    private static final Path OTHER = Path.of("/dev/binderfs");

    private static final String NOBODY = "65534";

    private Path directory;
    private Binderfs binderfs;

    @BeforeEach
    void mount() throws IOException {
        directory = Files.createTempDirectory("binderfs");
        binderfs = Binderfs.mount(directory);
    }

    @AfterEach
    void unmount() throws IOException {
        binderfs.close();
        Files.delete(directory);
    }

    private static List<String> names(Binderfs instance) throws IOException {
        return instance.devices().stream().map(BinderfsDevice::name).toList();
    }

    private static void assertSays(Exception thrown, String... parts) {
        for (String part : parts) {
            assertTrue(thrown.getMessage().contains(part), thrown.getMessage());
        }
    }

    @Test
    void shouldMountAnInstanceOfItsOwn() throws IOException {
        Binderfs other = Binderfs.at(OTHER);

        assertEquals(names(other), names(binderfs));
        for (BinderfsDevice device : binderfs.devices()) {
            BinderfsDevice namesake = other.device(device.name());
            assertEquals(namesake.major(), device.major());
            assertNotEquals(namesake.minor(), device.minor());
            assertEquals(directory.resolve(device.name()), device.path());
        }
        assertThrows(NoSuchFileException.class, binderfs::logs);
    }

    @Test
    void shouldTellFeaturesTheKernelHas() throws IOException {
        assertTrue(binderfs.features().has(Feature.ONEWAY_SPAM_DETECTION));
        assertTrue(binderfs.features().has(Feature.EXTENDED_ERROR));
        assertEquals(Binderfs.at(OTHER).features(), binderfs.features());
    }

    @Test
    void shouldAddListAndRemoveDevices() throws IOException {
        List<String> before = names(binderfs);

        BinderfsDevice second = binderfs.add("zz second");
        BinderfsDevice first = binderfs.add("zz first");

        List<String> more = new ArrayList<>(before);
        more.addAll(List.of("zz first", "zz second"));
        assertEquals(more, names(binderfs));
        assertEquals(first, binderfs.device("zz first"));
        assertEquals(second, binderfs.device("zz second"));
        assertNotEquals(first.minor(), second.minor());

        binderfs.remove("zz first");
        binderfs.remove("zz second");

        assertEquals(before, names(binderfs));
        assertFalse(Files.exists(first.path()));
        assertThrows(NoSuchFileException.class, () -> binderfs.remove("zz first"));
    }

    @Test
    void shouldRefuseANameThatIsTaken() throws IOException {
        binderfs.add("mine");

        for (String taken : List.of("mine", "binder-control", "features")) {
            FileAlreadyExistsException thrown =
                    assertThrows(FileAlreadyExistsException.class, () -> binderfs.add(taken));
            assertSays(thrown, directory.resolve(taken).toString(), "EEXIST");
        }
    }

    @Test
    void shouldTakeNamesOfUpTo255Bytes() throws IOException {
        String longest = "n".repeat(255);

        assertEquals(binderfs.add(longest), binderfs.device(longest));
        assertSays(
                assertThrows(FileSystemException.class, () -> binderfs.add(longest + "n")),
                "ENAMETOOLONG",
                "256 bytes",
                "at most 255");
    }

    @Test
    void shouldBeFullAtItsLimitUntilADeviceIsRemoved() throws IOException {
        int room = 2;
        int max = names(binderfs).size() + room;
        Path place = Files.createTempDirectory("binderfs");
        try (Binderfs small = Binderfs.mount(place, MountOptions.DEFAULT.withMaxDevices(max))) {
            assertEquals(OptionalInt.of(max), small.maxDevices());
            small.add("a");
            small.add("b");

            FileSystemException thrown = assertThrows(FileSystemException.class, () -> small.add("c"));
            assertSays(thrown, "ENOSPC", "max=" + max);

            small.remove("a");
            assertEquals("c", small.add("c").name());
        }
        Files.delete(place);
    }

    // Who may

    /** Runs a shell command as the user nobody; returns its exit status and prints what it says. */
    private static int asNobody(String command) throws Exception {
        Process process = new ProcessBuilder("su", "-s", "/bin/sh", "nobody", "-c", command)
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        System.out.println(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        assertTrue(process.waitFor(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS));
        return process.exitValue();
    }

    private static boolean mayNobodyOpen(BinderfsDevice device) throws Exception {
        return asNobody(": <>" + device.path()) == 0;
    }

    @Test
    void shouldLetAGroupInAndKeepItOut() throws Exception {
        BinderfsDevice device = binderfs.add("shared");
        assertFalse(mayNobodyOpen(device));

        binderfs.setGroup("shared", NOBODY);
        assertFalse(mayNobodyOpen(device));
        binderfs.setPermissions("shared", PosixFilePermissions.fromString("rw-rw----"));
        assertTrue(mayNobodyOpen(device));
        binderfs.setGroup("shared", "0");
        assertFalse(mayNobodyOpen(device));
    }

    @Test
    void shouldGiveADeviceToAUser() throws Exception {
        BinderfsDevice device = binderfs.add("given");
        assertEquals("rw-------", permissions("given"));

        binderfs.setOwner("given", "nobody");

        assertTrue(mayNobodyOpen(device));
        assertEquals("nobody", binderfs.attributes("given").owner().getName());
        assertEquals("rw-------", permissions("given"));
    }

    private String permissions(String device) throws IOException {
        return PosixFilePermissions.toString(binderfs.attributes(device).permissions());
    }

    @Test
    void shouldTellAnyoneButRootWhatIsNotTheirs() throws Exception {
        binderfs.add("kept");
        Path place = Files.createTempDirectory("binderfs");
        String java = System.getProperty("java.home") + "/bin/java -cp " + System.getProperty("java.class.path");
        String main = AsNobody.class.getName().replace("$", "\\$");

        assertEquals(0, asNobody(String.join(" ", java, main, directory.toString(), place.toString())));

        Files.delete(place);
    }

    /** Tries what only root may. Arguments: an instance with a device "kept"; where to mount another. */
    static final class AsNobody {
        public static void main(String[] args) throws IOException {
            Binderfs binderfs = Binderfs.at(Path.of(args[0]));
            Path place = Path.of(args[1]);
            assertEquals("kept", binderfs.device("kept").name());
            assertTrue(binderfs.features().has(Feature.EXTENDED_ERROR));
            assertRefused("EACCES", () -> binderfs.add("more"));
            assertRefused("EACCES", () -> binderfs.remove("kept"));
            assertRefused("EPERM", () -> Binderfs.mount(place));
            assertRefused("EPERM", () -> Binderfs.mount(place, MountOptions.DEFAULT.withGlobalStats()));
            assertRefused("EPERM", binderfs::unmount);
            assertSays(
                    assertThrows(
                            FileSystemException.class,
                            () -> binderfs.setPermissions("kept", PosixFilePermissions.fromString("rw-rw-rw-"))),
                    "permissions",
                    "Be root or its owner");
        }

        private static void assertRefused(String errno, org.junit.jupiter.api.function.Executable action) {
            assertSays(assertThrows(AccessDeniedException.class, action), errno, "Be root");
        }
    }

    // Mounted and not

    @Test
    void shouldNotHideAnInstanceUnderAnother() {
        assertThrows(FileAlreadyExistsException.class, () -> Binderfs.mount(directory));
    }

    @Test
    void shouldStayMountedWhileADeviceIsOpen() throws IOException {
        BinderfsDevice device = binderfs.add("open");
        try (FileChannel open =
                FileChannel.open(device.path(), Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE))) {
            assertTrue(open.isOpen());
            assertSays(assertThrows(FileSystemException.class, binderfs::close), "EBUSY", "fuser -vm " + directory);
            assertEquals(device, binderfs.device("open"));
        }
    }

    @Test
    void shouldBeGoneWithItsDevicesOnceUnmounted() throws IOException {
        BinderfsDevice device = binderfs.add("gone");

        binderfs.unmount();

        assertFalse(Files.exists(device.path()));
        assertSays(assertThrows(FileSystemException.class, () -> Binderfs.at(directory)), "not a binderfs");
        assertSays(assertThrows(FileSystemException.class, binderfs::devices), "not a binderfs");
        assertSays(assertThrows(FileSystemException.class, () -> binderfs.add("more")), "not a binderfs");
        assertSays(assertThrows(FileSystemException.class, binderfs::unmount), "EINVAL", "Nothing is mounted");
    }

    @Test
    void shouldSayWhereItCannotMount() throws IOException {
        Path file = Files.createTempFile("not-a-directory", "");
        Path missing = directory.resolveSibling("missing");

        assertSays(assertThrows(FileSystemException.class, () -> Binderfs.mount(file)), file.toString(), "ENOTDIR");
        assertSays(assertThrows(NoSuchFileException.class, () -> Binderfs.mount(missing)), "mkdir -p " + missing);
        Files.delete(file);
    }

    @Test
    void shouldHaveLogsWhereAskedTo() throws IOException {
        Path place = Files.createTempDirectory("binderfs");
        try (Binderfs withLogs = Binderfs.mount(
                place,
                MountOptions.DEFAULT
                        .withGlobalStats()
                        .withMaxDevices(names(binderfs).size() + 1))) {
            assertEquals(List.of(), withLogs.logs().state().unparsed());
            assertEquals(Set.of(), withLogs.logs().pids());
            assertEquals(List.of(), BinderLogs.find().orElseThrow().stats().unparsed());
        }
        Files.delete(place);
    }
}
