package android.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.binder4j.BlobView;
import io.github.binder4j.Blobs;
import io.github.binder4j.Buffers;
import io.github.binder4j.fuzz.FuzzInput;
import io.github.binder4j.fuzz.FuzzTarget;
import io.github.binder4j.memory.OffHeap;
import io.github.binder4j.parcel.BufferOwner;
import io.github.binder4j.parcel.Lease;
import io.github.binder4j.parcel.ParcelData;
import io.github.binder4j.parcel.ReceivedObjects;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Reads received parcels with any bytes, and any object table, by any sequence of reads.
 *
 * <p>Each is read twice, with other bytes around it in the mapping: what is read is the same, so no read leaves the parcel.
 *
 * <pre>
 *   input:    | reads (u8) | data size (u16) | objects (u8) | the reads, 3 bytes each | data | positions (u16 each) | buffers |
 *   mapping:  | any bytes | data | object table | buffers | any bytes |
 * </pre>
 */
class ReceivedParcelFuzzTest {
    private static final FuzzTarget TARGET =
            new FuzzTarget(ReceivedParcelFuzzTest.class, ReceivedParcelFuzzTest::readTwice, 8192);

    private static final int MAPPING_SIZE = 16 * 1024;
    private static final int DATA_AT = 1024;
    private static final int LARGEST_DATA = 4096;
    private static final int MOST_OBJECTS = 32;

    private static final int TYPE_BINDER = 0x73622a85;
    private static final int TYPE_HANDLE = 0x73682a85;
    private static final int TYPE_FD = 0x66642a85;
    private static final int TYPE_FDA = 0x66646185;
    private static final int TYPE_PTR = 0x70742a85;
    private static final int PTR_SIZE = 40;
    /** In the number of a descriptor: no process has so many, so closing it closes nothing. */
    private static final int NOT_OPEN = 0x40000000;

    private static final byte[] ZEROS = new byte[MAPPING_SIZE];
    private static final byte[] ONES = new byte[MAPPING_SIZE];

    static {
        Arrays.fill(ONES, (byte) -1);
    }

    private static final OffHeap AREA = OffHeap.allocate(MAPPING_SIZE);
    private static final OffHeap MAPPING = OffHeap.viewReadOnly(AREA.address, MAPPING_SIZE);

    /** Called by a fuzzer. */
    public static void fuzzerTestOneInput(byte[] input) {
        TARGET.run(input);
    }

    @Test
    @Timeout(300)
    void shouldReadNothingButWhatAParcelHolds() {
        TARGET.runSeedsAndMutations(List.of(
                values(),
                objects(TYPE_HANDLE, 3, 0, 0),
                objects(TYPE_BINDER, 8, 0, 0),
                objects(TYPE_FD, 1, 0, 1),
                bufferAndDescriptors(16),
                bufferAndDescriptors(MAPPING_SIZE - DATA_AT),
                command(30),
                command(31)));
    }

    private static void readTwice(byte[] input) {
        List<String> first = Reading.of(input, ZEROS);
        List<String> second = Reading.of(input, ONES);
        assertEquals(first, second, "what was read depends on bytes around the parcel");
    }

    // Seeds

    /** Reads of every kind over words that many of them take. */
    private static byte[] values() {
        ByteBuffer data = littleEndian(400);
        data.putInt(0x80000000).putInt(-1).putInt(0x53595354).putInt(1).putInt('x');
        data.putInt(2).putInt('a' | 'b' << 16).putInt(0);
        data.putInt(5).putLong(0x0504030201L).putInt(3).putInt(0).putInt(0x030201);
        for (int i = 0; i < 24; i++) {
            data.putInt(i % 4 - 1);
        }
        byte[] reads = new byte[3 * 40];
        for (int i = 0; i < 40; i++) {
            reads[3 * i] = (byte) i;
        }
        return input(reads, Arrays.copyOf(data.array(), data.position()), new int[0], new byte[0]);
    }

    private static byte[] objects(int type, long pointer, long cookie, int flags) {
        ByteBuffer data = littleEndian(60);
        data.putInt(7);
        for (int i = 0; i < 2; i++) {
            data.putInt(type).putInt(flags).putLong(pointer).putLong(cookie).putInt(12);
        }
        byte[] reads = {
            0, 0, 0, 11, 0, 0, 11, 0, 0, 28, 4, 0, 12, 0, 0, 13, 0, 0, 14, 0, 0, 15, 0, 0, 16, 2, 0, 17, 0, 0
        };
        return input(reads, data.array(), new int[] {4, 32}, new byte[0]);
    }

    private static byte[] bufferAndDescriptors(int size) {
        ByteBuffer data = littleEndian(4 + 2 * PTR_SIZE);
        int behindTable = DATA_AT + 88 + 16;
        data.putInt(7);
        data.putInt(TYPE_PTR)
                .putInt(0)
                .putLong(behindTable)
                .putLong(size)
                .putLong(0)
                .putLong(0);
        data.putInt(TYPE_FDA).putInt(0).putLong(2).putLong(0).putLong(8);
        byte[] reads = {0, 0, 0, 18, 0, 0, 19, 0, 0, 17, 0, 0, 28, 4, 0, 18, 0, 0, 19, 0, 0};
        return input(
                reads, data.array(), new int[] {4, 44}, new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 1, 0, 0, 0});
    }

    /** A dump or shell command: descriptors, arguments, binders. */
    private static byte[] command(int read) {
        ByteBuffer data = littleEndian(200);
        int descriptors = read == 30 ? 1 : 3;
        for (int i = 0; i < descriptors; i++) {
            data.putInt(TYPE_FD).putInt(0).putLong(1).putLong(1);
        }
        data.putInt(1)
                .putInt(1)
                .putInt('x')
                .putInt(TYPE_HANDLE)
                .putInt(0)
                .putLong(2)
                .putLong(0)
                .putInt(12);
        byte[] reads = {(byte) read, 0, 0};
        return input(reads, Arrays.copyOf(data.array(), data.position()), new int[] {0, 24, 48, 84}, new byte[0]);
    }

    private static byte[] input(byte[] reads, byte[] data, int[] positions, byte[] buffers) {
        ByteBuffer input = littleEndian(4 + reads.length + data.length + 2 * positions.length + buffers.length);
        input.put((byte) (reads.length / 3)).putShort((short) data.length).put((byte) positions.length);
        input.put(reads).put(data);
        for (int position : positions) {
            input.putShort((short) position);
        }
        return input.put(buffers).array();
    }

    private static ByteBuffer littleEndian(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    // One parcel

    private static final Parcelable.Creator<String> TEXT = new Parcelable.Creator<>() {
        @Override
        public String createFromParcel(Parcel source) {
            return source.readString();
        }

        @Override
        public String[] newArray(int size) {
            return new String[size];
        }
    };

    private interface Read {
        Object from(Parcel parcel) throws Exception;
    }

    private static final class Reading implements BufferOwner {
        private final byte[] reads;
        private final int dataSize;
        private final int objectCount;
        private final int tableAt;
        private final boolean arrives;
        private final List<String> found = new ArrayList<>();
        private final List<BlobView> views = new ArrayList<>();
        private int freed;

        /** What all the reads found. */
        static List<String> of(byte[] input, byte[] around) {
            Reading reading = new Reading(new FuzzInput(input), around);
            if (reading.arrives) {
                reading.read();
            }
            return reading.found;
        }

        private Reading(FuzzInput input, byte[] around) {
            int count = input.nextByte();
            dataSize = input.nextShort() % (LARGEST_DATA + 1);
            objectCount = input.nextByte() % (MOST_OBJECTS + 1);
            tableAt = DATA_AT + (dataSize + 7 & ~7);
            reads = input.nextBytes(3 * count);
            fill(0, MAPPING_SIZE, ZEROS);
            AREA.bytes.put(DATA_AT, input.nextBytes(dataSize));
            for (int i = 0; i < objectCount; i++) {
                int position = input.nextShort();
                AREA.bytes.putLong(tableAt + i * Long.BYTES, position == 0xffff ? input.nextLong() : position);
            }
            int buffersAt = tableAt + objectCount * Long.BYTES;
            AREA.bytes.put(buffersAt, input.nextBytes(MAPPING_SIZE - buffersAt));
            placeBuffers();
            fill(0, DATA_AT, around);
            fill(DATA_AT + dataSize, tableAt, around);
            int buffersSize = buffersSize();
            arrives = buffersSize >= 0;
            fill(buffersAt + Math.max(0, buffersSize), MAPPING_SIZE, around);
        }

        private static void fill(int from, int to, byte[] with) {
            AREA.bytes.put(from, with, from, to - from);
        }

        private int objectAt(int index, int type, int size) {
            long position = AREA.bytes.getLong(tableAt + index * Long.BYTES);
            boolean inData = position >= 0 && position <= dataSize - size;
            return inData && AREA.bytes.getInt(DATA_AT + (int) position) == type ? DATA_AT + (int) position : -1;
        }

        /** Turns where a buffer is in the mapping into an address. */
        private void placeBuffers() {
            for (int i = 0; i < objectCount; i++) {
                int at = objectAt(i, TYPE_PTR, PTR_SIZE);
                if (at >= 0) {
                    AREA.bytes.putLong(at + 8, AREA.bytes.getLong(at + 8) + AREA.address);
                }
            }
        }

        /** What would be closed is open in this process, and not the test's. */
        private void closeNothing() {
            boolean changed = true;
            while (changed) {
                changed = false;
                for (int i = 0; i < objectCount; i++) {
                    int at = objectAt(i, TYPE_FD, 24);
                    if (at >= 0 && (AREA.bytes.getInt(at + 8) & NOT_OPEN) == 0) {
                        AREA.bytes.putInt(at + 8, AREA.bytes.getInt(at + 8) | NOT_OPEN);
                        changed = true;
                    }
                }
            }
        }

        /** -1 if the object table speaks of buffers that no mapping has room for: the receiver refuses such a parcel. */
        private int buffersSize() {
            try {
                return ReceivedObjects.buffersSize(MAPPING.bytes, DATA_AT, dataSize, tableAt, objectCount);
            } catch (IllegalStateException refused) {
                return -1;
            }
        }

        private void read() {
            ParcelData data = new ParcelData();
            data.receive(MAPPING, DATA_AT, dataSize, tableAt, objectCount, this);
            Parcel parcel = Parcel.of(data);
            FuzzInput next = new FuzzInput(reads);
            while (next.hasNext()) {
                readOne(parcel, data, next.nextByte(), next.nextShort());
            }
            closeNothing();
            ReceivedObjects.closeDescriptors(
                    ReceivedObjects.descriptors(MAPPING.bytes, DATA_AT, dataSize, tableAt, objectCount));
            data.recycle();
            assertEquals(1, freed);
            views.forEach(view -> assertFalse(view.isOpen()));
            assertThrows(IllegalStateException.class, parcel::readInt);
        }

        private void readOne(Parcel parcel, ParcelData data, int which, int argument) {
            switch (which % 32) {
                case 0 -> note(parcel.readInt());
                case 1 -> note(parcel.readLong());
                case 2 -> note(parcel.readFloat());
                case 3 -> note(parcel.readDouble());
                case 4 -> note(parcel.readBoolean());
                case 5 -> note(parcel.readByte());
                case 6 -> note(parcel.readString());
                case 7 -> note(Arrays.toString(parcel.createByteArray()));
                case 8 -> attempt(this::readByteArray, parcel, argument);
                case 9 -> attempt(p -> Arrays.toString(p.readBlob()), parcel);
                case 10 -> attempt(p -> contents(Blobs.view(p)), parcel);
                case 11 -> attempt(Parcel::readStrongBinder, parcel);
                case 12 -> attempt(p -> close(p.readFileDescriptor()), parcel);
                case 13 -> attempt(p -> close(p.readRawFileDescriptor()), parcel);
                case 14 -> attempt(p -> close(p.createRawFileDescriptorArray()), parcel);
                case 15 -> attempt(p -> readDescriptors(p, argument % 8), parcel);
                case 16 -> note(parcel.readTypedObject(TEXT));
                case 17 -> note(parcel.hasFileDescriptors());
                case 18 -> attempt(p -> contents(Buffers.view(p)), parcel);
                case 19 -> attempt(p -> close(Buffers.createDescriptorArray(p)), parcel);
                case 20 -> note(data.skipInterfaceName("x"));
                case 21 -> note(data.skipInterfaceName("x".repeat(300)));
                case 22 -> attempt(this::enforceInterface, parcel, argument);
                case 23 -> attempt(this::readException, parcel, argument);
                case 24 -> attempt(this::enforceNoDataAvail, parcel, argument);
                case 25 -> attempt(p -> append(p, parcel.dataPosition(), argument), parcel);
                case 26 -> attempt(p -> append(p, argument, parcel.dataAvail()), parcel);
                case 27 -> note(parcel.dataSize() + " " + parcel.dataAvail() + " " + parcel.dataPosition());
                case 28 -> parcel.setDataPosition(argument);
                case 29 -> parcel.setDataPosition(Integer.MAX_VALUE - argument);
                case 30 -> attempt(p -> serve(IBinder.DUMP_TRANSACTION, p), parcel);
                default -> attempt(p -> serve(IBinder.SHELL_COMMAND_TRANSACTION, p), parcel);
            }
        }

        private void note(Object value) {
            found.add(String.valueOf(value));
        }

        private interface ReadWith {
            Object from(Parcel parcel, int argument);
        }

        private void attempt(ReadWith read, Parcel parcel, int argument) {
            attempt(p -> read.from(p, argument), parcel);
        }

        /** A read that has documented exceptions. */
        private void attempt(Read read, Parcel parcel) {
            try {
                note(read.from(parcel));
            } catch (BadParcelableException | UncheckedIOException | SecurityException e) {
                note(e);
            } catch (IllegalStateException e) {
                if (!(e.getCause() instanceof IOException)) {
                    throw e;
                }
                note(e);
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }

        private Object readByteArray(Parcel parcel, int argument) {
            byte[] value = new byte[argument % 16];
            try {
                parcel.readByteArray(value);
            } catch (RuntimeException e) {
                return onlyOf(RuntimeException.class, e);
            }
            return Arrays.toString(value);
        }

        private static Object onlyOf(Class<?> type, RuntimeException e) {
            if (e.getClass() != type) {
                throw e;
            }
            return e;
        }

        private Object readDescriptors(Parcel parcel, int count) {
            FileDescriptor[] value = new FileDescriptor[count];
            try {
                parcel.readRawFileDescriptorArray(value);
            } catch (IllegalStateException e) {
                throw e;
            } catch (RuntimeException e) {
                return e instanceof BadParcelableException ? e : onlyOf(RuntimeException.class, e);
            } finally {
                close(value);
            }
            return count;
        }

        private Object enforceInterface(Parcel parcel, int argument) {
            parcel.enforceInterface("x".repeat(argument % 4));
            return "as expected";
        }

        private Object enforceNoDataAvail(Parcel parcel, int argument) {
            parcel.enforceNoDataAvail();
            return "at the end";
        }

        /** Throws what the callee is said to have thrown. */
        private Object readException(Parcel parcel, int argument) {
            try {
                parcel.readException();
            } catch (RuntimeException e) {
                if (!e.getStackTrace()[0].getClassName().equals(ExceptionCode.class.getName())) {
                    throw e;
                }
                return e;
            }
            return "no exception";
        }

        private Object append(Parcel source, int offset, int length) {
            Parcel target = Parcel.of(new ParcelData());
            try {
                target.appendFrom(source, offset, length);
                target.setDataPosition(0);
                while (target.dataAvail() > 0) {
                    note(target.readInt());
                }
            } catch (IllegalArgumentException e) {
                return onlyOf(IllegalArgumentException.class, e);
            } finally {
                target.data().recycle();
            }
            return length;
        }

        private static Object serve(int code, Parcel data) throws RemoteException {
            Parcel reply = Parcel.of(new ParcelData());
            try {
                return new Quiet().onTransact(code, data, reply, 0);
            } finally {
                reply.data().recycle();
            }
        }

        private Object contents(BlobView view) {
            if (view == null) {
                return null;
            }
            views.add(view);
            return view.size() + " bytes of hash " + Arrays.hashCode(view.toByteArray());
        }

        // Descriptors: what is read are copies, to be closed

        private static Object close(ParcelFileDescriptor... descriptors) throws IOException {
            for (ParcelFileDescriptor descriptor : descriptors == null ? new ParcelFileDescriptor[0] : descriptors) {
                if (descriptor != null) {
                    descriptor.close();
                }
            }
            return descriptors == null ? null : descriptors.length;
        }

        private static Object close(FileDescriptor... descriptors) {
            for (FileDescriptor descriptor : descriptors == null ? new FileDescriptor[0] : descriptors) {
                if (descriptor != null) {
                    closeStream(descriptor);
                }
            }
            return descriptors == null ? null : descriptors.length;
        }

        private static void closeStream(FileDescriptor descriptor) {
            try {
                new FileInputStream(descriptor).close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        // The owner of the buffer

        @Override
        public Object localObject(long ptr) {
            if (ptr % 2 != 0) {
                throw new IllegalArgumentException("no object " + ptr);
            }
            note("local object " + ptr);
            return null;
        }

        @Override
        public Object remoteObject(int handle, int stability) {
            note("handle " + handle + " of stability " + stability);
            return null;
        }

        @Override
        public Lease lease() {
            note("views");
            return new Lease() {};
        }

        @Override
        public void free() {
            freed++;
        }
    }

    /** Neither dumps nor commands: the descriptors lead anywhere. */
    private static final class Quiet extends Binder {
        Quiet() {
            super("quiet");
        }

        @Override
        public void dump(FileDescriptor fd, String[] args) {}

        @Override
        public int handleShellCommand(
                ParcelFileDescriptor in, ParcelFileDescriptor out, ParcelFileDescriptor err, String[] args) {
            return args.length;
        }
    }
}
