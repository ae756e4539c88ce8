package io.github.binder4j.natives;

import java.util.Locale;

/** The platforms there is a C layer for, by the names that classifiers and directories have. */
final class Platform {
    private static final String X86_64 = "linux-x86_64";
    private static final String ARM64 = "linux-arm64";

    private Platform() {}

    /**
     * This JVM's.
     *
     * @throws UnsatisfiedLinkError if there is no C layer for it
     */
    static String name() {
        String system = System.getProperty("os.name");
        String processor = System.getProperty("os.arch");
        if (!system.equals("Linux")) {
            throw new UnsatisfiedLinkError(
                    "binder is a driver of the Linux kernel, so binder4j runs on Linux only, and this is "
                            + system + " (" + processor
                            + "). Here it runs in a container or a virtual machine whose Linux has binder");
        }
        return switch (processor.toLowerCase(Locale.ROOT)) {
            case "amd64", "x86_64" -> X86_64;
            case "aarch64", "arm64" -> ARM64;
            default ->
                throw new UnsatisfiedLinkError("binder4j has no C layer for linux-" + processor + ", only for " + X86_64
                        + " and " + ARM64 + ". CONTRIBUTING.md says how to build one for another 64-bit processor; -D"
                        + NativeLibrary.FILE_PROPERTY + "=FILE then names it");
        };
    }
}
