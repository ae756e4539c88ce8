package io.github.binder4j.testkit;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.CreateContainerCmd;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.testcontainers.containers.ContainerLaunchException;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.startupcheck.StartupCheckStrategy;
import org.testcontainers.utility.LazyFuture;

/**
 * A container that has binder devices and no network. Not safe for use by several threads.
 *
 * <p>When it does not start, {@link #start()} throws a {@link ContainerLaunchException} whose message has how the
 * container ended, what it printed, and what the kernel said; or, when the engine's kernel has no binder, what to do.
 */
@SuppressWarnings("this-escape") // configured in its constructor, as containers are
public class BinderContainer extends GenericContainer<BinderContainer> {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final BinderMount mount;

    /**
     * A container with this JVM's class path, for {@link #withMainClass}.
     *
     * @param mount the devices; they stay the caller's to close
     */
    public BinderContainer(BinderMount mount) {
        super(new LazyFuture<>() {
            @Override
            protected String resolve() {
                return ClassPathImage.name();
            }
        });
        this.mount = mount;
        configure(mount);
    }

    /**
     * A container of any image.
     *
     * @param image an image the engine has, or can pull
     * @param mount the devices; they stay the caller's to close
     */
    public BinderContainer(String image, BinderMount mount) {
        super(image);
        this.mount = mount;
        configure(mount);
    }

    private void configure(BinderMount devices) {
        withNetworkMode("none");
        withLabel(Engine.LABEL, Engine.SESSION);
        withCreateContainerCmdModifier(command -> attach(command, devices));
        withStartupCheckStrategy(new AnyState());
    }

    private static void attach(CreateContainerCmd command, BinderMount devices) {
        devices.attachTo(command.getHostConfig());
    }

    /**
     * Runs a class of this JVM's class path.
     *
     * @param mainClass its name
     * @param args its arguments
     * @return this container
     */
    public BinderContainer withMainClass(String mainClass, String... args) {
        return withJava(List.of(), mainClass, args);
    }

    /** Runs java, as the container's first process, with options of the JVM. */
    BinderContainer withJava(List<String> jvmOptions, String mainClass, String... args) {
        List<String> command =
                new ArrayList<>(List.of("java", "@" + ClassArchive.OPTIONS_FILE, "-cp", ClassPathImage.classPath()));
        command.addAll(List.of("-XX:ErrorFile=" + FailureReport.CRASH_FILE, "-XX:-CreateCoredumpOnCrash"));
        command.addAll(SystemProperties.asOptions());
        command.addAll(jvmOptions);
        command.add(mainClass);
        command.addAll(List.of(args));
        return withCommand(command.toArray(String[]::new));
    }

    /**
     * Makes {@link #start()} wait, for at most two minutes, for a line of the container's output.
     *
     * @param prefix how the line starts
     * @return this container
     */
    public BinderContainer waitingForLine(String prefix) {
        return waitingFor(new LineWait(prefix, PATIENCE));
    }

    /**
     * The devices this container uses.
     *
     * @return the mount it was made with
     */
    public BinderMount mount() {
        return mount;
    }

    @Override
    public void start() {
        Engine.client();
        try {
            super.start();
        } catch (ContainerLaunchException e) {
            startOtherwise(e);
        }
    }

    /** No binderfs: the static device may do. Neither: say so. */
    private void startOtherwise(ContainerLaunchException failure) {
        if (!NoBinder.isCauseOf(failure)) {
            throw reported(failure);
        }
        if (!mount.fallBackToStaticDevice()) {
            throw new ContainerLaunchException(NoBinder.message(Engine.describe()), failure);
        }
        start();
    }

    private static ContainerLaunchException reported(ContainerLaunchException failure) {
        Optional<ReportedException> report = Causes.find(failure, ReportedException.class);
        return report.isPresent() ? report.get() : failure;
    }

    @Override
    protected void waitUntilContainerStarted() {
        try {
            super.waitUntilContainerStarted();
        } catch (RuntimeException e) {
            throw new ReportedException(
                    "container of " + getDockerImageName() + " did not get ready: " + e.getMessage() + "\n"
                            + FailureReport.of(this),
                    e);
        }
    }

    /** A failure to start that already carries its report. */
    private static final class ReportedException extends ContainerLaunchException {
        private static final long serialVersionUID = 1;

        ReportedException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** A container that has ended already is for the wait strategy to judge, which knows what it waits for. */
    private static final class AnyState extends StartupCheckStrategy {
        @Override
        public StartupStatus checkStartupState(DockerClient client, String containerId) {
            return StartupStatus.SUCCESSFUL;
        }
    }
}
