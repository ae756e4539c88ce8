package android.os;

/** The process that has the object called is gone, or ended before it replied. The call may or may not have run. */
public class DeadObjectException extends RemoteException {
    private static final long serialVersionUID = 1L;

    /** Creates an exception without a message. */
    public DeadObjectException() {}

    /**
     * Creates an exception.
     *
     * @param message which call failed and how
     */
    public DeadObjectException(String message) {
        super(message);
    }
}
