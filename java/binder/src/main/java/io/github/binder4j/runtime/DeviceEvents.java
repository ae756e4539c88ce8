package io.github.binder4j.runtime;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * What happens on one device that no single call is told of, and who wants to know.
 *
 * <p>Listeners are a program's code. They run on a thread of their own, one event at a time in the order they happened, so
 * that the looper or the caller that noticed goes on. The thread lives while there is something to tell.
 */
public final class DeviceEvents {
    private static final long IDLE_SECONDS = 10;

    /** Of events that peers bring about: so many may wait to be told. */
    static final int MAX_WAITING = 1000;

    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private final ThreadPoolExecutor thread;

    /** Hears of the events it overrides. */
    public interface Listener {
        /** All {@code threads} loopers have been serving for {@code starvedMs}: no further call is being served. */
        default void onStarvation(int threads, long starvedMs) {}

        /** BR_ONEWAY_SPAM_SUSPECT: a oneway call of this process was taken, but its receiver's buffer is filling up. */
        default void onOnewaySpamSuspect(RemoteObject target, int code) {}

        /** This process holds {@code count} objects that came from {@code uid}, the high watermark. */
        default void onProxyLimit(int uid, int count) {}

        /** The driver said something this library does not know. */
        default void onUnknownReturn(int command) {}

        /** A call that this process served failed with {@code e}, of which its caller is not told. */
        default void onServedCallFailed(String interfaceName, int code, int uid, int pid, Throwable e) {}

        /** A call of a virtual thread waits: all {@code threads} that may carry such calls are in one. */
        default void onCarrierLimit(int threads) {}
    }

    /** The last one made. */
    private volatile Thread teller;

    DeviceEvents(String deviceName, DeviceThreads threads) {
        this.thread =
                new ThreadPoolExecutor(1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), runnable -> {
                    teller = threads.make("binder-events-" + deviceName, runnable);
                    return teller;
                });
        thread.allowCoreThreadTimeOut(true);
        // What happens while the device is being closed must not fail whom it happens to.
        thread.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
    }

    public void add(Listener listener) {
        listeners.add(listener);
    }

    /** By identity of an object that was added; events that happened before may still come. */
    public void remove(Listener listener) {
        listeners.remove(listener);
    }

    void publish(Consumer<Listener> event) {
        if (!listeners.isEmpty()) {
            thread.execute(() -> listeners.forEach(listener -> UserCode.run(() -> event.accept(listener))));
        }
    }

    /** The same of an event that peers bring about as often as they like: dropped while many wait. */
    void publishOften(Consumer<Listener> event) {
        if (thread.getQueue().size() < MAX_WAITING) {
            publish(event);
        }
    }

    /** Whether {@code asked} is telling a listener. */
    boolean isTelling(Thread asked) {
        return asked == teller && thread.getActiveCount() > 0;
    }

    /** The device is closed: what has happened is still told, nothing follows. */
    void stop() {
        thread.shutdown();
    }
}
