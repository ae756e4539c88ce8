package io.github.binder4j.natives;

/** What a user sets by a system property or, if there is none, in the environment. */
final class Settings {
    private Settings() {}

    /** Null if neither says anything. */
    static String get(String property, String environment) {
        String value = System.getProperty(property, System.getenv(environment));
        return value == null || value.isEmpty() ? null : value;
    }
}
