package io.github.binder4j.binderfs;

import io.github.binder4j.natives.FileNames;
import java.nio.file.Path;

/**
 * A device of an instance, as it was when asked for.
 *
 * @param name its name, which is also the name of its context
 * @param path what to open
 * @param major the number of the driver
 * @param minor the number of the device, unique among all instances
 */
public record BinderfsDevice(String name, Path path, int major, int minor) {
    private static final int MINOR_BITS = 8;
    private static final int MINOR_MASK = (1 << MINOR_BITS) - 1;
    private static final int MAJOR_MASK = 0xfff;
    private static final int HIGH_MINOR_SHIFT = 12;
    private static final int HIGH_MAJOR_SHIFT = 32;

    /** A device of the number that stat(2) gives, in glibc's layout (gnu_dev_major, gnu_dev_minor). */
    static BinderfsDevice ofStat(Path path, long number) {
        long major = number >>> MINOR_BITS & MAJOR_MASK | number >>> HIGH_MAJOR_SHIFT & ~MAJOR_MASK;
        long minor = number & MINOR_MASK | number >>> HIGH_MINOR_SHIFT & 0xffffffffL & ~MINOR_MASK;
        return new BinderfsDevice(FileNames.lastName(path), path, (int) major, (int) minor);
    }

    /** A device of the number that the C layer gives. */
    static BinderfsDevice ofNumber(Path path, long number) {
        return new BinderfsDevice(FileNames.lastName(path), path, (int) (number >>> Integer.SIZE), (int) number);
    }
}
