package io.github.binder4j.driver;

import static io.github.binder4j.driver.Commands.*;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.binder4j.driver.ScriptedDriver.Returns;
import io.github.binder4j.natives.NativeMemory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** A process on the kernel's driver, which is to say what a script has the scripted driver say. */
public final class RecordedParty extends DriverParty {
    private static final Set<Integer> CARRIERS = Set.of(BR_TRANSACTION, BR_REPLY);
    private static final int READ_CAPACITY = 512;

    private final RecordedDriver driver;
    private final ScriptedDriver pen = new ScriptedDriver();
    private ByteBuffer expected;
    private int taken = -1;

    public RecordedParty(RecordedDriver driver) {
        super(driver.device(), driver.rules());
        this.driver = driver;
    }

    @Override
    protected void says(Consumer<Returns> script) {
        expected = pen.whatIsRead(script, READ_CAPACITY);
    }

    @Override
    protected void read() {
        thread.writeRead();
        assertEquals(items(expected), items(driver.lastRead()));
        if (taken >= 0) {
            assertEquals(taken, driver.lastConsumed());
            taken = -1;
        }
    }

    /** Each command as text, without what the kernel chooses. */
    private static List<String> items(ByteBuffer read) {
        List<String> items = new ArrayList<>();
        for (int at = 0; at < read.limit(); at += 4 + payloadSize(read.getInt(at))) {
            int word = read.getInt(at);
            items.add(name(word) + (CARRIERS.contains(word) ? carried(read, at + 4) : payload(read, at + 4, word)));
        }
        return items;
    }

    private static String payload(ByteBuffer read, int at, int word) {
        StringBuilder payload = new StringBuilder();
        for (int i = at; i < at + payloadSize(word); i++) {
            payload.append(' ').append(read.get(i));
        }
        return payload.toString();
    }

    private static String carried(ByteBuffer read, int at) {
        return " ptr=" + read.getLong(at)
                + " cookie=" + read.getLong(at + 8)
                + " code=" + read.getInt(at + 16)
                + " flags=" + read.getInt(at + 20)
                + " sender=" + (read.getInt(at + 24) != 0)
                + " data=" + memory(read.getLong(at + 48), read.getLong(at + 32))
                + " offsets=" + memory(read.getLong(at + 56), read.getLong(at + 40));
    }

    private static List<Byte> memory(long address, long size) {
        List<Byte> bytes = new ArrayList<>();
        ByteBuffer memory = NativeMemory.directBuffer(address, Math.max(1, (int) size));
        for (int i = 0; i < size; i++) {
            bytes.add(memory.get(i));
        }
        return bytes;
    }

    @Override
    protected void takes(int bytes) {
        taken = bytes;
    }

    @Override
    protected void refuses(int word) {
        // It does by itself.
    }

    @Override
    protected void failedBecause(int param) {
        // It knows by itself.
    }

    @Override
    protected void answersToTheClaimOfHandle0(int result) {
        // It knows by itself.
    }
}
