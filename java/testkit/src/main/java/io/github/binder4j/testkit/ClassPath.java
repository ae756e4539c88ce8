package io.github.binder4j.testkit;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The part of this JVM's class path that tests in a container need: archives first and then directories, each in order. A
 * JVM's class archive covers the archives a class path begins with, and none of it if there is a directory among them.
 */
record ClassPath(List<Path> entries) {

    /** What only the host needs: a container cannot reach the Docker engine. */
    private static final Pattern HOST_ONLY = Pattern.compile("(testcontainers|docker-java)-.*\\.jar");

    static ClassPath ofThisJvm() {
        return of(System.getProperty("java.class.path"));
    }

    static ClassPath of(String classPath) {
        return new ClassPath(Arrays.stream(classPath.split(File.pathSeparator))
                .filter(entry -> !entry.isEmpty())
                .map(entry -> Path.of(entry).toAbsolutePath().normalize())
                .filter(entry ->
                        !HOST_ONLY.matcher(entry.getFileName().toString()).matches())
                .filter(Files::exists)
                .distinct()
                .sorted(Comparator.comparing(Files::isDirectory))
                .toList());
    }

    /** A name for each entry, in order, that no other has. */
    List<String> names() {
        return IntStream.range(0, entries.size())
                .mapToObj(i -> "%02d-%s".formatted(i, entries.get(i).getFileName()))
                .toList();
    }

    /** Those of {@link #names} that are archives: the first ones. */
    List<String> archiveNames() {
        return names().subList(
                        0, (int) entries.stream().filter(Files::isRegularFile).count());
    }

    /** A digest of all names and contents. */
    String hash() {
        MessageDigest digest = sha256();
        entries.forEach(entry -> digestTree(digest, entry));
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void digestTree(MessageDigest digest, Path entry) {
        try (Stream<Path> tree = Files.walk(entry)) {
            for (Path file : tree.filter(Files::isRegularFile).sorted().toList()) {
                Path name = entry.equals(file) ? file.getFileName() : entry.relativize(file);
                digest.update((name + ":" + Files.size(file) + "\n").getBytes(StandardCharsets.UTF_8));
                digest.update(Files.readAllBytes(file));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the class path entry " + entry, e);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJvmHasIt) {
            throw new IllegalStateException(everyJvmHasIt);
        }
    }
}
