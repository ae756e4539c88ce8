package io.github.binder4j.driver;

/**
 * What the driver tells about objects: who still holds a node of this process, and which remote node died.
 *
 * <p>Called on the thread that read the command. None of these may block or run user code, except
 * {@link #onDeadBinder} and {@link #onFrozenBinder}.
 */
public interface ObjectRegistry {
    /** BR_INCREFS: a first weak reference to our node exists; answered with BC_INCREFS_DONE. */
    void onIncrefs(long ptr);

    /** BR_ACQUIRE: a first strong reference to our node exists; answered with BC_ACQUIRE_DONE. */
    void onAcquire(long ptr);

    /** BR_RELEASE: no strong reference to our node is left. */
    void onRelease(long ptr);

    /** BR_DECREFS: no reference to our node is left. */
    void onDecrefs(long ptr);

    /** BR_DEAD_BINDER: the node behind a death notification died; answered with BC_DEAD_BINDER_DONE. */
    void onDeadBinder(long cookie);

    /** BR_CLEAR_DEATH_NOTIFICATION_DONE: the cookie will not be heard of again. */
    void onDeathNotificationCleared(long cookie);

    /** BR_FROZEN_BINDER: the process behind a freeze notification is frozen or not; answered with BC_FREEZE_NOTIFICATION_DONE. */
    void onFrozenBinder(long cookie, boolean frozen);

    /** BR_CLEAR_FREEZE_NOTIFICATION_DONE: the cookie will not be heard of again. */
    void onFreezeNotificationCleared(long cookie);
}
