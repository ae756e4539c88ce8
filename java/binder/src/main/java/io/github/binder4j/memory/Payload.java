package io.github.binder4j.memory;

/** What a transaction points at: data and the positions of the objects in it, in memory the kernel can copy from. */
public interface Payload {
    long dataAddress();

    int dataSize();

    /** The positions of the objects in the data: an array of u64. */
    long offsetsAddress();

    int offsetsSize();
}
