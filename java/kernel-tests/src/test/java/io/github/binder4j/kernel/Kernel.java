package io.github.binder4j.kernel;

import java.nio.file.Files;
import java.nio.file.Path;

/** What the kernel that runs the tests can do, by its own account. */
final class Kernel {
    private static final Path FEATURES = Path.of("/dev/binderfs/features");
    private static final Path SELINUX = Path.of("/sys/fs/selinux");
    private static final Path SMACK = Path.of("/sys/fs/smackfs");

    private Kernel() {}

    /** Whether the driver tells of frozen processes. */
    static boolean tellsOfFreezing() {
        return Files.exists(FEATURES.resolve("freeze_notification"));
    }

    /**
     * Whether processes have security contexts that the driver can hand on. SELinux and Smack give them, AppArmor does not:
     * it has no {@code cred_getsecid}, which the driver asks.
     */
    static boolean hasSecurityContexts() {
        return Files.exists(SELINUX) || Files.exists(SMACK);
    }
}
