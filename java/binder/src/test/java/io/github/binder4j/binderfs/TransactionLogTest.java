package io.github.binder4j.binderfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The driver's logs of transactions, as three kernels printed them, and as none should. */
class TransactionLogTest {
    private static final String LINUX_6_1 = """
            20: call  from 217:218 to 250:0 context binder node 3 handle 1 size 2000084:0 ret 29201/-28 l=3230
            25: call  from 217:218 to 0:0 context binder node 0 handle 2 size 80:0 ret 29189/-22 l=3045
            """;
    private static final String LINUX_6_12 = """
            506658: async from 18203:18298 to 18269:0 context binder node 506058 handle 1 size 892:0 ret 29201/-28 l=3347
            507284: reply from 18269:18306 to 18203:18265 context binder node 0 handle 0 size 131072:0 ret 29201/-28 l=3347
            """;
    private static final String LINUX_7_2 = """
            2: call  from 266:269 to 247:0 context binder node 1 handle 0 size 124:8 ret 0/0 l=0
            5: reply from 247:248 to 266:269 context binder node 0 handle 0 size 4:0 ret 0/0 l=0
            21: async from 233:234 to 266:0 context binder node 3 handle 1 size 80:0 ret 0/0 l=0
            """;

    private static List<LoggedTransaction> parsed(String text) {
        TransactionLog log = TransactionLog.parse(text);
        assertEquals(List.of(), log.unparsed());
        return log.transactions();
    }

    @Test
    void shouldReadACallThatFailed() {
        LoggedTransaction failed = parsed(LINUX_6_1).get(1);

        assertEquals(
                new LoggedTransaction(
                        25, TransactionKind.CALL, 217, 218, 0, 0, "binder", 0, 2, 80, 0, 29189, -22, 3045, true),
                failed);
        assertTrue(failed.hasFailed());
        assertEquals("BR_DEAD_REPLY", failed.returnErrorName());
        assertEquals("BR_FAILED_REPLY", parsed(LINUX_6_1).get(0).returnErrorName());
    }

    @Test
    void shouldTellTheKindsApart() {
        assertEquals(
                List.of(TransactionKind.ASYNC, TransactionKind.REPLY),
                parsed(LINUX_6_12).stream().map(LoggedTransaction::kind).toList());
        assertEquals(
                List.of(TransactionKind.CALL, TransactionKind.REPLY, TransactionKind.ASYNC),
                parsed(LINUX_7_2).stream().map(LoggedTransaction::kind).toList());
    }

    @Test
    void shouldReadWhatDidNotFail() {
        LoggedTransaction registration = parsed(LINUX_7_2).get(0);

        assertFalse(registration.hasFailed());
        assertEquals("", registration.returnErrorName());
        assertEquals(124, registration.dataSizeBytes());
        assertEquals(8, registration.offsetsSizeBytes());
        assertEquals(1, registration.node());
    }

    @Test
    void shouldSayWhatTheDriverWasStillWriting() {
        List<LoggedTransaction> log = parsed("0: call  from 1:2 to 0:0 context  node 0 handle 0 size 0:0 ret 0/0 l=0"
                + " (incomplete)\n-5: async from 1:2 to 3:0 context b node 1 handle 1 size 4:0 ret 0/0 l=0\n");

        assertFalse(log.get(0).complete());
        assertEquals("", log.get(0).context());
        assertTrue(log.get(1).complete());
        assertEquals(-5, log.get(1).id());
    }

    @Test
    void shouldReadANameThatLooksLikeTheRest() {
        String name = "a node 1 handle 2 context b";
        LoggedTransaction call = parsed(
                        "1: call  from 1:2 to 3:0 context " + name + " node 7 handle 8 size 4:0 ret 0/0 l=0")
                .get(0);

        assertEquals(name, call.context());
        assertEquals(7, call.node());
        assertEquals(8, call.handle());
    }

    @ParameterizedTest
    @CsvSource({
        "29202,BR_FROZEN_REPLY",
        "29203,BR_ONEWAY_SPAM_SUSPECT",
        "29204,BR_TRANSACTION_PENDING_FROZEN",
        "29337,0x7299"
    })
    void shouldNameTheDriversAnswer(int number, String name) {
        String line = "1: call  from 1:2 to 3:0 context b node 7 handle 8 size 4:0 ret " + number + "/-1 l=1";

        assertEquals(name, parsed(line).get(0).returnErrorName());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1: shout from 1:2 to 3:0 context b node 7 handle 8 size 4:0 ret 0/0 l=0",
                "1: call  from 1:2 to 3:0 context b node 7 handle 8",
                "99999999999: call  from 1:2 to 3:0 context b node 7 handle 8 size 4:0 ret 0/0 l=0",
                "nothing of the kind"
            })
    void shouldKeepALineItDoesNotKnowAndReadTheRest(String line) {
        TransactionLog log = TransactionLog.parse(LINUX_6_1 + line + "\n" + LINUX_6_12);

        assertEquals(List.of(line), log.unparsed());
        assertEquals(4, log.transactions().size());
    }
}
