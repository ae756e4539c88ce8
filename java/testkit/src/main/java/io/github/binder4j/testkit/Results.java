package io.github.binder4j.testkit;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What a container has reported so far: one thread feeds its output in, the host's tests wait for what concerns them.
 *
 * <p>Output is passed on by the thread that waits, so that the host's report files it under the test that printed it.
 */
final class Results {

    private static final int TAIL_LINES = 200;

    private final Map<String, TestFrame> outcomes = new LinkedHashMap<>();
    private final Set<String> running = new LinkedHashSet<>();
    private final Deque<String> unprinted = new ArrayDeque<>();
    private final Deque<String> tail = new ArrayDeque<>();
    private final Consumer<String> output;
    private boolean begun;
    private boolean ended;
    private String endText = "";
    private boolean closed;

    /** @param output takes each line that is not a frame */
    Results(Consumer<String> output) {
        this.output = output;
    }

    /** One line of the container's output, with or without its end. */
    synchronized void acceptLine(String line) {
        String text = line.stripTrailing();
        int start = TestFrame.indexIn(text);
        Optional<TestFrame> frame = start < 0 ? Optional.empty() : TestFrame.decode(text, start);
        frame.ifPresent(this::accept);
        String printed = frame.isPresent() ? text.substring(0, start) : text;
        if (frame.isEmpty() || !printed.isEmpty()) {
            print(printed);
        }
        notifyAll();
    }

    private void print(String line) {
        unprinted.add(line);
        tail.add(line);
        if (tail.size() > TAIL_LINES) {
            tail.remove();
        }
    }

    private void accept(TestFrame frame) {
        switch (frame.kind()) {
            case BEGIN -> begun = true;
            case END -> {
                ended = true;
                endText = frame.text();
            }
            case STARTED -> running.add(frame.id());
            case PASSED, FAILED, ABORTED, SKIPPED -> {
                running.remove(frame.id());
                outcomes.put(frame.id(), frame);
            }
        }
    }

    /** The output has ended: nothing more will be reported. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }

    /** Waits for the run to begin; false if it never will. */
    synchronized boolean awaitBegin(Instant deadline) throws InterruptedException {
        await(() -> begun || closed, deadline);
        return begun;
    }

    /**
     * Waits for the outcome of a test or of a container of tests. A test that never ran has the outcome of what kept it
     * from running: its class failed, was aborted or was skipped.
     *
     * @return empty if the run ended without a word about it, or the deadline passed
     */
    synchronized Optional<TestFrame> awaitOutcome(String id, Instant deadline) throws InterruptedException {
        await(() -> outcomes.containsKey(id) || ended || closed, deadline);
        return Optional.ofNullable(outcomes.get(id)).or(() -> outcomeOfAncestor(id));
    }

    private Optional<TestFrame> outcomeOfAncestor(String id) {
        return outcomes.values().stream()
                .filter(frame -> frame.kind() != TestFrame.Kind.PASSED && id.startsWith(frame.id() + "/"))
                .findFirst();
    }

    /** Waits for the output to end; false if the deadline passed, or it ended before the run did. */
    synchronized boolean awaitClose(Instant deadline) throws InterruptedException {
        await(() -> closed, deadline);
        return closed && ended;
    }

    /** Waits for a line that starts with a prefix among the last ones; false if the deadline passed. */
    synchronized boolean awaitLine(String prefix, Instant deadline) throws InterruptedException {
        await(() -> closed || tail.stream().anyMatch(line -> line.startsWith(prefix)), deadline);
        return !closed;
    }

    private void await(Condition condition, Instant deadline) throws InterruptedException {
        printPending();
        while (!condition.holds()) {
            long left = Duration.between(Instant.now(), deadline).toMillis();
            if (left <= 0) {
                return;
            }
            wait(left);
            printPending();
        }
    }

    private void printPending() {
        unprinted.forEach(output);
        unprinted.clear();
    }

    /** Ids of the tests that started and have no outcome. */
    synchronized Collection<String> running() {
        return List.copyOf(running);
    }

    /** All that has failed so far, in order. */
    synchronized List<TestFrame> failures() {
        return outcomes.values().stream()
                .filter(frame -> frame.kind() == TestFrame.Kind.FAILED)
                .toList();
    }

    /** Whether the run has come to its end: all outcomes are known. */
    synchronized boolean isEnded() {
        return ended;
    }

    /** What the container's JVM said at the end of the run; empty before. */
    synchronized String endText() {
        return endText;
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** The last lines of output. */
    synchronized String tail() {
        return String.join("\n", tail);
    }

    private interface Condition {
        boolean holds();
    }
}
