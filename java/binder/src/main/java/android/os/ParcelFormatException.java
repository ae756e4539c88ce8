package android.os;

/** A parcel ended before what was to be read from it. */
public class ParcelFormatException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Creates an exception without a message. */
    public ParcelFormatException() {}

    /**
     * Creates an exception.
     *
     * @param reason what was wrong
     */
    public ParcelFormatException(String reason) {
        super(reason);
    }
}
