package io.github.binder4j.binderfs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.binder4j.fuzz.FuzzTarget;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Any text in the driver's logs and the table of mounts: what is not understood is kept as text, or passed over. */
class LogsFuzzTest {
    private static final FuzzTarget TARGET = new FuzzTarget(LogsFuzzTest.class, LogsFuzzTest::parse, 16 * 1024);

    private static final String STATE = """
            binder state:
            dead nodes:
              node 7: u0000000100000001 c0000000100000001 hs 1 hw 1 ls -1 lw 0 is 2 iw 2 tr 1 proc 217 231
            proc 217
            context binder
              thread 299: l 10 need_return 0 tr 0
                outgoing transaction 24: 000000000362f5c0 from 217:299 to 250:270 code 16 flags 0 pri 0 a0 r1 elapsed 1038ms
                has dead binder
              ref 15: desc 2 dead node 7 s 1 w 0 d 0000000000000000
              node 3: u0000000100000001 c0000000100000001 hs 1 hw 1 ls 4 lw 0 is 2 iw 2 tr 1 proc 217 231
                pending async transaction 22: 00000000439e1ea3 from 0:0 to 250:0 code 16 flags 1 pri 0 r0 node 3 size 80:0 offset f0
              buffer 24: f0 size 80:0:0 active
              transaction error: 29201
              unknown work: type 9
            """;
    private static final String STATS = """
            binder stats:
            BC_TRANSACTION: 181240
            proc: active 9 total 1622
            proc 18396
            context binder
              threads: 5
              requested threads: 0+1/15
              free async space 520192
              refs: 2 s 3 w 4
              pages: 7:1:253
              pages high watermark: 8
              BR_REPLY: 8
            """;
    private static final String LOG = """
            20: call  from 217:218 to 250:0 context binder node 3 handle 1 size 2000084:0 ret 29201/-28 l=3230
            21: async from 233:234 to 266:0 context a b node 3 handle 1 size 80:0 ret 0/0 l=0 (incomplete)
            """;
    private static final String MOUNTS = """
            40 24 0:35 / /dev/binderfs rw,relatime - binder binder rw,max=1048576
            41 24 0:36 / /tmp/b\\040c shared:3 master:2 - binder whatever rw,max=8,stats=global
            """;

    /** Called by a fuzzer. */
    public static void fuzzerTestOneInput(byte[] input) {
        TARGET.run(input);
    }

    private static void parse(byte[] input) {
        String text = new String(input, StandardCharsets.UTF_8);
        BinderState state = BinderState.parse(text);
        state.processes().forEach(process -> process.threads().forEach(ThreadRecord::toString));
        BinderStats.parse(text).toString();
        TransactionLog.parse(text).transactions().forEach(LoggedTransaction::returnErrorName);
        MountTable.parse(text).forEach(MountTable.Instance::maxDevices);
    }

    @Test
    @Timeout(300)
    void shouldReadAnyText() {
        assertEquals(List.of(), BinderState.parse(STATE).unparsed());
        assertEquals(List.of(), BinderStats.parse(STATS).unparsed());
        assertEquals(List.of(), TransactionLog.parse(LOG).unparsed());
        TARGET.runSeedsAndMutations(Stream.of(STATE, STATS, LOG, MOUNTS)
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .toList());
    }
}
