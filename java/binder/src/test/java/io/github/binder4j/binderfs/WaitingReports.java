package io.github.binder4j.binderfs;

import io.github.binder4j.natives.NativeMemory;
import java.nio.ByteOrder;

/** Reports of a kernel that always has one waiting, or never. */
public final class WaitingReports implements ReportSource {
    private static final short CODE_ATTRIBUTE = 9;

    private final boolean waiting;

    private WaitingReports(boolean waiting) {
        this.waiting = waiting;
    }

    public static TransactionReports one() {
        return new TransactionReports(new WaitingReports(true));
    }

    public static TransactionReports none() {
        return new TransactionReports(new WaitingReports(false));
    }

    @Override
    public int receive(long address, int sizeBytes, int timeoutMs) {
        if (!waiting) {
            return 0;
        }
        NativeMemory.directBuffer(address, sizeBytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort((short) 8)
                .putShort(CODE_ATTRIBUTE)
                .putInt(1);
        return 8;
    }

    @Override
    public long dropped() {
        return 0;
    }

    @Override
    public void close() {}
}
