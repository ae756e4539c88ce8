package android.os;

import io.github.binder4j.parcel.ParcelData;
import io.github.binder4j.runtime.ApiBridge;
import io.github.binder4j.runtime.LocalObject;
import io.github.binder4j.runtime.ProcessState;
import io.github.binder4j.runtime.RemoteObject;

/** Shows the runtime's side of API objects to the packages that need it; see {@link ApiBridge}. */
final class ApiAccess extends ApiBridge {
    private ApiAccess() {}

    static void install() {
        ApiBridge.install(new ApiAccess());
    }

    @Override
    public ParcelData dataOf(Object parcel) {
        return ((Parcel) parcel).data();
    }

    @Override
    public void checkInUse(Object parcel, ParcelData data) {
        ((Parcel) parcel).check(data);
    }

    @Override
    public LocalObject localObjectOf(Object binder) {
        return ((Binder) binder).binder4jObject();
    }

    @Override
    public IBinder binderFor(Object resolved) {
        return BinderProxy.binderFor(resolved);
    }

    @Override
    public RemoteObject remoteObjectOf(Object binder) {
        return binder instanceof BinderProxy proxy ? proxy.remote() : null;
    }

    @Override
    public Services servicesOf(ProcessState process) {
        return new ServiceManagerClient(process);
    }
}
