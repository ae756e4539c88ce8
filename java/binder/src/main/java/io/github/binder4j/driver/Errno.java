package io.github.binder4j.driver;

import io.github.binder4j.natives.BinderNative;

/** The errno values this library tells apart. */
public final class Errno {
    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int ENXIO = 6;
    public static final int EBADF = 9;
    public static final int EAGAIN = 11;
    public static final int EACCES = 13;
    public static final int EBUSY = 16;
    public static final int EEXIST = 17;
    public static final int ENODEV = 19;
    public static final int ENOTDIR = 20;
    public static final int EISDIR = 21;
    public static final int EINVAL = 22;
    public static final int EMFILE = 24;
    public static final int ENOTTY = 25;
    public static final int ENOSPC = 28;
    public static final int ENAMETOOLONG = 36;
    public static final int EMSGSIZE = 90;
    public static final int ENOBUFS = 105;

    private Errno() {}

    /** The name and number of an errno for a message, as {@code ENOENT (2)}. */
    public static String describe(int errno) {
        String name = BinderNative.errnoName(errno);
        return name == null ? "errno " + errno : name + " (" + errno + ")";
    }
}
