package android.os;

import io.github.binder4j.parcel.ParcelData;
import io.github.binder4j.runtime.ApiBridge;
import io.github.binder4j.runtime.LocalObject;

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
    public LocalObject localObjectOf(Object binder) {
        return ((Binder) binder).binder4jObject();
    }
}
