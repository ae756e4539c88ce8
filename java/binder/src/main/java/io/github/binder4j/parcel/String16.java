package io.github.binder4j.parcel;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/** Strings in parcels: the number of UTF-16 units, the units, a zero unit, padding; -1 for null. */
final class String16 {
    private String16() {}

    static void write(ParcelData parcel, String value) {
        if (value == null) {
            parcel.writeInt(-1);
            return;
        }
        int units = value.length();
        parcel.writeInt(units);
        int length = Math.multiplyExact(Math.addExact(units, 1), Character.BYTES);
        int at = parcel.extend(length);
        ByteBuffer bytes = parcel.bytes();
        for (int i = 0; i < units; i++) {
            bytes.putChar(at + i * Character.BYTES, value.charAt(i));
        }
        parcel.zero(at + units * Character.BYTES, at + ParcelData.pad(length));
    }

    static String read(ParcelData parcel) {
        if (parcel.available() < Integer.BYTES) {
            return null;
        }
        int units = parcel.readInt();
        if (units < 0 || units > parcel.available() / Character.BYTES - 1) {
            return null;
        }
        int at = parcel.take((units + 1) * Character.BYTES);
        if (at < 0 || parcel.bytes().getChar(at + units * Character.BYTES) != 0) {
            return null;
        }
        String value = string(parcel.bytes(), at, units);
        Reference.reachabilityFence(parcel);
        return value;
    }

    static boolean skip(ParcelData parcel, String expected) {
        int start = parcel.position();
        int units = expected.length();
        if (parcel.readInt() == units) {
            int at = parcel.take((units + 1) * Character.BYTES);
            if (at >= 0 && isAt(parcel.bytes(), at, expected)) {
                Reference.reachabilityFence(parcel);
                return true;
            }
        }
        parcel.setPosition(start);
        return false;
    }

    private static boolean isAt(ByteBuffer bytes, int at, String expected) {
        int units = expected.length();
        for (int i = 0; i < units; i++) {
            if (bytes.getChar(at + i * Character.BYTES) != expected.charAt(i)) {
                return false;
            }
        }
        return bytes.getChar(at + units * Character.BYTES) == 0;
    }

    private static String string(ByteBuffer bytes, int at, int units) {
        char[] chars = new char[units];
        for (int i = 0; i < units; i++) {
            chars[i] = bytes.getChar(at + i * Character.BYTES);
        }
        return new String(chars);
    }
}
