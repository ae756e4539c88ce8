package io.github.binder4j.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What this process holds, as the kernel sees it. */
final class OwnProcess {
    private static final Path SELF = Path.of("/proc/self");

    private OwnProcess() {}

    /** Mappings of a binder device. */
    static List<String> binderMappings() throws IOException {
        return Files.readAllLines(SELF.resolve("maps")).stream()
                .filter(line -> line.contains(" /dev/") && line.endsWith("binder"))
                .toList();
    }

    /** Descriptors of a binder device. */
    static List<String> binderDescriptors() throws IOException {
        return descriptors("/dev/(.*/)?binder");
    }

    /** Descriptors of files whose path matches. */
    static List<String> descriptors(String pattern) throws IOException {
        List<String> found = new ArrayList<>();
        try (Stream<Path> descriptors = Files.list(SELF.resolve("fd"))) {
            for (Path descriptor : descriptors.toList()) {
                String target = targetOf(descriptor);
                if (target.matches(pattern)) {
                    found.add(descriptor + " -> " + target);
                }
            }
        }
        return found;
    }

    private static String targetOf(Path descriptor) throws IOException {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (NoSuchFileException closedMeanwhile) {
            return "";
        }
    }

    /** Threads that serve one device; those of what peers make wait are everybody's. */
    static List<Thread> binderThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("binder-"))
                .filter(thread -> !thread.getName().matches("binder-(closer|output)-\\d+"))
                .toList();
    }
}
