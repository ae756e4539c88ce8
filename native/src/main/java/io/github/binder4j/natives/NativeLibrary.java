package io.github.binder4j.natives;

import java.io.IOException;
import org.bytedeco.javacpp.Loader;

/**
 * Loads the C layer, once.
 *
 * <p>Apart from the classes that declare the native methods, whose initialisation JavaCPP's generated code may ask for while
 * it loads.
 */
final class NativeLibrary {
    private NativeLibrary() {}

    /**
     * Loads the library if it is not.
     *
     * @throws UnsatisfiedLinkError naming the platform and the jar that is missing for it, or why the library that is there
     *     does not load; JavaCPP's error is the cause
     */
    static void load() {
        try {
            Loader.load(BinderNative.class);
        } catch (UnsatisfiedLinkError e) {
            UnsatisfiedLinkError error =
                    new UnsatisfiedLinkError((isPresent() ? unloadable() : missing()) + " (" + e.getMessage() + ")");
            error.initCause(e);
            throw error;
        }
    }

    private static boolean isPresent() {
        try {
            return Loader.findResource(
                            BinderNative.class, Loader.getPlatform() + "/" + System.mapLibraryName("jniBinderNative"))
                    != null;
        } catch (IOException e) {
            return false;
        }
    }

    private static String missing() {
        return "binder4j has no C layer for this platform (" + Loader.getPlatform()
                + "): put binder4j-native with classifier " + Loader.getPlatform() + " on the class path";
    }

    private static String unloadable() {
        return "binder4j's C layer for " + Loader.getPlatform()
                + " is there but does not load: it is unpacked to a directory that must be writable and not mounted noexec,"
                + " which -Dorg.bytedeco.javacpp.cachedir=DIRECTORY chooses";
    }
}
