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
     * A call of another process to an object of this one failed, and its caller is not told why: a oneway call that an
     * implementation ended with an exception, or a call that ended with one that cannot be written into a reply, or that was
     * refused because calls are nested too deeply.
     *
     * <p>Peers bring this about, as often as they like. Of events that come faster than listeners return, 1000 wait, and more
     * are not told; {@link DeviceStatistics#servedFailures} counts all.
     *
     * @param interfaceName of the object called; null if it has none
     * @param code which method
     * @param callingUid the caller's effective user id
     * @param callingPid the caller's process id; 0 if the call is oneway or the caller's process is not visible here
     * @param exception what ended the call. An {@link Error} other than {@link StackOverflowError} and {@link
     *     OutOfMemoryError}, which a peer can cause, went to the thread's handler for uncaught exceptions as well
     */
    default void onServedCallFailed(
            String interfaceName, int code, int callingUid, int callingPid, Throwable exception) {}

    /**
     * The driver said something this library does not know, and passed over.
     *
     * @param command the BR_ command word
     */
    default void onUnknownReturn(int command) {}

    /**
     * A call of a virtual thread waits for a platform thread to carry it: all that may be are in calls. Told again after no
     * call has waited any more, at most once a second.
     *
     * @param threads how many there are
     * @see BinderDevice#setMaxCarriers
     */
    default void onCarrierLimit(int threads) {}
}
