package io.github.binder4j.runtime;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Received buffers that the driver may take long to be given back, by address: it closes the descriptors of arrays in them, on
 * the thread that gives them back.
 *
 * <p>Thread-safe. There are hardly ever any, and then asking costs a read.
 */
final class SlowBuffers {
    private final Set<Long> addresses = ConcurrentHashMap.newKeySet();
    private volatile boolean everAny;

    void add(long address) {
        everAny = true;
        addresses.add(address);
    }

    /** Whether a buffer that is about to be given back is one of them; not any more then. */
    boolean remove(long address) {
        return everAny && addresses.remove(address);
    }
}
