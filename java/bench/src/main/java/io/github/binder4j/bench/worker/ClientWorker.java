package io.github.binder4j.bench.worker;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The client of a measurement: makes calls as it is told, and times them.
 *
 * <pre>
 *   latency SHAPE SIZE MILLIS SAMPLES FILE   calls one after the other for MILLIS, and at least SAMPLES (but
 *                                            for their sake not longer than 20 s); the nanoseconds
 *                                            of each go to FILE as little-endian longs, nowhere if it is "-"
 *   rate SHAPE SIZE THREADS MILLIS           calls by several threads at once, a connection each
 *   oneway SIZE WINDOW MILLIS                messages without an answer; after each WINDOW it waits until all arrived
 * </pre>
 *
 * The answer is "done CALLS NANOS ALLOCATED", with the bytes that all threads allocated meanwhile; or "unsupported WHY",
 * or "failed WHY".
 */
final class ClientWorker {
    private static final int MAX_SAMPLES = 1_000_000;
    /** So long at most are calls made for their number's sake. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

    private final Transport transport;
    private final String address;
    private final List<Connection> connections = new ArrayList<>();
    private final long[] samples = new long[MAX_SAMPLES];
    private long sequence;
    private long sent;

    ClientWorker(Transport transport, String address) throws Exception {
        this.transport = transport;
        this.address = address;
        connection(0);
    }

    String answer(String line) {
        try {
            return obey(line.split(" "));
        } catch (UnsupportedOperationException e) {
            return "unsupported " + e.getMessage();
        } catch (Throwable e) { // an error too: the parent waits for a line
            e.printStackTrace();
            return "failed " + e.toString().replace('\n', ' ');
        }
    }

    private String obey(String[] words) throws Exception {
        return switch (words[0] + ' ' + words.length) {
            case "latency 6" -> latency(words[1], number(words[2]), number(words[3]), number(words[4]), words[5]);
            case "rate 5" -> rate(words[1], number(words[2]), number(words[3]), number(words[4]));
            case "oneway 4" -> oneway(number(words[1]), number(words[2]), number(words[3]));
            default -> throw new IllegalArgumentException("cannot understand \"" + String.join(" ", words) + '"');
        };
    }

    private static int number(String word) {
        return Integer.parseInt(word);
    }

    private Connection connection(int index) throws Exception {
        while (connections.size() <= index) {
            connections.add(transport.connect(address, connections.size()));
        }
        return connections.get(index);
    }

    private static String done(long calls, long nanos, long allocatedBytes) {
        return "done " + calls + ' ' + nanos + ' ' + allocatedBytes;
    }

    private String latency(String shape, int sizeBytes, int millis, int atLeast, String file) throws Exception {
        Connection connection = connection(0);
        connection.prepare(shape, sizeBytes);
        long others = Allocations.ofTheOthers();
        long allocated = Allocations.ofThisThread();
        long start = System.nanoTime();
        int count = timeEach(connection, start, start + millis * 1_000_000L, atLeast);
        long nanos = System.nanoTime() - start;
        allocated = Allocations.ofThisThread() - allocated;
        if (!file.equals("-")) {
            write(count, Path.of(file));
        }
        return done(count, nanos, allocated + Allocations.ofTheOthers() - others);
    }

    /** One look at the clock for each call: where one ends the next begins. */
    private int timeEach(Connection connection, long start, long end, int atLeast) throws Exception {
        long last = start;
        long deadline = Math.max(end, start + PATIENCE_NANOS);
        int count = 0;
        while (count < MAX_SAMPLES && (last < end || count < atLeast && last < deadline)) {
            connection.exchange(++sequence);
            long now = System.nanoTime();
            samples[count++] = now - last;
            last = now;
        }
        return count;
    }

    private void write(int count, Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(samples, 0, count);
        Files.write(file, bytes.array());
    }

    private String rate(String shape, int sizeBytes, int threads, int millis) throws Exception {
        CountDownLatch entered = new CountDownLatch(threads);
        List<Caller> callers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Connection connection = connection(i);
            connection.prepare(shape, sizeBytes);
            callers.add(new Caller(connection, ((long) i + 1) << 40, entered, millis));
        }
        return Caller.run(callers);
    }

    private String oneway(int sizeBytes, int window, int millis) throws Exception {
        Connection connection = connection(0);
        connection.prepare("oneway", sizeBytes);
        long others = Allocations.ofTheOthers();
        long allocated = Allocations.ofThisThread();
        long start = System.nanoTime();
        long end = start + millis * 1_000_000L;
        long before = sent;
        do {
            for (int i = 0; i < window; i++) {
                connection.send(++sent);
            }
            connection.flush(sent);
        } while (System.nanoTime() < end);
        long nanos = System.nanoTime() - start;
        allocated = Allocations.ofThisThread() - allocated;
        return done(sent - before, nanos, allocated + Allocations.ofTheOthers() - others);
    }

    /** One of several threads that call at once. */
    private static final class Caller extends Thread {
        private final Connection connection;
        private final CountDownLatch entered;
        private final long nanos;
        private long sequence;
        private long began;
        private long ended;
        private long calls;
        private long allocated;
        private Throwable failure;

        Caller(Connection connection, long firstSequence, CountDownLatch entered, int millis) {
            super("caller " + (firstSequence >> 40));
            this.connection = connection;
            this.sequence = firstSequence;
            this.entered = entered;
            this.nanos = millis * 1_000_000L;
        }

        static String run(List<Caller> callers) throws Exception {
            long others = Allocations.ofTheOthers();
            callers.forEach(Thread::start);
            long calls = 0;
            long allocated = 0;
            long began = Long.MAX_VALUE;
            long ended = Long.MIN_VALUE;
            for (Caller caller : callers) {
                caller.join();
                if (caller.failure != null) {
                    throw new IllegalStateException(caller.getName() + ": " + caller.failure, caller.failure);
                }
                calls += caller.calls;
                allocated += caller.allocated;
                began = Math.min(began, caller.began);
                ended = Math.max(ended, caller.ended);
            }
            return done(calls, ended - began, allocated + Allocations.ofTheOthers() - others);
        }

        /** Starting a thread, and what a transport does when it first sees one, is in no call that counts. */
        private void enter() throws Exception {
            try {
                connection.exchange(++sequence);
            } finally {
                entered.countDown();
            }
        }

        @Override
        public void run() {
            try {
                enter();
                entered.await();
                long before = Allocations.ofThisThread();
                began = System.nanoTime();
                do {
                    connection.exchange(++sequence);
                    calls++;
                    ended = System.nanoTime();
                } while (ended - began < nanos);
                allocated = Allocations.ofThisThread() - before;
            } catch (Throwable e) {
                failure = e;
            }
        }
    }
}
