package io.github.binder4j.parcel;

import io.github.binder4j.files.OwnedDescriptor;
import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.ref.Reference;

/**
 * File descriptors in parcels.
 *
 * <p><b>Invariant "the parcel's own":</b> what is written is a copy made then, and what is read is another: the one in the
 * parcel is never handed out, and is closed when the parcel is emptied.
 */
public final class Descriptors {
    private Descriptors() {}

    /**
     * Writes a copy of a descriptor.
     *
     * @throws IOException if it is closed, or this process may not open another; nothing is written
     */
    public static void write(ParcelData parcel, FileDescriptor descriptor) throws IOException {
        parcel.checkWritableObject();
        OwnedDescriptor copy = OwnedDescriptor.duplicate(descriptor);
        int at;
        try {
            at = parcel.extend(FlatObject.SIZE);
        } catch (Throwable e) {
            copy.drop();
            throw e;
        }
        parcel.bytes().putInt(at, FlatObject.TYPE_FD);
        parcel.bytes().putInt(at + FlatObject.FLAGS, 0);
        parcel.bytes().putLong(at + FlatObject.POINTER, copy.number());
        parcel.bytes().putLong(at + FlatObject.COOKIE, FlatObject.FD_OWNED);
        parcel.addObject(at, FlatObject.SIZE, copy);
    }

    /**
     * Reads a descriptor.
     *
     * @return a copy, the caller's to close; null if nothing is there
     * @throws IllegalArgumentException if the bytes here are no descriptor, or one the driver did not install
     * @throws IOException if this process may not open another
     */
    public static OwnedDescriptor read(ParcelData parcel) throws IOException {
        long use = parcel.use();
        int start = parcel.position();
        int at = parcel.takeObject(FlatObject.TYPE_FD, FlatObject.SIZE, "file descriptor");
        if (at < 0) {
            return null;
        }
        int number = parcel.bytes().getInt(at + FlatObject.POINTER);
        try {
            return duplicate(parcel, use, number);
        } catch (IOException e) {
            parcel.setPosition(start);
            throw e;
        } finally {
            Reference.reachabilityFence(parcel);
        }
    }

    /** A copy of a descriptor that a parcel owns; refused if another use of that has begun, for it has closed its own then. */
    static OwnedDescriptor duplicate(ParcelData parcel, long use, int number) throws IOException {
        parcel.checkInUse(use);
        OwnedDescriptor copy = OwnedDescriptor.duplicate(number);
        try {
            parcel.checkInUse(use);
        } catch (Throwable e) {
            copy.drop();
            throw e;
        }
        return copy;
    }

    /**
     * Reads an array: a number of descriptors, and them.
     *
     * @return copies, the caller's to close; null if it was null or its length exceeds what is there
     * @throws IllegalArgumentException as {@link #read}
     * @throws IOException if this process may not open so many
     */
    public static OwnedDescriptor[] readArray(ParcelData parcel) throws IOException {
        int length = parcel.available() < Integer.BYTES ? -1 : parcel.readInt();
        if (length < 0 || length > parcel.available() / FlatObject.SIZE) {
            return null;
        }
        OwnedDescriptor[] copies = new OwnedDescriptor[length];
        try {
            for (int i = 0; i < length; i++) {
                copies[i] = read(parcel);
            }
            return copies;
        } catch (Throwable e) {
            OwnedDescriptor.dropAll(copies);
            throw e;
        }
    }

    /** Whether any object in the parcel is a descriptor or an array of them. */
    public static boolean areIn(ParcelData parcel) {
        for (int i = 0; i < parcel.objectCount(); i++) {
            int type = parcel.objectType(i);
            if (type == FlatObject.TYPE_FD || type == FlatObject.TYPE_FDA) {
                return true;
            }
        }
        return false;
    }
}
