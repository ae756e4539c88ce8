package io.github.binder4j.parcel;

/**
 * Layout of the objects a parcel carries, {@code flat_binder_object} and its kin; libbinder's stability word follows a
 * binder.
 *
 * <pre>
 *   0        4         8                     16          24            32             40
 *   | type   | flags   | ptr (u64)           | cookie    | stability |
 *   |        |         | or handle (u32) | 0 |           |           |
 *   | FD     | 0       | number (u32)    | 0 | cookie    |
 *   | PTR    | flags   | address (u64)       | length    | parent      | parent offset |
 *   | FDA    | 0       | count (u64)         | parent    | parent offset |
 * </pre>
 */
public final class FlatObject {
    static final int TYPE_BINDER = 0x73622a85;
    static final int TYPE_HANDLE = 0x73682a85;
    static final int TYPE_FD = 0x66642a85;
    static final int TYPE_FDA = 0x66646185;
    static final int TYPE_PTR = 0x70742a85;

    static final int FLAGS = 4;
    static final int POINTER = 8;
    static final int COOKIE = 16;
    static final int SIZE = 24;
    static final int STABILITY = SIZE;
    static final int SIZE_WITH_STABILITY = SIZE + 4;

    /** libbinder's mark of a descriptor that its sender closes. The driver passes it on, and receivers look away. */
    static final int FD_OWNED = 1;

    static final int PTR_LENGTH = 16;
    static final int PTR_PARENT = 24;
    static final int PTR_PARENT_OFFSET = 32;
    static final int PTR_SIZE = 40;
    /** The address of the buffer is also written into its parent. */
    static final int PTR_HAS_PARENT = 1;

    static final int FDA_COUNT = 8;
    static final int FDA_PARENT = 16;
    static final int FDA_PARENT_OFFSET = 24;
    static final int FDA_SIZE = 32;

    /** The nice value at which the driver runs our calls at worst: libbinder's default. */
    static final int NICE = 19;
    /** Parcels sent to our objects may carry descriptors. */
    private static final int ACCEPTS_FDS = 0x100;

    /** What every node of ours is published with. */
    public static final int NODE_FLAGS = NICE | ACCEPTS_FDS;

    private FlatObject() {}

    /** How many bytes an object of a type takes, with the word that follows it; what is of no known type, the least. */
    static int sizeOf(int type) {
        return switch (type) {
            case TYPE_BINDER, TYPE_HANDLE -> SIZE_WITH_STABILITY;
            case TYPE_PTR -> PTR_SIZE;
            case TYPE_FDA -> FDA_SIZE;
            default -> SIZE;
        };
    }
}
