package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import android.os.Parcel;
import io.github.binder4j.BlobView;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/** One of every value a parcel can carry, odd ones among them; each side of a call checks what the other wrote. */
final class Values {
    private static final int[] INTS = {0, 1, -1, Integer.MIN_VALUE, Integer.MAX_VALUE, 0x12345678};
    private static final long[] LONGS = {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE, 0x123456789abcdef0L};
    private static final float[] FLOATS = {0f, -0f, 1.5f, Float.NaN, Float.MIN_VALUE, Float.NEGATIVE_INFINITY};
    private static final double[] DOUBLES = {0, -0.0, 1.5, Double.NaN, Double.MAX_VALUE, Double.POSITIVE_INFINITY};
    private static final byte[] BYTES = {0, 1, -1, Byte.MIN_VALUE, Byte.MAX_VALUE};
    private static final String[] STRINGS = {
        "",
        "a",
        "ab",
        "abc",
        null,
        "Grüße, 世界",
        "pair \uD83D\uDE00 of surrogates",
        "lone \uD800 surrogate",
        "nul \0 inside"
    };
    private static final int[] ARRAY_LENGTHS = {0, 1, 2, 3, 4, 5, 64 * 1024};

    private Values() {}

    /** Bytes of which each four differ from any shift of themselves. */
    static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31 + (i >>> 8));
        }
        return bytes;
    }

    static long crc(ByteBuffer bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes.duplicate());
        return crc.getValue();
    }

    static long crc(BlobView view) {
        CRC32 crc = new CRC32();
        view.update(crc);
        return crc.getValue();
    }

    static void write(Parcel parcel) {
        for (int value : INTS) {
            parcel.writeInt(value);
        }
        for (long value : LONGS) {
            parcel.writeLong(value);
        }
        for (float value : FLOATS) {
            parcel.writeFloat(value);
        }
        for (double value : DOUBLES) {
            parcel.writeDouble(value);
        }
        for (byte value : BYTES) {
            parcel.writeByte(value);
        }
        parcel.writeBoolean(true);
        parcel.writeBoolean(false);
        for (String value : STRINGS) {
            parcel.writeString(value);
        }
        parcel.writeByteArray(null);
        parcel.writeBlob(null);
        for (int length : ARRAY_LENGTHS) {
            parcel.writeByteArray(bytes(length));
            parcel.writeBlob(bytes(length));
        }
        parcel.writeInt(42);
    }

    static void check(Parcel parcel) {
        for (int value : INTS) {
            assertEquals(value, parcel.readInt());
        }
        for (long value : LONGS) {
            assertEquals(value, parcel.readLong());
        }
        for (float value : FLOATS) {
            assertEquals(Float.floatToRawIntBits(value), Float.floatToRawIntBits(parcel.readFloat()));
        }
        for (double value : DOUBLES) {
            assertEquals(Double.doubleToRawLongBits(value), Double.doubleToRawLongBits(parcel.readDouble()));
        }
        for (byte value : BYTES) {
            assertEquals(value, parcel.readByte());
        }
        assertEquals(true, parcel.readBoolean());
        assertEquals(false, parcel.readBoolean());
        for (String value : STRINGS) {
            assertEquals(value, parcel.readString());
        }
        assertEquals(null, parcel.createByteArray());
        assertEquals(null, parcel.readBlob());
        for (int length : ARRAY_LENGTHS) {
            assertArrayEquals(bytes(length), parcel.createByteArray());
            assertArrayEquals(bytes(length), parcel.readBlob());
        }
        assertEquals(42, parcel.readInt());
        assertEquals(0, parcel.dataAvail());
    }
}
