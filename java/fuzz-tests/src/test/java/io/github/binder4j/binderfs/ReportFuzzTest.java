package io.github.binder4j.binderfs;

import io.github.binder4j.fuzz.FuzzTarget;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Any bytes as a report of the driver's: a report, or the exception that says it is damaged. */
class ReportFuzzTest {
    private static final FuzzTarget TARGET = new FuzzTarget(ReportFuzzTest.class, ReportFuzzTest::read, 1024);

    private static final byte[] CALL = HexFormat.of()
            .parseHex("08000100117200000b00020062696e6465720000080003006b02000008000400a0020000"
                    + "08000500a40200000800080000000000080009000600000008000a00d8841e00");
    private static final byte[] REPLY = HexFormat.of()
            .parseHex("08000100117200000b00020062696e646572000008000300a402000008000400a7020000"
                    + "080005006b02000008000600a0020000040007000800080000000000080009000000000008000a008c841e00");

    /** Called by a fuzzer. */
    public static void fuzzerTestOneInput(byte[] input) {
        TARGET.run(input);
    }

    private static void read(byte[] input) {
        try {
            ReportAttributes.read(ByteBuffer.wrap(input).order(ByteOrder.LITTLE_ENDIAN))
                    .toString();
        } catch (IllegalArgumentException damaged) {
            return;
        }
    }

    @Test
    @Timeout(300)
    void shouldReadAnyReport() {
        TARGET.runSeedsAndMutations(List.of(CALL, REPLY));
    }
}
