package io.github.binder4j.runtime;

import java.lang.reflect.Field;
import java.util.HashMap;
import java.util.Map;

/**
 * libbinder's {@code status_t}: what a transaction came to, as it travels in a reply flagged TF_STATUS_CODE.
 *
 * <p>Small negative values are errno; the others are libbinder's own, counted up from the smallest int.
 */
public final class Status {
    public static final int OK = 0;
    public static final int PERMISSION_DENIED = -1;
    public static final int NAME_NOT_FOUND = -2;
    public static final int WOULD_BLOCK = -11;
    public static final int NO_MEMORY = -12;
    public static final int ALREADY_EXISTS = -17;
    public static final int NO_INIT = -19;
    public static final int BAD_VALUE = -22;
    public static final int DEAD_OBJECT = -32;
    public static final int INVALID_OPERATION = -38;
    public static final int NOT_ENOUGH_DATA = -61;
    public static final int UNKNOWN_TRANSACTION = -74;
    public static final int BAD_INDEX = -75;
    public static final int TIMED_OUT = -110;
    public static final int UNKNOWN_ERROR = Integer.MIN_VALUE;
    public static final int BAD_TYPE = Integer.MIN_VALUE + 1;
    public static final int FAILED_TRANSACTION = Integer.MIN_VALUE + 2;
    public static final int FDS_NOT_ALLOWED = Integer.MIN_VALUE + 7;
    public static final int UNEXPECTED_NULL = Integer.MIN_VALUE + 8;
    public static final int FROZEN_OBJECT = Integer.MIN_VALUE + 9;

    private static final Map<Integer, String> NAMES = names();

    private Status() {}

    /** The name and number of a status for a message, as {@code INVALID_OPERATION (-38)}; the number alone if it has none. */
    public static String describe(int status) {
        String name = NAMES.get(status);
        return name == null ? Integer.toString(status) : name + " (" + status + ")";
    }

    private static Map<Integer, String> names() {
        Map<Integer, String> names = new HashMap<>();
        for (Field constant : Status.class.getFields()) {
            try {
                names.put(constant.getInt(null), constant.getName());
            } catch (IllegalAccessException e) {
                throw new ExceptionInInitializerError(e);
            }
        }
        return names;
    }
}
