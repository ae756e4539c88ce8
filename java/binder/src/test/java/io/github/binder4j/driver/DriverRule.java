package io.github.binder4j.driver;

import java.util.EnumSet;
import java.util.Set;

/**
 * What a binder driver says, and when: one rule each, with the function of the kernel's {@code drivers/android} (6.12) it was
 * read in.
 *
 * <p>{@link DriverRules} holds an exchange against them: each that a test scripts, and those that are recorded of a kernel.
 */
public enum DriverRule {
    NOOP_FIRST(
            "a read begins with BR_NOOP, or with BR_SPAWN_LOOPER written over it, and neither comes later",
            "binder.c: binder_thread_read"),
    WORDS_ARE_WHOLE(
            "a command comes with all of its payload, and a read holds nothing but whole commands",
            "binder.c: binder_thread_read"),
    NEVER_SAID("BR_OK, BR_FINISHED and the words of attempted acquires are never said", "binder.c: binder_thread_read"),
    ROOM_FOR_ANY("nothing is begun with less than 76 bytes of the read left", "binder.c: binder_thread_read"),
    TRANSACTION_ENDS_READ("a read ends after a call or a reply", "binder.c: binder_thread_read"),
    NOTICE_ENDS_READ("a read ends after BR_DEAD_BINDER and BR_FROZEN_BINDER", "binder.c: binder_thread_read"),
    SPAWN_WHEN_SHORT(
            "a thread is asked for by a looper's read only, one at a time, and no more than BINDER_SET_MAX_THREADS allows",
            "binder.c: binder_thread_read"),

    OUTCOME_IS_OWED(
            "each transaction and each reply has one outcome, in the order in which they were written",
            "binder.c: binder_transaction, binder_enqueue_thread_work"),
    COMPLETE_BEFORE_REPLY(
            "BR_REPLY answers the last open call, whose BR_TRANSACTION_COMPLETE has come before",
            "binder.c: binder_transaction"),
    FAILURE_HAS_A_CALL(
            "BR_DEAD_REPLY and BR_FAILED_REPLY are of what was written last, or of the last open call",
            "binder.c: binder_transaction, binder_send_failed_reply"),
    REPLY_IS_COMPLETE(
            "who answers a call is told BR_TRANSACTION_COMPLETE even if the answer cannot be delivered, and who has none to"
                    + " answer BR_FAILED_REPLY with EPROTO",
            "binder.c: binder_transaction"),
    FROZEN_IN_PLACE_OF_COMPLETE(
            "BR_FROZEN_REPLY refuses a synchronous call, which then has no BR_TRANSACTION_COMPLETE",
            "binder.c: binder_proc_transaction"),
    ONLY_ONEWAY_WAITS(
            "BR_TRANSACTION_PENDING_FROZEN and, if it is enabled, BR_ONEWAY_SPAM_SUSPECT are of oneway calls",
            "binder.c: binder_transaction, binder_alloc.c: binder_alloc_new_buf_locked"),
    WRITE_STOPS_AT_FAILURE(
            "a write ends early at a transaction, a reply or a death request that failed, and the next takes nothing until"
                    + " the error was read",
            "binder.c: binder_thread_write"),
    REFUSED_IS_NOT_CONSUMED(
            "EINVAL is about the first command that was not consumed, and nothing is read",
            "binder.c: binder_thread_write, binder_ioctl_write_read"),
    ERROR_OF_A_DEATH_REQUEST(
            "BR_ERROR follows a BC_REQUEST_DEATH_NOTIFICATION for which there is no memory",
            "binder.c: binder_thread_write"),

    NO_CALL_WHILE_SERVING(
            "a thread that owes an answer is given no call but those of who serves a call of its own",
            "binder.c: binder_available_for_proc_work_ilocked, binder_transaction"),
    NESTED_IS_SYNCHRONOUS(
            "a thread that waits for a reply is given no oneway call", "binder.c: binder_proc_transaction"),
    PROCESS_WORK_FOR_THE_IDLE(
            "a call that any thread could serve, BR_RELEASE and BR_DEAD_BINDER come only by a read that begins with no call"
                    + " open and no outcome owed",
            "binder.c: binder_thread_read, binder_available_for_proc_work_ilocked, binder_dec_node_nilocked"),
    ONEWAY_IN_TURN(
            "an object is given its next oneway call when the buffer of the one before was freed",
            "binder.c: binder_proc_transaction, binder_free_buf"),
    SENDER_OF_A_CALL(
            "a oneway call and a reply tell no sending process", "binder.c: binder_transaction, binder_thread_read"),
    REPLY_NAMES_NO_NODE("a reply has neither ptr nor cookie", "binder.c: binder_thread_read"),
    TARGET_WAS_SENT(
            "a call is for the context manager or for an object this process has sent, with its cookie",
            "binder.c: binder_translate_binder, binder_thread_read"),
    BUFFER_IN_MAPPING(
            "data lies in the mapping, at a multiple of eight, its offsets behind it at the next",
            "binder_alloc.c: binder_alloc_new_buf_locked, binder.c: binder_thread_read"),
    BUFFER_NOT_IN_USE(
            "a buffer is not handed out again before it was freed", "binder_alloc.c: binder_alloc_new_buf_locked"),

    COUNTED_WAS_SENT(
            "counts are of an object this process has sent, with its cookie",
            "binder.c: binder_translate_binder, binder_thread_read"),
    COUNTS_IN_ORDER(
            "BR_INCREFS before BR_ACQUIRE, BR_RELEASE before BR_DECREFS, and each once in turn with its opposite",
            "binder.c: binder_thread_read"),
    COUNTS_AFTER_DONE(
            "BR_RELEASE after BC_ACQUIRE_DONE, BR_DECREFS after BC_INCREFS_DONE",
            "binder.c: binder_thread_read, binder_thread_write"),

    DEAD_WAS_ASKED_FOR("one BR_DEAD_BINDER for a death request", "binder.c: binder_node_release, binder_thread_write"),
    DEATH_CLEARED_WAS_ASKED_FOR(
            "one BR_CLEAR_DEATH_NOTIFICATION_DONE for a BC_CLEAR_DEATH_NOTIFICATION", "binder.c: binder_thread_write"),
    DEATH_CLEARED_AFTER_DONE(
            "where both meet, it comes after BC_DEAD_BINDER_DONE",
            "binder.c: binder_thread_write (BC_DEAD_BINDER_DONE)"),
    FROZEN_WAS_ASKED_FOR(
            "BR_FROZEN_BINDER while a request stands",
            "binder.c: binder_request_freeze_notification, binder_add_freeze_work"),
    FROZEN_AFTER_DONE(
            "the next news of a request after BC_FREEZE_NOTIFICATION_DONE for the last",
            "binder.c: binder_freeze_notification_done"),
    FREEZE_CLEARED_WAS_ASKED_FOR(
            "one BR_CLEAR_FREEZE_NOTIFICATION_DONE for a BC_CLEAR_FREEZE_NOTIFICATION",
            "binder.c: binder_clear_freeze_notification"),

    ERROR_IS_TOLD_ONCE("BINDER_GET_EXTENDED_ERROR tells an error once", "binder.c: binder_ioctl_get_extended_error");

    /** Those whose case not every kernel can bring about. */
    public static final Set<DriverRule> OF_FREEZING =
            EnumSet.of(FROZEN_WAS_ASKED_FOR, FROZEN_AFTER_DONE, FREEZE_CLEARED_WAS_ASKED_FOR, REFUSED_IS_NOT_CONSUMED);

    private final String text;
    private final String readIn;

    DriverRule(String text, String readIn) {
        this.text = text;
        this.readIn = readIn;
    }

    @Override
    public String toString() {
        return name() + " (" + text + "; " + readIn + ")";
    }
}
