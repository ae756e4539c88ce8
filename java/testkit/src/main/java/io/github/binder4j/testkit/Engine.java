package io.github.binder4j.testkit;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.HostConfig;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.testcontainers.DockerClientFactory;

/** The Docker engine, and what this JVM has made in it: all of it carries a label and is gone when this JVM ends. */
final class Engine {

    static final String LABEL = "io.github.binder4j.testkit";
    static final String SESSION = UUID.randomUUID().toString();
    private static final int REMOVAL_ATTEMPTS = 50;

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(Engine::removeLeftovers, "binder4j-testkit-cleanup"));
    }

    private Engine() {}

    /** The client of the engine that Testcontainers found. */
    static DockerClient client() {
        try {
            return DockerClientFactory.instance().client();
        } catch (IllegalStateException e) {
            throw new IllegalStateException(
                    "no Docker engine answers: start one or set DOCKER_HOST; a virtual machine with an engine and binder"
                            + " comes with ./ci/vm up and DOCKER_HOST=$(./ci/vm docker-host)",
                    e);
        }
    }

    /** Where the engine is and what kernel it runs on. */
    static String describe() {
        var info = client().infoCmd().exec();
        return "the Docker engine " + info.getName() + " (kernel " + info.getKernelVersion() + ", DOCKER_HOST="
                + DockerClientFactory.instance().getTransportConfig().getDockerHost() + ")";
    }

    /** The labels of everything made here: the test kit's own, and Testcontainers' for its reaper. */
    static Map<String, String> labels() {
        Map<String, String> labels = new HashMap<>(DockerClientFactory.DEFAULT_LABELS);
        labels.put(DockerClientFactory.TESTCONTAINERS_SESSION_ID_LABEL, DockerClientFactory.SESSION_ID);
        labels.put(LABEL, SESSION);
        return labels;
    }

    /** The id of an image the engine has. */
    static Optional<String> imageId(String image) {
        try {
            return Optional.of(client().inspectImageCmd(image).exec().getId());
        } catch (NotFoundException e) {
            return Optional.empty();
        }
    }

    /** The image that test classes run on. */
    static String baseImage() {
        String fromEnvironment = System.getenv().getOrDefault("BINDER4J_TESTKIT_IMAGE", "binder4j/base:dev");
        return System.getProperty("binder4j.testkit.image", fromEnvironment);
    }

    /** Runs a short command on the base image and returns what it printed. */
    static String run(HostConfig hostConfig, String... command) throws InterruptedException {
        String id = client().createContainerCmd(baseImage())
                .withCmd(command)
                .withHostConfig(hostConfig.withNetworkMode("none"))
                .withLabels(labels())
                .exec()
                .getId();
        try {
            client().startContainerCmd(id).exec();
            return log(id);
        } finally {
            removeContainer(id);
        }
    }

    /** The output of a container, up to its end. */
    private static String log(String id) throws InterruptedException {
        StringBuffer output = new StringBuffer();
        var callback = new ResultCallback.Adapter<Frame>() {
            @Override
            public void onNext(Frame frame) {
                output.append(new String(frame.getPayload(), StandardCharsets.UTF_8));
            }
        };
        client().logContainerCmd(id)
                .withStdOut(true)
                .withStdErr(true)
                .withFollowStream(true)
                .exec(callback);
        callback.awaitCompletion(1, TimeUnit.MINUTES);
        return output.toString();
    }

    private static void removeContainer(String id) {
        try {
            client().removeContainerCmd(id)
                    .withForce(true)
                    .withRemoveVolumes(true)
                    .exec();
        } catch (NotFoundException | ConflictException alreadyGoing) {
            // Somebody else removes it.
        }
    }

    /** Removes a volume; false if a container still uses it. */
    static boolean removeVolume(String volume) {
        try {
            client().removeVolumeCmd(volume).exec();
        } catch (NotFoundException neverMade) {
            return true;
        } catch (ConflictException inUse) {
            return false;
        }
        return true;
    }

    /** At the end of the JVM, also when a signal ends it: the volumes, once Testcontainers has removed the containers. */
    private static void removeLeftovers() {
        try {
            for (var volume : client().listVolumesCmd()
                    .withFilter("label", List.of(LABEL + "=" + SESSION))
                    .exec()
                    .getVolumes()) {
                removeVolumeWhenFree(volume.getName());
            }
        } catch (DockerException | IllegalStateException | InterruptedException e) {
            System.err.println("binder4j testkit: cannot remove what is left in the Docker engine: " + e.getMessage());
        }
    }

    private static void removeVolumeWhenFree(String volume) throws InterruptedException {
        for (int i = 0; i < REMOVAL_ATTEMPTS && !removeVolume(volume); i++) {
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }
}
