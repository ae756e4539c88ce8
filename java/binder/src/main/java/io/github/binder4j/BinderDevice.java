package io.github.binder4j;

import io.github.binder4j.driver.BinderDriver;
import io.github.binder4j.memory.OffHeap;
import io.github.binder4j.runtime.DefaultDevice;
import io.github.binder4j.runtime.LooperPool;
import io.github.binder4j.runtime.ProcessState;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * An open binder device: what it is, how many threads serve it, and its end.
 *
 * <p>Thread-safe.
 */
public final class BinderDevice implements AutoCloseable {
    private final ProcessState process;

    private BinderDevice(ProcessState process) {
        this.process = process;
    }

    /**
     * Returns the device that the classes of {@code android.os} use, opening it if need be: what the system property {@value
     * DefaultDevice#PROPERTY} or the environment variable {@value DefaultDevice#ENVIRONMENT} names, else {@code
     * /dev/binderfs/binder}, else {@code /dev/binder}.
     *
     * @return the default device
     * @throws io.github.binder4j.errors.BinderUnavailableException saying why there is none and what to do
     */
    public static BinderDevice getDefault() {
        return new BinderDevice(DefaultDevice.get());
    }

    private BinderDriver driver() {
        return process.driver();
    }

    /**
     * Returns where the device is.
     *
     * @return the path it was opened by
     */
    public Path path() {
        return driver().path();
    }

    /**
     * Returns which protocol the driver speaks.
     *
     * @return its version, as BINDER_VERSION gives it
     */
    public int protocolVersion() {
        return driver().protocolVersion();
    }

    /**
     * Returns the size of the memory the driver copies incoming transactions into.
     *
     * @return bytes; oneway calls may use half of it
     */
    public int mappingSizeBytes() {
        return driver().mapping().size();
    }

    /**
     * Returns where data lies in the memory the driver copied it to. If it lies there, nothing copied it since.
     *
     * @param data a direct buffer, as {@link Blobs#view} returns
     * @return how far into this device's mapping its remaining bytes begin; -1 if not all of them lie in the mapping
     */
    public long offsetInMapping(ByteBuffer data) {
        OffHeap mapping = driver().mapping();
        long offset = data.isDirect() ? OffHeap.addressOf(data) + data.position() - mapping.address : -1;
        return offset >= 0 && offset <= mapping.size() - data.remaining() ? offset : -1;
    }

    /**
     * Sets how many threads the driver may ask this process for, besides the first and those that join by themselves.
     * {@value LooperPool#DEFAULT_MAX_THREADS} if never called.
     *
     * @param count 0 or more
     * @throws IllegalArgumentException if negative
     */
    public void setMaxThreads(int count) {
        process.loopers().setMaxThreads(count);
    }

    /**
     * Returns how often all threads of the pool were busy for more than 100 ms, during which no further call was served.
     *
     * @return a count since the device was opened
     */
    public int starvations() {
        return process.loopers().starvations();
    }

    /**
     * Returns how many objects of this process others hold, or may hold.
     *
     * @return objects the driver knows
     */
    public int liveNodes() {
        return process.liveNodes();
    }

    /**
     * Returns how many objects of other processes this one holds.
     *
     * @return proxies not yet collected
     */
    public int liveProxies() {
        return process.liveProxies();
    }

    /**
     * Returns how many received buffers the driver has not been given back.
     *
     * @return buffers of this device's mapping in use
     */
    public long liveBuffers() {
        return process.liveBuffers();
    }

    /**
     * Returns how many received parcels were dropped without {@code recycle()}; the collector gave their buffers back.
     *
     * @return a count since the device was opened
     */
    public long leakedBuffers() {
        return process.leakedBuffers();
    }

    /**
     * Closes the device. Threads blocked in it leave it; their calls, and later ones, fail. Other processes see this
     * process's objects die. {@link #getDefault} afterwards opens the device anew.
     *
     * @throws IllegalStateException if a thread does not leave within two seconds
     */
    @Override
    public void close() {
        process.close();
    }
}
