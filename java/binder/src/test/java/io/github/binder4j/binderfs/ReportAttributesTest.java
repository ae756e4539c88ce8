package io.github.binder4j.binderfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.driver.Commands;
import io.github.binder4j.natives.BinderNative;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reports as Linux 7.2.13 sent them, and such as no kernel would. */
class ReportAttributesTest {
    private static final String TOO_LARGE_CALL =
            "08000100117200000b00020062696e6465720000080003006b02000008000400a0020000"
                    + "08000500a40200000800080000000000080009000600000008000a00d8841e00";
    private static final String TOO_LARGE_REPLY =
            "08000100117200000b00020062696e646572000008000300a402000008000400a7020000"
                    + "080005006b02000008000600a0020000040007000800080000000000080009000000000008000a008c841e00";
    private static final String NO_HANDLE = "08000100117200000b00020062696e6465720000080003006b02000008000400a0020000"
            + "0800080010000000080009004d00000008000a000c000000";
    private static final String DEAD = "08000100057200000b00020062696e6465720000080003006b02000008000400a0020000"
            + "0800080000000000080009001700000008000a0050000000";

    private static TransactionReport read(String... hex) {
        return ReportAttributes.read(bytes(hex));
    }

    private static ByteBuffer bytes(String... hex) {
        return ByteBuffer.wrap(HexFormat.of().parseHex(String.join("", hex))).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Test
    void shouldReadACallThatWasTooLarge() {
        assertEquals(
                new TransactionReport(Commands.BR_FAILED_REPLY, "binder", 619, 672, 676, 0, false, 0, 6, 2_000_088),
                read(TOO_LARGE_CALL));
    }

    @Test
    void shouldReadAReply() {
        assertEquals(
                new TransactionReport(Commands.BR_FAILED_REPLY, "binder", 676, 679, 619, 672, true, 0, 0, 2_000_012),
                read(TOO_LARGE_REPLY));
    }

    @Test
    void shouldHaveNoReceiverWhereTheDriverNamesNone() {
        assertEquals(
                new TransactionReport(Commands.BR_FAILED_REPLY, "binder", 619, 672, 0, 0, false, 0x10, 77, 12),
                read(NO_HANDLE));
        assertEquals(
                new TransactionReport(Commands.BR_DEAD_REPLY, "binder", 619, 672, 0, 0, false, 0, 23, 80), read(DEAD));
    }

    @Test
    void shouldReadOnlyFromPositionToLimit() {
        ByteBuffer all = bytes("ffffffff", DEAD, "ffffffff");
        all.position(4).limit(all.capacity() - 4);

        assertEquals(read(DEAD), ReportAttributes.read(all));
    }

    @ParameterizedTest
    @ValueSource(strings = {"08000b0001000000", "04006300", "0500ff3f01000000", "1000ff00000102030405060708090a0b"})
    void shouldSkipWhatItDoesNotKnow(String unknown) {
        assertEquals(read(DEAD), read(unknown, DEAD));
        assertEquals(read(DEAD), read(DEAD, unknown));
    }

    /** The two highest bits of a type say how its value is made. */
    @Test
    void shouldKnowATypeWhateverItsFlags() {
        assertEquals(7, read("0800098007000000").code());
        assertEquals(7, read("0800094007000000").code());
    }

    @Test
    void shouldTakeSizesAndNumbersAsTheyCome() {
        TransactionReport report = read("08000a00ffffffff", "08000900ffffffff", "04000700");

        assertEquals(0xffffffffL, report.dataSizeBytes());
        assertEquals(-1, report.code());
        assertTrue(report.isReply());
        assertEquals(new TransactionReport(0, "", 0, 0, 0, 0, false, 0, 0, 0), read());
    }

    @Test
    void shouldTakeAContextWithItsZeroOrWithout() {
        assertEquals("ab", read("06000200" + "61620000").context());
        assertEquals("ab", read("07000200" + "61620000").context());
        assertEquals("ab", read("08000200" + "61620063").context());
        assertEquals("", read("04000200").context());
    }

    @Test
    void shouldNotNeedPaddingAtTheEnd() {
        assertEquals("ab", read("06000200" + "6162").context());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00000100", // ends before it begins
                "03000100",
                "0800010000", // reaches beyond the end
                "ffff010000000000",
                "ffffffffffffffff",
                "060001000000", // a number that is none
                "0c0001000000000000000000",
                "01", // no room for a header
                "080001"
            })
    void shouldRefuseWhatIsDamaged(String hex) {
        assertThrows(IllegalArgumentException.class, () -> read(hex));
        assertThrows(IllegalArgumentException.class, () -> read(DEAD, hex));
    }

    /** What ends with an attribute, padded or not, is a report; nothing else is. */
    @Test
    void shouldRefuseWhatIsCutOff() {
        byte[] whole = HexFormat.of().parseHex(TOO_LARGE_REPLY);
        List<Integer> read = new ArrayList<>();
        for (int length = 0; length <= whole.length; length++) {
            ByteBuffer part = ByteBuffer.wrap(Arrays.copyOf(whole, length)).order(ByteOrder.LITTLE_ENDIAN);
            try {
                ReportAttributes.read(part);
            } catch (IllegalArgumentException refused) {
                continue;
            }
            read.add(length);
        }
        assertEquals(List.of(0, 8, 19, 20, 28, 36, 44, 52, 56, 64, 72, 80), read);
    }

    @ParameterizedTest
    @CsvSource({
        "ERROR, 1",
        "CONTEXT, 2",
        "FROM_PID, 3",
        "FROM_TID, 4",
        "TO_PID, 5",
        "TO_TID, 6",
        "IS_REPLY, 7",
        "FLAGS, 8",
        "CODE, 9",
        "DATA_SIZE, 10"
    })
    void shouldNumberAttributesAsTheHeaderDoes(String name, int value) throws ReflectiveOperationException {
        assertEquals(value, BinderNative.abiValue("BINDER_A_REPORT_" + name));
        assertEquals(value, ReportAttributes.class.getDeclaredField(name).getInt(null));
    }

    @Test
    void shouldDescribeTheTransaction() {
        assertEquals(
                "BR_FAILED_REPLY on binder: call 619:672 -> 676:0 code=0x6 flags=0x0 size=2000088",
                read(TOO_LARGE_CALL).toString());
        assertEquals(
                "BR_FAILED_REPLY on binder: reply 676:679 -> 619:672 code=0x0 flags=0x0 size=2000012",
                read(TOO_LARGE_REPLY).toString());
        assertEquals(
                "0x7299 on hwbinder: oneway 1:2 -> 3:4 code=0xffffffff flags=0x11 size=4294967295",
                new TransactionReport(0x7299, "hwbinder", 1, 2, 3, 4, false, 0x11, -1, 0xffffffffL).toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "BR_DEAD_REPLY",
                "BR_FAILED_REPLY",
                "BR_FROZEN_REPLY",
                "BR_ONEWAY_SPAM_SUSPECT",
                "BR_TRANSACTION_PENDING_FROZEN"
            })
    void shouldNameWhatTheDriverAnswers(String name) {
        int error = (int) BinderNative.abiValue(name);

        assertEquals(name, new TransactionReport(error, "", 0, 0, 0, 0, false, 0, 0, 0).errorName());
    }
}
