package android.os;

/** The bytes of a parcel are not what the reader expects. */
public class BadParcelableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message what was expected and what was found
     */
    public BadParcelableException(String message) {
        super(message);
    }
}
