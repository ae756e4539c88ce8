package io.github.binder4j.binderfs;

import java.util.OptionalInt;

/**
 * How to mount an instance.
 *
 * @param maxDevices how many devices the instance may have at most, those included that the kernel puts into it; empty for
 *     the kernel's own limit
 * @param globalStats whether the instance has the driver's logs, which are those of the whole kernel; only root outside
 *     of any user namespace may ask for them
 */
public record MountOptions(OptionalInt maxDevices, boolean globalStats) {
    /** The kernel's limit, and no logs. */
    public static final MountOptions DEFAULT = new MountOptions(OptionalInt.empty(), false);

    /** What the kernel takes: {@code BINDERFS_MAX_MINOR} in drivers/android/binderfs.c. */
    static final int LARGEST_LIMIT = 1 << 20;

    /**
     * Checks the limit.
     *
     * @param maxDevices 1 to 1048576, or empty
     * @param globalStats whether the instance has logs
     * @throws IllegalArgumentException if the limit is not between 1 and 1048576
     */
    public MountOptions {
        if (maxDevices.isPresent() && (maxDevices.getAsInt() < 1 || maxDevices.getAsInt() > LARGEST_LIMIT)) {
            throw new IllegalArgumentException(
                    "max=" + maxDevices.getAsInt() + ": the limit is between 1 and " + LARGEST_LIMIT + " devices");
        }
    }

    /**
     * The same with a limit.
     *
     * @param count devices at most, 1 to 1048576
     * @return new options
     * @throws IllegalArgumentException if the kernel does not take such a limit
     */
    public MountOptions withMaxDevices(int count) {
        return new MountOptions(OptionalInt.of(count), globalStats);
    }

    /**
     * The same with the driver's logs: the kernel's {@code stats=global}.
     *
     * @return new options
     */
    public MountOptions withGlobalStats() {
        return new MountOptions(maxDevices, true);
    }

    /** As mount(8) takes them. */
    @Override
    public String toString() {
        String max = maxDevices.isPresent() ? "max=" + maxDevices.getAsInt() : "";
        String stats = globalStats ? "stats=global" : "";
        return max + (max.isEmpty() || stats.isEmpty() ? "" : ",") + stats;
    }
}
