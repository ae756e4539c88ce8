package io.github.binder4j;

import android.os.IBinder;

/**
 * Is told what happens on a device that no single call is told of. See {@link BinderDevice#subscribe}.
 *
 * <p>Called on a thread of the device's own, one event at a time; what a method throws goes to that thread's handler for
 * uncaught exceptions.
 */
public interface DeviceListener {
    /**
     * All threads of the pool have been serving calls for more than 100 ms: further calls wait.
     *
     * @param threads how many there are
     * @param starvedMs for how many milliseconds
     */
    default void onStarvation(int threads, long starvedMs) {}

    /**
     * A oneway call of this process was taken, but this process is filling its receiver's buffer (BR_ONEWAY_SPAM_SUSPECT). The
     * driver says so once until the buffer has drained.
     *
     * @param target what was called
     * @param code which method
     */
    default void onOnewaySpamSuspect(IBinder target, int code) {}

    /**
     * This process holds as many objects of one user as {@link BinderDevice#setProxyWatermarks} allows.
     *
     * @param uid the user that sent them; this process's own for those that came in replies
     * @param count how many
     */
    default void onProxyLimit(int uid, int count) {}

    /**
     * The driver said something this library does not know, and passed over.
     *
     * @param command the BR_ command word
     */
    default void onUnknownReturn(int command) {}
}
