package io.github.binder4j;

import android.os.Binder;
import io.github.binder4j.runtime.ApiBridge;
import io.github.binder4j.runtime.CallingIdentity;

/** The security contexts, of SELinux or another security module, of those who call. */
public final class SecurityContexts {
    private SecurityContexts() {}

    /**
     * Has the driver give the security context of every caller of an object.
     *
     * <p>Only where the kernel's security module has contexts: without one the driver fails every call to the object
     * ({@code binder_transaction}, drivers/android/binder.c).
     *
     * @param binder an object that was not sent to another process yet
     * @throws IllegalStateException if it was
     */
    public static void request(Binder binder) {
        ApiBridge.get().localObjectOf(binder).requestSecurityContext();
    }

    /**
     * Returns the security context of the process on whose behalf this thread acts.
     *
     * @return in {@code onTransact} of an object that {@link #request requested} it, the caller's; null elsewhere, and between
     *     {@link Binder#clearCallingIdentity} and {@link Binder#restoreCallingIdentity}
     */
    public static String ofCaller() {
        return CallingIdentity.current().securityContext();
    }
}
