package io.github.binder4j.testkit;

import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.PruneType;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.testcontainers.images.builder.ImageFromDockerfile;

/**
 * The base image with this JVM's class path, and the {@link ClassArchive} of it, in layers of their own; built when the engine
 * has none with that content.
 */
final class ClassPathImage {

    static final String DIRECTORY = "/opt/test/";
    private static final String LABEL = "io.github.binder4j.testkit.classpath";
    private static final String KEPT = "24h";

    private static String name;

    private ClassPathImage() {}

    /** The image's name; the first call of a JVM makes sure that the engine has it. */
    static synchronized String name() {
        if (name == null) {
            name = provide(ClassPath.ofThisJvm());
        }
        return name;
    }

    /** The class path inside the image, as java's {@code -cp} takes it. */
    static String classPath() {
        return joined(ClassPath.ofThisJvm().names());
    }

    private static String joined(List<String> names) {
        return names.stream().map(DIRECTORY::concat).collect(Collectors.joining(":"));
    }

    private static String provide(ClassPath classPath) {
        String base = Engine.baseImage();
        String baseId = Engine.imageId(base)
                .orElseThrow(() -> new IllegalStateException("no image " + base + " in " + Engine.describe()
                        + ": build it with docker/build, or name another with -Dbinder4j.testkit.image"));
        String image = "binder4j/testkit:" + digits(baseId) + "-" + digits(classPath.hash());
        if (Engine.imageId(image).isEmpty()) {
            build(image, base, classPath);
            removeOldOnes();
        }
        return image;
    }

    private static String digits(String hash) {
        return hash.substring(hash.indexOf(':') + 1).substring(0, 12);
    }

    /** An engine may not run what makes the archive, nor the image's user write it: tests start without it then, only later. */
    private static void build(String image, String base, ClassPath classPath) {
        List<String> jars = classPath.archiveNames();
        if (ClassArchive.isPossible(jars)) {
            try {
                build(image, base, classPath, ClassArchive.optionsText(), ClassArchive.makingCommand(joined(jars)));
                return;
            } catch (DockerException e) {
                System.err.println("binder4j testkit: the image " + image
                        + " gets no class archive, without which its JVMs start later: " + e.getMessage());
            }
        }
        build(image, base, classPath, "");
    }

    private static void build(
            String image, String base, ClassPath classPath, String javaOptions, String... archiveCommand) {
        ImageFromDockerfile build = new ImageFromDockerfile(image, false)
                .withDockerfileFromBuilder(file -> {
                    file.from(base).copy("classpath", DIRECTORY);
                    if (archiveCommand.length > 0) {
                        file.run(archiveCommand);
                    }
                })
                .withFileFromString("classpath/java-options", javaOptions)
                .withBuildImageCmdModifier(
                        command -> command.withLabels(Map.of(LABEL, "")).withNetworkMode("none"));
        for (int i = 0; i < classPath.entries().size(); i++) {
            build.withFileFromPath(
                    "classpath/" + classPath.names().get(i), classPath.entries().get(i));
        }
        build.get();
    }

    private static void removeOldOnes() {
        Engine.client()
                .pruneCmd(PruneType.IMAGES)
                .withDangling(false)
                .withLabelFilter(LABEL)
                .withUntilFilter(KEPT)
                .exec();
    }
}
