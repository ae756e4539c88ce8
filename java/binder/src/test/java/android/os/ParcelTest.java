package android.os;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.Blobs;
import io.github.binder4j.parcel.ParcelData;
import java.io.FileDescriptor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ParcelTest {
    private static final String DESCRIPTOR = "android.os.IServiceManager";

    private final Parcel parcel = Parcel.obtain();

    @AfterEach
    void recycle() {
        parcel.recycle();
    }

    // Encoding

    @Test
    void shouldEncodeARequestAsEveryBinderLibraryDoes() {
        parcel.writeInterfaceToken(DESCRIPTOR);
        parcel.writeString("foo");

        assertBytes(
                "00000080 ffffffff 54535953" // strict mode, work source, SYST
                        + "1a000000" // 26 units
                        + "61006e00640072006f00690064002e006f0073002e00"
                        + "490053006500720076006900630065004d0061006e006100670065007200 00000000"
                        + "03000000 66006f006f000000");
        assertEquals(84, parcel.dataSize());
    }

    @Test
    void shouldEncodeSmallValuesAsInts() {
        parcel.writeBoolean(true);
        parcel.writeBoolean(false);
        parcel.writeByte((byte) -2);
        parcel.writeFloat(1.5f);
        parcel.writeDouble(-2.0);

        assertBytes("01000000 00000000 feffffff 0000c03f 00000000000000c0");
    }

    @Test
    void shouldEncodeByteArraysWithLengthAndPadding() {
        parcel.writeByteArray(new byte[] {1, 2, 3, 4, 5});
        parcel.writeByteArray(new byte[0]);
        parcel.writeByteArray(null);
        parcel.writeByteArray(new byte[] {1, 2, 3}, 1, 1);
        parcel.writeByteArray(null, 1, 1);

        assertBytes("05000000 0102030405000000 00000000 ffffffff 01000000 02000000 ffffffff");
    }

    @Test
    void shouldEncodeBlobsInTheParcel() {
        parcel.writeBlob(new byte[] {1, 2, 3, 4, 5});
        parcel.writeBlob(null);
        parcel.writeBlob(new byte[] {1, 2, 3}, 1, 2);
        Blobs.write(parcel, ByteBuffer.wrap(new byte[] {6}));

        assertBytes("05000000 00000000 0102030405000000 ffffffff"
                + "02000000 00000000 02030000 01000000 00000000 06000000");
    }

    @Test
    void shouldEncodeTheNullBinder() {
        parcel.writeStrongBinder(null);
        parcel.writeStrongInterface(null);

        String none = "852a6273 13000000 0000000000000000 0000000000000000 00000000";
        assertBytes(none + none);
        parcel.setDataPosition(0);
        assertNull(parcel.readStrongBinder());
        assertNull(parcel.readStrongBinder());
    }

    @Test
    void shouldEncodeAnException() {
        parcel.writeException(new ServiceSpecificException(42, "no"));
        parcel.writeNoException();

        assertBytes("f8ffffff 02000000 6e006f00 00000000 00000000 2a000000 00000000");
    }

    // Round trips

    @Test
    void shouldReadWhatItWrote() {
        Binder binder = new Binder();
        IInterface owner = () -> binder;
        parcel.writeInt(Integer.MIN_VALUE);
        parcel.writeLong(Long.MIN_VALUE);
        parcel.writeFloat(Float.MIN_VALUE);
        parcel.writeDouble(Double.NaN);
        parcel.writeBoolean(true);
        parcel.writeByte(Byte.MIN_VALUE);
        parcel.writeString("\uD83D\uDE00");
        parcel.writeString(null);
        parcel.writeByteArray(new byte[] {1, 2, 3});
        parcel.writeBlob(new byte[] {4, 5});
        parcel.writeStrongBinder(binder);
        parcel.writeStrongInterface(owner);
        parcel.setDataPosition(0);

        assertEquals(Integer.MIN_VALUE, parcel.readInt());
        assertEquals(Long.MIN_VALUE, parcel.readLong());
        assertEquals(Float.MIN_VALUE, parcel.readFloat());
        assertTrue(Double.isNaN(parcel.readDouble()));
        assertTrue(parcel.readBoolean());
        assertEquals(Byte.MIN_VALUE, parcel.readByte());
        assertEquals("\uD83D\uDE00", parcel.readString());
        assertNull(parcel.readString());
        assertArrayEquals(new byte[] {1, 2, 3}, parcel.createByteArray());
        assertArrayEquals(new byte[] {4, 5}, parcel.readBlob());
        assertSame(binder, parcel.readStrongBinder());
        assertSame(binder, parcel.readStrongBinder());
        parcel.enforceNoDataAvail();
    }

    @Test
    void shouldViewABlobWithoutCopying() {
        parcel.writeBlob(new byte[] {4, 5, 6});
        parcel.writeBlob(null);
        parcel.setDataPosition(0);

        assertArrayEquals(new byte[] {4, 5, 6}, Blobs.view(parcel).toByteArray());
        assertNull(Blobs.view(parcel));
    }

    @Test
    void shouldCopyPartOfAnotherParcel() {
        Parcel source = Parcel.obtain();
        source.writeInt(1);
        source.writeBlob(new byte[] {4, 5, 6});
        source.setDataPosition(8);

        parcel.writeInt(7);
        parcel.appendFrom(source, 4, source.dataSize() - 4);
        parcel.writeInt(8);
        parcel.setDataPosition(0);

        assertEquals(7, parcel.readInt());
        assertArrayEquals(new byte[] {4, 5, 6}, parcel.readBlob());
        assertEquals(8, parcel.readInt());
        assertEquals(8, source.dataPosition());
        source.recycle();
    }

    @Test
    void shouldRefuseToCopyAPartThatIsNotThereOrHoldsAnObject() {
        Parcel source = Parcel.obtain();
        source.writeInt(1);
        source.writeStrongBinder(new Binder());
        source.writeInt(2);

        assertThrows(IllegalArgumentException.class, () -> parcel.appendFrom(source, 0, source.dataSize() + 4));
        assertThrows(IllegalArgumentException.class, () -> parcel.appendFrom(source, -4, 4));
        assertThrows(IllegalArgumentException.class, () -> parcel.appendFrom(source, 4, Integer.MIN_VALUE));
        assertThrows(IllegalArgumentException.class, () -> parcel.appendFrom(source, 0, 3));
        assertThrows(IllegalArgumentException.class, () -> parcel.appendFrom(source, 0, source.dataSize()));
        assertThrows(IllegalArgumentException.class, () -> parcel.appendFrom(source, 8, 4), "within the object");
        assertEquals(0, parcel.dataSize());
        parcel.appendFrom(source, source.dataSize() - 4, 4);
        parcel.setDataPosition(0);
        assertEquals(2, parcel.readInt());
        source.recycle();
    }

    @Test
    void shouldReadAByteArrayIntoOneOfItsLengthOnly() {
        parcel.writeByteArray(new byte[] {1, 2});
        parcel.setDataPosition(0);
        byte[] fits = new byte[2];
        parcel.readByteArray(fits);
        assertArrayEquals(new byte[] {1, 2}, fits);

        parcel.setDataPosition(0);
        RuntimeException refused = assertThrows(RuntimeException.class, () -> parcel.readByteArray(new byte[3]));
        assertEquals("bad array lengths: read 2, expected 3", refused.getMessage());
    }

    @Test
    void shouldReadZeroNullAndEmptyFromNothing() {
        assertEquals(0, parcel.readInt());
        assertEquals(0, parcel.readLong());
        assertEquals(0f, parcel.readFloat());
        assertEquals(0d, parcel.readDouble());
        assertFalse(parcel.readBoolean());
        assertEquals(0, parcel.readByte());
        assertNull(parcel.readString());
        assertNull(parcel.readBlob());
        assertNull(parcel.readStrongBinder());
        assertArrayEquals(new byte[0], parcel.createByteArray());
        parcel.readException();
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MAX_VALUE, 9, 5, -2, Integer.MIN_VALUE})
    void shouldReadNullForHostileLengths(int length) {
        parcel.writeInt(length);
        parcel.writeInt(0); // of a blob its kind
        parcel.setDataPosition(0);
        assertNull(parcel.createByteArray());
        parcel.setDataPosition(0);
        assertNull(parcel.readBlob());
        parcel.setDataPosition(0);
        assertNull(Blobs.view(parcel));
    }

    @Test
    void shouldRefuseABlobInSharedMemory() {
        parcel.writeInt(8);
        parcel.writeInt(2);
        parcel.setDataPosition(0);
        assertThrows(BadParcelableException.class, parcel::readBlob);
        parcel.setDataPosition(0);
        assertThrows(BadParcelableException.class, () -> Blobs.view(parcel));
    }

    @Test
    void shouldRefuseWhatIsNoBinder() {
        for (int i = 0; i < 7; i++) {
            parcel.writeInt(i + 1);
        }
        parcel.setDataPosition(0);
        BadParcelableException refused = assertThrows(BadParcelableException.class, parcel::readStrongBinder);
        assertTrue(refused.getMessage().contains("position 0"), refused.getMessage());
        assertTrue(refused.getMessage().contains("0x1"), refused.getMessage());
    }

    @Test
    void shouldRefuseABinderOfAForeignKind() {
        IBinder foreign = (IBinder) java.lang.reflect.Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {IBinder.class}, (proxy, method, arguments) -> null);
        assertThrows(IllegalArgumentException.class, () -> parcel.writeStrongBinder(foreign));
        assertEquals(0, parcel.dataSize());
    }

    @Test
    void shouldRefusePartsAnArrayDoesNotHave() {
        for (int[] part : new int[][] {{-1, 1}, {0, 4}, {3, 1}, {2, Integer.MAX_VALUE}, {0, -1}}) {
            assertThrows(IndexOutOfBoundsException.class, () -> parcel.writeByteArray(new byte[3], part[0], part[1]));
            assertThrows(IndexOutOfBoundsException.class, () -> parcel.writeBlob(new byte[3], part[0], part[1]));
        }
        assertEquals(0, parcel.dataSize());
    }

    // The interface token

    @Test
    void shouldAcceptItsOwnToken() {
        parcel.writeInterfaceToken(DESCRIPTOR);
        parcel.writeInt(7);
        parcel.setDataPosition(0);
        parcel.enforceInterface(DESCRIPTOR);
        assertEquals(7, parcel.readInt());
    }

    @Test
    void shouldRefuseATokenOfAnotherInterfaceNamingBoth() {
        parcel.writeInterfaceToken("com.example.IOther");
        parcel.setDataPosition(0);

        SecurityException refused = assertThrows(SecurityException.class, () -> parcel.enforceInterface(DESCRIPTOR));
        assertTrue(
                refused.getMessage().startsWith("Binder invocation to an incorrect interface"), refused.getMessage());
        assertTrue(refused.getMessage().contains("expected " + DESCRIPTOR), refused.getMessage());
        assertTrue(refused.getMessage().contains("found com.example.IOther"), refused.getMessage());
    }

    @Test
    void shouldNotRepeatAllOfALongToken() {
        parcel.writeInterfaceToken("x".repeat(100_000));
        parcel.setDataPosition(0);

        SecurityException refused = assertThrows(SecurityException.class, () -> parcel.enforceInterface(DESCRIPTOR));
        assertTrue(refused.getMessage().length() < 500, refused.getMessage());
        assertTrue(refused.getMessage().contains("xxx... (100000 characters)"), refused.getMessage());
    }

    @Test
    void shouldRefuseATokenWithAnotherHeaderOrNone() {
        parcel.writeInt(0);
        parcel.writeInt(0);
        parcel.writeInt(0x564e4452);
        parcel.writeString(DESCRIPTOR);
        parcel.setDataPosition(0);
        SecurityException refused = assertThrows(SecurityException.class, () -> parcel.enforceInterface(DESCRIPTOR));
        assertTrue(refused.getMessage().contains("0x564e4452"), refused.getMessage());
        assertThrows(SecurityException.class, () -> Parcel.obtain().enforceInterface(DESCRIPTOR));
    }

    @Test
    void shouldInsistThatEverythingIsRead() {
        parcel.writeLong(1);
        parcel.setDataPosition(0);
        parcel.readInt();

        BadParcelableException left = assertThrows(BadParcelableException.class, parcel::enforceNoDataAvail);
        assertTrue(left.getMessage().contains("4 bytes left of 8"), left.getMessage());
        parcel.readInt();
        parcel.enforceNoDataAvail();
        parcel.setDataPosition(100);
        parcel.enforceNoDataAvail();
    }

    // Exceptions

    private static Stream<Arguments> exceptions() {
        return Stream.of(
                Arguments.of(-1, new SecurityException("m")),
                Arguments.of(-2, new BadParcelableException("m")),
                Arguments.of(-3, new IllegalArgumentException("m")),
                Arguments.of(-4, new NullPointerException("m")),
                Arguments.of(-5, new IllegalStateException("m")),
                Arguments.of(-7, new UnsupportedOperationException("m")),
                Arguments.of(-8, new ServiceSpecificException(-42, "m")),
                Arguments.of(-1, new SecurityException()),
                Arguments.of(-8, new ServiceSpecificException(7)));
    }

    @ParameterizedTest
    @MethodSource("exceptions")
    void shouldCarryAnException(int code, RuntimeException thrown) {
        parcel.writeException(thrown);
        parcel.setDataPosition(0);
        assertEquals(code, parcel.readInt());
        parcel.setDataPosition(0);

        RuntimeException read = assertThrows(RuntimeException.class, parcel::readException);

        assertSame(thrown.getClass(), read.getClass());
        assertEquals(thrown.getMessage(), read.getMessage());
        if (thrown instanceof ServiceSpecificException specific) {
            assertEquals(specific.errorCode, ((ServiceSpecificException) read).errorCode);
        }
        assertEquals(0, parcel.dataAvail());
    }

    @Test
    void shouldCarryASubclassAsTheClassItExtends() {
        parcel.writeException(new NumberFormatException("m"));
        parcel.setDataPosition(0);
        assertSame(
                IllegalArgumentException.class,
                assertThrows(RuntimeException.class, parcel::readException).getClass());
    }

    @Test
    void shouldThrowWhatCannotBeCarried() {
        RuntimeException unchecked = new ArithmeticException("m");
        assertSame(unchecked, assertThrows(ArithmeticException.class, () -> parcel.writeException(unchecked)));
        Exception checked = new RemoteException("m");
        assertSame(
                checked,
                assertThrows(RuntimeException.class, () -> parcel.writeException(checked))
                        .getCause());
        assertEquals(0, parcel.dataSize());
    }

    @ParameterizedTest
    @ValueSource(ints = {-6, -9, -99, 1, Integer.MIN_VALUE})
    void shouldKeepTheNumberOfAnUnknownException(int code) {
        parcel.writeInt(code);
        parcel.writeString("what happened");
        parcel.writeInt(0);
        parcel.setDataPosition(0);

        RuntimeException read = assertThrows(RuntimeException.class, parcel::readException);
        assertTrue(read.getMessage().contains(code + ": what happened"), read.getMessage());
    }

    @Test
    void shouldSkipTheStackTraceOfAnException() {
        parcel.writeInt(-8);
        parcel.writeString("m");
        parcel.writeInt(4 + 8); // its own bytes count
        parcel.writeLong(-1);
        parcel.writeInt(42);
        parcel.setDataPosition(0);

        ServiceSpecificException read = assertThrows(ServiceSpecificException.class, parcel::readException);
        assertEquals(42, read.errorCode);
        assertInstanceOf(RuntimeException.class, read);
    }

    @Test
    void shouldTakeAStrictModeHeaderForNoException() {
        parcel.writeInt(-128);
        parcel.writeInt(4 + 8);
        parcel.writeLong(-1);
        parcel.writeInt(7);
        parcel.setDataPosition(0);

        parcel.readException();
        assertEquals(7, parcel.readInt());
    }

    @Test
    void shouldSkipNotedOperationsBeforeTheRealCode() {
        parcel.writeInt(-127);
        parcel.writeInt(4 + 8);
        parcel.writeLong(-1);
        int afterHeader = parcel.dataPosition();
        parcel.writeException(new IllegalStateException("m"));
        parcel.setDataPosition(0);
        assertThrows(IllegalStateException.class, parcel::readException);

        parcel.setDataPosition(afterHeader);
        parcel.writeInt(-128); // both headers
        parcel.writeInt(4);
        parcel.writeInt(7);
        parcel.setDataPosition(0);
        parcel.readException();
        assertEquals(7, parcel.readInt());
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MAX_VALUE, -1, Integer.MIN_VALUE, 1000})
    void shouldNotFollowAHostileHeaderSize(int size) {
        for (int code : new int[] {-127, -128, -3}) {
            parcel.setDataPosition(0);
            parcel.writeInt(code);
            parcel.writeInt(size);
            parcel.setDataPosition(0);
            try {
                parcel.readException();
            } catch (IllegalArgumentException e) {
                assertEquals(-3, code);
            }
            assertTrue(parcel.dataPosition() <= parcel.dataSize());
        }
    }

    // Life

    @Test
    void shouldRefuseALateRead() {
        Parcel late = Parcel.obtain();
        late.writeInt(1);
        late.recycle();

        for (Runnable use :
                List.<Runnable>of(late::readInt, late::readString, late::dataSize, () -> late.writeInt(1))) {
            IllegalStateException refused = assertThrows(IllegalStateException.class, use::run);
            assertTrue(refused.getMessage().contains("after recycle()"), refused.getMessage());
        }
        late.recycle();
    }

    @Test
    void shouldRefuseEveryUseAfterRecycle() {
        Parcel ended = Parcel.obtain();
        ended.recycle();
        Parcel other = Parcel.obtain();

        for (Method method : Parcel.class.getMethods()) {
            if (method.getDeclaringClass() == Parcel.class
                    && !Modifier.isStatic(method.getModifiers())
                    && !method.getName().equals("recycle")) {
                Object[] arguments = Arrays.stream(method.getParameterTypes())
                        .map(type -> argument(type, other))
                        .toArray();
                InvocationTargetException refused = assertThrows(
                        InvocationTargetException.class, () -> method.invoke(ended, arguments), method::toString);
                assertSame(IllegalStateException.class, refused.getCause().getClass(), method::toString);
                assertTrue(refused.getCause().getMessage().contains("after recycle()"), method::toString);
            }
        }
        other.recycle();
    }

    /** Something that would do. */
    private static Object argument(Class<?> type, Parcel parcel) {
        if (type == int.class) {
            return 0;
        } else if (type == long.class) {
            return 0L;
        } else if (type == float.class) {
            return 0f;
        } else if (type == double.class) {
            return 0d;
        } else if (type == boolean.class) {
            return false;
        } else if (type == byte.class) {
            return (byte) 0;
        } else if (type == Exception.class) {
            return new IllegalArgumentException();
        } else if (type == Parcel.class) {
            return parcel;
        } else if (type == FileDescriptor.class) {
            return FileDescriptor.out;
        } else if (type == byte[].class) {
            return new byte[0];
        } else if (type == FileDescriptor[].class) {
            return new FileDescriptor[0];
        }
        return type == String.class ? "" : null;
    }

    @Test
    void shouldReuseTheMemoryOfARecycledParcelButNotTheParcel() {
        Parcel first = Parcel.obtain();
        first.writeInt(1);
        ParcelData data = first.data();
        first.recycle();

        Parcel second = Parcel.obtain();
        Parcel third = Parcel.obtain(new Binder());
        assertNotSame(first, second);
        assertNotSame(second, third);
        assertSame(data, second.data());
        assertEquals(0, second.dataSize());
        second.recycle();
        third.recycle();
    }

    @Test
    void shouldNotEmptyTheNextParcelWhenRecycledTwice() {
        Parcel first = Parcel.obtain();
        first.recycle();
        Parcel second = Parcel.obtain();
        second.writeInt(5);
        first.recycle();

        second.setDataPosition(0);
        assertEquals(5, second.readInt());
        Parcel third = Parcel.obtain();
        assertNotSame(second, third);
        assertEquals(0, third.dataSize());
        second.recycle();
        third.recycle();
    }

    /** Somebody has it, and would see what is in it, or empty it. */
    @Test
    void shouldNeverHandOutAParcelAgainThatWasUsedAfterItsEnd() {
        Parcel read = Parcel.obtain();
        Parcel recycledTwice = Parcel.obtain();
        read.recycle();
        recycledTwice.recycle();
        recycledTwice.recycle();
        assertThrows(IllegalStateException.class, read::readInt);

        for (int i = 0; i < 10_000; i++) {
            Parcel next = Parcel.obtain();
            Parcel other = Parcel.obtain();
            assertNotSame(read, next);
            assertNotSame(read, other);
            assertNotSame(recycledTwice, next);
            assertNotSame(recycledTwice, other);
            other.recycle();
            next.recycle();
        }
        assertThrows(IllegalStateException.class, read::dataSize);
    }

    @Test
    void shouldHandOutManyOthersBeforeTheSameParcelAgain() {
        Parcel parcel = Parcel.obtain();
        parcel.recycle();
        for (int i = 0; i < 250; i++) {
            Parcel next = Parcel.obtain();
            assertNotSame(parcel, next);
            next.recycle();
        }
        assertThrows(IllegalStateException.class, parcel::dataSize);
    }

    /** It may still be at it when the parcel ends, and move the position, or write. */
    @Test
    void shouldNotUseTheMemoryAgainThatAnotherThreadWasAtWorkIn() throws Exception {
        Parcel parcel = Parcel.obtain();
        ParcelData data = parcel.data();
        assertFalse(data.hasStrayed());
        FutureTask<Integer> elsewhere = new FutureTask<>(parcel::dataSize);
        new Thread(elsewhere).start();
        assertEquals(0, elsewhere.get());
        assertTrue(data.hasStrayed());
        parcel.recycle();

        for (int i = 0; i < 100; i++) {
            assertNotSame(data, Parcel.obtain().data());
        }
    }

    @Test
    void shouldDropWhatAnotherThreadRecycles() throws Exception {
        Parcel parcel = Parcel.obtain();
        ParcelData data = parcel.data();
        Thread other = new Thread(() -> {
            parcel.recycle();
            assertNotSame(data, Parcel.obtain().data());
        });
        other.start();
        other.join();

        assertTrue(data.isRecycled());
        assertNotSame(data, Parcel.obtain().data());
    }

    @Test
    void shouldRefuseALateReadOnAnotherThread() throws Exception {
        Parcel parcel = Parcel.obtain();
        parcel.writeInt(1);
        parcel.recycle();
        Parcel next = Parcel.obtain();
        next.writeInt(2);
        next.setDataPosition(0);

        FutureTask<Integer> late = new FutureTask<>(parcel::readInt);
        new Thread(late).start();
        ExecutionException refused = assertThrows(ExecutionException.class, late::get);
        assertSame(IllegalStateException.class, refused.getCause().getClass());
        assertEquals(2, next.readInt());
        next.recycle();
    }

    @Test
    void shouldRefuseANegativePosition() {
        assertThrows(IllegalArgumentException.class, () -> parcel.setDataPosition(-4));
    }

    private void assertBytes(String hex) {
        byte[] bytes = new byte[parcel.dataSize()];
        parcel.setDataPosition(0);
        parcel.data().readView(bytes.length).copy(view -> view.get(bytes));
        assertEquals(hex.replace(" ", ""), HexFormat.of().formatHex(bytes));
    }
}
