package io.github.binder4j;

import android.os.BadParcelableException;
import android.os.Parcel;
import android.os.ParcelFileDescriptor;
import io.github.binder4j.files.OwnedDescriptor;
import io.github.binder4j.parcel.BufferObjects;
import io.github.binder4j.parcel.ParcelData;
import io.github.binder4j.runtime.ApiBridge;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/**
 * Memory outside the parcel that travels with it: the driver copies each buffer from where it is to behind the parcel's own
 * bytes in the receiver's memory. Called scatter-gather; what {@code /dev/hwbinder}'s parcels are made of.
 *
 * <p>On the wire this is not a blob: the receiver must expect a buffer. Buffers share the receiver's receive space with
 * everything else sent to it, each rounded up to eight bytes.
 */
public final class Buffers {
    private Buffers() {}

    /**
     * Writes a reference to the remaining bytes of a buffer.
     *
     * <p>The bytes are read when the parcel is sent, not now: leave them alone until then. The parcel keeps the buffer
     * reachable until it is recycled. Memory that is freed by other means before that is the caller's mistake, which the
     * driver answers by failing the call, or not at all.
     *
     * @param parcel a parcel to build
     * @param bytes a direct buffer, which may be read-only; its position does not move
     * @return the number of this buffer in {@code parcel}, for {@link #writeChild}
     * @throws IllegalArgumentException if the buffer is not direct: {@link Blobs#write} copies any
     */
    public static int write(Parcel parcel, ByteBuffer bytes) {
        return BufferObjects.write(Blobs.dataOf(parcel), bytes);
    }

    /**
     * Writes a reference to the memory a view is of: what was received is sent on without a copy of it here.
     *
     * <p>The parcel keeps that memory as it is until it is recycled, also if the view ends before.
     *
     * @param parcel a parcel to build
     * @param view of a received parcel, or of memory outside the heap
     * @return the number of this buffer in {@code parcel}
     * @throws IllegalStateException if the view has ended
     */
    public static int write(Parcel parcel, BlobView view) {
        return BufferObjects.write(Blobs.dataOf(parcel), view.window());
    }

    /**
     * Writes a reference to a buffer whose address another buffer holds: the driver stores there where the copy is.
     *
     * <p>The driver takes children in order only: of the buffer written last or of what that one is in, and in one parent at
     * ascending offsets.
     *
     * @param parcel a parcel to build
     * @param bytes as in {@link #write}
     * @param parent the number of that other buffer, which must not be the very first thing in the parcel
     * @param parentOffset where in it the eight bytes of the address are
     * @return the number of this buffer
     * @throws IllegalArgumentException if there is no such parent, or no room for an address there
     */
    public static int writeChild(Parcel parcel, ByteBuffer bytes, int parent, long parentOffset) {
        return BufferObjects.writeChild(Blobs.dataOf(parcel), bytes, parent, parentOffset);
    }

    /**
     * Says that a buffer holds numbers of file descriptors of this process, as native ints: the receiver finds there those of
     * copies, which the driver closes when the receiver is done with the parcel. The same order is kept as for children.
     *
     * @param parcel a parcel to build
     * @param count how many
     * @param parent the number of the buffer, which must not be the very first thing in the parcel
     * @param parentOffset where in it the first is; a multiple of four
     * @throws IllegalArgumentException if there is no such buffer, or so many ints are not there
     */
    public static void writeDescriptorArray(Parcel parcel, int count, int parent, long parentOffset) {
        BufferObjects.writeDescriptorArray(Blobs.dataOf(parcel), count, parent, parentOffset);
    }

    /**
     * Reads a buffer without copying it: of a received parcel, a view of the memory the driver copied it to.
     *
     * <p>The view lasts as {@link Blobs#view} says. An address in it is one in this process's memory; read the child it points
     * at as the next buffer in the parcel instead.
     *
     * @param parcel whose next value is a buffer
     * @return a view of the buffer; null if nothing is there
     * @throws BadParcelableException if something else is there
     */
    public static BlobView view(Parcel parcel) {
        return Blobs.view(parcel, BufferObjects::read);
    }

    /**
     * Reads what {@link #writeDescriptorArray} said.
     *
     * @param parcel whose next value is that
     * @return copies of the descriptors, the caller's to close; null if nothing is there
     * @throws BadParcelableException if something else is there
     * @throws UncheckedIOException if this process may not open so many
     */
    public static ParcelFileDescriptor[] createDescriptorArray(Parcel parcel) {
        ParcelData data = Blobs.dataOf(parcel);
        OwnedDescriptor[] copies;
        try {
            copies = BufferObjects.readDescriptorArray(data);
        } catch (IllegalArgumentException e) {
            ApiBridge.get().checkInUse(parcel, data);
            throw Blobs.bad(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (copies == null) {
            return null;
        }
        ParcelFileDescriptor[] result = new ParcelFileDescriptor[copies.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = ParcelFileDescriptor.adoptFd(copies[i].detach());
        }
        return result;
    }
}
