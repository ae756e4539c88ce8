package io.github.binder4j.parcel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.memory.OffHeap;
import io.github.binder4j.natives.BinderNative;
import io.github.binder4j.natives.NativeMemory;
import java.lang.ref.WeakReference;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ParcelDataTest {
    /** What a recycled parcel may keep. */
    private static final int KEPT = 1024 * 1024;

    private final ParcelData parcel = new ParcelData();

    // Encoding

    @Test
    void shouldWriteScalarsLittleEndianAtMultiplesOfFour() {
        parcel.writeInt(0x01020304);
        parcel.writeLong(0x1112131415161718L);

        assertBytes("04030201 1817161514131211");
    }

    @Test
    void shouldWriteAStringWithItsLengthAZeroUnitAndPadding() {
        parcel.writeString16("ab");
        assertBytes("02000000 61006200 00000000");
    }

    @Test
    void shouldWriteAnEmptyStringAsALengthAndAZero() {
        parcel.writeString16("");
        assertBytes("00000000 00000000");
    }

    @Test
    void shouldWriteANullStringAsMinusOne() {
        parcel.writeString16(null);
        assertBytes("ffffffff");
    }

    @Test
    void shouldWriteAStringOfOddLengthWithoutPadding() {
        parcel.writeString16("abc");
        assertBytes("03000000 61006200 63000000");
    }

    @Test
    void shouldPadBytesWithZerosAlsoWhereOtherBytesWere() {
        parcel.writeInt(-1);
        parcel.writeInt(-1);
        parcel.setPosition(0);
        parcel.writeBytes(new byte[] {9, 1, 2, 3, 4, 5, 9}, 1, 5);
        assertBytes("01020304 05000000");

        parcel.clear();
        parcel.writeLong(-1);
        parcel.writeInt(-1);
        parcel.setPosition(0);
        parcel.writeString16("ab");
        assertBytes("02000000 61006200 00000000");
    }

    @Test
    void shouldWriteTheRemainingBytesOfABufferWithoutMovingIt() {
        ByteBuffer source = ByteBuffer.wrap(new byte[] {9, 1, 2, 3, 9}, 1, 3);
        parcel.writeBytes(source);

        assertBytes("01020300");
        assertEquals(1, source.position());
    }

    @Test
    void shouldWriteABlobAsLengthKindAndBytes() {
        parcel.writeBlob(new byte[] {1, 2, 3}, 0, 3);
        assertBytes("03000000 00000000 01020300");

        parcel.clear();
        parcel.writeBlob(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        assertBytes("03000000 00000000 01020300");
    }

    @Test
    void shouldWriteTheNullBinderOutsideTheObjectTable() {
        parcel.writeObject(null, 12);

        assertBytes("852a6273 13000000 0000000000000000 0000000000000000 00000000");
        assertEquals(0, parcel.objectCount());
        assertEquals(0, parcel.offsetsSize());
        assertEquals(0, parcel.offsetsAddress());
    }

    @Test
    void shouldLayOutObjectsAndTheirTableWhenTheParcelIsSent() {
        parcel.writeInt(1);
        parcel.writeObject("local", 12);
        parcel.writeInt(2);
        parcel.writeObject("remote", 3);
        parcel.bindObjects(new Numbers());

        assertBytes("01000000"
                + "852a6273 13110000 0700000000000000 0700000000000000 0c000000"
                + "02000000"
                + "852a6873 00000000 0900000000000000 0000000000000000 03000000");
        assertEquals(16, parcel.offsetsSize());
        ByteBuffer table = view(parcel.offsetsAddress(), 16);
        assertEquals(4, table.getLong(0));
        assertEquals(36, table.getLong(8));
    }

    @Test
    void shouldGiveManyObjectsATable() {
        IntStream.range(0, 100).forEach(i -> parcel.writeObject("local", 0));
        parcel.bindObjects(new Numbers());
        IntStream.range(100, 200).forEach(i -> parcel.writeObject("local", 0));
        parcel.bindObjects(new Numbers());

        ByteBuffer table = view(parcel.offsetsAddress(), parcel.offsetsSize());
        assertEquals(1600, parcel.offsetsSize());
        assertTrue(IntStream.range(0, 200).allMatch(i -> table.getLong(i * 8) == i * 28));
    }

    @ParameterizedTest
    @CsvSource({
        "BINDER_TYPE_BINDER, 1935813253",
        "BINDER_TYPE_HANDLE, 1936206469",
        "BINDER_TYPE_FD, 1717840517",
        "BINDER_TYPE_FDA, 1717854597",
        "BINDER_TYPE_PTR, 1886661253",
        "BINDER_BUFFER_FLAG_HAS_PARENT, 1",
        "FLAT_BINDER_FLAG_ACCEPTS_FDS, 256",
        "sizeof:binder_fd_object, 24",
        "offsetof:binder_fd_object.pad_flags, 4",
        "offsetof:binder_fd_object.fd, 8",
        "offsetof:binder_fd_object.cookie, 16",
        "sizeof:binder_buffer_object, 40",
        "offsetof:binder_buffer_object.flags, 4",
        "offsetof:binder_buffer_object.buffer, 8",
        "offsetof:binder_buffer_object.length, 16",
        "offsetof:binder_buffer_object.parent, 24",
        "offsetof:binder_buffer_object.parent_offset, 32",
        "sizeof:binder_fd_array_object, 32",
        "offsetof:binder_fd_array_object.num_fds, 8",
        "offsetof:binder_fd_array_object.parent, 16",
        "offsetof:binder_fd_array_object.parent_offset, 24",
        "sizeof:flat_binder_object, 24",
        "offsetof:flat_binder_object.flags, 4",
        "offsetof:flat_binder_object.binder, 8",
        "offsetof:flat_binder_object.handle, 8",
        "offsetof:flat_binder_object.cookie, 16"
    })
    void shouldAgreeWithTheHeaderAboutObjects(String name, long used) {
        assertEquals(BinderNative.abiValue(name), used);
    }

    @Test
    void shouldUseThoseNumbersForObjects() {
        assertEquals(1935813253, FlatObject.TYPE_BINDER);
        assertEquals(1936206469, FlatObject.TYPE_HANDLE);
        assertEquals(1717840517, FlatObject.TYPE_FD);
        assertEquals(1717854597, FlatObject.TYPE_FDA);
        assertEquals(1886661253, FlatObject.TYPE_PTR);
        assertEquals(1, FlatObject.PTR_HAS_PARENT);
        assertEquals(256 + 19, FlatObject.NODE_FLAGS);
        assertEquals(
                List.of(16, 24, 32, 40, 8, 16, 24, 32),
                List.of(
                        FlatObject.PTR_LENGTH,
                        FlatObject.PTR_PARENT,
                        FlatObject.PTR_PARENT_OFFSET,
                        FlatObject.PTR_SIZE,
                        FlatObject.FDA_COUNT,
                        FlatObject.FDA_PARENT,
                        FlatObject.FDA_PARENT_OFFSET,
                        FlatObject.FDA_SIZE));
        assertEquals(
                List.of(4, 8, 16, 24, 24),
                List.of(
                        FlatObject.FLAGS,
                        FlatObject.POINTER,
                        FlatObject.COOKIE,
                        FlatObject.SIZE,
                        FlatObject.STABILITY));
    }

    // Round trips

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "ab", "abc", "\0", "a\0b", "\uD83D\uDE00 pair", "\uD800 alone", "\uFFFF\u0000"})
    void shouldReadTheStringItWrote(String value) {
        parcel.writeString16(value);
        parcel.writeInt(7);
        ParcelData received = receive();

        assertEquals(value, received.readString16());
        assertEquals(7, received.readInt());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "ab", "\uD83D\uDE00"})
    void shouldPassOverTheStringItExpects(String value) {
        parcel.writeString16(value);
        parcel.writeInt(7);
        ParcelData received = receive();

        assertTrue(received.skipInterfaceName(value));
        assertEquals(7, received.readInt());
    }

    @Test
    void shouldStayBeforeAStringItDoesNotExpect() {
        parcel.writeString16("abc");
        ParcelData received = receive();
        for (String other : List.of("", "ab", "abd", "bbc", "abcd")) {
            assertFalse(received.skipInterfaceName(other));
            assertEquals(0, received.position());
        }
        assertEquals("abc", received.readString16());
        assertFalse(received.skipInterfaceName(""), "there is none");

        parcel.clear();
        parcel.writeInt(3);
        assertFalse(receive().skipInterfaceName("abc"), "it is cut short");
        parcel.writeInt(0x00620061);
        parcel.writeInt(0x00640063);
        assertFalse(receive().skipInterfaceName("abc"), "it lacks its closing zero");
    }

    @Test
    void shouldReadAStringOfAMillionUnits() {
        String value = "\u00e4b".repeat(1 << 19);
        parcel.writeString16(value);
        assertEquals(value, receive().readString16());
    }

    @Test
    void shouldKeepItsContentWhenItGrows() {
        IntStream.range(0, 100_000).forEach(parcel::writeInt);
        parcel.setPosition(0);

        assertTrue(IntStream.range(0, 100_000).allMatch(i -> parcel.readInt() == i));
        assertEquals(400_000, parcel.size());
    }

    @Test
    void shouldReadTheBlobItWrote() {
        parcel.writeBlob(new byte[] {1, 2, 3}, 0, 3);
        parcel.writeInt(7);
        ParcelData received = receive();

        assertEquals(3, received.readBlobLength());
        assertArrayEquals(new byte[] {1, 2, 3}, received.readBytes(3));
        assertEquals(7, received.readInt());
    }

    @Test
    void shouldReadTheObjectItWroteBeforeAndAfterItIsSent() {
        Object object = "local";
        parcel.writeObject(object, 12);
        parcel.setPosition(0);
        assertSame(object, parcel.readObject());
        parcel.bindObjects(new Numbers());
        parcel.setPosition(0);
        assertSame(object, parcel.readObject());
    }

    @Test
    void shouldResolveReceivedObjectsThroughTheOwner() {
        parcel.writeObject("local", 12);
        parcel.writeObject("remote", 3);
        parcel.writeObject(null, 0);
        parcel.bindObjects(new Numbers());
        ParcelData received = receive(0, 28);

        assertEquals("local 7", received.readObject());
        assertEquals("remote 9 stability 3", received.readObject());
        assertNull(received.readObject());
        assertEquals(0, received.available());
    }

    // Reading what is not there

    @Test
    void shouldReadZeroAndNullPastTheEnd() {
        for (ParcelData empty : List.of(parcel, receive())) {
            empty.setPosition(0);
            assertEquals(0, empty.readInt());
            assertEquals(0, empty.readLong());
            assertNull(empty.readString16());
            assertNull(empty.readObject());
            assertNull(empty.readBytes(1));
            assertNull(empty.readView(1));
            assertEquals(-1, empty.readBlobLength());
            assertEquals(0, empty.available());
            assertEquals(0, empty.position());
        }
    }

    @Test
    void shouldReadZeroFromAnyPositionPastTheEnd() {
        parcel.writeInt(1);
        for (int position : new int[] {1, 2, 4, 5, 1000, Integer.MAX_VALUE - 3, Integer.MAX_VALUE}) {
            parcel.setPosition(position);
            assertEquals(0, parcel.readInt());
            assertEquals(0, parcel.readLong());
            assertNull(parcel.readString16());
            assertNull(parcel.readObject());
            assertNull(parcel.readBytes(4));
            assertEquals(position, parcel.position());
        }
    }

    @Test
    void shouldReadNothingOfAValueThatIsCutShort() {
        parcel.writeInt(-1);
        ParcelData received = receive();
        assertEquals(0, received.readLong());
        assertEquals(-1, received.readInt());
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MAX_VALUE, Integer.MAX_VALUE - 1, 0x40000000, 0x7ffffffc, 3, -2, Integer.MIN_VALUE})
    void shouldReadNullForAStringOfHostileLength(int units) {
        parcel.writeInt(units);
        parcel.writeInt(0x00610061);
        assertNull(receive().readString16());
    }

    @Test
    void shouldReadNullForAStringWithoutItsClosingZero() {
        parcel.writeInt(1);
        parcel.writeInt(0x00620061);
        assertNull(receive().readString16());
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MAX_VALUE, Integer.MAX_VALUE - 2, 5, 8, -1, Integer.MIN_VALUE})
    void shouldReadNullForBytesOfHostileLength(int length) {
        parcel.writeInt(0);
        ParcelData received = receive();
        assertNull(received.readBytes(length));
        assertNull(received.readView(length));
        assertEquals(0, received.position());
    }

    @Test
    void shouldReadNullForBytesWithoutTheirPadding() {
        OffHeap mapping = OffHeap.allocate(64);
        ParcelData received = new ParcelData();
        received.receive(mapping, 0, 5, 8, 0, new Owner());

        assertNull(received.readBytes(5));
        assertNotNull(received.readBytes(4));
    }

    @Test
    void shouldRefuseABlobInSharedMemoryNamingItsKind() {
        parcel.writeInt(3);
        parcel.writeInt(1);
        ParcelData received = receive();

        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, received::readBlobLength);
        assertTrue(refused.getMessage().contains("kind 1"), refused.getMessage());
    }

    @Test
    void shouldRefuseABinderTheObjectTableDoesNotList() {
        parcel.writeInt(1);
        parcel.writeObject("remote", 3);
        parcel.bindObjects(new Numbers());
        for (ParcelData received : List.of(receive(), receive(0), receive(8), receive(0, 28))) {
            received.setPosition(4);

            IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, received::readObject);
            assertTrue(refused.getMessage().contains("position 4"), refused.getMessage());
            assertTrue(refused.getMessage().contains("0x73682a85"), refused.getMessage());
            assertEquals(4, received.position());
        }
        assertNotNull(readObjectAt(receive(4), 4));
    }

    @Test
    void shouldRefuseALocalBinderThatWasNeverSent() {
        parcel.writeInt(FlatObject.TYPE_BINDER);
        parcel.writeInt(0);
        parcel.writeLong(7);
        parcel.writeLong(7);
        parcel.writeInt(12);

        assertThrows(IllegalArgumentException.class, receive()::readObject);
        parcel.setPosition(0);
        assertThrows(IllegalArgumentException.class, parcel::readObject);
    }

    @Test
    void shouldRefuseAnObjectOfAnotherType() {
        parcel.writeInt(0x66642a85); // a file descriptor
        parcel.writeLong(0);
        parcel.writeLong(0);
        parcel.writeLong(0);

        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, receive(0)::readObject);
        assertTrue(refused.getMessage().contains("0x66642a85"), refused.getMessage());
    }

    @Test
    void shouldFindEveryObjectOfALongTable() {
        long[] positions = new long[50];
        for (int i = 0; i < positions.length; i++) {
            parcel.writeInt(i);
            positions[i] = parcel.position();
            parcel.writeObject("remote", i);
        }
        parcel.bindObjects(new Numbers());
        ParcelData received = receive(positions);

        for (int i = 0; i < positions.length; i++) {
            assertEquals(i, received.readInt());
            assertEquals("remote 9 stability " + i, received.readObject());
        }
    }

    // Position

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE})
    void shouldRefuseANegativePosition(int position) {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> parcel.setPosition(position));
        assertTrue(refused.getMessage().contains("setDataPosition(" + position + ")"), refused.getMessage());
        assertEquals(0, parcel.position());
    }

    @Test
    void shouldFillTheGapWithZerosWhenWritingPastTheEnd() {
        parcel.writeLong(-1);
        parcel.writeLong(-1);
        parcel.recycle();
        parcel.reuse();
        parcel.setPosition(8);
        assertEquals(0, parcel.size());
        parcel.writeInt(1);

        assertBytes("00000000 00000000 01000000");
    }

    @Test
    void shouldOverwriteInPlace() {
        parcel.writeInt(0);
        parcel.writeInt(2);
        parcel.setPosition(0);
        parcel.writeInt(8);

        assertBytes("08000000 02000000");
        assertEquals(4, parcel.available());
    }

    @Test
    void shouldRefuseToGrowBeyondTwoGibibytes() {
        parcel.setPosition(Integer.MAX_VALUE);

        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> parcel.writeInt(1));
        assertTrue(refused.getMessage().contains("position=2147483647"), refused.getMessage());
        assertEquals(0, parcel.size());
    }

    // Objects

    @Test
    void shouldRefuseObjectsOutOfOrderAndLeaveTheParcelAsItWas() {
        parcel.writeInt(1);
        parcel.writeObject("local", 12);
        for (int position : new int[] {0, 4, 27}) {
            parcel.setPosition(position);
            IllegalStateException refused =
                    assertThrows(IllegalStateException.class, () -> parcel.writeObject("local", 12));
            assertTrue(refused.getMessage().contains("object written at " + position), refused.getMessage());
            assertEquals(position, parcel.position());
        }
        assertEquals(32, parcel.size());
        assertEquals(1, view(parcel.dataAddress(), 4).getInt(0));
        parcel.setPosition(28);
        parcel.writeObject("local", 12);
        assertEquals(2, parcel.objectCount());
    }

    @Test
    void shouldDropItsObjectsWhenCleared() {
        WeakReference<Object> object = new WeakReference<>(new Object());
        parcel.writeObject(object.get(), 0);
        parcel.clear();

        while (!object.refersTo(null)) { // until the collector agrees, or the test's time is up
            System.gc();
        }
        assertEquals(0, parcel.objectCount());
    }

    @Test
    void shouldRefuseToBindTheObjectsOfAReceivedParcel() {
        ParcelData received = receive();
        assertThrows(IllegalStateException.class, () -> received.bindObjects(new Numbers()));
    }

    // Life

    @Test
    void shouldNotBeSentAfterRecycle() {
        parcel.recycle();

        assertTrue(parcel.isRecycled());
        IllegalStateException late = assertThrows(IllegalStateException.class, parcel::checkSendable);
        assertTrue(late.getMessage().contains("recycle"), late.getMessage());
        assertThrows(IllegalStateException.class, () -> parcel.bindObjects(new Numbers()));
    }

    @Test
    void shouldNumberItsUses() {
        long first = parcel.use();
        assertTrue(parcel.isInUse(first));
        parcel.recycle();
        assertFalse(parcel.isInUse(first));
        parcel.reuse();
        long second = parcel.use();
        assertTrue(second > first);
        assertEquals(1, parcel.turn());

        parcel.endLoan();
        assertTrue(parcel.isInUse(second), "it was not lent");
        parcel.setLent(true);
        parcel.endLoan();
        assertFalse(parcel.isInUse(second));
        assertFalse(parcel.isRecycled());
        parcel.recycle();
        parcel.reuse();
        assertEquals(2, parcel.turn());
    }

    @Test
    void shouldBeginAnotherUseWhenAReceivedParcelIsCleared() {
        ParcelData received = receive();
        long use = received.use();
        received.clear();
        assertFalse(received.isInUse(use));
        assertFalse(received.isRecycled());
    }

    @Test
    void shouldBeEmptyWhenReused() {
        parcel.writeObject("local", 0);
        parcel.recycle();
        parcel.reuse();

        assertFalse(parcel.isRecycled());
        assertEquals(0, parcel.size());
        assertEquals(0, parcel.position());
        assertEquals(0, parcel.objectCount());
        assertEquals(0, parcel.dataAddress());
    }

    @Test
    void shouldGiveAReceivedBufferBackOnce() {
        Owner owner = new Owner();
        ParcelData received = receive(owner);
        received.recycle();
        received.recycle();
        assertEquals(1, owner.frees);

        received.reuse();
        received.writeInt(5);
        received.recycle();
        assertEquals(1, owner.frees, "a parcel built here has no buffer");
    }

    @Test
    void shouldBeWritableAgainWhenAReceivedParcelIsCleared() {
        parcel.writeInt(1);
        Owner owner = new Owner();
        ParcelData received = receive(owner);
        received.clear();

        assertEquals(1, owner.frees);
        assertFalse(received.isReceived());
        received.writeInt(7);
        received.setPosition(0);
        assertEquals(7, received.readInt());
    }

    @Test
    void shouldRefuseToWriteToAReceivedParcel() {
        parcel.writeInt(1);
        ParcelData received = receive();

        for (Runnable write : List.<Runnable>of(
                () -> received.writeInt(2),
                () -> received.writeString16("a"),
                () -> received.writeObject("local", 1))) {
            IllegalStateException refused = assertThrows(IllegalStateException.class, write::run);
            assertTrue(refused.getMessage().contains("read-only"), refused.getMessage());
        }
        assertEquals(1, received.readInt());
    }

    @Test
    void shouldKeepSmallMemoryAndDropLargeWhenRecycled() throws ReflectiveOperationException {
        Field block = ParcelData.class.getDeclaredField("block");
        block.setAccessible(true);
        parcel.writeBytes(new byte[KEPT], 0, KEPT);
        Object kept = block.get(parcel);
        parcel.recycle();
        assertSame(kept, block.get(parcel));

        parcel.reuse();
        parcel.writeBytes(new byte[KEPT + 4], 0, KEPT + 4);
        parcel.recycle();
        assertNull(block.get(parcel));

        parcel.reuse();
        parcel.writeInt(3);
        assertBytes("03000000");
    }

    // Views

    @Test
    void shouldViewWhatItHolds() {
        parcel.writeLong(0x0807060504030201L);
        for (ParcelData viewed : List.of(parcel, receive())) {
            viewed.setPosition(4);
            Window view = viewed.readView(3);

            assertEquals(3, view.size());
            byte[] bytes = new byte[3];
            view.copy(source -> source.get(bytes));
            assertArrayEquals(new byte[] {5, 6, 7}, bytes);
            assertEquals(6, view.get(1));
            assertThrows(IndexOutOfBoundsException.class, () -> view.get(3));
            assertEquals(8, viewed.position());
        }
    }

    @Test
    void shouldAskTheOwnerForOneLeaseForAllViewsOfABuffer() {
        parcel.writeLong(1);
        Owner owner = new Owner();
        ParcelData received = receive(owner);
        assertEquals(0, owner.leases);
        received.readView(3);
        received.readView(4);
        assertEquals(1, owner.leases);
    }

    @Test
    void shouldKeepTheBytesOfAKeptViewWhenItsBuiltParcelIsEmptiedAndUsedAgain() {
        for (Runnable empty : List.<Runnable>of(
                () -> {
                    parcel.recycle();
                    parcel.reuse();
                },
                parcel::clear)) {
            parcel.writeInt(0x04030201);
            parcel.setPosition(0);
            Window ended = parcel.readView(4);
            parcel.setPosition(0);
            Window kept = parcel.readView(4);
            kept.keep();
            empty.run();
            for (int i = 0; i < 1000; i++) {
                parcel.writeInt(-1);
            }

            assertEquals(0x04030201, kept.getInt(0));
            assertThrows(IllegalStateException.class, () -> ended.get(0));
            kept.close();
            parcel.clear();
        }
    }

    @Test
    void shouldUseItsMemoryAgainThoughItWasViewed() {
        parcel.writeInt(1);
        parcel.setPosition(0);
        parcel.readView(4);
        long address = parcel.dataAddress();
        parcel.clear();
        parcel.writeInt(1);
        assertEquals(address, parcel.dataAddress());
    }

    // Copying from another parcel

    /** Words before, within and after each object, by what its type says of its size. */
    @ParameterizedTest
    @CsvSource({
        "0x73622a85, 28",
        "0x73682a85, 28",
        "0x66642a85, 24",
        "0x70742a85, 40",
        "0x66646185, 32",
        "0x11111111, 24"
    })
    void shouldCopyNothingOfTheInsideOfAnObject(String type, int size) {
        parcel.writeInt(7);
        parcel.writeInt(Integer.decode(type));
        parcel.writeBytes(new byte[size - 4], 0, size - 4);
        parcel.writeInt(9);
        ParcelData received = receive(4);

        for (int at = 0; at < 4 + size + 4; at += 4) {
            boolean inside = at >= 4 && at < 4 + size;
            assertEquals(inside, !copies(received, at, 4), type + " at " + at);
        }
        assertFalse(copies(received, 0, 8 + size));
        assertFalse(copies(received, 0, 8));
    }

    @Test
    void shouldCopyNothingOfTheInsideOfAnObjectThatIsNotSentYet() {
        parcel.writeInt(7);
        BufferObjects.write(parcel, ByteBuffer.allocateDirect(8));
        BufferObjects.writeDescriptorArray(parcel, 0, 0, 0);
        parcel.writeObject("local", 0);
        parcel.writeInt(9);
        int end = 4 + 40 + 32 + 28;

        for (int at = 0; at < end + 4; at += 4) {
            assertEquals(at < 4 || at >= end, copies(parcel, at, 4), "at " + at);
        }
    }

    private static boolean copies(ParcelData source, int offset, int length) {
        ParcelData target = new ParcelData();
        try {
            target.appendFrom(source, offset, length);
        } catch (IllegalArgumentException e) {
            assertEquals(0, target.size());
            return false;
        }
        return target.size() == length;
    }

    private Object readObjectAt(ParcelData received, int position) {
        received.setPosition(position);
        return received.readObject();
    }

    /** What {@link #parcel} holds as another process would get it, at an odd place of the mapping. */
    private ParcelData receive(long... offsets) {
        return receive(new Owner(), offsets);
    }

    private ParcelData receive(Owner owner, long... offsets) {
        int at = 1000;
        int size = parcel.dataSize();
        int offsetsAt = at + (size + 7 & ~7);
        OffHeap mapping = OffHeap.allocate(offsetsAt + offsets.length * Long.BYTES + 64);
        IntStream.range(0, mapping.size()).forEach(i -> mapping.bytes.put(i, (byte) 0x55)); // a neighbour's bytes
        if (size > 0) {
            mapping.bytes.put(at, view(parcel.dataAddress(), size), 0, size);
        }
        for (int i = 0; i < offsets.length; i++) {
            mapping.bytes.putLong(offsetsAt + i * Long.BYTES, offsets[i]);
        }
        ParcelData received = new ParcelData();
        received.receive(mapping, at, size, offsetsAt, offsets.length, owner);
        return received;
    }

    private void assertBytes(String hex) {
        byte[] bytes = new byte[parcel.dataSize()];
        view(parcel.dataAddress(), bytes.length).get(bytes);
        assertEquals(hex.replace(" ", ""), HexFormat.of().formatHex(bytes));
        assertEquals(bytes.length, parcel.size());
    }

    private static ByteBuffer view(long address, int size) {
        return NativeMemory.directBuffer(address, size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Every object called "local" is number 7 here, every other handle 9. */
    private static final class Numbers implements ObjectBinding {
        @Override
        public long pointerOf(Object object) {
            return object.equals("local") ? 7 : -1;
        }

        @Override
        public int flagsOf(Object object) {
            return 0x1000;
        }

        @Override
        public int handleOf(Object object) {
            return 9;
        }
    }

    private static final class Owner implements BufferOwner {
        int leases;
        int frees;

        @Override
        public Object localObject(long ptr) {
            return "local " + ptr;
        }

        @Override
        public Object remoteObject(int handle, int stability) {
            return "remote " + handle + " stability " + stability;
        }

        @Override
        public Lease lease() {
            leases++;
            return new Lease();
        }

        @Override
        public void free() {
            frees++;
        }
    }
}
