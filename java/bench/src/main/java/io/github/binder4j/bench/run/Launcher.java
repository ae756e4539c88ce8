package io.github.binder4j.bench.run;

import io.github.binder4j.bench.result.Transports;
import io.github.binder4j.bench.transport.BuiltIn;
import io.github.binder4j.bench.transport.Objects;
import io.github.binder4j.bench.worker.Transport;
import io.github.binder4j.bench.worker.Worker;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Starts the processes of a run, and ends them. */
public final class Launcher implements Closeable {
    /** No program of a measurement serves more connections. */
    public static final int SERVER_THREADS = 16;

    private static final String FLOOR = "floor/" + platform() + "/binder4j-floor";
    private static final Path MEMORY = Path.of("/dev/shm");
    private static final Path QUEUES = Path.of("/dev/mqueue");

    private final Options options;
    private final Devices devices;
    private final Path directory;
    /** Memory is often mounted so that nothing in it can be run. */
    private final Path programs = Files.createTempDirectory("binder4j-bench-");

    /** The last first: clients end before their servers, and these before their service managers. */
    private final Deque<WorkerProcess> processes = new ArrayDeque<>();

    private boolean isClosed;
    private Path device;
    private Path floor;
    private int started;

    Launcher(Options options) throws IOException {
        this.options = options;
        this.devices = Devices.find(options.devices());
        this.directory =
                Files.createTempDirectory(Files.isWritable(MEMORY) ? MEMORY : Path.of("/tmp"), "binder4j-bench-");
    }

    /**
     * The transports that can take part, in the order in which they are shown.
     *
     * @param libgbinder where that is; null: it takes no part
     */
    public static List<String> available(Path libgbinder) {
        Set<String> java = BuiltIn.all().stream().map(Transport::name).collect(Collectors.toSet());
        return Transports.known().stream()
                .map(Transports.Description::name)
                .filter(name -> java.contains(name) || FLOOR_KINDS.containsKey(name))
                .filter(name -> !name.equals(Transports.LIBGBINDER) || libgbinder != null)
                .toList();
    }

    Path directory() {
        return directory;
    }

    String deviceKind() {
        return devices.kind();
    }

    /**
     * Starts a transport's processes.
     *
     * @param transport its name
     * @param processes how many servers, for binder only
     * @param servicesEach how many services each has, for binder4j only
     */
    Contender start(String transport, int processes, int servicesEach) throws IOException {
        return start(
                transport,
                transport,
                services(processes, processes * servicesEach),
                addresses(transport, processes, servicesEach));
    }

    /** Starts what does binder4j's work with objects, beside a service manager of its own. */
    Contender startObjects() throws IOException {
        return start(Transports.BINDER4J, Objects.NAME, services(1, 1), List.of(deviceWithManager() + "#" + names(1)));
    }

    private Contender start(String name, String transport, String services, List<String> addresses) throws IOException {
        List<WorkerProcess> servers = new ArrayList<>();
        for (String address : addresses) {
            servers.add(worker(transport + " server", command(transport, "serve", address, options.serverCpus())));
        }
        WorkerProcess client =
                worker(transport + " client", command(transport, "call", joined(addresses), options.clientCpus()));
        return new Contender(name, floorKind(transport) == null, services, servers, client);
    }

    private WorkerProcess worker(String name, List<String> command) throws IOException {
        return worker(name, command, "ready");
    }

    private WorkerProcess worker(String name, List<String> command, String ready) throws IOException {
        WorkerProcess worker = new WorkerProcess(name + ' ' + ++started, command, directory);
        if (!keep(worker)) {
            worker.close();
            throw ended();
        }
        worker.awaitReady(ready);
        return worker;
    }

    /** Whether {@link #close} will end it. */
    private synchronized boolean keep(WorkerProcess worker) {
        if (!isClosed) {
            processes.push(worker);
        }
        return !isClosed;
    }

    private synchronized Path nextDevice() throws IOException {
        if (isClosed) {
            throw ended();
        }
        return devices.next();
    }

    private static WorkerFailedException ended() {
        return new WorkerFailedException("the run has been ended");
    }

    static String services(int processes, int services) {
        return services == 1
                ? "1 service"
                : services + " services, " + processes + (processes == 1 ? " process" : " processes");
    }

    // Addresses

    private List<String> addresses(String transport, int processes, int servicesEach) throws IOException {
        List<String> addresses = new ArrayList<>();
        for (int i = 0; i < processes; i++) {
            addresses.add(address(transport, servicesEach));
        }
        return addresses;
    }

    private String address(String transport, int services) throws IOException {
        String unique = directory.resolve(transport + '-' + ++started).toString();
        return switch (transport) {
            case Transports.BINDER4J, Transports.BINDER4J_TYPED, Transports.LIBGBINDER ->
                device() + "#" + names(services);
            case Transports.BINDER_C -> nextDevice().toString();
            case Transports.TCP, Transports.TCP_C -> "127.0.0.1:" + freePort();
            case Transports.MQ_C -> "/" + directory.getFileName() + '-' + started;
            case Transports.FIFO, Transports.FIFO_C, Transports.AERON ->
                Files.createDirectory(Path.of(unique)).toString();
            default -> unique;
        };
    }

    private String names(int services) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < services; i++) {
            names.add("bench-" + ++started);
        }
        return String.join(",", names);
    }

    /** One client's address for several servers: services of one device, or devices. */
    private static String joined(List<String> addresses) {
        StringBuilder joined = new StringBuilder(addresses.get(0));
        for (String address : addresses.subList(1, addresses.size())) {
            joined.append(',').append(address.substring(address.indexOf('#') + 1));
        }
        return joined.toString();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** The device of binder4j's services, with a service manager. */
    Path device() throws IOException {
        if (device == null) {
            device = deviceWithManager();
        }
        return device;
    }

    /** One more device, with a service manager of its own. */
    Path deviceWithManager() throws IOException {
        Path next = nextDevice();
        List<String> command = java(List.of());
        command.addAll(List.of(Worker.class.getName(), "manage", next.toString()));
        worker("servicemanager", command, "servicemanager: ready");
        return next;
    }

    // Commands

    private List<String> command(String transport, String role, String address, String cpus) throws IOException {
        List<String> command = new ArrayList<>();
        if (cpus != null) {
            command.addAll(List.of("taskset", "--cpu-list", cpus));
        }
        String kind = floorKind(transport);
        if (kind == null) {
            Transport java = BuiltIn.find(transport);
            command.addAll(java(java.jvmOptions()));
            command.addAll(List.of(Worker.class.getName(), role, transport));
        } else {
            if (transport.equals(Transports.LIBGBINDER)) {
                command.add(options.libgbinder().resolve("run").toString());
            }
            command.addAll(List.of(floor().toString(), role, kind));
        }
        command.add(address);
        if (role.equals("serve")) {
            command.add(Integer.toString(SERVER_THREADS));
        }
        return command;
    }

    private List<String> java(List<String> more) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options.jvmOptions());
        command.addAll(more);
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        return command;
    }

    private static final Map<String, String> FLOOR_KINDS = Map.of(
            Transports.BINDER_C, "binder",
            Transports.LIBGBINDER, "gbinder",
            Transports.FIFO_C, "fifo",
            Transports.UNIX_C, "unix",
            Transports.TCP_C, "tcp",
            Transports.MQ_C, "mq",
            Transports.SHM_FUTEX_C, "shm-futex",
            Transports.SHM_SPIN_C, "shm-spin");

    /** What the C program calls it; null if it is not the C program's. */
    private static String floorKind(String transport) {
        return FLOOR_KINDS.get(transport);
    }

    /** Unpacks the C program that comes with the C layer. */
    private Path floor() throws IOException {
        if (floor == null) {
            Path file = programs.resolve("binder4j-floor");
            try (InputStream program =
                    Launcher.class.getClassLoader().getResourceAsStream("io/github/binder4j/natives/" + FLOOR)) {
                if (program == null) {
                    throw new WorkerFailedException(
                            "the C programs are not on the class path: add binder4j-native with the classifier floor-"
                                    + platform());
                }
                Files.copy(program, file);
            }
            if (!file.toFile().setExecutable(true)) {
                throw new WorkerFailedException("cannot make " + file + " executable");
            }
            floor = file;
        }
        return floor;
    }

    private static String platform() {
        String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        return "linux-" + (arch.equals("amd64") ? "x86_64" : arch.equals("aarch64") ? "arm64" : arch);
    }

    // The end

    /**
     * Ends all processes, and removes what was made for them; none can be started any more. Any thread may do so, also
     * while another starts one. Doing so again has no effect.
     */
    @Override
    public synchronized void close() {
        isClosed = true;
        processes.forEach(WorkerProcess::close);
        processes.clear();
        try (devices) {
            for (Path made : List.of(directory, programs)) {
                if (Files.exists(made)) {
                    deleteAll(made);
                }
            }
            removeQueues();
        } catch (IOException e) {
            System.err.println("bench: cannot remove what the run made: " + e);
        }
    }

    /** Those of a server that had to be killed would stay until the next boot. */
    private void removeQueues() throws IOException {
        if (Files.isDirectory(QUEUES)) {
            try (DirectoryStream<Path> queues = Files.newDirectoryStream(QUEUES, directory.getFileName() + "-*")) {
                for (Path queue : queues) {
                    Files.deleteIfExists(queue);
                }
            }
        }
    }

    private static void deleteAll(Path directory) throws IOException {
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException failure) throws IOException {
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
