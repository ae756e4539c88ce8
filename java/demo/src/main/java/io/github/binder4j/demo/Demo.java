package io.github.binder4j.demo;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;

import com.github.dockerjava.api.command.WaitContainerResultCallback;
import com.github.dockerjava.api.exception.DockerClientException;
import com.github.dockerjava.api.exception.DockerException;
import io.github.binder4j.examples.DriverInfo;
import io.github.binder4j.examples.TextClient;
import io.github.binder4j.examples.TextService;
import io.github.binder4j.testkit.BinderContainer;
import io.github.binder4j.testkit.BinderMount;
import io.github.binder4j.testkit.ServiceManagerContainer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.ContainerLaunchException;

/**
 * The four roles of binder, each a process in a container of its own, on one device: the driver's holder, the service
 * manager, a service, a client.
 *
 * <p>Ends with status 0 only if every step happened.
 */
public final class Demo {
    private static final int CLIENT_TIMEOUT_S = 120;
    /** The engine delivers the last lines of a container a little after its end. */
    private static final int LOG_TIMEOUT_S = 20;

    /** What the client prints of each step, in order; it checks them itself and ends with another status if one fails. */
    private static List<String> expectedOfClient(String text) {
        String transformed = new StringBuilder(text).reverse().toString().toUpperCase(Locale.ROOT);
        return List.of(
                "\"text\" is BinderProxy[handle ",
                "transform(\"" + text + "\") = \"" + transformed + "\"",
                "note(...) sent oneway",
                "524288 bytes sent; checksum ",
                "called back by the service, inside my own call",
                TextClient.WAITING,
                "obituary received");
    }

    /** What the service prints of the calls it served; a oneway call and the one after it may be served in either order. */
    private static final List<String> EXPECTED_OF_SERVICE = List.of(
            "transform(",
            "note(\"sent without waiting\") called oneway",
            "received 524288 bytes, read in place",
            "calling");

    /** What begins a line of the protocol trace on a role's standard error. */
    private static final String TRACE_MARK = "[binder] ";

    private final String text;
    private final Path traces;
    private final Account account = new Account();

    /** A demo that sends {@code text}; each role's protocol trace goes into the directory {@code traces} if not null. */
    Demo(String text, Path traces) {
        this.traces = traces;
        if (text.lines().count() != 1) {
            throw new IllegalStateException(
                    "the text to send has " + text.lines().count() + " lines: give one");
        }
        this.text = text;
    }

    /**
     * Runs the demo.
     *
     * @param args {@code --trace DIRECTORY} to keep every role's protocol trace; the text the client sends, nothing for a
     *     default
     */
    public static void main(String[] args) throws InterruptedException, IOException {
        boolean traced = args.length > 1 && args[0].equals("--trace");
        String[] text = traced ? Arrays.copyOfRange(args, 2, args.length) : args;
        try {
            Path traces = traced ? Files.createDirectories(Path.of(args[1])) : null;
            new Demo(text.length > 0 ? String.join(" ", text) : "Hello, binder", traces).run();
        } catch (ContainerLaunchException | DockerException | DockerClientException | IllegalStateException e) {
            System.err.println("demo: " + e.getMessage());
            System.exit(1);
        }
    }

    /**
     * Runs the roles and tells what they say.
     *
     * @throws IllegalStateException if a step did not happen, naming it
     */
    void run() throws InterruptedException {
        try (BinderMount mount = BinderMount.own();
                BinderContainer driver = role("driver", new BinderContainer(mount))
                        .withMainClass(DriverInfo.class.getName())
                        .waitingForLine("ready");
                BinderContainer manager = role("service manager", new ServiceManagerContainer(mount));
                BinderContainer service = role("service", new BinderContainer(mount))
                        .withMainClass(TextService.class.getName())
                        .waitingForLine("ready");
                BinderContainer client = role("client", new BinderContainer(mount))
                        .withMainClass(TextClient.class.getName(), text)
                        .waitingForLine(TextClient.WAITING)) {
            account.heading("the driver: a device node and memory it maps into every process");
            start("driver", driver, "ready");
            account.heading("the service manager: claims handle 0");
            start("service manager", manager, "servicemanager: ready");
            account.heading("the service: registers a name");
            start("service", service, "ready");
            account.heading("the client: finds the name, then calls what it got");
            start("client", client, TextClient.WAITING);
            account.heading("the service's process is killed");
            kill(service);
            conclude(awaitEnd(client));
        }
    }

    /** Starts a role and waits until what it says to that point is told: the engine delivers it a little later. */
    private void start(String role, BinderContainer container, String lastLine) throws InterruptedException {
        container.start();
        account.awaitLines(role, List.of(lastLine));
    }

    private BinderContainer role(String name, BinderContainer container) {
        if (traces != null) {
            container.withEnv("BINDER4J_TRACE", "-");
        }
        return container.withLogConsumer(
                frame -> frame.getUtf8StringWithoutLineEnding().lines().forEach(line -> heard(name, line)));
    }

    private void heard(String role, String line) {
        if (traces == null || !line.startsWith(TRACE_MARK)) {
            account.said(role, line);
            return;
        }
        Path file = traces.resolve(role.replace(' ', '-') + ".trace");
        try {
            Files.writeString(file, line.substring(TRACE_MARK.length()) + "\n", CREATE, APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep the trace of the " + role, e);
        }
    }

    private static void kill(BinderContainer container) {
        DockerClientFactory.instance()
                .client()
                .killContainerCmd(container.getContainerId())
                .withSignal("KILL")
                .exec();
    }

    private static int awaitEnd(BinderContainer container) {
        return DockerClientFactory.instance()
                .client()
                .waitContainerCmd(container.getContainerId())
                .exec(new WaitContainerResultCallback())
                .awaitStatusCode(CLIENT_TIMEOUT_S, TimeUnit.SECONDS);
    }

    private void conclude(int clientStatus) throws InterruptedException {
        List<String> missing = new ArrayList<>(account.awaitLines("client", expectedOfClient(text)));
        for (String line : EXPECTED_OF_SERVICE) {
            missing.addAll(account.awaitLines("service", List.of(line)));
        }
        if (clientStatus != 0 || !missing.isEmpty()) {
            throw new IllegalStateException(
                    "not everything happened: the client ended with status " + clientStatus + ", missing " + missing);
        }
        if (traces != null) {
            account.heading("traces are in " + traces);
        }
        account.heading("all of it happened");
    }

    /** What the roles say, as it comes; lines of several threads. */
    private static final class Account {
        private record Line(String role, String text) {}

        private final List<Line> lines = new ArrayList<>();

        synchronized void heading(String text) {
            System.out.println("\n" + text);
        }

        synchronized void said(String role, String text) {
            for (String line : text.lines().filter(line -> !line.isBlank()).toList()) {
                System.out.printf("  %-15s | %s%n", role, line);
                lines.add(new Line(role, line));
            }
            notifyAll();
        }

        /** Waits for lines of a role that begin as expected, in this order; returns those that did not come in time. */
        synchronized List<String> awaitLines(String role, List<String> expected) throws InterruptedException {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LOG_TIMEOUT_S);
            List<String> missing = missing(role, expected);
            while (!missing.isEmpty() && System.nanoTime() < deadline) {
                TimeUnit.NANOSECONDS.timedWait(this, deadline - System.nanoTime());
                missing = missing(role, expected);
            }
            return missing;
        }

        private List<String> missing(String role, List<String> expected) {
            List<String> left = new ArrayList<>(expected);
            for (Line line : lines) {
                if (line.role.equals(role) && !left.isEmpty() && line.text.startsWith(left.get(0))) {
                    left.remove(0);
                }
            }
            return left;
        }
    }
}
