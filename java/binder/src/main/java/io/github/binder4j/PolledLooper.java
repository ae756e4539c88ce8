package io.github.binder4j;

import io.github.binder4j.driver.Timeout;
import io.github.binder4j.runtime.ProcessState;
import java.time.Duration;

/**
 * One thread that serves a device from a program's own event loop, in place of a pool. See {@link BinderDevice#startPolling}.
 *
 * <p>Every method is called on the thread that started it: the driver gives each OS thread its own work, and a descriptor
 * becomes readable for the thread that registered it with {@code epoll}.
 */
public final class PolledLooper {
    private final ProcessState process;
    private final Thread owner = Thread.currentThread();

    PolledLooper(ProcessState process) {
        this.process = process;
    }

    /**
     * Returns what an event loop watches for reading, with {@code epoll} or {@code poll}, on this thread.
     *
     * @return the descriptor number; the device's to close
     */
    public int descriptor() {
        checkThread();
        return process.driver().pollDescriptor();
    }

    /**
     * Waits until there is something to handle.
     *
     * @param timeout how long; zero only asks, and any time that is too long to be counted is for ever
     * @return false if the time is over
     * @throws IllegalArgumentException if {@code timeout} is negative
     * @throws IllegalStateException once the device is closed, which ends a wait
     */
    public boolean await(Duration timeout) {
        checkThread();
        return process.awaitCommands(Timeout.millis("await", timeout));
    }

    /**
     * Serves the calls and obituaries that have arrived, and waits for nothing.
     *
     * @throws IllegalStateException if the device is closed
     */
    public void handlePolledCommands() {
        checkThread();
        process.servePolled();
    }

    private void checkThread() {
        if (Thread.currentThread() != owner) {
            throw new IllegalStateException(
                    "polled on " + Thread.currentThread().getName() + ", started on " + owner.getName()
                            + ": the driver gives each thread its own work");
        }
    }
}
