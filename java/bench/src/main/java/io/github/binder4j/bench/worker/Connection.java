package io.github.binder4j.bench.worker;

/** One thread's way to the server. Nothing here but {@link #prepare} may allocate what a program would not have to. */
public interface Connection {
    /**
     * Makes ready for messages of one kind and size: the following calls send these.
     *
     * @param shape "call", "echo", "oneway", or what else the transport knows
     * @throws UnsupportedOperationException if it cannot be done by this transport; the message says why
     */
    void prepare(String shape, int sizeBytes) throws Exception;

    /** Makes one round trip and checks the answer. */
    void exchange(long sequence) throws Exception;

    /** Sends one message that is not answered. */
    default void send(long sequence) throws Exception {
        throw new UnsupportedOperationException("it has no messages without an answer");
    }

    /**
     * Waits until the server has received what {@link #send} sent.
     *
     * @param sent how many messages all in all
     */
    default void flush(long sent) throws Exception {}
}
