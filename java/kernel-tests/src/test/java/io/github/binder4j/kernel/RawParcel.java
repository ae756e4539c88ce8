package io.github.binder4j.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What a {@link RawClient} sends: any bytes, and any list of offsets, that go with no check whatsoever. */
final class RawParcel {
    static final int TYPE_BINDER = 0x73622a85;
    static final int TYPE_WEAK_BINDER = 0x77622a85;
    static final int TYPE_HANDLE = 0x73682a85;
    static final int TYPE_WEAK_HANDLE = 0x77682a85;
    static final int TYPE_FD = 0x66642a85;
    static final int TYPE_FDA = 0x66646185;
    static final int TYPE_PTR = 0x70742a85;

    private static final int TOKEN_STRICT_MODE = 1 << 31;
    private static final int TOKEN_NO_WORK_SOURCE = -1;
    private static final int TOKEN_HEADER = 0x53595354;

    final ByteBuffer data;
    private final List<Long> offsets = new ArrayList<>();

    /** What the driver is told in place of the truth. */
    private Long claimedDataSize;

    private Long claimedOffsetsSize;

    RawParcel() {
        this(64 * 1024);
    }

    RawParcel(int capacity) {
        data = ByteBuffer.allocateDirect(capacity).order(ByteOrder.LITTLE_ENDIAN);
    }

    RawParcel int32(int value) {
        data.putInt(value);
        return this;
    }

    RawParcel int64(long value) {
        data.putLong(value);
        return this;
    }

    RawParcel bytes(int... values) {
        for (int value : values) {
            data.put((byte) value);
        }
        return this;
    }

    RawParcel zeros(int count) {
        data.put(new byte[count]);
        return this;
    }

    /** A String16 as it should be. */
    RawParcel string16(String value) {
        int32(value.length());
        data.put(value.getBytes(StandardCharsets.UTF_16LE)).putChar('\0');
        while (data.position() % 4 != 0) {
            data.put((byte) 0);
        }
        return this;
    }

    RawParcel token(String descriptor) {
        return int32(TOKEN_STRICT_MODE)
                .int32(TOKEN_NO_WORK_SOURCE)
                .int32(TOKEN_HEADER)
                .string16(descriptor);
    }

    /** The 24 bytes of an object that the list of offsets does not name. */
    RawParcel unlisted(int type, int flags, long pointer, long cookie) {
        return int32(type).int32(flags).int64(pointer).int64(cookie);
    }

    /** An object as the driver knows it: 24 bytes, listed. */
    RawParcel object(int type, int flags, long pointer, long cookie) {
        return offset(data.position()).unlisted(type, flags, pointer, cookie);
    }

    /** An object of the sender's own, followed by libbinder's stability word. */
    RawParcel binder(long pointer) {
        return object(TYPE_BINDER, 0, pointer, pointer).int32(12);
    }

    RawParcel handle(int handle) {
        return object(TYPE_HANDLE, 0, handle, 0).int32(12);
    }

    /** A {@code binder_buffer_object} of no bytes, with libbinder's stability word. */
    RawParcel emptyBuffer() {
        return offset(data.position())
                .int32(TYPE_PTR)
                .int32(0)
                .int64(0)
                .int64(0)
                .int64(0)
                .int64(0)
                .int32(12);
    }

    /** One more entry of the list of offsets. */
    RawParcel offset(long at) {
        offsets.add(at);
        return this;
    }

    RawParcel claimDataSize(long size) {
        claimedDataSize = size;
        return this;
    }

    RawParcel claimOffsetsSize(long size) {
        claimedOffsetsSize = size;
        return this;
    }

    long dataSize() {
        return claimedDataSize != null ? claimedDataSize : data.position();
    }

    long offsetsSize() {
        return claimedOffsetsSize != null ? claimedOffsetsSize : offsets.size() * (long) Long.BYTES;
    }

    ByteBuffer offsetTable() {
        ByteBuffer table = ByteBuffer.allocateDirect(Math.max(Long.BYTES, offsets.size() * Long.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        offsets.forEach(table::putLong);
        return table;
    }
}
