package android.os;

/** The exceptions that cross from a service to its caller, and their numbers in a reply (libbinder's {@code Status}). */
final class ExceptionCode {
    static final int NONE = 0;
    static final int SECURITY = -1;
    static final int BAD_PARCELABLE = -2;
    static final int ILLEGAL_ARGUMENT = -3;
    static final int NULL_POINTER = -4;
    static final int ILLEGAL_STATE = -5;
    static final int UNSUPPORTED_OPERATION = -7;
    static final int SERVICE_SPECIFIC = -8;

    /** Not errors: headers that precede the real code. */
    static final int HAS_NOTED_APPOPS_REPLY_HEADER = -127;

    static final int HAS_STRICT_MODE_REPLY_HEADER = -128;

    private ExceptionCode() {}

    /** The number {@code e} travels under, or {@link #NONE} if it stays in its process. */
    static int of(Throwable e) {
        if (e instanceof SecurityException) {
            return SECURITY;
        } else if (e instanceof BadParcelableException) {
            return BAD_PARCELABLE;
        } else if (e instanceof IllegalArgumentException) {
            return ILLEGAL_ARGUMENT;
        } else if (e instanceof NullPointerException) {
            return NULL_POINTER;
        } else if (e instanceof IllegalStateException) {
            return ILLEGAL_STATE;
        } else if (e instanceof UnsupportedOperationException) {
            return UNSUPPORTED_OPERATION;
        } else if (e instanceof ServiceSpecificException) {
            return SERVICE_SPECIFIC;
        }
        return NONE;
    }

    /** The exception for a number that arrived; an unknown number is kept in the message. */
    static RuntimeException toException(int code, String message, int serviceSpecificCode) {
        return switch (code) {
            case SECURITY -> new SecurityException(message);
            case BAD_PARCELABLE -> new BadParcelableException(message);
            case ILLEGAL_ARGUMENT -> new IllegalArgumentException(message);
            case NULL_POINTER -> new NullPointerException(message);
            case ILLEGAL_STATE -> new IllegalStateException(message);
            case UNSUPPORTED_OPERATION -> new UnsupportedOperationException(message);
            case SERVICE_SPECIFIC -> new ServiceSpecificException(serviceSpecificCode, message);
            default -> new RuntimeException("remote exception of unknown code " + code + ": " + message);
        };
    }
}
