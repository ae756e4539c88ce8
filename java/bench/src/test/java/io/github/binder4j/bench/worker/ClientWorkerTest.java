package io.github.binder4j.bench.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What a client answers, of a transport that only throws. */
class ClientWorkerTest {
    @Test
    void shouldAnswerWhatItCanDo() throws Exception {
        String answer = worker(sequence -> {}).answer("latency call 64 1 10 -");
        assertTrue(answer.startsWith("done "), answer);
    }

    @Test
    void shouldSayOnOneLineThatACallFailed() throws Exception {
        ClientWorker worker = worker(sequence -> {
            throw new IllegalStateException("two\nlines");
        });
        assertEquals("failed java.lang.IllegalStateException: two lines", worker.answer("latency call 64 1 10 -"));
    }

    @Test
    void shouldSayThatMemoryRanOut() throws Exception {
        ClientWorker worker = worker(sequence -> {
            throw new OutOfMemoryError("no room");
        });
        assertEquals("failed java.lang.OutOfMemoryError: no room", worker.answer("latency call 64 1 10 -"));
    }

    private interface Exchange {
        void make(long sequence) throws Exception;
    }

    private static ClientWorker worker(Exchange exchange) throws Exception {
        Connection connection = new Connection() {
            @Override
            public void prepare(String shape, int sizeBytes) {}

            @Override
            public void exchange(long sequence) throws Exception {
                exchange.make(sequence);
            }
        };
        return new ClientWorker(
                new Transport() {
                    @Override
                    public String name() {
                        return "throwing";
                    }

                    @Override
                    public void serve(String address, int threads) {}

                    @Override
                    public Connection connect(String address, int index) {
                        return connection;
                    }
                },
                "nowhere");
    }
}
