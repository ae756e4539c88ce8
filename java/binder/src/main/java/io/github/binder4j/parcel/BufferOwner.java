package io.github.binder4j.parcel;

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

    /** The lease of the views of the buffer, in which the parcel's share is this object's to give up. Called once. */
    Lease lease();

    /** Gives the buffer back to the driver, or the parcel's share in it if it has a lease; called once. */
    void free();
}
