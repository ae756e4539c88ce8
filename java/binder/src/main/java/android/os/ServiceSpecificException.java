package android.os;

/** An error whose number only the service that throws it gives a meaning; it reaches the caller with number and message. */
public class ServiceSpecificException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The service's own error number. */
    public final int errorCode;

    /**
     * Creates an exception.
     *
     * @param errorCode the service's own error number
     * @param message for a person; may be null
     */
    public ServiceSpecificException(int errorCode, String message) {
        super(message);
        this.errorCode = errorCode;
    }

    /**
     * Creates an exception without a message.
     *
     * @param errorCode the service's own error number
     */
    public ServiceSpecificException(int errorCode) {
        this(errorCode, null);
    }

    @Override
    public String toString() {
        return super.toString() + " (code " + errorCode + ")";
    }
}
