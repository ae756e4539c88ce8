package io.github.binder4j;

import android.os.BadParcelableException;
import android.os.Parcel;
import io.github.binder4j.parcel.ParcelData;
import io.github.binder4j.parcel.Window;
import io.github.binder4j.runtime.ApiBridge;
import java.nio.ByteBuffer;
import java.util.function.Function;

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
     * Writes the bytes of a view as {@link Parcel#writeBlob(byte[])} would.
     *
     * @param parcel a parcel to build
     * @param bytes what to write
     * @throws IllegalStateException if the view has ended
     */
    public static void write(Parcel parcel, BlobView bytes) {
        ParcelData data = dataOf(parcel);
        bytes.window().copy(data::writeBlob);
    }

    /**
     * Reads a blob without copying it: of a received parcel, a view of the memory the driver copied it to.
     *
     * <p>The view ends with the parcel, in a served call when {@code onTransact} returns, unless the program {@linkplain
     * BlobView#keep() keeps} it: see {@link BlobView}.
     *
     * @param parcel whose next value is a blob
     * @return a view of the blob; null if it was null or its length exceeds what is there
     * @throws BadParcelableException if the blob is in shared memory
     */
    public static BlobView view(Parcel parcel) {
        return view(parcel, data -> {
            int length = data.readBlobLength();
            return length < 0 ? null : data.readView(length);
        });
    }

    static BlobView view(Parcel parcel, Function<ParcelData, Window> reading) {
        ParcelData data = dataOf(parcel);
        Window window;
        try {
            window = reading.apply(data);
        } catch (RuntimeException e) {
            ApiBridge.get().checkInUse(parcel, data);
            throw e instanceof IllegalArgumentException refused ? bad(refused) : e;
        }
        ApiBridge.get().checkInUse(parcel, data);
        return window == null ? null : new BlobView(window);
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
