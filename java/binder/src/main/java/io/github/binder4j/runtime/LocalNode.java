package io.github.binder4j.runtime;

import java.lang.ref.WeakReference;

/**
 * What one device's driver knows of a {@link LocalObject}, and the counts that keep it alive.
 *
 * <p>The object is held strongly while a send of it is under way or the driver holds a strong reference (BR_ACQUIRE to
 * BR_RELEASE), and weakly while the driver holds any (BR_INCREFS to BR_DECREFS). The driver's counts are counts, not flags:
 * two loopers may handle a BR_RELEASE and the BR_ACQUIRE that followed it in either order.
 *
 * <p>For a send, BR_INCREFS and BR_ACQUIRE reach the sending thread before its outcome does ({@code
 * binder_inc_node_nilocked} queues them to the sender), so between {@link #sendDone} and them there is no gap.
 */
final class LocalNode {
    final NodeTable table;
    /** The number the driver knows this node by. */
    final long ptr;

    /** Next node of the same object; guarded by the object. */
    LocalNode next;

    private final WeakReference<LocalObject> weak;
    private volatile LocalObject strong;
    private int sends = 1;
    private int strongCount;
    private int weakCount;
    private volatile boolean gone;

    /** A node whose first send has begun. */
    LocalNode(NodeTable table, long ptr, LocalObject object) {
        this.table = table;
        this.ptr = ptr;
        this.weak = new WeakReference<>(object);
        this.strong = object;
    }

    /** The object, or null if only weak references are left and it was collected. */
    LocalObject object() {
        LocalObject held = strong;
        return held != null ? held : weak.get();
    }

    /** Holds the object for a send; false if the driver has let go of this node and another is needed. */
    synchronized boolean beginSend() {
        if (gone) {
            return false;
        }
        sends++;
        update();
        return true;
    }

    synchronized void sendDone() {
        sends--;
        update();
    }

    synchronized void acquired() {
        strongCount++;
        update();
    }

    synchronized void released() {
        strongCount--;
        update();
    }

    synchronized void increfs() {
        weakCount++;
        update();
    }

    synchronized void decrefs() {
        weakCount--;
        update();
    }

    /** The driver was closed: it holds nothing, and will say nothing. The table has forgotten this node. */
    void abandon() {
        gone = true;
        strong = null;
    }

    /** Whether the driver knows nothing of this node any more; it never will again. */
    boolean isGone() {
        return gone;
    }

    private void update() {
        if (gone) {
            return;
        }
        strong = sends > 0 || strongCount > 0 ? object() : null;
        if (sends == 0 && strongCount == 0 && weakCount == 0) {
            gone = true;
            table.remove(this);
        }
    }
}
