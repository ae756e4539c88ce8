/**
 * Binder's API as Android programs know it: source-compatible with Android's, on the real driver of a Linux machine.
 *
 * <p>Where a method does what Android's does, its contract here says what holds on Linux. What Android has no word for is in
 * {@link io.github.binder4j}.
 */
package android.os;
