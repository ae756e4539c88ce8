package io.github.binder4j;

import android.os.BadParcelableException;
import android.os.Parcel;
import io.github.binder4j.parcel.ParcelData;
import io.github.binder4j.runtime.ApiBridge;
import java.nio.ByteBuffer;

/** Blobs without the Java heap: written from a buffer, read in place. */
public final class Blobs {
    private Blobs() {}

    /**
     * Writes the remaining bytes of a buffer as {@link Parcel#writeBlob(byte[])} would.
     *
     * @param parcel a parcel to build
     * @param bytes what to write; its position does not move
     */
    public static void write(Parcel parcel, ByteBuffer bytes) {
        dataOf(parcel).writeBlob(bytes);
    }

    /**
     * Reads a blob without copying it: of a received parcel, a view of the memory the driver copied it to.
     *
     * <p>The view is valid as long as it is reachable, also after the parcel is recycled; the driver gets the buffer back
     * only then. So drop it soon: until then its bytes are missing from the space in which this process receives, and
     * oneway calls to the object that received them wait.
     *
     * @param parcel whose next value is a blob
     * @return a read-only view from 0 to the blob's length; null if it was null or its length exceeds what is there
     * @throws BadParcelableException if the blob is in shared memory
     */
    public static ByteBuffer view(Parcel parcel) {
        ParcelData data = dataOf(parcel);
        try {
            int length = data.readBlobLength();
            return length < 0 ? null : data.readView(length);
        } catch (IllegalArgumentException e) {
            throw bad(e);
        }
    }

    static BadParcelableException bad(IllegalArgumentException e) {
        BadParcelableException bad = new BadParcelableException(e.getMessage());
        bad.initCause(e);
        return bad;
    }

    static ParcelData dataOf(Parcel parcel) {
        return ApiBridge.get().dataOf(parcel);
    }
}
