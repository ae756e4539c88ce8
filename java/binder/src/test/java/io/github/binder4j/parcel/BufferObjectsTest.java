package io.github.binder4j.parcel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.files.OwnedDescriptor;
import io.github.binder4j.files.Pipe;
import io.github.binder4j.memory.OffHeap;
import io.github.binder4j.natives.NativeMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class BufferObjectsTest {
    private static final int DATA_AT = 256;

    private final ParcelData parcel = new ParcelData();

    // Writing

    @Test
    void shouldPointAtTheRemainingBytesOfADirectBuffer() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(20).position(3).limit(16);
        parcel.writeInt(1);

        assertEquals(0, BufferObjects.write(parcel, buffer.asReadOnlyBuffer()));
        parcel.bindObjects(new DescriptorsTest.NoBinders());

        ByteBuffer data = view(parcel.dataAddress(), parcel.dataSize());
        assertEquals(44, data.capacity());
        assertEquals(0x70742a85, data.getInt(4));
        assertEquals(0, data.getInt(8));
        assertEquals(NativeMemory.addressOf(buffer) + 3, data.getLong(12));
        assertEquals(13, data.getLong(20));
        assertEquals(0, data.getLong(28));
        assertEquals(0, data.getLong(36));
        assertEquals(4, view(parcel.offsetsAddress(), 8).getLong(0));
        assertEquals(16, parcel.buffersSize());
        assertEquals(3, buffer.position());
    }

    @Test
    void shouldSayWhichParentHoldsTheAddressOfAChild() {
        parcel.writeInt(1);
        int parent = BufferObjects.write(parcel, ByteBuffer.allocateDirect(24));
        int child = BufferObjects.writeChild(parcel, ByteBuffer.allocateDirect(9), parent, 16);
        parcel.bindObjects(new DescriptorsTest.NoBinders());

        ByteBuffer data = view(parcel.dataAddress(), parcel.dataSize());
        assertEquals(1, child);
        assertEquals(1, data.getInt(44 + 4));
        assertEquals(0, data.getLong(44 + 24));
        assertEquals(16, data.getLong(44 + 32));
        assertEquals(24 + 16, parcel.buffersSize());
    }

    @Test
    void shouldNeedNoRoomForBuffersOnceItIsEmptied() {
        BufferObjects.write(parcel, ByteBuffer.allocateDirect(9));
        parcel.clear();
        assertEquals(0, parcel.buffersSize());
        BufferObjects.write(parcel, ByteBuffer.allocateDirect(0));
        assertEquals(0, parcel.buffersSize());
    }

    @Test
    void shouldRefuseABufferOnTheHeap() {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> BufferObjects.write(parcel, ByteBuffer.allocate(9)));

        assertTrue(refused.getMessage().contains("heap (9 bytes)"), refused.getMessage());
        assertEquals(0, parcel.size());
    }

    @ParameterizedTest
    @CsvSource({"0, 9", "0, -1", "0, 9223372036854775807", "-1, 0", "1, 0", "2, 0"})
    void shouldRefuseAParentThatHasNoPlaceForAnAddress(int parent, long offset) {
        parcel.writeInt(1);
        BufferObjects.write(parcel, ByteBuffer.allocateDirect(16));
        parcel.writeObject("binder", 0);

        assertThrows(
                IllegalArgumentException.class,
                () -> BufferObjects.writeChild(parcel, ByteBuffer.allocateDirect(1), parent, offset));
        assertThrows(
                IllegalArgumentException.class, () -> BufferObjects.writeDescriptorArray(parcel, 2, parent, offset));
        assertEquals(2, parcel.objectCount());
    }

    @Test
    void shouldRefuseAParentThatTheDriverWouldTakeForNone() {
        int parent = BufferObjects.write(parcel, ByteBuffer.allocateDirect(16));

        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class,
                () -> BufferObjects.writeChild(parcel, ByteBuffer.allocateDirect(1), parent, 0));
        assertTrue(refused.getMessage().contains("very beginning"), refused.getMessage());
    }

    @Test
    void shouldRefuseAnObjectOverTheEndOfABuffer() {
        BufferObjects.write(parcel, ByteBuffer.allocateDirect(16));
        parcel.setPosition(36);
        assertThrows(IllegalStateException.class, () -> parcel.writeObject("binder", 0));
    }

    // Reading

    @Test
    void shouldReadWhatItWroteBeforeItIsSent() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(4).putInt(0, 42);
        BufferObjects.write(parcel, buffer);
        parcel.setPosition(0);

        Window read = BufferObjects.read(parcel);

        assertEquals(Integer.reverseBytes(42), read.getInt(0));
        assertNull(BufferObjects.read(parcel));
    }

    @Test
    void shouldReadReceivedBuffersWhereTheyAre() {
        BufferObjects.write(parcel, ByteBuffer.allocateDirect(9));
        parcel.writeInt(7);
        BufferObjects.write(parcel, ByteBuffer.allocateDirect(0));
        BufferObjects.write(parcel, ByteBuffer.allocateDirect(5));
        Received received = new Received(0, 16, 16);

        Window first = BufferObjects.read(received.parcel);
        assertEquals(7, received.parcel.readInt());
        Window second = BufferObjects.read(received.parcel);
        Window third = BufferObjects.read(received.parcel);

        assertEquals(9, first.size());
        assertEquals(0, second.size());
        assertEquals(5, third.size());
        assertEquals(received.mapping.address + received.buffersAt, first.address());
        assertEquals(received.mapping.address + received.buffersAt + 16, third.address());
        assertEquals(1, received.owner.leases);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, -8, -100_000, 1, 8, 16, 100_000, Long.MAX_VALUE, Long.MIN_VALUE})
    void shouldRefuseAnAddressOutsideTheBuffersOfThisParcel(long shift) {
        BufferObjects.write(parcel, ByteBuffer.allocateDirect(16));
        Received received = new Received(shift);

        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> BufferObjects.read(received.parcel));
        assertTrue(refused.getMessage().contains("of the mapping"), refused.getMessage());
        assertEquals(0, received.owner.leases);
    }

    @Test
    void shouldRefuseWhatTheDriverDidNotCopy() {
        parcel.writeInt(0x70742a85);
        parcel.writeBytes(new byte[36], 0, 36);
        parcel.setPosition(0);

        assertThrows(IllegalArgumentException.class, () -> BufferObjects.read(parcel));
        assertEquals(0, parcel.position());
    }

    @ParameterizedTest
    @CsvSource({"0, 3744", "8, 3736", "3736, 8"})
    void shouldCountBuffersThatFillTheMapping(int first, int second) {
        assertEquals(3744, ReceivedObjects.buffersSize(twoBuffers(first, second), DATA_AT, 80, DATA_AT + 80, 2));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 3745",
        "3745, 0",
        "8, 3737",
        "0, 4096",
        "0, 4097",
        "1, 9223372036854775807",
        "1, 9223372036854775800",
        "0, -1",
        "-9223372036854775808, 0"
    })
    void shouldRefuseBuffersThatWouldNotFitBehindTheTable(long first, long second) {
        IllegalStateException refused = assertThrows(
                IllegalStateException.class,
                () -> ReceivedObjects.buffersSize(twoBuffers(first, second), DATA_AT, 80, DATA_AT + 80, 2));

        assertTrue(refused.getMessage().contains("outside its mapping"), refused.getMessage());
    }

    /** A mapping with room for 3744 bytes behind the object table. */
    private static ByteBuffer twoBuffers(long first, long second) {
        ByteBuffer mapping = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
        mapping.putInt(DATA_AT, 0x70742a85).putLong(DATA_AT + 16, first);
        mapping.putInt(DATA_AT + 40, 0x70742a85).putLong(DATA_AT + 40 + 16, second);
        return mapping.putLong(DATA_AT + 80, 0).putLong(DATA_AT + 88, 40);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE, 5000, Long.MAX_VALUE, Long.MAX_VALUE - 6})
    void shouldNotAddUpHostileLengths(long length) {
        BufferObjects.write(parcel, ByteBuffer.allocateDirect(16));
        Received received = new Received(0);
        received.mapping.bytes.putLong(DATA_AT + 16, length);

        assertThrows(IllegalStateException.class, () -> BufferObjects.read(received.parcel));
    }

    // Arrays of descriptors

    @Test
    void shouldReadAnArrayOfDescriptorsAsCopies() throws IOException {
        try (Pipe pipe = new Pipe()) {
            parcel.writeInt(1);
            ByteBuffer numbers = ByteBuffer.allocateDirect(12).order(ByteOrder.LITTLE_ENDIAN);
            numbers.putInt(4, pipe.writing).putInt(8, pipe.writing);
            int parent = BufferObjects.write(parcel, numbers);
            BufferObjects.writeDescriptorArray(parcel, 2, parent, 4);
            ParcelData received = new Received(0).parcel;
            received.setPosition(4);
            assertEquals(12, BufferObjects.read(received).size());
            parcel.setPosition(44);

            for (ParcelData read : List.of(parcel, received)) {
                assertTrue(Descriptors.areIn(read));
                OwnedDescriptor[] copies = BufferObjects.readDescriptorArray(read);
                assertEquals(2, copies.length);
                copies[0].close();
                assertTrue(pipe.isOpen());
                copies[1].close();
                assertNull(BufferObjects.readDescriptorArray(read));
            }
            received.recycle();
            assertTrue(pipe.isOpen(), "the driver closes those of an array");
            OwnedDescriptor.closeNumber(pipe.writing);
            assertTrue(!pipe.isOpen());
        }
    }

    @ParameterizedTest
    @CsvSource({"4, 0, 0", "-1, 0, 0", "4611686018427387904, 0, 0", "1, 0, 9", "1, 0, -1", "1, 1, 0", "1, -1, 0"})
    void shouldRefuseAnArrayThatIsNotInItsBuffer(long count, long parent, long offset) {
        parcel.writeInt(1);
        int buffer = BufferObjects.write(parcel, ByteBuffer.allocateDirect(12));
        BufferObjects.writeDescriptorArray(parcel, 0, buffer, 0);
        ParcelData received =
                new Received(0).patch(44 + 8, count).patch(44 + 16, parent).patch(44 + 24, offset).parcel;
        received.setPosition(44);

        assertThrows(IllegalArgumentException.class, () -> BufferObjects.readDescriptorArray(received));
    }

    private static ByteBuffer view(long address, int size) {
        return NativeMemory.directBuffer(address, size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** What {@link #parcel} holds as the driver delivers it: object table and buffers behind the data, and the addresses put right. */
    private final class Received {
        final OffHeap mapping = OffHeap.allocate(4096);
        final int buffersAt;
        final Owner owner = new Owner();
        final ParcelData parcel = new ParcelData();

        /**
         * @param shifts by how much the address of each buffer is off the beginning of them all
         */
        Received(long... shifts) {
            BufferObjectsTest.this.parcel.bindObjects(new DescriptorsTest.NoBinders());
            int size = BufferObjectsTest.this.parcel.dataSize();
            int count = BufferObjectsTest.this.parcel.objectCount();
            int tableAt = DATA_AT + (size + 7 & ~7);
            buffersAt = tableAt + count * 8;
            mapping.bytes.put(DATA_AT, view(BufferObjectsTest.this.parcel.dataAddress(), size), 0, size);
            mapping.bytes.put(tableAt, view(BufferObjectsTest.this.parcel.offsetsAddress(), count * 8), 0, count * 8);
            for (int i = 0; i < count; i++) {
                int at = DATA_AT + (int) mapping.bytes.getLong(tableAt + i * 8);
                if (mapping.bytes.getInt(at) == 0x70742a85) {
                    ByteBuffer source = (ByteBuffer) BufferObjectsTest.this.parcel.object(i);
                    mapping.bytes.putLong(at + 8, mapping.address + buffersAt + shifts[i]);
                    if (shifts[i] == 0) {
                        mapping.bytes.put(buffersAt, source, 0, source.remaining());
                    }
                }
            }
            parcel.receive(mapping, DATA_AT, size, tableAt, count, owner);
        }

        Received patch(int position, long value) {
            mapping.bytes.putLong(DATA_AT + position, value);
            return this;
        }
    }

    private static final class Owner implements BufferOwner {
        int leases;

        @Override
        public Object localObject(long ptr) {
            throw new AssertionError();
        }

        @Override
        public Object remoteObject(int handle, int stability) {
            throw new AssertionError();
        }

        @Override
        public Lease lease() {
            leases++;
            return new Lease();
        }

        @Override
        public void free() {}
    }
}
