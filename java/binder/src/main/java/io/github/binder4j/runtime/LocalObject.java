package io.github.binder4j.runtime;

import io.github.binder4j.parcel.ParcelData;

/**
 * An object of this process that others may call: what a {@code Binder} is to the runtime.
 *
 * <p>It is unknown to any device until it is first sent; then each device it went through has a {@link LocalNode} for it.
 */
public abstract class LocalObject {
    /** {@code FLAT_BINDER_FLAG_TXN_SECURITY_CTX} of linux/android/binder.h. */
    private static final int FLAG_TXN_SECURITY_CTX = 0x1000;

    private volatile int flags;

    /** Head of the list of nodes, one per device; guarded by this object. */
    private LocalNode nodes;

    /** A call failed, and its caller is not told why: only {@link #status}, or, if the call was oneway, nothing. */
    public static final class Failure extends RuntimeException {
        private static final long serialVersionUID = 1L;

        /** One of {@link Status}. */
        public final int status;

        public Failure(int status, Throwable cause) {
            super(null, cause, false, false);
            this.status = status;
        }
    }

    /**
     * Serves a call on the calling looper thread.
     *
     * @param reply where results go; empty, never null, and dropped for a oneway call
     * @return {@link Status#OK}, or what the caller is told instead of {@code reply}
     * @throws Failure if the call failed in a way that its caller cannot be told
     */
    protected abstract int transact(int code, ParcelData data, ParcelData reply, int flags);

    /** The interface this object implements, for those who watch; null if none. */
    protected String interfaceName() {
        return null;
    }

    /** The node of this object on the table's device, held strongly until {@link LocalNode#sendDone}. */
    final synchronized LocalNode beginSend(NodeTable table) {
        LocalNode previous = null;
        for (LocalNode node = nodes; node != null; node = node.next) {
            if (node.table == table && node.beginSend()) {
                return node;
            }
            if (node.isGone()) {
                unlink(previous, node);
            } else {
                previous = node;
            }
        }
        LocalNode node = table.create(this);
        node.next = nodes;
        nodes = node;
        return node;
    }

    /**
     * Has the driver give the security context of every caller, from the first time this object is sent.
     *
     * @throws IllegalStateException if it was sent: the driver fixes the flags of a node when it first hears of it
     */
    public final synchronized void requestSecurityContext() {
        for (LocalNode node = nodes; node != null; node = node.next) {
            if (!node.isGone()) {
                throw new IllegalStateException(
                        "security contexts are requested before the object is first sent to another"
                                + " process: the driver knows it already, as node 0x" + Long.toHexString(node.ptr));
            }
        }
        flags |= FLAG_TXN_SECURITY_CTX;
    }

    /** Flags its nodes are published with besides the usual. */
    final int flags() {
        return flags;
    }

    private void unlink(LocalNode previous, LocalNode gone) {
        if (previous == null) {
            nodes = gone.next;
        } else {
            previous.next = gone.next;
        }
    }
}
