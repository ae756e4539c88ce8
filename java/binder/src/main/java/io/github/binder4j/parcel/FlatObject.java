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

    /**
     * The nice value at which the driver runs our calls at worst: libbinder's default. Descriptors are not accepted (0x100):
     * a parcel here would not close them, so whoever sends one is refused.
     */
    static final int NODE_FLAGS = 19;

    private FlatObject() {}
}
