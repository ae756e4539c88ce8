package android.os;

/** A call to another process did not come back as it should. */
public class RemoteException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Creates an exception without a message. */
    public RemoteException() {}

    /**
     * Creates an exception.
     *
     * @param message what failed, with values, and what to try
     */
    public RemoteException(String message) {
        super(message);
    }
}
