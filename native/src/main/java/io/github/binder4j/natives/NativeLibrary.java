package io.github.binder4j.natives;

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
     * @throws UnsatisfiedLinkError naming the platform and the jar that is missing for it
     */
    static void load() {
        try {
            Loader.load(BinderNative.class);
        } catch (UnsatisfiedLinkError e) {
            UnsatisfiedLinkError error = new UnsatisfiedLinkError("binder4j has no C layer for this platform ("
                    + Loader.getPlatform() + "): put binder4j-native with classifier " + Loader.getPlatform()
                    + " on the class path (" + e.getMessage() + ")");
            error.initCause(e);
            throw error;
        }
    }
}
