package io.github.binder4j.parcel;

/** What the objects in a parcel are called by the device it is about to be sent through. */
public interface ObjectBinding {
    /** The number {@code object} is known by on this device if it lives in this process, else -1. */
    long pointerOf(Object object);

    /** Flags of {@code flat_binder_object} that {@code object}, of this process, is published with besides the usual. */
    int flagsOf(Object object);

    /** The handle of {@code object}, which lives in another process. */
    int handleOf(Object object);
}
