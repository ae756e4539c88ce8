package io.github.binder4j.memory;

/** What a transaction points at: data and the positions of the objects in it, in memory the kernel can copy from. */
public interface Payload {
    long dataAddress();

    int dataSize();

    /** The positions of the objects in the data: an array of u64. */
    long offsetsAddress();

    int offsetsSize();

    /**
     * The room for what {@code binder_buffer_object}s in the data point at, each rounded up to eight bytes; 0 if there are
     * none, and the plain command will do.
     */
    default long buffersSize() {
        return 0;
    }
}
