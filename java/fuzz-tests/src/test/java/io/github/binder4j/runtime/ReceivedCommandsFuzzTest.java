package io.github.binder4j.runtime;

import static io.github.binder4j.driver.Commands.*;

import io.github.binder4j.driver.DriverRule;
import io.github.binder4j.driver.ScriptedDriver;
import io.github.binder4j.driver.ScriptedDriver.Returns;
import io.github.binder4j.fuzz.FuzzInput;
import io.github.binder4j.fuzz.FuzzTarget;
import io.github.binder4j.parcel.ParcelData;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A call in which the driver says anything: known commands with any payload, unknown ones, commands cut short, calls and replies
 * with any objects. It ends with an outcome, or an exception that says what the driver got wrong; the device can be closed.
 *
 * <pre>
 *   input:  | kind (u8): 3 for a call or reply | what it is made from | kind | ...
 * </pre>
 */
class ReceivedCommandsFuzzTest {
    private static final FuzzTarget TARGET =
            new FuzzTarget(ReceivedCommandsFuzzTest.class, ReceivedCommandsFuzzTest::call, 16 * 1024).costing(8);

    private static final int[] WORDS = {
        BR_ERROR,
        BR_OK,
        BR_TRANSACTION_SEC_CTX,
        BR_TRANSACTION,
        BR_REPLY,
        BR_DEAD_REPLY,
        BR_TRANSACTION_COMPLETE,
        BR_INCREFS,
        BR_ACQUIRE,
        BR_RELEASE,
        BR_DECREFS,
        BR_NOOP,
        BR_SPAWN_LOOPER,
        BR_FINISHED,
        BR_DEAD_BINDER,
        BR_CLEAR_DEATH_NOTIFICATION_DONE,
        BR_FAILED_REPLY,
        BR_FROZEN_REPLY,
        BR_ONEWAY_SPAM_SUSPECT,
        BR_TRANSACTION_PENDING_FROZEN,
        BR_FROZEN_BINDER,
        BR_CLEAR_FREEZE_NOTIFICATION_DONE
    };
    /** Says so when the driver says a word nobody knows, once per device. */
    private static final Logger LOG = Logger.getLogger(ProcessState.class.getName());

    private static final int READ_SIZE = 512;
    private static final int DELIVERED_SIZE = 68;
    private static final int MOST_READS = 64;
    private static final int TYPE_HANDLE = 0x73682a85;
    private static final int LARGEST_HANDLE = 0xfff;

    /** Called by a fuzzer. */
    public static void fuzzerTestOneInput(byte[] input) {
        TARGET.run(input);
    }

    @Test
    @Timeout(300)
    void shouldEndACallWhateverTheDriverSays() {
        List<byte[]> seeds = new ArrayList<>();
        IntStream.range(0, WORDS.length).forEach(word -> seeds.add(new byte[] {0, (byte) word, 1, 0, 0, 0, 1}));
        seeds.add(delivered(3, BR_REPLY));
        seeds.add(delivered(3, BR_TRANSACTION));
        seeds.add(new byte[] {0, (byte) 200, 0x55, 0x72, 8, (byte) 0x80, 1, 2, 3});
        seeds.add(new byte[] {0, (byte) 207, 0x02, 0x72, 0x40, (byte) 0x80, 3, 1, 2, 3});
        TARGET.runSeedsAndMutations(seeds);
    }

    /** A call or reply with a handle in it. */
    private static byte[] delivered(int kind, int word) {
        ByteBuffer input = ByteBuffer.allocate(80).order(ByteOrder.LITTLE_ENDIAN);
        input.put((byte) kind).put((byte) (word == BR_REPLY ? 1 : 0)).put((byte) 1);
        input.putInt(7).putInt(0).put((byte) 28).put((byte) 1);
        input.put(ScriptedProcess.flatHandle(5)).putShort((short) 0);
        return input.array();
    }

    private static void call(byte[] input) {
        LOG.setLevel(Level.OFF);
        Thread thread = Thread.currentThread();
        Thread.UncaughtExceptionHandler before = thread.getUncaughtExceptionHandler();
        thread.setUncaughtExceptionHandler((ignored, e) -> {}); // hears of calls that could not be served
        ScriptedProcess scripted = new ScriptedProcess();
        try {
            callOn(scripted, new FuzzInput(input));
        } finally {
            scripted.process.close();
            thread.setUncaughtExceptionHandler(before);
        }
    }

    private static void callOn(ScriptedProcess scripted, FuzzInput input) {
        LocalObject served = new ScriptedProcess.Served(ReceivedCommandsFuzzTest::serve);
        ParcelData data = ScriptedProcess.parcelOf(served);
        ScriptedDriver driver = scripted.driver;
        EnumSet.allOf(DriverRule.class).forEach(driver::departFrom); // for it says anything
        driver.answer(returns -> saySomething(returns.noop(), input));
        for (int i = 0; i < MOST_READS; i++) {
            driver.answer(Returns::complete);
            driver.answer(returns -> returns.put(BR_DEAD_REPLY));
        }
        ParcelData reply = new ParcelData();
        try {
            scripted.transact(data, reply);
            readAll(reply);
        } catch (TransactionFailure | IllegalStateException ended) {
            return;
        } finally {
            reply.recycle();
            data.recycle();
        }
    }

    private static int serve(int code, ParcelData data, ParcelData reply, int flags) {
        readAll(data);
        return code;
    }

    /** A parcel from a driver that got it wrong: some objects cannot be read. */
    private static void readAll(ParcelData data) {
        while (data.available() >= Integer.BYTES) {
            try {
                data.readObject();
            } catch (IllegalArgumentException noObject) {
                data.readInt();
                continue;
            }
            data.readInt();
        }
    }

    /** As much as a read takes; its last command may be cut short. */
    private static void saySomething(Returns returns, FuzzInput input) {
        ByteBuffer said = ByteBuffer.allocate(READ_SIZE - Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        while (input.hasNext() && said.hasRemaining()) {
            if (input.nextByte() % 4 == 3) {
                sayAndForget(returns, said);
                if (said.remaining() < DELIVERED_SIZE) {
                    return;
                }
                deliver(returns, input);
                said.limit(said.limit() - DELIVERED_SIZE);
            } else {
                byte[] command = command(input);
                said.put(command, 0, Math.min(command.length, said.remaining()));
            }
        }
        sayAndForget(returns, said);
    }

    private static void sayAndForget(Returns returns, ByteBuffer said) {
        returns.bytes(Arrays.copyOf(said.array(), said.position()));
        said.limit(said.limit() - said.position()).position(0);
    }

    /** A word that is known or not, and a payload of its size or not. */
    private static byte[] command(FuzzInput input) {
        int which = input.nextByte();
        int word = which < WORDS.length ? WORDS[which] : input.nextInt();
        int size = which % 8 == 7 ? input.nextByte() % 16 : word == BR_ERROR ? 0 : word >>> 16 & 0x3fff;
        byte[] payload = input.nextBytes(size);
        return ByteBuffer.allocate(Integer.BYTES + Math.min(size, READ_SIZE))
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(word)
                .put(payload, 0, Math.min(payload.length, READ_SIZE))
                .array();
    }

    private static void deliver(Returns returns, FuzzInput input) {
        int word = input.nextByte() % 2 == 0 ? BR_TRANSACTION : BR_REPLY;
        long ptr = input.nextByte();
        int code = input.nextInt();
        int flags = input.nextInt();
        int size = input.nextByte();
        long[] positions = new long[input.nextByte() % 5];
        byte[] data = input.nextBytes(size);
        for (int i = 0; i < positions.length; i++) {
            positions[i] = input.nextShort();
            limitHandle(ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN), (int) positions[i]);
        }
        returns.deliver(word, ptr, code, flags, data, positions);
    }

    /** Handles are the driver's own numbers, the lowest that are free. */
    private static void limitHandle(ByteBuffer data, int at) {
        if (at <= data.capacity() - 24 && data.getInt(at) == TYPE_HANDLE) {
            data.putInt(at + 8, data.getInt(at + 8) & LARGEST_HANDLE);
        }
    }
}
