package io.github.binder4j.natives;

import java.io.FileDescriptor;

/** The numbers behind Java's file descriptors. Bound by hand: JavaCPP's binding of objects needs its own classes. */
public final class NativeDescriptors {
    static {
        NativeLibrary.load();
    }

    private NativeDescriptors() {}

    /**
     * The number of a descriptor.
     *
     * @param descriptor not null: the JVM would crash
     * @return -1 if it is closed
     */
    public static native int numberOf(FileDescriptor descriptor);

    /**
     * Has a descriptor stand for another number; what it stood for is not closed.
     *
     * @param descriptor not null: the JVM would crash
     * @param number -1 for a closed one
     */
    public static native void setNumber(FileDescriptor descriptor, int number);
}
