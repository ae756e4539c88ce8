package io.github.binder4j.runtime;

import java.lang.ref.WeakReference;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * The live stand-in for each handle of one device: the same handle yields the same object.
 *
 * <p>Handles are small and dense, the driver gives out the lowest free one ({@code slow_desc_lookup_olocked}), so they
 * index an array. Handle 0 is not in it.
 */
final class HandleTable {
    private static final int INITIAL_SIZE = 64;

    @SuppressWarnings({"unchecked", "rawtypes"})
    private WeakReference<RemoteObject>[] objects = new WeakReference[INITIAL_SIZE];

    private boolean ended;

    /** The live object for {@code handle}, or null. */
    synchronized RemoteObject find(int handle) {
        WeakReference<RemoteObject> reference = handle < objects.length ? objects[handle] : null;
        return reference == null ? null : reference.get();
    }

    /** Adds an object; false once the table has ended. */
    synchronized boolean put(RemoteObject object) {
        if (ended) {
            return false;
        }
        int handle = object.handle();
        if (handle >= objects.length) {
            objects = Arrays.copyOf(objects, Math.max(handle + 1, objects.length * 2));
        }
        objects[handle] = new WeakReference<>(object);
        return true;
    }

    /** Forgets {@code object}: its handle names another from now on, or none. */
    synchronized void remove(RemoteObject object) {
        if (find(object.handle()) == object) {
            objects[object.handle()] = null;
        }
    }

    /** The device is closed: its objects own nothing any more. */
    void end() {
        takeAll().forEach(RemoteObject::disown); // not under this lock, which is taken under theirs
    }

    private synchronized List<RemoteObject> takeAll() {
        ended = true;
        return Arrays.stream(objects)
                .filter(Objects::nonNull)
                .map(WeakReference::get)
                .filter(Objects::nonNull)
                .toList();
    }

    /** How many stand-ins are reachable. */
    synchronized int size() {
        int live = 0;
        for (WeakReference<RemoteObject> reference : objects) {
            if (reference != null && reference.get() != null) {
                live++;
            }
        }
        return live;
    }
}
