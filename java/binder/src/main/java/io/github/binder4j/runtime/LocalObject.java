package io.github.binder4j.runtime;

import io.github.binder4j.parcel.ParcelData;

/**
 * An object of this process that others may call: what a {@code Binder} is to the runtime.
 *
 * <p>It is unknown to any device until it is first sent; then each device it went through has a {@link LocalNode} for it.
 */
public abstract class LocalObject {
    /** Head of the list of nodes, one per device; guarded by this object. */
    private LocalNode nodes;

    /**
     * Serves a call on the calling looper thread.
     *
     * @param reply where results go; empty, never null, and dropped for a oneway call
     * @return {@link Status#OK}, or what the caller is told instead of {@code reply}
     */
    protected abstract int transact(int code, ParcelData data, ParcelData reply, int flags);

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

    /** Ends a send begun with {@link #beginSend}. */
    final synchronized void endSend(NodeTable table) {
        for (LocalNode node = nodes; node != null; node = node.next) {
            if (node.table == table && !node.isGone()) {
                node.sendDone();
                return;
            }
        }
    }

    private void unlink(LocalNode previous, LocalNode gone) {
        if (previous == null) {
            nodes = gone.next;
        } else {
            previous.next = gone.next;
        }
    }
}
