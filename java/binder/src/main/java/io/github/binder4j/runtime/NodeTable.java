package io.github.binder4j.runtime;

import java.util.Arrays;

/**
 * The objects of this process that one device knows, by the number it knows them by.
 *
 * <p>A number is a slot and a generation, so that a number the driver might still mention never names a later object:
 *
 * <pre>
 *   63         32 31          0
 *   | generation |  slot + 1  |     0 is the context manager's, and not in the table
 * </pre>
 *
 * <p>Looking up takes no lock; creating and removing do.
 */
final class NodeTable {
    private static final int INITIAL_SLOTS = 64;
    private static final int GENERATION_SHIFT = 32;
    private static final long GENERATION_MASK = 0x7fffffff;

    private volatile LocalNode[] slots = new LocalNode[INITIAL_SLOTS];
    private int[] freeSlots = new int[INITIAL_SLOTS];
    private int freeCount;
    private int usedSlots;
    private long nextGeneration = 1;
    private int live;

    /** A new node for {@code object}, with a send begun. */
    synchronized LocalNode create(LocalObject object) {
        int slot = freeCount > 0 ? freeSlots[--freeCount] : usedSlots++;
        if (slot == slots.length) {
            slots = Arrays.copyOf(slots, slot * 2);
        }
        long generation = nextGeneration++ & GENERATION_MASK; // never negative as a number
        LocalNode node = new LocalNode(this, generation << GENERATION_SHIFT | slot + 1, object);
        LocalNode[] current = slots;
        current[slot] = node;
        slots = current; // a volatile write: the lookup of another thread sees the slot
        live++;
        return node;
    }

    /** The node with this number, or null if there is none any more. */
    LocalNode find(long ptr) {
        int slot = (int) ptr - 1;
        LocalNode[] current = slots;
        if (slot < 0 || slot >= current.length) {
            return null;
        }
        LocalNode node = current[slot];
        return node != null && node.ptr == ptr ? node : null;
    }

    synchronized void remove(LocalNode node) {
        int slot = (int) node.ptr - 1;
        LocalNode[] current = slots;
        if (slot >= current.length || current[slot] != node) {
            return; // the device was closed, and the table cleared
        }
        current[slot] = null;
        slots = current;
        if (freeCount == freeSlots.length) {
            freeSlots = Arrays.copyOf(freeSlots, freeCount * 2);
        }
        freeSlots[freeCount++] = slot;
        live--;
    }

    /** The device is closed: the driver holds nothing any more. */
    synchronized void clear() {
        for (LocalNode node : slots) {
            if (node != null) {
                node.abandon();
            }
        }
        slots = new LocalNode[INITIAL_SLOTS];
        live = 0;
        usedSlots = 0;
        freeCount = 0;
    }

    /** How many objects of this process the device knows, the context manager aside. */
    synchronized int size() {
        return live;
    }
}
