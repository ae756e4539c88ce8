package io.github.binder4j.driver;

import java.lang.reflect.Field;
import java.util.HashMap;
import java.util.Map;

/**
 * The driver's command words, from {@code linux/android/binder.h}.
 *
 * <p>A word carries the payload size in bits 16 to 29, and two commands may share a number and differ in size: compare
 * all 32 bits. {@code CommandsTest} holds every value against the header the C layer was compiled with.
 *
 * <p>What the header has and this class has not is never sent, and never comes:
 *
 * <ul>
 *   <li>BC_ATTEMPT_ACQUIRE and BC_ACQUIRE_RESULT: the driver answers EINVAL ({@code binder_thread_write}), so BR_ATTEMPT_ACQUIRE
 *       and BR_ACQUIRE_RESULT cannot come. A weak reference is made strong by BC_ACQUIRE.
 *   <li>BINDER_SET_IDLE_TIMEOUT and BINDER_SET_IDLE_PRIORITY: {@code binder_ioctl} has no case for them.
 * </ul>
 */
public final class Commands {
    public static final int BC_TRANSACTION = 0x40406300;
    public static final int BC_REPLY = 0x40406301;
    public static final int BC_FREE_BUFFER = 0x40086303;
    public static final int BC_INCREFS = 0x40046304;
    public static final int BC_ACQUIRE = 0x40046305;
    public static final int BC_RELEASE = 0x40046306;
    public static final int BC_DECREFS = 0x40046307;
    public static final int BC_INCREFS_DONE = 0x40106308;
    public static final int BC_ACQUIRE_DONE = 0x40106309;
    public static final int BC_REGISTER_LOOPER = 0x0000630b;
    public static final int BC_ENTER_LOOPER = 0x0000630c;
    public static final int BC_EXIT_LOOPER = 0x0000630d;
    public static final int BC_REQUEST_DEATH_NOTIFICATION = 0x400c630e;
    public static final int BC_CLEAR_DEATH_NOTIFICATION = 0x400c630f;
    public static final int BC_DEAD_BINDER_DONE = 0x40086310;
    public static final int BC_TRANSACTION_SG = 0x40486311;
    public static final int BC_REPLY_SG = 0x40486312;
    public static final int BC_REQUEST_FREEZE_NOTIFICATION = 0x400c6313;
    public static final int BC_CLEAR_FREEZE_NOTIFICATION = 0x400c6314;
    public static final int BC_FREEZE_NOTIFICATION_DONE = 0x40086315;

    public static final int BR_ERROR = 0x80047200;
    public static final int BR_OK = 0x00007201;
    public static final int BR_TRANSACTION_SEC_CTX = 0x80487202;
    public static final int BR_TRANSACTION = 0x80407202;
    public static final int BR_REPLY = 0x80407203;
    public static final int BR_DEAD_REPLY = 0x00007205;
    public static final int BR_TRANSACTION_COMPLETE = 0x00007206;
    public static final int BR_INCREFS = 0x80107207;
    public static final int BR_ACQUIRE = 0x80107208;
    public static final int BR_RELEASE = 0x80107209;
    public static final int BR_DECREFS = 0x8010720a;
    public static final int BR_NOOP = 0x0000720c;
    public static final int BR_SPAWN_LOOPER = 0x0000720d;
    /** The driver never writes it; passed over. */
    public static final int BR_FINISHED = 0x0000720e;

    public static final int BR_DEAD_BINDER = 0x8008720f;
    public static final int BR_CLEAR_DEATH_NOTIFICATION_DONE = 0x80087210;
    public static final int BR_FAILED_REPLY = 0x00007211;
    public static final int BR_FROZEN_REPLY = 0x00007212;
    public static final int BR_ONEWAY_SPAM_SUSPECT = 0x00007213;
    public static final int BR_TRANSACTION_PENDING_FROZEN = 0x00007214;
    public static final int BR_FROZEN_BINDER = 0x80107215;
    public static final int BR_CLEAR_FREEZE_NOTIFICATION_DONE = 0x80087216;

    public static final int TF_ONE_WAY = 0x01;
    public static final int TF_STATUS_CODE = 0x08;
    public static final int TF_ACCEPT_FDS = 0x10;
    public static final int TF_CLEAR_BUF = 0x20;
    public static final int TF_UPDATE_TXN = 0x40;

    private static final int SIZE_SHIFT = 16;
    private static final int SIZE_MASK = 0x3fff;

    private static final Map<Integer, String> NAMES = names();

    private Commands() {}

    /** The header's name of a command; its word in hexadecimal if it has none here. */
    public static String name(int command) {
        String name = NAMES.get(command);
        return name == null ? "0x" + Integer.toHexString(command) : name;
    }

    private static Map<Integer, String> names() {
        Map<Integer, String> names = new HashMap<>();
        for (Field constant : Commands.class.getFields()) {
            if (!constant.getName().startsWith("TF_")) {
                try {
                    names.put(constant.getInt(null), constant.getName());
                } catch (IllegalAccessException e) {
                    throw new ExceptionInInitializerError(e);
                }
            }
        }
        return names;
    }

    /**
     * The bytes that follow {@code command} in a read buffer.
     *
     * <p>BR_ERROR is declared with four and written with none: {@code binder_thread_read} in
     * {@code drivers/android/binder.c} puts only {@code thread->return_error.cmd}.
     */
    static int payloadSize(int command) {
        return command == BR_ERROR ? 0 : command >>> SIZE_SHIFT & SIZE_MASK;
    }
}
