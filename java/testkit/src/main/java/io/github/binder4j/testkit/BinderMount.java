package io.github.binder4j.testkit;

import com.github.dockerjava.api.model.Device;
import com.github.dockerjava.api.model.Driver;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Mount;
import com.github.dockerjava.api.model.MountType;
import com.github.dockerjava.api.model.VolumeOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The binder devices that a set of containers shares: one binderfs instance, mounted at {@code /dev/binderfs} in each.
 *
 * <p>The instance exists while at least one container that uses it is running, and then starts afresh. Its devices are
 * those of the kernel module's {@code devices} parameter. They belong to root with mode 0600, so programs in containers
 * run as root. Two instances share nothing: each device of each has its own context manager.
 *
 * <p>Where the engine's kernel has binder but not binderfs, containers get the static {@code /dev/binder} instead. There
 * is one of it, so own instances then wait for each other; those of another JVM do not, so only one JVM at a time can use
 * such an engine.
 */
public final class BinderMount implements AutoCloseable {

    static final String DIRECTORY = "/dev/binderfs";
    static final String STATIC_DEVICE = "/dev/binder";

    private static final int TURN_PATIENCE_MINUTES = 10;
    private static final Semaphore STATIC_DEVICE_TURN = new Semaphore(1);

    private final String volume;
    private final boolean own;
    private final String fileSystem;
    private final String staticDevice;
    private boolean isStatic;
    private boolean closed;

    BinderMount(String volume, boolean own, String fileSystem, String staticDevice) {
        this.volume = volume;
        this.own = own;
        this.fileSystem = fileSystem;
        this.staticDevice = staticDevice;
    }

    /**
     * An instance that nobody else uses.
     *
     * @return a new instance, to be closed after its last container
     */
    public static BinderMount own() {
        return new BinderMount("binder4j-" + UUID.randomUUID(), true, "binder", STATIC_DEVICE);
    }

    /**
     * The instance of a name, which everybody who asks the same engine for the same name shares.
     *
     * @param name letters, digits, {@code _}, {@code .} and {@code -}
     * @return the instance, to be closed after its last container
     */
    public static BinderMount named(String name) {
        if (!name.matches("[A-Za-z0-9_.-]+")) {
            throw new IllegalArgumentException("name '" + name + "': use letters, digits, '_', '.' and '-'");
        }
        return new BinderMount("binder4j-named-" + name, false, "binder", STATIC_DEVICE);
    }

    /** Gives a container the devices. The volume is made with its first container and knows how to mount itself. */
    synchronized void attachTo(HostConfig container) {
        if (isStatic) {
            container.withDevices(new Device("rwm", staticDevice, staticDevice));
        } else {
            List<Mount> mounts = new ArrayList<>(Objects.requireNonNullElse(container.getMounts(), List.of()));
            mounts.add(volumeMount());
            container.withMounts(mounts).withDeviceCgroupRules(List.of("c *:* rmw"));
        }
    }

    private Mount volumeMount() {
        return new Mount()
                .withType(MountType.VOLUME)
                .withSource(volume)
                .withTarget(DIRECTORY)
                .withVolumeOptions(new VolumeOptions()
                        .withNoCopy(true)
                        .withLabels(Engine.labels())
                        .withDriverConfig(new Driver()
                                .withName("local")
                                .withOptions(Map.of("type", fileSystem, "device", fileSystem, "o", "stats=global"))));
    }

    /** Turns to the static device, when the engine could not mount binderfs; false if that has been tried. */
    synchronized boolean fallBackToStaticDevice() {
        if (isStatic) {
            return false;
        }
        Engine.removeVolume(volume);
        if (own && !closed) {
            takeTurn();
        }
        isStatic = true;
        return true;
    }

    private static void takeTurn() {
        try {
            if (!STATIC_DEVICE_TURN.tryAcquire(TURN_PATIENCE_MINUTES, TimeUnit.MINUTES)) {
                throw new IllegalStateException("this JVM has used " + STATIC_DEVICE + " for " + TURN_PATIENCE_MINUTES
                        + " minutes through another own mount: close that first");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for " + STATIC_DEVICE, e);
        }
    }

    /** Removes the instance, unless a container still uses it. */
    @Override
    public synchronized void close() {
        if (!isStatic) {
            Engine.removeVolume(volume);
        } else if (own && !closed) {
            STATIC_DEVICE_TURN.release();
        }
        closed = true;
    }

    @Override
    public String toString() {
        return isStatic ? staticDevice : "binderfs instance " + volume;
    }
}
