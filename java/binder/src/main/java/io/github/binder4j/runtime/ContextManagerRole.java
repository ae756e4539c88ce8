package io.github.binder4j.runtime;

import io.github.binder4j.driver.BinderDriver;
import io.github.binder4j.driver.DriverException;
import io.github.binder4j.driver.Errno;
import io.github.binder4j.parcel.FlatObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Whether one opening of a device is the device's context manager, and with which object. */
final class ContextManagerRole {
    /** Of every opening that is. */
    private static final Set<ContextManagerRole> HELD = ConcurrentHashMap.newKeySet();

    private final BinderDriver driver;
    /** While the driver is being asked: calls may come before it has answered. */
    private volatile LocalObject claimant;

    private volatile LocalObject object;

    ContextManagerRole(BinderDriver driver) {
        this.driver = driver;
    }

    /** What was claimed with, or null. */
    LocalObject object() {
        return object;
    }

    /** Whom a call to handle 0 is for that this opening received. */
    LocalObject callee() {
        LocalObject asking = claimant; // first: it goes only after the other is there
        return asking != null ? asking : object;
    }

    /**
     * Claims handle 0 for {@code manager}, until {@link #end}.
     *
     * @throws IllegalStateException saying who has it, or why not
     */
    synchronized void claim(LocalObject manager) {
        if (object != null) {
            throw new IllegalStateException(refused() + "this opening of it is already, with another object,"
                    + " until it is closed. A device has one context manager");
        }
        claimant = manager;
        try {
            driver.becomeContextManager(FlatObject.NODE_FLAGS | manager.flags());
            object = manager;
            HELD.add(this);
        } catch (DriverException e) {
            throw new IllegalStateException(refused() + reason(e), e);
        } finally {
            claimant = null;
        }
        if (driver.isClosing()) {
            end();
        }
    }

    /** The device was closed: the driver has taken the role away. */
    void end() {
        HELD.remove(this);
    }

    private String refused() {
        return "cannot become context manager of " + driver.path() + ": ";
    }

    private String reason(DriverException e) {
        return switch (e.errno()) {
            case Errno.EBUSY ->
                isHeldByAnotherOpening()
                        ? "another opening of it in this process is (EBUSY). A device has one context manager: close that"
                                + " opening, or choose another device"
                        : "another process is, or was a moment ago (EBUSY). A device has one context manager: "
                                + "stop that one, or choose another device";
            case Errno.EPERM ->
                "its first one ran as another user (EPERM), which the driver remembers for the "
                        + "life of the device: run as that user, or use a fresh binderfs instance";
            default -> e.getMessage();
        };
    }

    /**
     * Whether the device's context manager is of this process, by another opening: the driver then refuses the calls of this
     * one ({@code binder_transaction} compares process ids).
     */
    boolean isHeldByAnotherOpening() {
        return HELD.stream().anyMatch(held -> held != this && isSameDevice(held.driver.path(), driver.path()));
    }

    private static boolean isSameDevice(Path one, Path other) {
        return one.equals(other) || numberOf(one).equals(numberOf(other));
    }

    /** The device's number, which is one whatever the names of its nodes; the path where there is none. */
    private static Object numberOf(Path device) {
        try {
            return Files.getAttribute(device, "unix:rdev");
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return device;
        }
    }
}
