package io.github.binder4j.runtime;

import io.github.binder4j.driver.DriverThread;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Who wants to know whether the process behind one handle is frozen, and the driver's one notification that tells them.
 *
 * <pre>
 *            first callback                  last callback removed
 *   IDLE ----------------------> REQUESTED ------------------------> CLEARING
 *    ^                            ^   | BR_FROZEN_BINDER, at once       |
 *    |                            |   v and at each change              |
 *    |                            |  told                               |
 *    +----------------------------+-------------------------------------+
 *                 BR_CLEAR_FREEZE_NOTIFICATION_DONE: REQUESTED if somebody came meanwhile, else IDLE
 * </pre>
 *
 * <p>While it is REQUESTED or CLEARING the process holds this object and with it the proxy. The death of the object, which
 * its {@link RemoteObject} watches for as long as there is a callback, makes it DEAD for good.
 */
final class FrozenWatch {
    private enum State {
        IDLE,
        REQUESTED,
        CLEARING,
        DEAD
    }

    private final RemoteObject object;
    private final ByIdentity<Callback> callbacks = new ByIdentity<>();
    private State state = State.IDLE;
    private long cookie;
    /** Whether the driver keeps the request. */
    private boolean requested;

    /** What the driver said last; null before it has. */
    private Boolean frozen;

    FrozenWatch(RemoteObject object) {
        this.object = object;
    }

    /** One callback: told in order, one state at a time, wherever its executor runs it. */
    private static final class Callback {
        private final Executor executor;
        private final Consumer<Boolean> told;
        private final Queue<Boolean> states = new ConcurrentLinkedQueue<>();
        private final AtomicInteger waiting = new AtomicInteger();

        Callback(Executor executor, Consumer<Boolean> told) {
            this.executor = executor;
            this.told = told;
        }

        void enqueue(boolean frozen) {
            states.add(frozen);
        }

        /** Is told no state that has not begun to be told. */
        void cancel() {
            states.clear();
        }

        void deliver() {
            if (!states.isEmpty() && waiting.getAndIncrement() == 0) {
                try {
                    executor.execute(this::drain);
                } catch (Throwable e) {
                    waiting.set(0); // a later state tries again
                    UserCode.report(e);
                }
            }
        }

        private void drain() {
            int seen = waiting.get();
            do {
                for (Boolean next = states.poll(); next != null; next = states.poll()) {
                    boolean frozen = next;
                    UserCode.run(() -> told.accept(frozen));
                }
                seen = waiting.addAndGet(-seen);
            } while (seen != 0);
        }
    }

    /**
     * Adds a callback, which is told the present state soon and every change; the first one asks the driver.
     *
     * @return false if the object has died
     */
    boolean add(Object identity, Executor executor, Consumer<Boolean> told) {
        Callback callback = new Callback(executor, told);
        synchronized (this) {
            if (state == State.DEAD) {
                return false;
            }
            if (state == State.IDLE) {
                request();
            }
            callbacks.add(identity, callback);
            if (frozen != null) {
                callback.enqueue(frozen);
            }
        }
        callback.deliver();
        return true;
    }

    /** Removes the callback added first under {@code identity}; false if there is none. */
    synchronized boolean remove(Object identity) {
        Callback callback = callbacks.remove(identity);
        if (callback == null) {
            return false;
        }
        callback.cancel();
        if (callbacks.isEmpty() && state == State.REQUESTED) {
            state = State.CLEARING;
            frozen = null;
            requested = false;
            process().commandNow(this::putClear);
        }
        return true;
    }

    private ProcessState process() {
        return object.process();
    }

    private void request() {
        cookie = process().registry.watchFreeze(this);
        try {
            process().commandNow(io -> io.requestFreezeNotification(object.handle(), cookie));
        } catch (Throwable e) {
            process().registry.forgetFreeze(cookie);
            throw e;
        }
        state = State.REQUESTED;
        requested = true;
    }

    /**
     * Takes the request back. Before the reference of a dead object goes, too: the driver would drop with that what it waits to
     * have answered, and refuse the answer ({@code binder_freeze_notification_done}).
     */
    synchronized void putEnd(DriverThread io) {
        if (requested) {
            requested = false;
            putClear(io);
        }
    }

    private void putClear(DriverThread io) {
        io.clearFreezeNotification(object.handle(), cookie);
    }

    /**
     * BR_FROZEN_BINDER. The same state may come again: two changes while the first word was not answered cancel each other out,
     * and the driver repeats itself ({@code binder_add_freeze_work}).
     */
    void onState(long about, boolean isFrozen) {
        List<Callback> told;
        synchronized (this) {
            if (state != State.REQUESTED
                    || cookie != about
                    || Boolean.valueOf(isFrozen).equals(frozen)) {
                return;
            }
            frozen = isFrozen;
            told = callbacks.values();
            told.forEach(callback -> callback.enqueue(isFrozen));
        }
        told.forEach(Callback::deliver);
    }

    /** The object died: the driver will say nothing more, and needs the watch no longer held. */
    synchronized void onDead() {
        process().registry.forgetFreeze(cookie);
        callbacks.clear();
        state = State.DEAD;
    }

    /** BR_CLEAR_FREEZE_NOTIFICATION_DONE, which the process has forgotten. */
    void onCleared() {
        if (!object.hold()) {
            return;
        }
        try {
            requestAgain();
        } finally {
            object.letGo();
        }
    }

    private synchronized void requestAgain() {
        if (state != State.CLEARING) {
            return;
        }
        state = State.IDLE;
        if (!callbacks.isEmpty()) {
            request();
        }
    }
}
