package io.github.binder4j.kernel;

import android.os.Parcel;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.DeviceStatistics;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Objects;

/**
 * What a process has at the moment, by its own numbers.
 *
 * @param nodes objects of its own that others hold
 * @param proxies objects of others that it holds
 * @param buffers received buffers it has not given back; the call that asks for this is one
 * @param descriptors open descriptors that are no files: pipes, sockets, binder devices
 * @param failures calls it made that failed, replies that did not arrive, and parcels it forgot to recycle
 */
record Live(int nodes, int proxies, int buffers, int descriptors, int failures) {

    /** This process's, after a collection. */
    static Live here() {
        System.gc();
        DeviceStatistics now = BinderDevice.getDefault().statistics();
        long failed =
                now.failures().values().stream().mapToLong(Long::longValue).sum();
        return new Live(now.liveNodes(), now.liveProxies(), (int) now.liveBuffers(), countDescriptors(), (int)
                (failed + now.repliesFailed() + now.leakedBuffers() + now.unknownReturns()));
    }

    /** What the same process has when it is at rest: as many descriptors, and so many of the rest. */
    Live atRest(int restNodes, int restProxies, int restBuffers) {
        return new Live(restNodes, restProxies, restBuffers, descriptors, 0);
    }

    private static int countDescriptors() {
        int count = 0;
        for (File descriptor : Objects.requireNonNull(new File("/proc/self/fd").listFiles())) {
            try {
                String target = Files.readSymbolicLink(descriptor.toPath()).toString();
                count += !target.startsWith("/") || target.startsWith("/dev/binder") ? 1 : 0;
            } catch (IOException gone) {
                continue; // the one this very listing had open
            }
        }
        return count;
    }

    void write(Parcel parcel) {
        parcel.writeInt(nodes);
        parcel.writeInt(proxies);
        parcel.writeInt(buffers);
        parcel.writeInt(descriptors);
        parcel.writeInt(failures);
    }

    static Live read(Parcel parcel) {
        return new Live(parcel.readInt(), parcel.readInt(), parcel.readInt(), parcel.readInt(), parcel.readInt());
    }
}
