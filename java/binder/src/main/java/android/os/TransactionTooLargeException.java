package android.os;

/**
 * The receiver's buffer had no room for the arguments, or the caller's for the reply. Of the former nothing was delivered; in the
 * latter case, which the message tells apart, the call has been served.
 */
public class TransactionTooLargeException extends RemoteException {
    private static final long serialVersionUID = 1L;

    /** Creates an exception without a message. */
    public TransactionTooLargeException() {}

    /**
     * Creates an exception.
     *
     * @param message which call failed, with its size
     */
    public TransactionTooLargeException(String message) {
        super(message);
    }
}
