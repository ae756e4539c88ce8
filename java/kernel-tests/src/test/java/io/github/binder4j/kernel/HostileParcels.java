package io.github.binder4j.kernel;

import static io.github.binder4j.kernel.RawClient.*;
import static io.github.binder4j.kernel.RawParcel.*;

import java.util.function.Consumer;

/** What no honest process sends. */
final class HostileParcels {
    /** An object of the sender's. */
    private static final long POINTER = 0x1000;

    private HostileParcels() {}

    /** Parcels that no driver passes on. The library depends on that: it reads objects where the table says they are. */
    enum Refused {
        OFFSET_UNALIGNED(EINVAL, p -> p.zeros(64).offset(66)),
        OFFSET_PAST_THE_END(EFAULT, p -> p.zeros(64).offset(4096)),
        OFFSET_NEGATIVE(EFAULT, p -> p.zeros(64).offset(-8)),
        OFFSET_ENORMOUS(EFAULT, p -> p.zeros(64).offset(Long.MAX_VALUE)),
        OBJECT_CUT_SHORT(EINVAL, p -> p.object(TYPE_BINDER, 0, POINTER, POINTER).claimDataSize(p.dataSize() - 4)),
        OFFSETS_DESCENDING(EFAULT, p -> {
            int first = p.data.position();
            p.unlisted(TYPE_BINDER, 0, POINTER, POINTER)
                    .object(TYPE_BINDER, 0, POINTER, POINTER)
                    .offset(first);
        }),
        OBJECT_LISTED_TWICE(EFAULT, p -> p.offset(p.data.position()).object(TYPE_BINDER, 0, POINTER, POINTER)),
        OBJECTS_OVERLAPPING(
                EFAULT,
                p -> p.object(TYPE_BINDER, 0, POINTER, TYPE_BINDER)
                        .offset(p.data.position() - 8)
                        .zeros(64)),
        TABLE_SIZE_ODD(EINVAL, p -> p.object(TYPE_BINDER, 0, POINTER, POINTER).claimOffsetsSize(9)),
        TABLE_SIZE_OF_HALF_AN_ENTRY(
                EINVAL, p -> p.object(TYPE_BINDER, 0, POINTER, POINTER).claimOffsetsSize(4)),
        TABLE_ENORMOUS(0, p -> p.zeros(64).claimOffsetsSize(1L << 40)),
        TABLE_SIZE_NEGATIVE(0, p -> p.zeros(64).claimOffsetsSize(-8)),
        DATA_ENORMOUS(0, p -> p.zeros(64).claimDataSize(1L << 40)),
        DATA_SIZE_NEGATIVE(0, p -> p.zeros(64).claimDataSize(-8)),
        SIZES_THAT_OVERFLOW(0, p -> p.claimDataSize(Long.MAX_VALUE - 7).claimOffsetsSize(Long.MAX_VALUE - 7)),
        TYPE_UNKNOWN(EINVAL, p -> p.object(0xdeadbeef, 0, 1, 1)),
        TYPE_ZERO(EINVAL, p -> p.object(0, 0, 0, 0)),
        HANDLE_NOT_OWNED(EINVAL, p -> p.handle(12345)),
        HANDLE_NEGATIVE(EINVAL, p -> p.handle(-1)),
        WEAK_HANDLE_NOT_OWNED(EINVAL, p -> p.object(TYPE_WEAK_HANDLE, 0, 12345, 0)),
        DESCRIPTOR_NOT_OPEN(EBADF, p -> p.object(TYPE_FD, 0, 12345, 0)),
        DESCRIPTORS(0, p -> p.emptyBuffer().object(TYPE_FDA, 0, 1, 0).zeros(8)),
        BUFFER_THAT_WAS_NOT_SENT(EINVAL, p -> p.object(TYPE_PTR, 0, 4096, 64).zeros(16)),
        OBJECT_KNOWN_BY_ANOTHER_COOKIE(EINVAL, p -> p.binder(POINTER).object(TYPE_BINDER, 0, POINTER, POINTER + 1));

        /** The errno, 0 if that is the kernel's choice. */
        private final int errno;

        private final Consumer<RawParcel> writer;

        Refused(int errno, Consumer<RawParcel> writer) {
            this.errno = errno;
            this.writer = writer;
        }

        void write(RawParcel parcel) {
            writer.accept(parcel);
        }

        boolean isReason(int found) {
            return errno == 0 || errno == found;
        }

        @Override
        public String toString() {
            return name() + (errno == 0 ? "" : " for errno " + errno);
        }
    }

    /** Arguments that hold no strong binder where one is expected. */
    enum NoBinder {
        WEAK_BINDER(p -> p.object(TYPE_WEAK_BINDER, 0, POINTER, POINTER).int32(12)),
        EMPTY_BUFFER(RawParcel::emptyBuffer),
        UNLISTED_HANDLE(p -> p.unlisted(TYPE_HANDLE, 0, 0, 0).int32(12)),
        UNLISTED_BINDER(
                p -> p.unlisted(TYPE_BINDER, 0, 1L << 32 | 1, 1L << 32 | 1).int32(12)),
        UNLISTED_BINDER_ENORMOUS(p -> p.unlisted(TYPE_BINDER, 0, -1, -1).int32(12)),
        UNLISTED_DESCRIPTOR(p -> p.unlisted(TYPE_FD, 0, 0, 0).int32(12)),
        OBJECT_FOUR_BYTES_LATER(p -> p.int32(TYPE_HANDLE).binder(POINTER)),
        NUMBERS(p -> p.zeros(28));

        private final Consumer<RawParcel> writer;

        NoBinder(Consumer<RawParcel> writer) {
            this.writer = writer;
        }

        void write(RawParcel parcel) {
            writer.accept(parcel);
        }
    }

    /** What a call to another interface, or to none, begins with. */
    enum Token {
        NONE(p -> {}),
        ONE_BYTE(p -> p.int32(0).claimDataSize(1)),
        THREE_BYTES(p -> p.int32(0).claimDataSize(3)),
        OTHER_INTERFACE(p -> p.token("android.os.IServiceManager")),
        OTHER_HEADER(p -> p.token(Peer.DESCRIPTOR).data.putInt(8, 0x12345678)),
        LONGER(p -> p.token(Peer.DESCRIPTOR + "2")),
        EMPTY(p -> p.token("")),
        NULL(p -> p.token("").data.putInt(12, -1)),
        ENORMOUS(p -> p.token("").data.putInt(12, Integer.MAX_VALUE)),
        WITHOUT_END(p -> {
            p.token(Peer.DESCRIPTOR);
            p.data.putInt(p.data.position() - 4, 0x00410041);
        }),
        CUT_SHORT(p -> p.token(Peer.DESCRIPTOR).claimDataSize(p.dataSize() - 4)),
        OVER_AN_OBJECT(p -> p.binder(POINTER));

        private final Consumer<RawParcel> writer;

        Token(Consumer<RawParcel> writer) {
            this.writer = writer;
        }

        void write(RawParcel parcel) {
            writer.accept(parcel);
        }
    }
}
