package io.github.binder4j.testkit;

import java.util.regex.Pattern;

/** The one error most people meet first, and what mends it. */
final class NoBinder {

    /** What engines answer when the kernel does not know the file system, or has no such device. */
    private static final Pattern ANSWER = Pattern.compile(
            "failed to mount local volume.*no such device|error gathering device information.*no such file or directory",
            Pattern.DOTALL);

    private NoBinder() {}

    static boolean isCauseOf(Throwable failure) {
        return Causes.stream(failure)
                .anyMatch(cause -> cause.getMessage() != null
                        && ANSWER.matcher(cause.getMessage()).find());
    }

    static String message(String engine) {
        return "no binder driver: the kernel of " + engine + " can neither mount a binder file system nor has it "
                + BinderMount.STATIC_DEVICE + ". Load the driver on the engine's machine"
                + " (modprobe binder_linux devices=binder,hwbinder,vndbinder), or use a virtual machine:"
                + " ./ci/vm up and DOCKER_HOST=$(./ci/vm docker-host)";
    }
}
