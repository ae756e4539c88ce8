package io.github.binder4j.kernel;

import android.os.Binder;
import android.os.IBinder;
import android.os.Parcel;
import android.os.ServiceManager;
import io.github.binder4j.BinderDevice;
import java.util.concurrent.CountDownLatch;

/** What {@link CloseIT} runs in a class loader of its own. */
public final class LoaderUser {
    /** Kept by statics, as programs keep what they call and offer. */
    private static BinderDevice device;

    private static IBinder peer;
    private static IBinder own;

    private LoaderUser() {}

    /** Calls, is called back, watches a death and a device, and closes that. */
    public static void useAndClose() throws Exception {
        device = BinderDevice.getDefault();
        device.subscribe(new io.github.binder4j.DeviceListener() {});
        peer = ServiceManager.getService(Peer.NAME);
        peer.linkToDeath(() -> {}, 0);
        own = new Binder() {
            @Override
            protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) {
                reply.writeNoException();
                return true;
            }
        };
        ServiceManager.addService("of-a-loader", own);
        Calls.call(peer, Peer.CALL_BACK, data -> data.writeStrongBinder(own));
        Calls.call(peer, Peer.GIVE_BLOB, data -> data.writeInt(1000), Parcel::readBlob);
        callFromAVirtualThread();
        device.close();
    }

    private static void callFromAVirtualThread() throws Exception {
        if (Runtime.version().feature() < 21) {
            return;
        }
        CountDownLatch called = new CountDownLatch(1);
        Runnable call = () -> {
            peer.pingBinder();
            called.countDown();
        };
        Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, call);
        called.await();
    }
}
