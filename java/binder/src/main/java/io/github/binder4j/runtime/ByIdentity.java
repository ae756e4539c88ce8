package io.github.binder4j.runtime;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Values in the order they were added, each under a key that is told by identity and may have several. Adding one, and removing
 * the one added first under a key, take the same time however many there are.
 *
 * <pre>
 *   oldest --> a1 --> b1 --> a2 --> a3 &lt;-- youngest        next, previous
 *              a1 ---------> a2 --> a3                     nextOfKey
 * </pre>
 *
 * <p>Not thread-safe.
 */
final class ByIdentity<T> {
    private static final class Entry<T> {
        private final T value;
        private Entry<T> previous;
        private Entry<T> next;
        private Entry<T> nextOfKey;

        Entry(T value) {
            this.value = value;
        }
    }

    /** The values of one key. */
    private static final class OfKey<T> {
        private Entry<T> oldest;
        private Entry<T> youngest;
    }

    private final Map<Object, OfKey<T>> keys = new IdentityHashMap<>(1);
    private Entry<T> oldest;
    private Entry<T> youngest;

    boolean isEmpty() {
        return oldest == null;
    }

    void add(Object key, T value) {
        Entry<T> added = new Entry<>(value);
        OfKey<T> ofKey = keys.computeIfAbsent(key, unknown -> new OfKey<>());
        if (ofKey.oldest == null) {
            ofKey.oldest = added;
        } else {
            ofKey.youngest.nextOfKey = added;
        }
        ofKey.youngest = added;
        if (oldest == null) {
            oldest = added;
        } else {
            youngest.next = added;
            added.previous = youngest;
        }
        youngest = added;
    }

    /** Removes what was added first under {@code key}, and returns it; null if there is nothing. */
    T remove(Object key) {
        OfKey<T> ofKey = keys.get(key);
        if (ofKey == null) {
            return null;
        }
        Entry<T> removed = ofKey.oldest;
        ofKey.oldest = removed.nextOfKey;
        if (ofKey.oldest == null) {
            keys.remove(key);
        }
        unlink(removed);
        return removed.value;
    }

    private void unlink(Entry<T> entry) {
        if (entry.previous == null) {
            oldest = entry.next;
        } else {
            entry.previous.next = entry.next;
        }
        if (entry.next == null) {
            youngest = entry.previous;
        } else {
            entry.next.previous = entry.previous;
        }
    }

    void clear() {
        keys.clear();
        oldest = null;
        youngest = null;
    }

    /** A copy, in the order they were added. */
    List<T> values() {
        List<T> values = new ArrayList<>();
        for (Entry<T> entry = oldest; entry != null; entry = entry.next) {
            values.add(entry.value);
        }
        return values;
    }
}
