package io.github.binder4j.natives;

import static java.util.stream.Collectors.toList;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/** A JVM of its own, started as users start theirs, with what they have: the classes and the C layer, in jars or not. */
final class Jvm {
    /** The C layer's classes, the directory of the platform, and the programs of these tests. */
    static final Path CLASSES = whereIs(BinderNative.class);

    static final Path PLATFORM = platformClasses();
    static final Path PROGRAMS = whereIs(Jvm.class);

    private static final Path JDKS = Path.of("/usr/lib/jvm");

    private final List<String> command = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>();

    private Jvm(Path home) {
        command.add(home.resolve("bin/java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"));
    }

    /** The one these tests run on; allows classes native access, for a newer one warns where nobody did. */
    static Jvm own() {
        return new Jvm(Path.of(System.getProperty("java.home"))).with("--enable-native-access=ALL-UNNAMED");
    }

    /** The newest there is. */
    static Jvm newest() {
        return new Jvm(newestHome());
    }

    static int newestFeature() {
        return feature(newestHome());
    }

    private static Path newestHome() {
        Path newest = Path.of(System.getProperty("java.home"));
        for (Path home : list(JDKS)) {
            if (feature(home) > feature(newest)) {
                newest = home;
            }
        }
        return newest;
    }

    private static int feature(Path home) {
        Path release = home.resolve("release");
        if (!Files.isExecutable(home.resolve("bin/java")) || !Files.isReadable(release)) {
            return 0;
        }
        try (Stream<String> lines = Files.lines(release)) {
            return lines.filter(line -> line.startsWith("JAVA_VERSION="))
                    .map(line -> line.replaceAll("[^0-9.]", ""))
                    .mapToInt(version -> Integer.parseInt(version.split("\\.")[0]))
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> list(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.collect(toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Jvm with(String... options) {
        command.addAll(Arrays.asList(options));
        return this;
    }

    Jvm classPath(Path... entries) {
        return with("-cp", joined(entries));
    }

    Jvm modulePath(Path... entries) {
        return with("-p", joined(entries));
    }

    Jvm environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /** Has another program start the JVM: its arguments come before. */
    Jvm startedBy(String... program) {
        command.addAll(0, Arrays.asList(program));
        return this;
    }

    private static String joined(Path... entries) {
        return Stream.of(entries)
                .map(Path::toString)
                .reduce((a, b) -> a + File.pathSeparator + b)
                .orElseThrow();
    }

    /** Runs a program to its end, and returns all it printed. */
    String run(Class<?> program, String... arguments) throws IOException, InterruptedException {
        command.add(program.getName());
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("BINDER4J_") || name.equals("JAVA_TOOL_OPTIONS"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    // What it runs with

    static Path whereIs(Class<?> type) {
        return Path.of(URI.create(
                type.getProtectionDomain().getCodeSource().getLocation().toString()));
    }

    /** The root of the class path entry that holds the library. */
    private static Path platformClasses() {
        String library = "io/github/binder4j/natives/" + Platform.name() + "/libjniBinderNative.so";
        String found = Jvm.class.getClassLoader().getResource(library).toString();
        return Path.of(URI.create(found.substring(0, found.length() - library.length())));
    }

    /** Makes a jar of a directory, an automatic module if it is given a name. */
    static Path jar(Path jar, Path classes, String automaticModule) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        if (automaticModule != null) {
            manifest.getMainAttributes().putValue("Automatic-Module-Name", automaticModule);
        }
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out, manifest);
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).collect(toList())) {
                entries.putNextEntry(new JarEntry(classes.relativize(file).toString()));
                Files.copy(file, entries);
            }
        }
        return jar;
    }
}
