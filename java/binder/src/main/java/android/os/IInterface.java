package android.os;

/** Base of every interface that is called through binder. */
public interface IInterface {
    /**
     * Returns the binder behind this interface.
     *
     * @return the local {@link Binder} of a stub, or the proxy a remote object is called through
     */
    IBinder asBinder();
}
