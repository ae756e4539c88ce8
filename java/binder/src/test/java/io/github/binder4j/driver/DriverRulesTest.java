package io.github.binder4j.driver;

import static io.github.binder4j.driver.Commands.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.driver.ScriptedDriver.Returns;
import io.github.binder4j.memory.OffHeap;
import io.github.binder4j.memory.Payload;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A script that breaks a rule fails its test. */
@Timeout(60)
class DriverRulesTest {
    private static final long PTR = 0x55;
    private static final long COOKIE = 0x77;
    private static final byte[] NOTHING = {};
    private static final int NODE_DATA = 24;

    /** An exchange with a driver that breaks the rule. */
    private interface Breach {
        void commit(DriverRulesTest test);
    }

    private static final Map<DriverRule, Breach> BREACHES = new EnumMap<>(DriverRule.class);

    static {
        BREACHES.put(DriverRule.NOOP_FIRST, test -> test.reads(returns -> returns.put(BR_NOOP)));
        BREACHES.put(
                DriverRule.WORDS_ARE_WHOLE,
                test -> test.reads(returns -> returns.put(BR_DEAD_BINDER).bytes(new byte[4])));
        BREACHES.put(DriverRule.NEVER_SAID, test -> test.reads(returns -> returns.put(BR_OK)));
        BREACHES.put(DriverRule.ROOM_FOR_ANY, test -> {
            for (int i = 0; i < 200; i++) {
                test.calls(TF_ONE_WAY);
            }
            test.reads(returns -> {
                for (int i = 0; i < 115; i++) {
                    returns.complete();
                }
            });
        });
        BREACHES.put(DriverRule.TRANSACTION_ENDS_READ, test -> {
            test.publishes();
            test.reads(returns ->
                    returns.transaction(PTR, 1, TF_ONE_WAY, NOTHING).transaction(PTR, 1, TF_ONE_WAY, NOTHING));
        });
        BREACHES.put(DriverRule.NOTICE_ENDS_READ, test -> {
            test.thread.requestDeathNotification(1, COOKIE);
            test.thread.requestDeathNotification(2, COOKIE + 1);
            test.reads(returns -> returns.cookie(BR_DEAD_BINDER, COOKIE).cookie(BR_DEAD_BINDER, COOKIE + 1));
        });
        BREACHES.put(DriverRule.SPAWN_WHEN_SHORT, test -> test.reads(returns -> returns.put(BR_SPAWN_LOOPER)));
        BREACHES.put(DriverRule.OUTCOME_IS_OWED, test -> test.reads(Returns::complete));
        BREACHES.put(DriverRule.COMPLETE_BEFORE_REPLY, test -> {
            test.calls(0);
            test.reads(returns -> returns.reply(NOTHING));
        });
        BREACHES.put(DriverRule.FAILURE_HAS_A_CALL, test -> test.reads(returns -> returns.put(BR_DEAD_REPLY)));
        BREACHES.put(DriverRule.REPLY_IS_COMPLETE, test -> {
            test.serves();
            test.thread.reply(0, new Node(PTR));
            test.reads(returns -> returns.put(BR_FAILED_REPLY));
        });
        BREACHES.put(DriverRule.FROZEN_IN_PLACE_OF_COMPLETE, test -> {
            test.calls(0);
            test.reads(returns -> returns.complete().put(BR_FROZEN_REPLY));
        });
        BREACHES.put(DriverRule.ONLY_ONEWAY_WAITS, test -> {
            test.calls(0);
            test.reads(returns -> returns.put(BR_TRANSACTION_PENDING_FROZEN));
        });
        BREACHES.put(DriverRule.WRITE_STOPS_AT_FAILURE, test -> {
            test.thread.acquire(1);
            test.thread.acquire(2);
            test.driver.consumeOnly(8);
            test.reads(Returns::noop);
        });
        BREACHES.put(DriverRule.REFUSED_IS_NOT_CONSUMED, test -> {
            test.driver.refuse(BC_ENTER_LOOPER);
            test.thread.enterLooper();
            test.thread.flush();
        });
        BREACHES.put(DriverRule.ERROR_OF_A_DEATH_REQUEST, test -> {
            test.calls(0);
            test.reads(returns -> returns.put(BR_ERROR));
        });
        BREACHES.put(DriverRule.NO_CALL_WHILE_SERVING, test -> {
            test.serves();
            test.reads(returns -> returns.transaction(PTR, 1, 0, NOTHING));
        });
        BREACHES.put(DriverRule.NESTED_IS_SYNCHRONOUS, test -> {
            test.publishes();
            test.calls(0);
            test.reads(returns -> returns.complete().transaction(PTR, 1, TF_ONE_WAY, NOTHING));
        });
        BREACHES.put(DriverRule.PROCESS_WORK_FOR_THE_IDLE, test -> {
            test.publishes();
            test.calls(TF_ONE_WAY);
            test.reads(returns -> returns.complete().transaction(PTR, 1, 0, NOTHING));
        });
        BREACHES.put(DriverRule.ONEWAY_IN_TURN, test -> {
            test.publishes();
            test.reads(returns -> returns.transaction(PTR, 1, TF_ONE_WAY, NOTHING));
            test.reads(returns -> returns.transaction(PTR, 1, TF_ONE_WAY, NOTHING));
        });
        BREACHES.put(DriverRule.SENDER_OF_A_CALL, test -> {
            test.calls(0);
            test.reads(returns -> returns.complete().put(BR_REPLY).bytes(replyFromProcess1()));
        });
        BREACHES.put(DriverRule.REPLY_NAMES_NO_NODE, test -> {
            test.calls(0);
            test.reads(returns -> returns.complete().deliver(BR_REPLY, PTR, 0, 0, NOTHING));
        });
        BREACHES.put(
                DriverRule.TARGET_WAS_SENT, test -> test.reads(returns -> returns.transaction(PTR, 1, 0, NOTHING)));
        BREACHES.put(DriverRule.BUFFER_IN_MAPPING, test -> {
            test.calls(0);
            test.reads(returns -> returns.complete().rawTransactionData(BR_REPLY, 8, 8));
        });
        BREACHES.put(DriverRule.BUFFER_NOT_IN_USE, test -> {
            long start = test.driver.device().mapping().address;
            for (int i = 0; i < 2; i++) {
                test.calls(0);
                test.reads(returns -> returns.complete().rawTransactionData(BR_REPLY, start, 0));
            }
        });
        BREACHES.put(DriverRule.COUNTED_WAS_SENT, test -> test.reads(returns -> returns.object(BR_INCREFS, PTR)));
        BREACHES.put(DriverRule.COUNTS_IN_ORDER, test -> {
            test.publishes();
            test.reads(returns -> returns.object(BR_INCREFS, PTR));
        });
        BREACHES.put(DriverRule.COUNTS_AFTER_DONE, test -> {
            test.thread.transaction(1, 1, TF_ONE_WAY, new Node(PTR));
            test.reads(returns ->
                    returns.object(BR_INCREFS, PTR).object(BR_ACQUIRE, PTR).complete());
            test.reads(returns -> returns.object(BR_RELEASE, PTR));
        });
        BREACHES.put(
                DriverRule.DEAD_WAS_ASKED_FOR, test -> test.reads(returns -> returns.cookie(BR_DEAD_BINDER, COOKIE)));
        BREACHES.put(
                DriverRule.DEATH_CLEARED_WAS_ASKED_FOR,
                test -> test.reads(returns -> returns.cookie(BR_CLEAR_DEATH_NOTIFICATION_DONE, COOKIE)));
        BREACHES.put(DriverRule.DEATH_CLEARED_AFTER_DONE, test -> {
            test.thread.requestDeathNotification(1, COOKIE);
            test.reads(returns -> returns.cookie(BR_DEAD_BINDER, COOKIE));
            test.thread.clearDeathNotification(1, COOKIE);
            test.reads(returns -> returns.cookie(BR_CLEAR_DEATH_NOTIFICATION_DONE, COOKIE));
        });
        BREACHES.put(DriverRule.FROZEN_WAS_ASKED_FOR, test -> test.reads(returns -> returns.frozen(COOKIE, true)));
        BREACHES.put(DriverRule.FROZEN_AFTER_DONE, test -> {
            test.thread.requestFreezeNotification(1, COOKIE);
            test.reads(returns -> returns.frozen(COOKIE, true));
            test.reads(returns -> returns.frozen(COOKIE, false));
        });
        BREACHES.put(
                DriverRule.FREEZE_CLEARED_WAS_ASKED_FOR,
                test -> test.reads(returns -> returns.cookie(BR_CLEAR_FREEZE_NOTIFICATION_DONE, COOKIE)));
        BREACHES.put(DriverRule.ERROR_IS_TOLD_ONCE, test -> {
            for (int i = 0; i < 2; i++) {
                test.driver.extendedErrorIs(-Errno.EINVAL);
                test.thread.takeExtendedError();
            }
            test.reads(Returns::noop);
        });
    }

    private final ScriptedDriver driver = new ScriptedDriver();
    private DriverThread thread = new DriverThread(driver.device());

    @ParameterizedTest
    @EnumSource
    void shouldFailTheTestWhoseScriptBreaksIt(DriverRule rule) {
        AssertionError refused =
                assertThrows(AssertionError.class, () -> BREACHES.get(rule).commit(this));
        assertTrue(refused.getMessage().contains(rule.name() + " ("), refused.getMessage());
        assertEquals(driver.rules().violations(), driver.mistakes());
    }

    @Test
    void shouldLetATestDepartFromARuleByName() {
        driver.departFrom(DriverRule.NEVER_SAID);
        reads(returns -> returns.put(BR_OK));
        assertEquals(List.of(), driver.mistakes());
    }

    private void calls(int flags) {
        thread.transaction(1, 1, flags, new Node(PTR + 1));
        thread.flush();
    }

    /** Nothing that is read is dispatched, and so nothing is answered. */
    private void reads(Consumer<Returns> script) {
        driver.answer(script);
        thread.writeRead();
        thread = new DriverThread(driver.device());
    }

    /** Has the driver hold an object of ours. */
    private void publishes() {
        thread.transaction(1, 1, TF_ONE_WAY, new Node(PTR));
        reads(returns -> returns.object(BR_INCREFS, PTR).object(BR_ACQUIRE, PTR).complete());
    }

    private static byte[] replyFromProcess1() {
        byte[] payload = new byte[64];
        payload[24] = 1;
        return payload;
    }

    private void serves() {
        publishes();
        reads(returns -> returns.transaction(PTR, 1, 0, NOTHING));
    }

    /** Data that is an object of the sender's own. */
    private static final class Node implements Payload {
        private final OffHeap memory = OffHeap.allocate(NODE_DATA + Long.BYTES);

        Node(long ptr) {
            memory.bytes.putInt(0, 0x73622a85).putLong(8, ptr).putLong(16, ptr);
        }

        @Override
        public long dataAddress() {
            return memory.address;
        }

        @Override
        public int dataSize() {
            return NODE_DATA;
        }

        @Override
        public long offsetsAddress() {
            return memory.address + NODE_DATA;
        }

        @Override
        public int offsetsSize() {
            return Long.BYTES;
        }
    }
}
