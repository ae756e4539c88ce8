package io.github.binder4j.runtime;

import io.github.binder4j.driver.ObjectRegistry;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Finds whom a word of the driver about an object concerns.
 *
 * <p>Notices carry a cookie that is used once, never a handle: the driver may give the handle of an object that is gone to
 * another while a notice about the first is on its way.
 */
final class DriverRegistry implements ObjectRegistry {
    private final NodeTable nodes;
    private final Counters counters;
    private final AtomicLong nextCookie = new AtomicLong(1);
    private final ConcurrentHashMap<Long, RemoteObject> deaths = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Long, FrozenWatch> freezes = new ConcurrentHashMap<>();

    /** Set before all is forgotten, read after something is added: what came too late to be forgotten sees it. */
    private volatile boolean ended;

    DriverRegistry(NodeTable nodes, Counters counters) {
        this.nodes = nodes;
        this.counters = counters;
    }

    /** Forgets whom it keeps, for good: a closed device reports nothing, and each of them leads to its process. */
    void end() {
        ended = true;
        deaths.clear();
        freezes.clear();
    }

    private void forgetIfEnded() {
        if (ended) {
            end();
        }
    }

    /** Keeps {@code object} until its death or the end of its watch is reported; returns the cookie for that. */
    long watchDeath(RemoteObject object) {
        long cookie = nextCookie.getAndIncrement();
        deaths.put(cookie, object);
        forgetIfEnded();
        return cookie;
    }

    /** Stops watching; null if its end was reported already. */
    RemoteObject forgetDeath(long cookie) {
        return deaths.remove(cookie);
    }

    /** Keeps {@code watch} until the driver confirms its end; returns the cookie for that. */
    long watchFreeze(FrozenWatch watch) {
        long cookie = nextCookie.getAndIncrement();
        freezes.put(cookie, watch);
        forgetIfEnded();
        return cookie;
    }

    void forgetFreeze(long cookie) {
        freezes.remove(cookie);
    }

    @Override
    public void onIncrefs(long ptr) {
        LocalNode node = nodes.find(ptr);
        if (node != null) {
            node.increfs();
        }
    }

    @Override
    public void onAcquire(long ptr) {
        LocalNode node = nodes.find(ptr);
        if (node != null) {
            node.acquired();
        }
    }

    @Override
    public void onRelease(long ptr) {
        LocalNode node = nodes.find(ptr);
        if (node != null) {
            node.released();
        }
    }

    @Override
    public void onDecrefs(long ptr) {
        LocalNode node = nodes.find(ptr);
        if (node != null) {
            node.decrefs();
        }
    }

    @Override
    public void onDeadBinder(long cookie) {
        RemoteObject object = deaths.remove(cookie);
        if (object != null) {
            counters.obituaries.increment();
            FlightRecords.obituary(object);
            object.onDead(cookie);
        }
    }

    @Override
    public void onDeathNotificationCleared(long cookie) {
        RemoteObject object = deaths.remove(cookie);
        if (object != null) {
            object.onCleared(cookie);
        }
    }

    @Override
    public void onFrozenBinder(long cookie, boolean frozen) {
        FrozenWatch watch = freezes.get(cookie);
        if (watch != null) {
            watch.onState(cookie, frozen);
        }
    }

    @Override
    public void onFreezeNotificationCleared(long cookie) {
        FrozenWatch watch = freezes.remove(cookie);
        if (watch != null) {
            watch.onCleared();
        }
    }
}
