package io.github.binder4j.testkit;

import java.util.List;

/** The system properties that every JVM of a test shares. */
final class SystemProperties {

    private SystemProperties() {}

    /** Those whose name starts with {@code binder4j.}, as options of a java command; the test kit's own are not passed on. */
    static List<String> asOptions() {
        return System.getProperties().stringPropertyNames().stream()
                .filter(name -> name.startsWith("binder4j.") && !name.startsWith("binder4j.testkit."))
                .sorted()
                .map(name -> "-D" + name + "=" + System.getProperty(name))
                .toList();
    }
}
