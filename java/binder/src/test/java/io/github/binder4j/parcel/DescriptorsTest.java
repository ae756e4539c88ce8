package io.github.binder4j.parcel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.files.BadDescriptorException;
import io.github.binder4j.files.OwnedDescriptor;
import io.github.binder4j.files.Pipe;
import io.github.binder4j.memory.OffHeap;
import io.github.binder4j.natives.NativeMemory;
import java.io.FileDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class DescriptorsTest {
    private final Pipe pipe = new Pipe();
    private final OwnedDescriptor written = OwnedDescriptor.adopt(pipe.writing);
    private final ParcelData parcel = new ParcelData();

    @AfterEach
    void close() {
        written.drop();
        if (!parcel.isRecycled()) {
            parcel.recycle();
        }
        assertFalse(pipe.isOpen());
        pipe.close();
    }

    // Written

    @Test
    void shouldWriteACopyThatTheObjectTableLists() throws IOException {
        parcel.writeInt(1);
        Descriptors.write(parcel, written.java);
        parcel.bindObjects(new NoBinders());

        ByteBuffer data = view(parcel.dataAddress(), parcel.dataSize());
        assertEquals(28, data.capacity());
        assertEquals(0x66642a85, data.getInt(4));
        assertEquals(0, data.getInt(8));
        assertNotEquals(written.number(), data.getInt(12));
        assertTrue(data.getInt(12) > 2);
        assertEquals(0, data.getInt(16));
        assertEquals(1, data.getLong(20), "the sender gives up ownership");
        assertEquals(8, parcel.offsetsSize());
        assertEquals(4, view(parcel.offsetsAddress(), 8).getLong(0));
    }

    @Test
    void shouldBeDoneWithTheOriginalOnceItIsWritten() throws IOException {
        Descriptors.write(parcel, written.java);
        written.close();
        assertTrue(pipe.isOpen());

        parcel.setPosition(0);
        OwnedDescriptor read = Descriptors.read(parcel);
        parcel.recycle();
        assertTrue(pipe.isOpen(), "what was read is another copy");
        read.close();
        assertFalse(pipe.isOpen());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldCloseWhatWasWrittenWhenItIsEmptied(boolean recycled) throws IOException {
        for (int i = 0; i < 10; i++) {
            Descriptors.write(parcel, written.java);
        }
        written.close();
        if (recycled) {
            parcel.recycle();
        } else {
            parcel.clear();
            assertFalse(Descriptors.areIn(parcel));
        }

        assertFalse(pipe.isOpen());
    }

    @Test
    void shouldCloseWhatWasWrittenToAParcelThatIsDropped() throws Exception {
        Descriptors.write(new ParcelData(), written.java);
        written.close();
        while (pipe.isOpen()) {
            System.gc();
            Thread.onSpinWait();
        }
    }

    @Test
    void shouldRefuseAClosedDescriptorAndLeaveTheParcelAsItWas() {
        parcel.writeInt(1);

        BadDescriptorException refused =
                assertThrows(BadDescriptorException.class, () -> Descriptors.write(parcel, new FileDescriptor()));

        assertTrue(refused.getMessage().contains("closed"), refused.getMessage());
        assertEquals(4, parcel.size());
        assertEquals(0, parcel.objectCount());
    }

    @Test
    void shouldRefuseToWriteOutOfOrderOrIntoWhatIsNoParcelToBuild() throws IOException {
        Descriptors.write(parcel, written.java);
        parcel.setPosition(20);
        assertThrows(IllegalStateException.class, () -> Descriptors.write(parcel, written.java));
        parcel.recycle();
        ParcelData received = new Received(0).parcel();
        assertThrows(IllegalStateException.class, () -> Descriptors.write(received, written.java));
        written.close();

        assertFalse(pipe.isOpen(), "what was refused was not copied");
    }

    // Received

    @Test
    void shouldReadACopyAndLeaveThatOfTheParcelToItsOwner() throws IOException {
        Received received = new Received(1).descriptor(0, written.number());
        OwnedDescriptor read = Descriptors.read(received.parcel());
        assertNotEquals(written.number(), read.number());

        received.parcel().recycle();
        assertTrue(written.java.valid());
        read.close();
        assertTrue(pipe.isOpen());
    }

    @Test
    void shouldCloseWhatTheTableListsAndNothingElse() throws IOException {
        try (Pipe other = new Pipe()) {
            Received received = new Received(5)
                    .descriptor(4, other.writing)
                    .object(28, 0x73682a85, written.number())
                    .object(52, 0x66646185, written.number())
                    .position(100)
                    .position(-8);
            received.mapping.bytes.putInt(received.dataAt + 76, 0x66642a85); // listed nowhere
            received.mapping.bytes.putInt(received.dataAt + 84, written.number());

            received.closeDescriptors();

            assertFalse(other.isOpen());
            assertTrue(pipe.isOpen());
        }
    }

    @Test
    void shouldReadNothingPastTheEnd() throws IOException {
        assertNull(Descriptors.read(parcel));
        assertNull(Descriptors.readArray(parcel));
        parcel.writeInt(0);
        parcel.setPosition(0);
        assertNull(Descriptors.read(parcel));
    }

    @Test
    void shouldRefuseWhatTheDriverDidNotInstall() {
        parcel.writeInt(0x66642a85);
        parcel.writeInt(0);
        parcel.writeLong(written.number());
        parcel.writeLong(0);
        parcel.setPosition(0);

        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> Descriptors.read(parcel));

        assertTrue(refused.getMessage().contains("no file descriptor at position 0"), refused.getMessage());
        assertEquals(0, parcel.position());
        assertFalse(Descriptors.areIn(parcel));
    }

    @Test
    void shouldTellBindersAndDescriptorsApart() throws IOException {
        parcel.writeObject("binder", 0);
        Descriptors.write(parcel, written.java);
        parcel.writeInt(0);

        parcel.setPosition(0);
        IllegalArgumentException noDescriptor =
                assertThrows(IllegalArgumentException.class, () -> Descriptors.read(parcel));
        parcel.setPosition(28);
        IllegalArgumentException noBinder = assertThrows(IllegalArgumentException.class, parcel::readObject);

        assertTrue(noDescriptor.getMessage().contains("type 0x73622a85"), noDescriptor.getMessage());
        assertTrue(noBinder.getMessage().contains("type 0x66642a85"), noBinder.getMessage());
        parcel.setPosition(0);
        assertEquals("binder", parcel.readObject());
        Descriptors.read(parcel).close();
    }

    // Arrays

    @Test
    void shouldReadAnArray() throws IOException {
        parcel.writeInt(2);
        Descriptors.write(parcel, written.java);
        Descriptors.write(parcel, written.java);
        parcel.setPosition(0);

        OwnedDescriptor[] read = Descriptors.readArray(parcel);

        assertEquals(2, read.length);
        assertTrue(Descriptors.areIn(parcel));
        OwnedDescriptor.dropAll(read);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 2, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void shouldReadNullForANullArrayAndAHostileLength(int length) throws IOException {
        parcel.writeInt(length);
        Descriptors.write(parcel, written.java);
        parcel.setPosition(0);

        assertNull(Descriptors.readArray(parcel));
    }

    @Test
    void shouldCloseTheCopiesOfAnArrayThatBreaksOff() throws IOException {
        parcel.writeInt(2);
        Descriptors.write(parcel, written.java);
        parcel.writeBytes(new byte[24], 0, 24);
        parcel.setPosition(0);

        assertThrows(IllegalArgumentException.class, () -> Descriptors.readArray(parcel));
    }

    private static ByteBuffer view(long address, int size) {
        return NativeMemory.directBuffer(address, size).order(ByteOrder.LITTLE_ENDIAN);
    }

    static final class NoBinders implements ObjectBinding {
        @Override
        public int flagsOf(Object object) {
            throw new AssertionError(object);
        }

        @Override
        public long pointerOf(Object object) {
            throw new AssertionError("no binder: " + object);
        }

        @Override
        public int handleOf(Object object) {
            throw new AssertionError("no binder: " + object);
        }
    }

    /** A parcel of 100 bytes as a driver would deliver it. */
    static final class Received {
        private static final int SIZE = 100;

        final OffHeap mapping = OffHeap.allocate(1024);
        final int dataAt = 128;
        final int tableAt = dataAt + SIZE + 4;
        private final int count;
        private int listed;
        private ParcelData parcel;

        Received(int count) {
            this.count = count;
        }

        Received descriptor(int position, int number) {
            return object(position, 0x66642a85, number);
        }

        Received object(int position, int type, int number) {
            mapping.bytes.putInt(dataAt + position, type);
            mapping.bytes.putInt(dataAt + position + 8, number);
            return position(position);
        }

        Received position(long position) {
            mapping.bytes.putLong(tableAt + 8 * listed++, position);
            return this;
        }

        ParcelData parcel() {
            if (parcel == null) {
                parcel = new ParcelData();
                parcel.receive(mapping, dataAt, SIZE, tableAt, count, new NoOwner());
            }
            return parcel;
        }

        void closeDescriptors() {
            ReceivedObjects.closeDescriptors(ReceivedObjects.descriptors(mapping.bytes, dataAt, SIZE, tableAt, count));
        }
    }

    private static final class NoOwner implements BufferOwner {
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
            throw new AssertionError();
        }

        @Override
        public void free() {}
    }
}
