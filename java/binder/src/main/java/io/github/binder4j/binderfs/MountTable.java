package io.github.binder4j.binderfs;

import io.github.binder4j.natives.FileNames;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The binderfs instances this process sees, by the format of {@code /proc/self/mountinfo} (proc_pid_mountinfo(5)). */
final class MountTable {
    private static final Path FILE = Path.of("/proc/self/mountinfo");
    private static final String SEPARATOR = " - ";
    private static final int MOUNT_POINT = 4;
    private static final int SUPER_OPTIONS = 2;
    private static final Pattern OCTAL = Pattern.compile("\\\\([0-7]{3})");

    private MountTable() {}

    /** An instance: where it is mounted, and the options it was mounted with. */
    record Instance(Path path, List<String> options) {
        /** Empty if the kernel does not say. */
        OptionalInt maxDevices() {
            return options.stream()
                    .filter(option -> option.matches("max=[0-9]{1,9}"))
                    .mapToInt(option -> Integer.parseInt(option.substring("max=".length())))
                    .findFirst();
        }
    }

    /** The instances in the order of their mounting. */
    static List<Instance> read() throws IOException {
        return parse(new String(Files.readAllBytes(FILE), StandardCharsets.ISO_8859_1));
    }

    /** The one on top at a path. */
    static Optional<Instance> at(Path path) throws IOException {
        return read().stream().filter(instance -> instance.path().equals(path)).reduce((below, above) -> above);
    }

    /** @param text each of its characters stands for a byte: a path may have any */
    static List<Instance> parse(String text) {
        List<Instance> instances = new ArrayList<>();
        for (String line : text.lines().toList()) {
            int separator = line.indexOf(SEPARATOR);
            if (separator >= 0) {
                String[] mount = line.substring(0, separator).split(" ");
                String[] system = line.substring(separator + SEPARATOR.length()).split(" ");
                addTo(instances, mount, system);
            }
        }
        return instances;
    }

    private static void addTo(List<Instance> instances, String[] mount, String[] system) {
        if (mount.length > MOUNT_POINT && system.length > SUPER_OPTIONS && system[0].equals("binder")) {
            List<String> options = Arrays.asList(system[SUPER_OPTIONS].split(","));
            pathOf(unescape(mount[MOUNT_POINT])).ifPresent(path -> instances.add(new Instance(path, options)));
        }
    }

    /** Empty for a name that is none, and so cannot be opened. */
    private static Optional<Path> pathOf(String name) {
        try {
            return name.isEmpty()
                    ? Optional.empty()
                    : Optional.of(FileNames.path(name.getBytes(StandardCharsets.ISO_8859_1)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String unescape(String path) {
        return OCTAL.matcher(path).replaceAll(escaped -> character(escaped.group(1)));
    }

    private static String character(String octal) {
        return Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(octal, 8)));
    }
}
