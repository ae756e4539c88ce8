package io.github.binder4j.files;

import io.github.binder4j.memory.SafetyNet;
import io.github.binder4j.natives.BinderNative;
import io.github.binder4j.natives.NativeDescriptors;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.lang.ref.Cleaner.Cleanable;
import java.util.concurrent.atomic.LongAdder;

/**
 * An open file descriptor that is ours to close.
 *
 * <p><b>Invariant "closed once":</b> the number is closed by whoever comes first: {@link #close}, the {@code close} of any
 * Java stream or channel made on {@link #java}, or, as a safety net, the collector when nobody can reach that any more.
 * Java's streams tell the others on the same {@link FileDescriptor} when one of them is closed; a stream of our own on it
 * takes the net away then. So the net never closes a number that somebody else has been given since.
 */
public final class OwnedDescriptor {
    private static final int EBADF = 9;
    private static final int EMFILE = 24;

    private static final LongAdder LEAKED = new LongAdder();

    /** As Java's streams take it. */
    public final FileDescriptor java;

    private final Owner owner;

    private OwnedDescriptor(int number) {
        java = new FileDescriptor();
        NativeDescriptors.setNumber(java, number);
        owner = new Owner(java, number);
    }

    /** How many descriptors only the collector closed. */
    public static long leaked() {
        return LEAKED.sum();
    }

    // Where they come from

    /** Takes over a number that is open in this process. */
    public static OwnedDescriptor adopt(int number) {
        return new OwnedDescriptor(number);
    }

    /**
     * A copy, close-on-exec.
     *
     * @throws BadDescriptorException if there is no such descriptor
     * @throws IOException if this process may not open another
     */
    public static OwnedDescriptor duplicate(int number) throws IOException {
        return adopt(check("duplicate file descriptor " + number, BinderNative.duplicate(number)));
    }

    /**
     * A copy, close-on-exec.
     *
     * @throws BadDescriptorException if {@code original} is closed
     * @throws IOException if this process may not open another
     */
    public static OwnedDescriptor duplicate(FileDescriptor original) throws IOException {
        synchronized (original) { // as its own close() is: the number stays what it is meanwhile
            int number = NativeDescriptors.numberOf(original);
            if (number < 0) {
                throw new BadDescriptorException("cannot duplicate " + original + ": it is closed");
            }
            return duplicate(number);
        }
    }

    /**
     * open(2), close-on-exec.
     *
     * @throws IOException naming the path and the errno
     */
    public static OwnedDescriptor open(String path, int flags, int mode) throws IOException {
        return adopt(check("open " + path, BinderNative.openFile(path, flags, mode)));
    }

    /** A pipe, close-on-exec: its end to read from, its end to write to. */
    public static OwnedDescriptor[] pipe() throws IOException {
        long ends = BinderNative.pipe();
        if (ends < 0) {
            check("make a pipe", (int) ends);
        }
        return new OwnedDescriptor[] {adopt((int) ends), adopt((int) (ends >>> Integer.SIZE))};
    }

    /** Closes a number that no Java object stands for, and does not wait for that. */
    public static void closeNumber(int number) {
        Closer.close(number);
    }

    private static int check(String what, int result) throws IOException {
        if (result >= 0) {
            return result;
        }
        String message = "cannot " + what + ": " + BinderNative.errnoName(-result) + " (" + -result + ")";
        switch (-result) {
            case EBADF -> throw new BadDescriptorException(message + ": it is not open in this process");
            case EMFILE ->
                throw new IOException(message
                        + ": this process has as many open as it may: close some, or raise its limit (ulimit -n)");
            default -> throw new IOException(message);
        }
    }

    // Use

    /** Sends a number, in network order, if this is a socket that has room for it; never waits. */
    public void sendNumber(int value) {
        synchronized (java) { // as its own close() is: the number stays what it is meanwhile
            BinderNative.sendNumber(number(), value);
        }
    }

    // What becomes of them

    /** The number; -1 once it is closed or detached. */
    public int number() {
        return NativeDescriptors.numberOf(java);
    }

    /** Closes it, and every stream on it. Doing so again has no effect. */
    public void close() throws IOException {
        owner.close();
    }

    /** Closes it, without waiting for that, where an error would be of no use; a stream on it finds it closed. */
    public void drop() {
        int number = detach();
        if (number >= 0) {
            closeNumber(number);
        }
    }

    /** Drops those that are not null. */
    public static void dropAll(OwnedDescriptor... descriptors) {
        for (OwnedDescriptor descriptor : descriptors) {
            if (descriptor != null) {
                descriptor.drop();
            }
        }
    }

    /**
     * Gives the number away: it stays open, and is the caller's to close.
     *
     * @return the number; -1 if it was closed before
     */
    public int detach() {
        synchronized (java) {
            int number = number();
            NativeDescriptors.setNumber(java, -1);
            owner.takeNetAway();
            return number;
        }
    }

    /** Hears of the end of a descriptor, whichever stream brings it; reachable as long as the descriptor is. */
    private static final class Owner extends FileInputStream {
        private final Net net;
        private final Cleanable registered;

        Owner(FileDescriptor java, int number) {
            super(java);
            net = new Net(number);
            registered = SafetyNet.CLEANER.register(java, net);
        }

        @Override
        public void close() throws IOException {
            takeNetAway();
            super.close();
        }

        void takeNetAway() {
            net.needed = false;
            registered.clean();
        }
    }

    private static final class Net implements Runnable {
        private final int number;
        volatile boolean needed = true;

        Net(int number) {
            this.number = number;
        }

        @Override
        public void run() {
            if (needed) {
                LEAKED.increment();
                closeNumber(number);
            }
        }
    }
}
