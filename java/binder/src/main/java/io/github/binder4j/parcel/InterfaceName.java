package io.github.binder4j.parcel;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The name of an interface as it stands in parcels. Every call writes one and compares one, and a process knows a handful:
 * the encoded form of those is kept, to be copied and compared eight bytes at a time.
 *
 * <p>Thread-safe.
 */
final class InterfaceName {
    private static final int SLOTS = 256;
    /** Longer ones are not kept, so that what is kept stays small. */
    private static final int LONGEST_KEPT = 255;

    /** By hash. Who comes first stays, for two that took a slot from each other would be encoded anew with every call. */
    private static final InterfaceName[] KEPT = new InterfaceName[SLOTS];

    private final String name;
    private final long[] words;
    /** Whether a word of four bytes follows {@link #words}. */
    private final boolean odd;

    private final int lastWord;

    private InterfaceName(String name) {
        int units = name.length();
        int size = Integer.BYTES + ParcelData.pad((units + 1) * Character.BYTES);
        ByteBuffer bytes = ByteBuffer.allocate(size + Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(units);
        for (int i = 0; i < units; i++) {
            bytes.putChar(name.charAt(i));
        }
        this.name = name;
        this.words = new long[size / Long.BYTES];
        bytes.rewind().asLongBuffer().get(words);
        this.odd = size % Long.BYTES != 0;
        this.lastWord = bytes.getInt(words.length * Long.BYTES);
    }

    /** A String16. */
    static void write(ParcelData parcel, String name) {
        InterfaceName kept = kept(name);
        if (kept == null) {
            String16.write(parcel, name);
        } else {
            kept.put(parcel);
        }
    }

    /** Passes over the next value if it is {@code expected}; otherwise stays before it. */
    static boolean skip(ParcelData parcel, String expected) {
        InterfaceName kept = kept(expected);
        // What differs may do so in the padding only, which is nobody's business.
        return kept != null && kept.skip(parcel) || String16.skip(parcel, expected);
    }

    /** The kept form of {@code name}; null if there is none. */
    private static InterfaceName kept(String name) {
        if (name == null) {
            return null;
        }
        int slot = name.hashCode() & SLOTS - 1;
        InterfaceName kept = KEPT[slot]; // unlocked: what another thread put there is final, or made here once more
        if (kept == null && name.length() <= LONGEST_KEPT) {
            kept = new InterfaceName(name);
            KEPT[slot] = kept;
        }
        return kept != null && kept.name.equals(name) ? kept : null;
    }

    private int size() {
        return words.length * Long.BYTES + (odd ? Integer.BYTES : 0);
    }

    private void put(ParcelData parcel) {
        int at = parcel.extend(size());
        ByteBuffer bytes = parcel.bytes();
        for (long word : words) {
            bytes.putLong(at, word);
            at += Long.BYTES;
        }
        if (odd) {
            bytes.putInt(at, lastWord);
        }
    }

    private boolean skip(ParcelData parcel) {
        int start = parcel.position();
        int at = parcel.take(size());
        if (at >= 0 && isAt(parcel.bytes(), at)) {
            Reference.reachabilityFence(parcel);
            return true;
        }
        parcel.setPosition(start);
        return false;
    }

    private boolean isAt(ByteBuffer bytes, int at) {
        int next = at;
        for (long word : words) {
            if (bytes.getLong(next) != word) {
                return false;
            }
            next += Long.BYTES;
        }
        return !odd || bytes.getInt(next) == lastWord;
    }
}
