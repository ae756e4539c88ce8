package io.github.binder4j.natives;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.URL;
import java.net.URLConnection;
import java.nio.channels.Channels;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;

/** Loads a library that lies among the classes: where it is, or from a copy in the first directory that allows it. */
final class LibraryCopies {
    /** System property that names the directory for the copy. */
    static final String PROPERTY = "binder4j.tmpdir";
    /** Environment variable that does. */
    static final String ENVIRONMENT = "BINDER4J_TMPDIR";

    /** Nobody else may write the copy, nor put a file in its place: the name is no secret, and need not be one. */
    private static final Set<OpenOption> NEW_FILE = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

    private static final FileAttribute<?> ITS_OWNERS = PosixFilePermissions.asFileAttribute(
            Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));

    private final URL library;
    private final StringJoiner failures = new StringJoiner("; ");

    LibraryCopies(URL library) {
        this.library = library;
    }

    /** @throws UnsatisfiedLinkError naming the places that were tried, what was wrong with each, and how to name another */
    void load() {
        if (loadInPlace()) {
            return;
        }
        for (Path directory : directories()) {
            if (loadCopyIn(directory)) {
                return;
            }
        }
        throw new UnsatisfiedLinkError("binder4j's C layer " + library + " does not load from a copy: " + failures
                + ". Name a directory that can be written, has room and is not mounted noexec with -D" + PROPERTY
                + "=DIRECTORY or " + ENVIRONMENT + ", or unpack the file and name it with -D"
                + NativeLibrary.FILE_PROPERTY + "=FILE or " + NativeLibrary.FILE_ENVIRONMENT);
    }

    private boolean loadInPlace() {
        return library.getProtocol().equals("file") && tryLoad(Path.of(URI.create(library.toString())));
    }

    private static List<Path> directories() {
        String named = Settings.get(PROPERTY, ENVIRONMENT);
        List<Path> directories = new ArrayList<>();
        for (String name : named != null
                ? List.of(named)
                : List.of(System.getProperty("java.io.tmpdir"), System.getProperty("user.home"))) {
            directories.add(FileNames.path(name));
        }
        return directories;
    }

    private boolean loadCopyIn(Path directory) {
        Path copy = directory.resolve("binder4j-" + Long.toHexString(System.nanoTime()) + ".so");
        try (InputStream in = open();
                OutputStream out = Channels.newOutputStream(Files.newByteChannel(copy, NEW_FILE, ITS_OWNERS))) {
            try {
                in.transferTo(out);
                return tryLoad(copy);
            } finally {
                Files.delete(copy); // what is loaded needs its name no more
            }
        } catch (IOException e) {
            failures.add(directory + ": " + reason(e));
            return false;
        }
    }

    /** Without the cache, which would keep the jar open. */
    private InputStream open() throws IOException {
        URLConnection connection = library.openConnection();
        connection.setUseCaches(false);
        return connection.getInputStream();
    }

    private boolean tryLoad(Path file) {
        try {
            System.load(file.toAbsolutePath().toString());
            return true;
        } catch (UnsatisfiedLinkError e) {
            failures.add(e.getMessage());
            return false;
        }
    }

    /** The messages of the first two are the path alone. */
    private static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "there is no such directory";
        }
        return e instanceof AccessDeniedException ? "this user may not write there" : e.getMessage();
    }
}
