package io.github.binder4j.bench.transport;

import io.github.binder4j.BinderDevice;
import java.nio.file.Path;
import java.util.List;

/**
 * Services on a binder device: {@code DEVICE#NAME,NAME…}.
 *
 * @param device its path
 * @param names at least one
 */
record BinderAddress(Path device, List<String> names) {
    static BinderAddress parse(String address) {
        int mark = address.indexOf('#');
        if (mark < 0 || mark + 1 == address.length()) {
            throw new IllegalArgumentException("\"" + address + "\" names no services: give DEVICE#NAME,NAME…");
        }
        return new BinderAddress(
                Path.of(address.substring(0, mark)),
                List.of(address.substring(mark + 1).split(",")));
    }

    /** Opens the device for a server with so many threads; one more serves what blocks. */
    BinderDevice serveWith(int threads) {
        BinderDevice opened = BinderDevice.open(device);
        // The driver asks for threads beyond the one that joins.
        opened.setMaxThreads(threads);
        Serving.thread("binder4j looper", opened::joinThreadPool);
        return opened;
    }
}
