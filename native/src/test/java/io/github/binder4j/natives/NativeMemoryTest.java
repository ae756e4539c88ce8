package io.github.binder4j.natives;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class NativeMemoryTest {
    @Test
    void shouldSeeTheSameMemoryThroughAnAddress() {
        ByteBuffer original = ByteBuffer.allocateDirect(64);

        ByteBuffer view = NativeMemory.directBuffer(NativeMemory.addressOf(original), 64);
        original.putInt(60, 0x01020304);
        view.putLong(0, 42);

        assertTrue(view.isDirect());
        assertEquals(64, view.capacity());
        assertEquals(ByteOrder.BIG_ENDIAN, view.order());
        assertEquals(0x01020304, view.getInt(60));
        assertEquals(42, original.getLong(0));
    }

    @Test
    void shouldGiveWhereTheMemoryBeginsWhateverThePosition() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(64);

        long start = NativeMemory.addressOf(buffer);

        assertNotEquals(0, start);
        assertEquals(start, NativeMemory.addressOf(buffer.position(8)));
        assertEquals(start + 8, NativeMemory.addressOf(buffer.slice()));
    }

    @Test
    void shouldHaveNoAddressForHeapMemory() {
        assertEquals(0, NativeMemory.addressOf(ByteBuffer.allocate(8)));
    }
}
