package io.github.binder4j.natives;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.CodeSource;

/**
 * Loads the C layer, once.
 *
 * <p>It is the file that a property names, or the one beside the classes: as it is if it lies in a directory, else a copy
 * that is removed as soon as it is loaded. So no library of another version is ever found where one was left.
 */
final class NativeLibrary {
    /** System property that names the library's file. */
    static final String FILE_PROPERTY = "binder4j.library";
    /** Environment variable that does. */
    static final String FILE_ENVIRONMENT = "BINDER4J_LIBRARY";

    /** The number of the interface between these classes and the library; B4J_INTERFACE in library.h. */
    static final int INTERFACE = 1;

    private static boolean loaded;

    private NativeLibrary() {}

    /**
     * Loads the library if it is not.
     *
     * @throws UnsatisfiedLinkError saying why there is none for this platform, which jar is missing, where it could not be
     *     unpacked, which option allows it, or that it belongs to other classes, and what to do
     */
    static synchronized void load() {
        if (loaded) {
            return;
        }
        try {
            checkInterface(loadFile());
        } catch (IllegalCallerException e) {
            throw error(denied(), e);
        }
        loaded = true;
    }

    /** Returns where the library is from. */
    private static String loadFile() {
        String named = Settings.get(FILE_PROPERTY, FILE_ENVIRONMENT);
        return named == null ? loadBesideClasses() : loadNamed(named);
    }

    private static String loadNamed(String file) {
        try {
            System.load(Path.of(file).toAbsolutePath().toString());
        } catch (UnsatisfiedLinkError e) {
            throw error(
                    "the C layer that " + FILE_PROPERTY + " or " + FILE_ENVIRONMENT + " names does not load: "
                            + e.getMessage(),
                    e);
        }
        return file;
    }

    private static String loadBesideClasses() {
        String platform = Platform.name();
        URL library = find(platform + "/libjniBinderNative.so");
        if (library == null) {
            throw new UnsatisfiedLinkError(missing(platform));
        }
        new LibraryCopies(library).load();
        return library.toString();
    }

    /** On the module path it is in a module of its own. */
    private static URL find(String name) {
        URL beside = NativeLibrary.class.getResource(name);
        ClassLoader loader = NativeLibrary.class.getClassLoader();
        return beside != null || loader == null
                ? beside
                : loader.getResource(NativeLibrary.class.getPackageName().replace('.', '/') + "/" + name);
    }

    private static String missing(String platform) {
        return "binder4j's C layer for " + platform + " is not there: add binder4j-native with classifier " + platform
                + " ("
                + coordinates() + ":" + platform + ") to what this program runs with"
                + (isNamed()
                        ? "; on the module path also --add-modules " + module() + "." + platform.replace('-', '.')
                        : "");
    }

    private static String denied() {
        return "this JVM denies native access, which binder4j needs to call the driver: start it with --enable-native-access="
                + (isNamed() ? module() : "ALL-UNNAMED");
    }

    private static boolean isNamed() {
        return NativeLibrary.class.getModule().isNamed();
    }

    private static String module() {
        return NativeLibrary.class.getModule().getName();
    }

    // Whether the library belongs to these classes

    private static void checkInterface(String origin) {
        String found;
        try {
            int number = interfaceNumber();
            if (number == INTERFACE) {
                return;
            }
            found = Integer.toString(number);
        } catch (UnsatisfiedLinkError e) {
            found = "none";
        }
        throw new UnsatisfiedLinkError("binder4j's classes and its C layer are of different versions: the classes in "
                + classes() + " are for interface " + INTERFACE + ", " + origin + " has " + found
                + ". Use one version of everything: " + coordinates() + ", and of that the jar of this platform");
    }

    private static String classes() {
        CodeSource source = NativeLibrary.class.getProtectionDomain().getCodeSource();
        return source == null ? "this program's image" : String.valueOf(source.getLocation());
    }

    private static String coordinates() {
        try (InputStream in = NativeLibrary.class.getResourceAsStream("coordinates")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            return "binder4j-native";
        }
    }

    private static UnsatisfiedLinkError error(String message, Throwable cause) {
        UnsatisfiedLinkError error = new UnsatisfiedLinkError(message);
        error.initCause(cause);
        return error;
    }

    private static native int interfaceNumber();
}
