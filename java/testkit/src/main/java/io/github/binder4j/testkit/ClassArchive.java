package io.github.binder4j.testkit;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The archive of loaded classes that the JVMs of a container start from: most of what one does before its first test is to
 * load classes of JUnit and binder4j, which an emulated machine feels.
 *
 * <p>It is made while the image is built, from the JVM that runs this class's {@link #main}. A JVM whose options or class path
 * do not fit it goes on without it.
 */
final class ClassArchive {
    static final String FILE = ClassPathImage.DIRECTORY + "classes.jsa";

    /** Set in a container's JVMs to the archive they start from. */
    private static final String IN_USE = "binder4j.testkit.classArchive";

    private ClassArchive() {}

    /** A file of options, for {@code java @FILE}: none where no archive could be made. */
    static final String OPTIONS_FILE = ClassPathImage.DIRECTORY + "java-options";

    private static final List<String> OPTIONS = List.of("-XX:SharedArchiveFile=" + FILE, "-D" + IN_USE + "=" + FILE);

    /** What the file of options says where there is an archive. */
    static String optionsText() {
        return String.join("\n", OPTIONS) + "\n";
    }

    /** The options of a JVM that this one starts. */
    static List<String> inheritedOptions() {
        return System.getProperty(IN_USE) == null ? List.of() : OPTIONS;
    }

    /** Whether one can be made for a class path, of which this class must be. */
    static boolean isPossible(List<String> jars) {
        return jars.stream().anyMatch(jar -> jar.contains("binder4j-testkit"));
    }

    /** The command that makes the archive for a class path. */
    static String[] makingCommand(String classPath) {
        return new String[] {
            "java", "-XX:ArchiveClassesAtExit=" + FILE, "-Xlog:disable", "-cp", classPath, ClassArchive.class.getName()
        };
    }

    /** Loads what the JVMs of containers load: by running a test, and all of binder4j, whose C layer is unpacked, too. */
    public static void main(String[] args) {
        ContainerTestRunner.run(Sample.class.getName());
        Stream.of(System.getProperty("java.class.path").split(":"))
                .map(Path::of)
                .filter(jar -> jar.getFileName().toString().contains("binder4j"))
                .forEach(ClassArchive::loadAll);
        load("io.github.binder4j.natives.BinderNative", true);
    }

    private static void loadAll(Path jar) {
        try (JarFile open = new JarFile(jar.toFile())) {
            for (Enumeration<JarEntry> entries = open.entries(); entries.hasMoreElements(); ) {
                String name = entries.nextElement().getName();
                if (name.endsWith(".class") && !name.contains("-")) { // no module-info, package-info or META-INF
                    load(name.substring(0, name.length() - ".class".length()).replace('/', '.'), false);
                }
            }
        } catch (IOException e) {
            System.err.println("not in the class archive: " + jar + " (" + e.getMessage() + ")");
        }
    }

    private static void load(String className, boolean initialize) {
        try {
            Class.forName(className, initialize, ClassArchive.class.getClassLoader());
        } catch (ClassNotFoundException | LinkageError e) {
            return; // for a host only, or not on this class path: then no JVM of a container loads it
        }
    }

    /** What is run for the classes that running takes. */
    static final class Sample {
        @Test
        void passes() {}
    }
}
