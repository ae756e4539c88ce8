package io.github.binder4j.files;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * Writes to a descriptor of a peer's, which may be a pipe that nobody reads: its writer waits for so long in all, and no longer.
 *
 * <p>A thread of its own carries what is written, to a copy of the descriptor, and goes on with that for as long as the reader
 * takes. What does not fit behind it is dropped when the writer's patience is over, and {@link #close} tells. Few may be
 * carried at a time, for each may hold its writer for the whole of that time.
 */
public final class PeerOutput extends OutputStream {
    /** In bytes: what may wait for the reader; one write more than that. */
    static final int CAPACITY = 256 * 1024;

    static final int MOST_AT_A_TIME = 4;

    private static final SpareThreads SPARE = new SpareThreads("binder-output", MOST_AT_A_TIME);

    private final FileDescriptor to;
    private final Deque<byte[]> waiting = new ArrayDeque<>();

    /** Of those, and of what is being written. */
    private int waitingBytes;

    private long patienceNanos;
    private OwnedDescriptor copy;
    private boolean ended;
    /** Whether nothing can be written any more. */
    private boolean broken;

    private IOException failure;
    private long dropped;

    /**
     * @param to stays its owner's; copied with the first byte
     * @param patienceMs for how long the thread that writes waits for a reader at most, all in all
     */
    public PeerOutput(FileDescriptor to, long patienceMs) {
        this.to = to;
        this.patienceNanos = TimeUnit.MILLISECONDS.toNanos(patienceMs);
    }

    // The thread that writes

    @Override
    public void write(int value) {
        write(new byte[] {(byte) value}, 0, 1);
    }

    /** Throws nothing: see {@link #close}. */
    @Override
    public synchronized void write(byte[] source, int offset, int length) {
        if (length == 0 || broken || !isCarried()) {
            return;
        }
        awaitAtMost(CAPACITY - 1);
        if (broken) {
            return;
        }
        if (waitingBytes >= CAPACITY) {
            dropped += length;
            return;
        }
        byte[] bytes = new byte[length];
        System.arraycopy(source, offset, bytes, 0, length);
        waiting.add(bytes);
        waitingBytes += length;
        notifyAll();
    }

    /** Whether a thread writes, or does from now on. */
    private boolean isCarried() {
        try {
            if (copy == null) {
                if (SPARE.areAllHeld()) {
                    throw new IOException("the output of " + MOST_AT_A_TIME
                            + " other calls waits for its readers: nothing is written for this one; call again");
                }
                copy = OwnedDescriptor.duplicate(to);
                SPARE.run(this::carry);
            }
            return true;
        } catch (IOException e) {
            failure = e;
            broken = true;
            return false;
        }
    }

    /** Waits until the reader has taken what was written, or the patience is over. */
    @Override
    public synchronized void flush() {
        awaitAtMost(0);
    }

    private void awaitAtMost(int bytes) {
        while (waitingBytes > bytes && !broken && patienceNanos > 0) {
            long start = System.nanoTime();
            try {
                wait(TimeUnit.NANOSECONDS.toMillis(patienceNanos) + 1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                patienceNanos = 0;
            }
            patienceNanos -= System.nanoTime() - start;
        }
    }

    /**
     * Ends the output, once the reader has taken it or the patience is over.
     *
     * @throws IOException if some of it will never be written, though the descriptor may have a reader
     */
    @Override
    public synchronized void close() throws IOException {
        flush();
        ended = true;
        notifyAll();
        if (failure != null) {
            throw failure;
        }
        if (dropped > 0) {
            throw new IOException("the reader is too slow: " + dropped + " bytes behind " + waitingBytes
                    + " others will not be written");
        }
    }

    // The thread that carries

    private void carry() {
        FileOutputStream out = new FileOutputStream(copy.java);
        try {
            for (byte[] next = next(); next != null; next = next()) {
                out.write(next);
                written(next.length);
            }
        } catch (IOException e) {
            breakOff(); // nobody reads any more
        } finally {
            copy.drop();
        }
    }

    private synchronized byte[] next() {
        while (waiting.isEmpty() && !ended) {
            try {
                wait();
            } catch (InterruptedException e) {
                continue; // nobody has a reason to
            }
        }
        return waiting.poll();
    }

    private synchronized void written(int bytes) {
        waitingBytes -= bytes;
        notifyAll();
    }

    private synchronized void breakOff() {
        broken = true;
        waiting.clear();
        notifyAll();
    }
}
