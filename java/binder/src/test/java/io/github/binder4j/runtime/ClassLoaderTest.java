package io.github.binder4j.runtime;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A program may load the library in a class loader of its own, close its devices, and drop all of it: nothing keeps it. */
@Timeout(120)
class ClassLoaderTest {
    @TempDir
    private Path directory;

    private final ExecutorService livesOn = Executors.newSingleThreadExecutor();

    @AfterEach
    void end() {
        livesOn.shutdown();
    }

    @Test
    void shouldBeCollectedAfterItsDeviceWasClosed() throws Exception {
        awaitCollected(run("useAndClose"));
    }

    /** The C library calls back into the C layer when a thread ends that once entered a device: it must still be there. */
    @Test
    void shouldLeaveThreadsThatEndAfterwardsWhatTheyCall() throws Exception {
        awaitCollected(run("enterAndRetire"));
        awaitUnloaded();

        livesOn.shutdown();

        Path task = Path.of("/proc/self/task", System.getProperty(LoaderScenario.TID));
        while (Files.exists(task)) { // Java is done with a thread before the C library is
            Thread.onSpinWait();
        }
    }

    private WeakReference<ClassLoader> run(String what) throws Exception {
        return livesOn.submit(() -> {
                    ClassLoader loader = new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader());
                    runIn(loader, what);
                    return new WeakReference<>(loader);
                })
                .get();
    }

    private static void runIn(ClassLoader loader, String what) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            loader.loadClass(LoaderScenario.class.getName()).getMethod(what).invoke(null);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** All that this JVM was given, be it as modules. */
    private static URL[] classPath() throws MalformedURLException {
        List<URL> urls = new ArrayList<>();
        urls.add(LoaderScenario.class.getProtectionDomain().getCodeSource().getLocation());
        urls.add(ProcessState.class.getProtectionDomain().getCodeSource().getLocation());
        for (String property : List.of("java.class.path", "jdk.module.path")) {
            for (String entry : System.getProperty(property, "").split(File.pathSeparator)) {
                urls.add(Path.of(entry).toUri().toURL());
            }
        }
        return urls.toArray(URL[]::new);
    }

    /**
     * The JDK unloads the native libraries of a class loader when its own cleaner finds that collected. It does the same with
     * this file, of which it learns later, and whose end can be seen.
     */
    private void awaitUnloaded() throws Exception {
        Path file = Files.createFile(directory.resolve("dropped"));
        drop(file);
        while (isOpen(file)) {
            System.gc();
            Thread.sleep(10);
        }
    }

    private static void drop(Path file) throws IOException {
        new FileInputStream(file.toFile());
        assertTrue(isOpen(file));
    }

    private static boolean isOpen(Path file) throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors.toList()) {
                if (Files.exists(descriptor) && Files.isSameFile(descriptor, file)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The test's timeout ends it if that never comes. */
    private static void awaitCollected(WeakReference<ClassLoader> loader) throws InterruptedException {
        while (loader.get() != null) {
            System.gc();
            Thread.sleep(10);
        }
    }
}
