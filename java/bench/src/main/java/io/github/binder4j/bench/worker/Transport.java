package io.github.binder4j.bench.worker;

import java.util.List;

/**
 * A way for one process to call another. Those of this module are built in; others are found by {@link
 * java.util.ServiceLoader}.
 *
 * <p>Each process makes one, and uses it in one role only.
 */
public interface Transport {
    /** Its name in options and result files. */
    String name();

    /** Options that the JVMs of both processes need. */
    default List<String> jvmOptions() {
        return List.of();
    }

    /**
     * Begins to serve in threads of its own, and returns when clients can connect. What was made for it goes with the
     * process, or with the directory that the address names.
     *
     * @param address where; the form is the transport's own
     * @param threads how many connections, and calls at a time, are to be served
     */
    void serve(String address, int threads) throws Exception;

    /**
     * Connects to a server.
     *
     * @param address that of the server
     * @param index how many connections this process has made before
     */
    Connection connect(String address, int index) throws Exception;
}
