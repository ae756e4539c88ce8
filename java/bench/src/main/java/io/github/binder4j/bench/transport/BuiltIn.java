package io.github.binder4j.bench.transport;

import io.github.binder4j.bench.worker.Transport;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Stream;

/** The transports of this module, and what else is on the class path. */
public final class BuiltIn {
    private BuiltIn() {}

    /** All of them; those of others last. */
    public static List<Transport> all() {
        Stream<Transport> own = Stream.of(
                new Binder4j(), new Binder4jTyped(), new Fifo(), new Sockets.Unix(), new Sockets.Tcp(), new Objects());
        Stream<Transport> others = ServiceLoader.load(Transport.class).stream().map(ServiceLoader.Provider::get);
        return Stream.concat(own, others).toList();
    }

    /** The one of that name; throws IllegalArgumentException if there is none. */
    public static Transport find(String name) {
        List<Transport> all = all();
        return all.stream()
                .filter(transport -> transport.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no transport is called \"" + name + "\"; there are "
                        + all.stream().map(Transport::name).toList()));
    }
}
