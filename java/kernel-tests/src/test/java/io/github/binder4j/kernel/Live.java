package io.github.binder4j.kernel;

import android.os.Parcel;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.DeviceStatistics;

/**
 * What a process has at the moment, by its own numbers.
 *
 * @param nodes objects of its own that others hold
 * @param proxies objects of others that it holds
 * @param buffers received buffers it has not given back; the call that asks for this is one
 * @param failures calls it made that failed, replies that did not arrive, and parcels it forgot to recycle
 */
record Live(int nodes, int proxies, int buffers, int failures) {

    /** This process's, after a collection. */
    static Live here() {
        System.gc();
        DeviceStatistics now = BinderDevice.getDefault().statistics();
        long failed =
                now.failures().values().stream().mapToLong(Long::longValue).sum();
        return new Live(now.liveNodes(), now.liveProxies(), (int) now.liveBuffers(), (int)
                (failed + now.repliesFailed() + now.leakedBuffers() + now.unknownReturns()));
    }

    void write(Parcel parcel) {
        parcel.writeInt(nodes);
        parcel.writeInt(proxies);
        parcel.writeInt(buffers);
        parcel.writeInt(failures);
    }

    static Live read(Parcel parcel) {
        return new Live(parcel.readInt(), parcel.readInt(), parcel.readInt(), parcel.readInt());
    }
}
