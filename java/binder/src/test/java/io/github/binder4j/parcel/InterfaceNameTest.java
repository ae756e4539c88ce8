package io.github.binder4j.parcel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InterfaceNameTest {
    private static final String LONG = "org.example.".repeat(22) + "ILong";

    /** Of the same hash: one of them is kept, whichever comes first. */
    private static final String ONE = "org.example.IAa";

    private static final String OTHER = "org.example.IBB";

    private final ParcelData parcel = new ParcelData();

    @ParameterizedTest
    @ValueSource(strings = {"", "I", "IA", "IAb", "IAbc", "org.example.IThing", "\u00c4\u4e2d\ud83d\ude00", ONE, OTHER})
    void shouldWriteWhatAStringIsWrittenAs(String name) {
        assertWritesAsString(name);
        assertWritesAsString(name); // as it is kept
    }

    @Test
    void shouldWriteNamesTooLongToBeKept() {
        assertWritesAsString(LONG);
    }

    @Test
    void shouldWriteNull() {
        parcel.writeInterfaceName(null);
        parcel.setPosition(0);
        assertNull(parcel.readString16());
        assertEquals(Integer.BYTES, parcel.size());
    }

    @Test
    void shouldOverwriteWhatWasThere() {
        for (int i = 0; i < 16; i++) {
            parcel.writeInt(-1);
        }
        parcel.setPosition(4);
        parcel.writeInterfaceName("IAb");
        assertEquals(16, parcel.position());
        parcel.setPosition(4);
        assertEquals("IAb", parcel.readString16());
        assertEquals(-1, parcel.readInt());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "I", "IA", "org.example.IThing", ONE, OTHER})
    void shouldPassOverTheNameItExpects(String name) {
        parcel.writeString16(name);
        parcel.writeInt(7);
        parcel.setPosition(0);
        assertTrue(parcel.skipInterfaceName(name));
        assertEquals(7, parcel.readInt());
    }

    @Test
    void shouldStayBeforeAnyOther() {
        parcel.writeString16(ONE);
        parcel.setPosition(0);
        for (String other : List.of("", "org.example.IA", "org.example.IAaa", OTHER, "org.example.IAb", LONG)) {
            assertFalse(parcel.skipInterfaceName(other), other);
            assertEquals(0, parcel.position());
        }
        assertTrue(parcel.skipInterfaceName(ONE));
        assertFalse(parcel.skipInterfaceName(ONE), "there is nothing more");
    }

    @Test
    void shouldNotMindWhatAWriterPadsWith() {
        parcel.writeString16("IA");
        ByteBuffer bytes = parcel.bytes();
        bytes.putChar(10, '\u1234');
        parcel.setPosition(0);
        assertTrue(parcel.skipInterfaceName("IA"));
        assertEquals(12, parcel.position());
    }

    private void assertWritesAsString(String name) {
        parcel.clear();
        parcel.writeInterfaceName(name);
        ByteBuffer written = copy();
        parcel.clear();
        parcel.writeString16(name);
        assertEquals(copy(), written);
    }

    private ByteBuffer copy() {
        byte[] copy = new byte[parcel.size()];
        parcel.bytes().get(0, copy);
        return ByteBuffer.wrap(copy);
    }
}
