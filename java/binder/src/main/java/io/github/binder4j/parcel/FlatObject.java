package io.github.binder4j.parcel;

/**
 * Layout of {@code flat_binder_object} as a parcel carries it, followed by libbinder's stability word.
 *
 * <pre>
 *   0        4         8                     16          24           28
 *   | type   | flags   | ptr (u64)           | cookie    | stability |
 *   |        |         | or handle (u32) | 0 |           |           |
 * </pre>
 */
final class FlatObject {
    static final int TYPE_BINDER = 0x73622a85;
    static final int TYPE_HANDLE = 0x73682a85;

    static final int FLAGS = 4;
    static final int POINTER = 8;
    static final int COOKIE = 16;
    static final int SIZE = 24;
    static final int STABILITY = SIZE;
    static final int SIZE_WITH_STABILITY = SIZE + 4;

    private static final int FLAG_ACCEPTS_FDS = 0x100;
    /** The nice value below which the driver will not run our calls: libbinder's default. */
    private static final int MIN_NICE = 19;

    static final int NODE_FLAGS = FLAG_ACCEPTS_FDS | MIN_NICE;

    private FlatObject() {}
}
