package io.github.binder4j.binderfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.binderfs.ThreadRecord.LooperState;
import io.github.binder4j.binderfs.TransactionRecord.Role;
import io.github.binder4j.binderfs.WorkRecord.Kind;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The driver's {@code state}, as three kernels printed it, and as none should. */
class BinderStateTest {
    /** A client (217) calls a service (250) which an earlier oneway call, still held, keeps two more from. */
    private static final String LINUX_6_1 = """
            binder state:
            dead nodes:
              node 7: u0000000100000001 c0000000100000001 hs 1 hw 1 ls 0 lw 0 is 2 iw 2 tr 1 proc 217 231
            proc 217
            context binder
              thread 218: l 00 need_return 0 tr 0
              thread 297: l 12 need_return 0 tr 0
              thread 298: l 11 need_return 0 tr 0
              thread 299: l 10 need_return 0 tr 0
                outgoing transaction 24: 000000000362f5c0 from 217:299 to 250:270 code 16 flags 0 pri 0 r1
              node 17: u0000000100000001 c0000000100000001 hs 1 hw 1 ls 0 lw 0 is 1 iw 1 tr 1 proc 250
              ref 12: desc 1 node 3 s 1 w 0 d 0000000097f0858a
              ref 15: desc 2 dead node 7 s 1 w 0 d 0000000000000000
            proc 250
            context binder
              thread 253: l 02 need_return 0 tr 0
              thread 270: l 01 need_return 0 tr 0
                incoming transaction 24: 000000000362f5c0 from 217:299 to 250:270 code 16 flags 0 pri 0 r1 node 3 size 80:0 data 0000000065edd954
              node 3: u0000000100000001 c0000000100000001 hs 1 hw 1 ls 4 lw 0 is 2 iw 2 tr 1 proc 217 231
                pending async transaction 22: 00000000439e1ea3 from 0:0 to 250:0 code 16 flags 1 pri 0 r0 node 3 size 80:0 data 00000000358df9c0
                pending async transaction 23: 000000006d4b0a30 from 0:0 to 250:0 code 16 flags 1 pri 0 r0 node 3 size 80:0 data 0000000074b0517f
              ref 18: desc 1 node 17 s 1 w 0 d 0000000000000000
              buffer 21: 00000000b7b41ed8 size 80:0:0 delivered
              buffer 24: 0000000065edd954 size 80:0:0 active
            """;

    private static final String LINUX_6_12 = """
            binder state:
            dead nodes:
              node 437607: u0000000500000005 c0000000500000005 hs 1 hw 1 ls -1 lw 0 is 0 iw 0 tr 1
            proc 18396
            context binder
              thread 18409: l 00 need_return 0 tr 0
              thread 19030: l 10 need_return 0 tr 0
                outgoing transaction 507322: 00000000e2ef6015 from 18396:19030 to 18707:18859 code 16 flags 0 pri 0 r1 elapsed 1901ms
              node 507312: u0000000100000001 c0000000100000001 hs 1 hw 1 ls 0 lw 0 is 1 iw 1 tr 1 proc 18707
              ref 507307: desc 1 node 507297 s 1 w 0 d 0000000093316892
              ref 507310: desc 2 node 507301 s 1 w 0 d 00000000ebc7d8fd
            proc 18707
            context binder
              thread 18859: l 01 need_return 0 tr 0
                incoming transaction 507322: 00000000e2ef6015 from 18396:19030 to 18707:18859 code 16 flags 0 pri 0 r1 elapsed 1901ms node 507297 size 80:0 offset f0
              node 507297: u0000000100000001 c0000000100000001 hs 1 hw 1 ls 4 lw 0 is 2 iw 2 tr 1 proc 18396 18525
                pending async transaction 507320: 0000000091e5b388 from 18396:18409 to 18707:0 code 16 flags 1 pri 0 r0 elapsed 2063ms node 507297 size 80:0 offset 50
              ref 507313: desc 1 node 507312 s 1 w 0 d 0000000000000000
              buffer 507319: 0 size 80:0:0 delivered
              buffer 507320: 50 size 80:0:0 active
              buffer 507322: f0 size 80:0:0 active
            """;

    private static final String LINUX_7_2 = """
            binder state:
            proc 233
            context binder
              thread 318: l 10 need_return 0 tr 0
                outgoing transaction 24: 0000000034fcac77 from 233:318 to 266:289 code 16 flags 0 pri 0 a0 r0 elapsed 1038ms
              node 17: u0000000100000001 c0000000100000001 hs 1 hw 1 ls 0 lw 0 is 1 iw 1 tr 1 proc 266
              ref 12: desc 1 node 3 s 1 w 0 d 00000000d4d49d53
            proc 266
            context binder
              thread 289: l 01 need_return 0 tr 0
                incoming transaction 24: 0000000034fcac77 from 233:318 to 266:289 code 16 flags 0 pri 0 a0 r0 elapsed 1039ms node 3 size 80:0 offset f0
              node 3: u0000000100000001 c0000000100000001 hs 1 hw 1 ls 4 lw 0 is 2 iw 2 tr 1 proc 233 247
                pending async transaction 22: 00000000d4304ffd from 233:234 to 266:0 code 16 flags 1 pri 0 a1 r0 elapsed 1085ms node 3 size 80:0 offset 50
              ref 18: desc 1 node 17 s 1 w 0 d 0000000000000000
              buffer 24: f0 size 80:0:0 active
            """;

    private static final String LINUX_7_2_HASHED = """
            binder state:
            proc 292
            context binder
              thread 295: l 12 need_return 0 tr 0
              node 7: u000000007af1c096 c000000007af1c096 hs 1 hw 1 ls 0 lw 0 is 2 iw 2 tr 1 proc 233 247
            """;

    private static BinderState parsed(String text) {
        BinderState state = BinderState.parse(text);
        assertEquals(List.of(), state.unparsed());
        return state;
    }

    private static ProcessRecord only(BinderState state, int pid) {
        List<ProcessRecord> processes = state.processes(pid);
        assertEquals(1, processes.size(), () -> "of " + pid + ": " + state);
        return processes.get(0);
    }

    private static ProcessRecord processOf(String... lines) {
        BinderState state = parsed("proc 5\ncontext binder\n  " + String.join("\n  ", lines) + "\n");
        return only(state, 5);
    }

    @Test
    void shouldReadEverythingThatLinux6_1Prints() {
        BinderState state = parsed(LINUX_6_1);
        ProcessRecord client = only(state, 217);
        ProcessRecord service = only(state, 250);

        assertEquals(2, state.processes().size());
        assertEquals(List.of(217, 231), state.deadNodes().get(0).holders());
        assertEquals("binder", client.context());
        assertEquals(
                List.of(218, 297, 298, 299),
                client.threads().stream().map(ThreadRecord::tid).toList());
        assertEquals(new RefRecord(12, 1, 3, false, 1, 0, true), client.refs().get(0));
        assertEquals(new RefRecord(15, 2, 7, true, 1, 0, false), client.refs().get(1));
        assertEquals(
                List.of(
                        new BufferRecord(21, OptionalLong.empty(), 80, 0, 0, false),
                        new BufferRecord(24, OptionalLong.empty(), 80, 0, 0, true)),
                service.buffers());
        assertEquals(
                new TransactionRecord(
                        Role.OUTGOING,
                        24,
                        TransactionKind.CALL,
                        217,
                        299,
                        250,
                        270,
                        0x16,
                        0,
                        "0",
                        OptionalLong.empty(),
                        OptionalInt.empty(),
                        OptionalLong.empty(),
                        OptionalLong.empty()),
                client.threads().get(3).transactions().get(0));
    }

    @Test
    void shouldReadWhatLinux6_12PrintsOfItsOwn() {
        BinderState state = parsed(LINUX_6_12);
        ProcessRecord service = only(state, 18707);

        assertEquals(-1, state.deadNodes().get(0).localStrong());
        assertEquals(
                List.of(
                        new BufferRecord(507319, OptionalLong.of(0), 80, 0, 0, false),
                        new BufferRecord(507320, OptionalLong.of(0x50), 80, 0, 0, true),
                        new BufferRecord(507322, OptionalLong.of(0xf0), 80, 0, 0, true)),
                service.buffers());
        assertEquals(
                new TransactionRecord(
                        Role.INCOMING,
                        507322,
                        TransactionKind.CALL,
                        18396,
                        19030,
                        18707,
                        18859,
                        0x16,
                        0,
                        "0",
                        OptionalLong.of(1901),
                        OptionalInt.of(507297),
                        OptionalLong.of(80),
                        OptionalLong.of(0)),
                service.threads().get(0).transactions().get(0));
    }

    @Test
    void shouldReadANode() {
        TransactionRecord waiting = only(parsed(LINUX_6_12), 18707)
                .nodes()
                .get(0)
                .asyncTransactions()
                .get(0);

        assertEquals(
                new NodeRecord(
                        507297,
                        0x100000001L,
                        0x100000001L,
                        true,
                        true,
                        4,
                        0,
                        2,
                        2,
                        1,
                        List.of(18396, 18525),
                        List.of(waiting),
                        List.of()),
                only(parsed(LINUX_6_12), 18707).nodes().get(0));
        assertEquals(Role.PENDING_ASYNC, waiting.role());
        assertEquals(TransactionKind.ASYNC, waiting.kind());
        assertEquals(OptionalLong.of(2063), waiting.elapsedMs());
    }

    @ParameterizedTest
    @ValueSource(strings = {LINUX_6_1, LINUX_6_12, LINUX_7_2})
    void shouldTellCallsFromOnewayOnesOnEveryKernel(String text) {
        BinderState state = parsed(text);

        List<TransactionRecord> withThreads = state.processes().stream()
                .flatMap(process -> process.threads().stream())
                .flatMap(thread -> thread.transactions().stream())
                .toList();
        List<TransactionRecord> withNodes = state.processes().stream()
                .flatMap(process -> process.nodes().stream())
                .flatMap(node -> node.asyncTransactions().stream())
                .toList();

        assertEquals(
                List.of(Role.OUTGOING, Role.INCOMING),
                withThreads.stream().map(TransactionRecord::role).toList());
        assertTrue(withThreads.stream().allMatch(one -> one.kind() == TransactionKind.CALL), withThreads::toString);
        assertFalse(withNodes.isEmpty());
        assertTrue(withNodes.stream().allMatch(one -> one.kind() == TransactionKind.ASYNC), withNodes::toString);
    }

    @ParameterizedTest
    @CsvSource({
        "r0 elapsed 1ms, REPLY",
        "r1 elapsed 1ms, CALL",
        "a0 r1 elapsed 1ms, REPLY",
        "a0 r0 elapsed 1ms, CALL",
        "r0, REPLY"
    })
    void shouldKnowAReply(String tail, TransactionKind kind) {
        ProcessRecord process =
                processOf("pending transaction 9: 00000000a from 1:2 to 5:0 code 0 flags 0 pri 0:120 " + tail);

        assertEquals(kind, process.transactions().get(0).kind());
        assertEquals(Role.PENDING, process.transactions().get(0).role());
        assertEquals("0:120", process.transactions().get(0).priority());
    }

    @Test
    void shouldReadATransactionWhoseBufferWasFreed() {
        ProcessRecord process = processOf(
                "thread 6: l 11 need_return 1 tr 2",
                "  incoming transaction 9: 00000000a from 1:2 to 5:6 code 5f4e5446 flags 10 pri -20 r1 elapsed 4ms buffer free");
        ThreadRecord thread = process.threads().get(0);

        assertTrue(thread.needsReturn());
        assertEquals(2, thread.temporaryReferences());
        assertEquals(0x5f4e5446, thread.transactions().get(0).code());
        assertEquals(0x10, thread.transactions().get(0).flags());
        assertEquals("-20", thread.transactions().get(0).priority());
        assertEquals(OptionalLong.empty(), thread.transactions().get(0).dataSizeBytes());
    }

    @Test
    void shouldReadHashedState() {
        ProcessRecord process = only(parsed(LINUX_7_2_HASHED), 292);

        assertEquals(0x7af1c096L, process.nodes().get(0).cookie());
        assertEquals(List.of(233, 247), process.nodes().get(0).holders());
    }

    @Test
    void shouldReadPointersWithTheHighestBit() {
        ProcessRecord process =
                processOf("node 1: uffffffffffffffff c8000000000000000 hs 0 hw 1 ls 0 lw 0 is 0 iw 1 tr 1 proc 7");

        assertEquals(-1, process.nodes().get(0).ptr());
        assertEquals(Long.MIN_VALUE, process.nodes().get(0).cookie());
        assertFalse(process.nodes().get(0).hasStrongRef());
    }

    @Test
    void shouldNameTheStatesOfALooper() {
        ProcessRecord process = processOf("thread 6: l 12 need_return 0 tr 0", "thread 7: l 3f need_return 0 tr 0");

        assertEquals(
                Set.of(LooperState.ENTERED, LooperState.WAITING),
                process.threads().get(0).states());
        assertEquals(Set.of(LooperState.values()), process.threads().get(1).states());
    }

    @Test
    void shouldReadWorkOfThreadsAndProcesses() {
        ProcessRecord process = processOf(
                "thread 6: l 11 need_return 0 tr 0",
                "  pending transaction 9: 00000000a from 1:2 to 5:6 code 0 flags 0 pri 0 r0 elapsed 0ms size 4:0 offset 0",
                "  transaction complete",
                "  transaction error: 29189",
                "  node work 77: u0000000000000001 c0000000000000001",
                "has dead binder",
                "has cleared dead binder",
                "has cleared death notification",
                "has frozen binder",
                "has cleared freeze notification",
                "unknown work: type 42",
                "has delivered dead binder",
                "has delivered freeze binder");

        assertEquals(1, process.threads().get(0).transactions().size());
        assertEquals(
                List.of(
                        new WorkRecord(Kind.TRANSACTION_COMPLETE, OptionalLong.empty()),
                        new WorkRecord(Kind.RETURN_ERROR, OptionalLong.of(29189)),
                        new WorkRecord(Kind.NODE, OptionalLong.of(77))),
                process.threads().get(0).work());
        assertEquals(
                List.of(
                        Kind.DEAD_BINDER,
                        Kind.DEAD_BINDER_AND_CLEAR,
                        Kind.CLEAR_DEATH_NOTIFICATION,
                        Kind.FROZEN_BINDER,
                        Kind.CLEAR_FREEZE_NOTIFICATION,
                        Kind.UNKNOWN,
                        Kind.DELIVERED_DEAD_BINDER,
                        Kind.DELIVERED_FROZEN_BINDER),
                process.work().stream().map(WorkRecord::kind).toList());
        assertEquals(OptionalLong.of(42), process.work().get(5).number());
    }

    @Test
    void shouldFindNothingWhereNothingIs() {
        for (String text : List.of("", "\n", "binder state:\n", "binder transactions:\n", "binder proc state:\n")) {
            assertEquals(new BinderState(List.of(), List.of(), List.of()), BinderState.parse(text));
        }
    }

    // Who owns what

    @ParameterizedTest
    @ValueSource(strings = {LINUX_6_1, LINUX_6_12, LINUX_7_2})
    void shouldFindTheOwnerBehindAHandle(String text) {
        BinderState state = parsed(text);
        int client = state.processes().get(0).pid();
        int service = state.processes().get(1).pid();

        assertEquals(OptionalInt.of(service), state.ownerOf(client, "binder", 1));
        assertEquals(OptionalInt.of(client), state.ownerOf(service, "binder", 1));
        assertEquals(OptionalInt.empty(), state.ownerOf(client, "binder", 99));
        assertEquals(OptionalInt.empty(), state.ownerOf(client, "hwbinder", 1));
        assertEquals(OptionalInt.empty(), state.ownerOf(1, "binder", 1));
    }

    @Test
    void shouldFindNoOwnerOfADeadNode() {
        BinderState state = parsed(LINUX_6_1);

        assertEquals(OptionalInt.empty(), state.ownerOf(217, "binder", 2));
        assertEquals(Optional.empty(), state.ownerOfNode(7));
    }

    @Test
    void shouldNotChooseBetweenDevicesOfTheSameName() {
        BinderState state = parsed("""
                proc 1
                context binder
                  ref 10: desc 1 node 30 s 1 w 0 d 0
                proc 1
                context binder
                  ref 11: desc 1 node 40 s 1 w 0 d 0
                  ref 12: desc 2 node 40 s 1 w 0 d 0
                proc 3
                context binder
                  node 30: u0 c0 hs 1 hw 1 ls 0 lw 0 is 1 iw 1 tr 1 proc 1
                proc 4
                context binder
                  node 40: u0 c0 hs 1 hw 1 ls 0 lw 0 is 1 iw 1 tr 1 proc 1
                """);

        assertEquals(2, state.processes(1).size());
        assertEquals(OptionalInt.empty(), state.ownerOf(1, "binder", 1));
        assertEquals(OptionalInt.of(4), state.ownerOf(1, "binder", 2));
    }

    // What should not be

    @ParameterizedTest
    @ValueSource(
            strings = {
                "colour 7: blue",
                "node 99999999999: u0 c0 hs 1 hw 1 ls 0 lw 0 is 1 iw 1 tr 1",
                "node 1: u00000000000000000 cfffffffffffffffff hs 1 hw 1 ls 0 lw 0 is 1 iw 1 tr 1",
                "node 1: u0 c0 hs 1 hw 1 ls 0 lw 0 is 1 iw 1 tr 1 proc 99999999999",
                "node 1: u0 c0 hs 1 hw 1 ls 0",
                "thread x: l 00 need_return 0 tr 0",
                "thread 6: l fffffffff need_return 0 tr 0",
                "ref 1: desc one node 3 s 1 w 0 d 0",
                "ref 1: desc 1 node 3 s 1 w 0 d 0 f 1",
                "buffer 1: 0 size 80:0 active",
                "buffer 1: 0 size 80:0:0 lost",
                "pending transaction 9: 0 from 1:2 to 5:0 code xyz flags 0 pri 0 r0",
                "pending transaction 9: 0 from 1:2 to 5:0",
                "proc 6"
            })
    void shouldKeepALineItDoesNotKnowAndReadTheRest(String line) {
        BinderState state = BinderState.parse("""
                binder state:
                proc 5
                context binder
                  ref 10: desc 1 node 30 s 1 w 0 d 0
                  %s
                  ref 11: desc 2 node 30 s 1 w 0 d 0
                """.formatted(line));

        assertEquals(List.of(line), state.unparsed());
        assertEquals(2, only(state, 5).refs().size());
    }

    @Test
    void shouldKeepWhatBelongsToALineItDoesNotKnow() {
        BinderState state = BinderState.parse("""
                binder state:
                something new:
                  node 1: u0 c0 hs 1 hw 1 ls 0 lw 0 is 1 iw 1 tr 1
                    more of it
                dead nodes:
                  ghost 3
                proc 5
                context binder
                  ref 10: desc 1 node 30 s 1 w 0 d 0
                    unexpected
                  thread 6: l 00 need_return 0 tr 0
                    strange
                """);

        assertEquals(
                List.of(
                        "something new:",
                        "node 1: u0 c0 hs 1 hw 1 ls 0 lw 0 is 1 iw 1 tr 1",
                        "more of it",
                        "ghost 3",
                        "ref 10: desc 1 node 30 s 1 w 0 d 0",
                        "unexpected",
                        "strange"),
                state.unparsed());
        assertEquals(1, only(state, 5).threads().size());
        assertEquals(List.of(), state.deadNodes());
    }

    @Test
    void shouldKeepAProcessThatIsCutOff() {
        assertEquals(
                List.of("proc 5"), BinderState.parse("binder state:\nproc 5\n").unparsed());
        assertEquals(
                List.of("proc 5"),
                BinderState.parse("proc 5\nproc 6\ncontext binder\n").unparsed());
        assertEquals(
                List.of("context binder", "thread 1: l 00 need_return 0 tr 0"),
                BinderState.parse("context binder\n  thread 1: l 00 need_return 0 tr 0\n")
                        .unparsed());
        assertEquals(
                List.of("proc 99999999999"),
                BinderState.parse("proc 99999999999\n").unparsed());
    }

    @Test
    void shouldReadANameWithSpaces() {
        assertEquals(
                "my own binder",
                parsed("proc 5\ncontext my own binder\n").processes().get(0).context());
    }

    @Test
    void shouldGiveNothingThatCanBeChanged() {
        BinderState state = parsed(LINUX_6_12);
        ProcessRecord process = state.processes().get(1);
        for (List<?> list : List.of(
                state.processes(),
                state.deadNodes(),
                state.unparsed(),
                process.threads(),
                process.nodes(),
                process.refs(),
                process.buffers(),
                process.transactions(),
                process.work(),
                process.threads().get(0).transactions(),
                process.threads().get(0).work(),
                process.nodes().get(0).holders(),
                process.nodes().get(0).asyncTransactions())) {
            assertThrows(UnsupportedOperationException.class, list::clear, list::toString);
        }
    }

    @Test
    void shouldReadANodeThatAnyNumberOfProcessesHold() {
        String node = "  node 7: u01 c01 hs 1 hw 1 ls 0 lw 0 is 2 iw 2 tr 1 proc";

        NodeRecord held = parsed("dead nodes:\n" + node + " 217".repeat(100_000) + "\n")
                .deadNodes()
                .get(0);

        assertEquals(100_000, held.holders().size());
        assertEquals(
                List.of("node 7: u01 c01 hs 1 hw 1 ls 0 lw 0 is 2 iw 2 tr 1 proc 1  2"),
                BinderState.parse("dead nodes:\n" + node + " 1  2\n").unparsed());
    }

    @Test
    void shouldKeepWhatIsNestedAnyDepth() {
        int depth = 5000;
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < depth; i++) {
            text.append(" ".repeat(i)).append(i).append('\n');
        }

        List<String> unparsed = BinderState.parse(text.toString()).unparsed();

        assertEquals(depth, unparsed.size());
        assertEquals("0", unparsed.get(0));
        assertEquals(Integer.toString(depth - 1), unparsed.get(depth - 1));
    }
}
