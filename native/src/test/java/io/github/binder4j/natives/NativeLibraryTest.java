package io.github.binder4j.natives;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.binder4j.programs.LoadProgram;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the C layer is loaded from, and what a user is told when it is not. */
class NativeLibraryTest {
    private static final String MODULE = "io.github.binder4j.natives";
    private static final String PLATFORM_MODULE = MODULE + "." + Platform.name().replace('-', '.');

    @TempDir
    Path directory;

    private Path platformJar;

    @BeforeEach
    void makeJar() throws IOException {
        platformJar = Jvm.jar(directory.resolve("platform.jar"), Jvm.PLATFORM, PLATFORM_MODULE);
    }

    // Where it is

    @Test
    void shouldLoadFromADirectoryOfClasses() throws Exception {
        assertEquals("loaded\n", fromDirectories(Jvm.own()).run(LoadProgram.class));
    }

    @Test
    void shouldLoadFromAJarAndLeaveNothing() throws Exception {
        Path empty = Files.createDirectory(directory.resolve("tmp"));

        assertEquals(
                "loaded\n", fromJar(Jvm.own()).with("-Djava.io.tmpdir=" + empty).run(LoadProgram.class));
        assertEquals(0, countOf(empty));
    }

    @Test
    void shouldNotNeedJavaCpp() throws Exception {
        String output = fromJar(Jvm.own()).with("-Xlog:class+load").run(LoadProgram.class);

        assertTrue(output.contains("\nloaded\n"), output);
        assertFalse(output.contains("org.bytedeco"), output);
    }

    @Test
    void shouldLoadTheFileThatIsNamed() throws Exception {
        Path file = Jvm.PLATFORM.resolve("io/github/binder4j/natives/" + Platform.name() + "/libjniBinderNative.so");

        assertEquals(
                "loaded\n",
                withoutPlatform(Jvm.own()).with("-Dbinder4j.library=" + file).run(LoadProgram.class));
        assertEquals(
                "loaded\n",
                withoutPlatform(Jvm.own())
                        .environment("BINDER4J_LIBRARY", file.toString())
                        .run(LoadProgram.class));
        assertTold(
                withoutPlatform(Jvm.own())
                        .with("-Dbinder4j.library=/nowhere/library.so")
                        .run(LoadProgram.class),
                "binder4j.library",
                "BINDER4J_LIBRARY",
                "/nowhere/library.so");
    }

    @Test
    void shouldLoadAgainForAnotherClassLoader() throws ReflectiveOperationException, IOException {
        URL[] everything = {url(Jvm.CLASSES), url(platformJar)};

        try (URLClassLoader loader = new URLClassLoader(everything, ClassLoader.getPlatformClassLoader())) {
            Object version = Class.forName(BinderNative.class.getName(), true, loader)
                    .getMethod("userProtocolVersion")
                    .invoke(null);

            assertEquals(BinderNative.userProtocolVersion(), version);
        }
    }

    // Where there is none

    @Test
    void shouldNameTheMissingJar() throws Exception {
        assertTold(
                withoutPlatform(Jvm.own()).run(LoadProgram.class),
                "binder4j-native with classifier " + Platform.name(),
                "io.github.binder4j:binder4j-native:",
                ":" + Platform.name() + ")");
    }

    @Test
    void shouldSayThatBinderIsLinuxOnly() throws Exception {
        for (String system : new String[] {"Mac OS X", "Windows 11", "FreeBSD"}) {
            String output = fromJar(Jvm.own()).with("-Dos.name=" + system).run(LoadProgram.class);

            assertTold(output, "Linux only", system);
            assertFalse(output.contains("classifier"), output);
        }
    }

    @Test
    void shouldSayForWhichProcessorsThereIsACLayer() throws Exception {
        for (String processor : new String[] {"riscv64", "ppc64le", "i386", "arm"}) {
            String output = fromJar(Jvm.own()).with("-Dos.arch=" + processor).run(LoadProgram.class);

            assertTold(output, "linux-" + processor, "linux-x86_64", "linux-arm64", "CONTRIBUTING.md");
            assertFalse(output.contains("classifier"), output);
        }
    }

    @Test
    void shouldKnowAProcessorByItsOtherName() throws Exception {
        String other = System.getProperty("os.arch").equals("amd64") ? "x86_64" : "arm64";

        assertEquals("loaded\n", fromJar(Jvm.own()).with("-Dos.arch=" + other).run(LoadProgram.class));
    }

    // Where it cannot be unpacked

    @Test
    void shouldUnpackWhereItIsTold() throws Exception {
        Path chosen = Files.createDirectory(directory.resolve("chosen"));

        assertTold(
                nowhere(fromJar(Jvm.own())).with("-Dbinder4j.tmpdir=" + chosen).run(LoadProgram.class), "loaded\n");
        assertTold(
                nowhere(fromJar(Jvm.own()))
                        .environment("BINDER4J_TMPDIR", chosen.toString())
                        .run(LoadProgram.class),
                "loaded\n");
        assertEquals(0, countOf(chosen));
    }

    @Test
    void shouldTryTheHomeAfterTheDirectoryForTemporaryFiles() throws Exception {
        Path home = Files.createDirectory(directory.resolve("home"));

        assertTold(
                fromJar(Jvm.own())
                        .with("-Djava.io.tmpdir=/nowhere", "-Duser.home=" + home)
                        .run(LoadProgram.class),
                "loaded\n");
        assertEquals(0, countOf(home));
    }

    @Test
    void shouldNameTheDirectoriesThatDoNotTakeTheCopy() throws Exception {
        String output = nowhere(fromJar(Jvm.own())).run(LoadProgram.class);

        assertTold(output, "/proc/nowhere: there is no such directory", "/dev/null: ");
        assertTold(output, "-Dbinder4j.tmpdir=DIRECTORY", "BINDER4J_TMPDIR", "-Dbinder4j.library=FILE");
        assertFalse(output.contains("classifier"), output);
    }

    /** Needs to mount: root, or a kernel that lets everybody be root in a namespace of his own. */
    @Test
    void shouldNameTheDiskThatIsFull() throws Exception {
        assertTold(onMount("size=4k"), directory + "/disk: No space left on device", "binder4j.tmpdir");
    }

    @Test
    void shouldNameTheDiskThatIsReadOnly() throws Exception {
        assertTold(onMount("ro"), directory + "/disk: ", "Read-only file system", "binder4j.tmpdir");
    }

    @Test
    void shouldNameTheDiskThatMayNotBeExecuted() throws Exception {
        assertTold(
                onMount("noexec"), directory + "/disk/binder4j-", "failed to map segment", "noexec", "binder4j.tmpdir");
    }

    private String onMount(String option) throws IOException, InterruptedException {
        Path disk = Files.createDirectory(directory.resolve("disk"));
        String[] mounted = {
            "unshare",
            "--user",
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            "mount -t tmpfs -o " + option + " none '" + disk + "' && exec \"$@\"",
            "sh"
        };
        Process possible = new ProcessBuilder(
                        Stream.concat(Stream.of(mounted), Stream.of("true")).toList())
                .start();
        assumeTrue(possible.waitFor() == 0, "this user may not mount, also not in a namespace of his own");
        return fromJar(Jvm.own())
                .with("-Dbinder4j.tmpdir=" + disk)
                .startedBy(mounted)
                .run(LoadProgram.class);
    }

    // What belongs to other classes

    @Test
    void shouldRefuseALibraryOfAnotherInterface() throws Exception {
        Path other = compiled("int Java_io_github_binder4j_natives_NativeLibrary_interfaceNumber(void) { return 99; }");

        assertTold(
                withoutPlatform(Jvm.own()).with("-Dbinder4j.library=" + other).run(LoadProgram.class),
                "different versions",
                "the classes in file:" + Jvm.CLASSES,
                "are for interface " + NativeLibrary.INTERFACE,
                other + " has 99",
                "io.github.binder4j:binder4j-native:");
    }

    @Test
    void shouldRefuseALibraryThatHasNoInterfaceNumber() throws Exception {
        Path older = compiled("int nothing;");

        assertTold(
                withoutPlatform(Jvm.own()).with("-Dbinder4j.library=" + older).run(LoadProgram.class),
                older + " has none");
    }

    private Path compiled(String source) throws IOException, InterruptedException {
        Path file = Files.writeString(directory.resolve("library.c"), source);
        Path library = directory.resolve("library.so");
        Process compiler = new ProcessBuilder("cc", "-shared", "-fPIC", file.toString(), "-o", library.toString())
                .inheritIO()
                .start();
        assertEquals(0, compiler.waitFor());
        return library;
    }

    // JDK 24 and later

    @Test
    void shouldNameTheOptionThatAllowsNativeAccessToClasses() throws Exception {
        assumeDenying();

        assertTold(fromJar(denying()).run(LoadProgram.class), "native access", "--enable-native-access=ALL-UNNAMED\n");
        assertEquals(
                "loaded\n",
                fromJar(denying()).with("--enable-native-access=ALL-UNNAMED").run(LoadProgram.class));
    }

    @Test
    void shouldNameTheOptionThatAllowsNativeAccessToTheModule() throws Exception {
        assumeDenying();

        assertTold(
                fromModules(denying(), PLATFORM_MODULE).run(LoadProgram.class),
                "--enable-native-access=" + MODULE + "\n");
        assertEquals(
                "loaded\n",
                fromModules(denying(), PLATFORM_MODULE)
                        .with("--enable-native-access=" + MODULE)
                        .run(LoadProgram.class));
    }

    @Test
    void shouldNameTheModuleThatIsNotResolved() throws Exception {
        assertTold(fromModules(Jvm.own(), MODULE).run(LoadProgram.class), "--add-modules " + PLATFORM_MODULE);
    }

    private static void assumeDenying() {
        assumeTrue(Jvm.newestFeature() >= 24, "no JDK here denies native access: that came with JDK 24");
    }

    private static Jvm denying() {
        return Jvm.newest().with("--illegal-native-access=deny");
    }

    // The programs

    private static Jvm fromDirectories(Jvm jvm) {
        return jvm.classPath(Jvm.CLASSES, Jvm.PLATFORM, Jvm.PROGRAMS);
    }

    private Jvm fromJar(Jvm jvm) {
        return jvm.classPath(Jvm.CLASSES, platformJar, Jvm.PROGRAMS);
    }

    private static Jvm withoutPlatform(Jvm jvm) {
        return jvm.classPath(Jvm.CLASSES, Jvm.PROGRAMS);
    }

    private Jvm fromModules(Jvm jvm, String alsoResolved) throws IOException {
        Path jar = Jvm.jar(directory.resolve("natives.jar"), Jvm.CLASSES, null);

        return jvm.modulePath(jar, platformJar)
                .with("--add-modules", MODULE + "," + alsoResolved)
                .classPath(Jvm.PROGRAMS);
    }

    /** Neither can be written, by root too. A newer JVM warns that the first is not there. */
    private static Jvm nowhere(Jvm jvm) {
        return jvm.with("-Djava.io.tmpdir=/proc/nowhere", "-Duser.home=/dev/null");
    }

    private static void assertTold(String output, String... texts) {
        assertAll(Stream.of(texts).map(text -> () -> assertTrue(output.contains(text), () -> text + " in: " + output)));
    }

    private static long countOf(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.count();
        }
    }

    private static URL url(Path path) throws IOException {
        return path.toUri().toURL();
    }
}
