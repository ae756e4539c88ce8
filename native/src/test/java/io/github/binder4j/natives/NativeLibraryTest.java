package io.github.binder4j.natives;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.Test;

class NativeLibraryTest {
    @Test
    void shouldNameTheMissingJar() throws IOException {
        URL[] withoutPlatform = {whereIs(BinderNative.class), whereIs(Loader.class)};
        UnsatisfiedLinkError error;

        try (URLClassLoader loader = new URLClassLoader(withoutPlatform, ClassLoader.getPlatformClassLoader())) {
            error = assertThrows(
                    UnsatisfiedLinkError.class, () -> Class.forName(BinderNative.class.getName(), true, loader));
        }

        assertTrue(
                error.getMessage().contains("binder4j-native with classifier " + Loader.getPlatform()),
                error::getMessage);
        assertNotNull(error.getCause());
    }

    @Test
    void shouldLoadAgainForAnotherClassLoader() throws ReflectiveOperationException, IOException {
        URL[] everything = {whereIs(BinderNative.class), whereIs(Loader.class), platformClasses()};

        try (URLClassLoader loader = new URLClassLoader(everything, ClassLoader.getPlatformClassLoader())) {
            Object version = Class.forName(BinderNative.class.getName(), true, loader)
                    .getMethod("userProtocolVersion")
                    .invoke(null);

            assertEquals(BinderNative.userProtocolVersion(), version);
        }
    }

    @Test
    void shouldNotAskForTheJarWhereItCannotBeUnpacked() throws IOException {
        Map<String, String> nowhere = Map.of(
                "org.bytedeco.javacpp.cachedir", "/proc/nowhere", "user.home", "/proc", "java.io.tmpdir", "/proc");
        Map<String, String> before = new HashMap<>();
        nowhere.forEach((name, value) -> before.put(name, System.setProperty(name, value)));
        URL[] everything = {whereIs(BinderNative.class), whereIs(Loader.class), platformClasses()};
        UnsatisfiedLinkError error;

        try (URLClassLoader loader = new URLClassLoader(everything, ClassLoader.getPlatformClassLoader())) {
            error = assertThrows(
                    UnsatisfiedLinkError.class, () -> Class.forName(BinderNative.class.getName(), true, loader));
        } finally {
            before.forEach((name, value) -> {
                if (value == null) {
                    System.clearProperty(name);
                } else {
                    System.setProperty(name, value);
                }
            });
        }

        assertFalse(error.getMessage().contains("classifier"), error::getMessage);
        assertTrue(error.getMessage().contains("-Dorg.bytedeco.javacpp.cachedir="), error::getMessage);
    }

    private static URL whereIs(Class<?> type) {
        return type.getProtectionDomain().getCodeSource().getLocation();
    }

    /** The root of the class path entry that holds the library. */
    private static URL platformClasses() throws IOException {
        String library = "io/github/binder4j/natives/" + Loader.getPlatform() + "/libjniBinderNative.so";
        String found =
                NativeLibraryTest.class.getClassLoader().getResource(library).toString();
        return new URL(found.substring(0, found.length() - library.length()));
    }
}
