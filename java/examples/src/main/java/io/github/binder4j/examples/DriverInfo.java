package io.github.binder4j.examples;

import android.os.Binder;
import io.github.binder4j.BinderDevice;

/** Says which driver this is, and holds the device open until it is killed. */
public final class DriverInfo {
    private DriverInfo() {}

    public static void main(String[] args) {
        BinderDevice device = BinderDevice.getDefault();
        System.out.println(
                "kernel " + System.getProperty("os.version") + ", binder protocol version " + device.protocolVersion());
        System.out.println("device " + device.path() + ", mapping of " + device.mappingSizeBytes() + " bytes ("
                + device.mappingSizeBytes() / 1024 + " KiB) in each process");
        System.out.println("ready");
        Binder.joinThreadPool();
    }
}
