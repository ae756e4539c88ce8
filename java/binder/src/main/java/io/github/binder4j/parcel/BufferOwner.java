package io.github.binder4j.parcel;

import java.nio.ByteBuffer;

/** Who a received parcel reads binders from, and gives its buffer back to. */
public interface BufferOwner {
    /**
     * Our own object that came back to us.
     *
     * @throws IllegalArgumentException if {@code ptr} names no object of this process
     */
    Object localObject(long ptr);

    /** The stand-in for somebody else's object; the same one as long as it lives. */
    Object remoteObject(int handle, int stability);

    /**
     * Keeps the buffer from going back while {@code root}, or any buffer derived from it, is reachable.
     *
     * @param root not itself derived from another buffer
     */
    void keepFor(ByteBuffer root);

    /** Gives the buffer back to the driver; called once. */
    void free();
}
