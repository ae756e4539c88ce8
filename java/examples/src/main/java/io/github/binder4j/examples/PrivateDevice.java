package io.github.binder4j.examples;

import io.github.binder4j.binderfs.Binderfs;
import io.github.binder4j.binderfs.BinderfsDevice;
import io.github.binder4j.binderfs.LoggedTransaction;
import io.github.binder4j.binderfs.MountOptions;
import io.github.binder4j.binderfs.ProcessRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Mounts an instance of binderfs for one device, lets a group use it, and prints what the driver says. */
public final class PrivateDevice {
    private PrivateDevice() {}

    /** Arguments: an empty directory. Needs root. */
    public static void main(String[] args) throws IOException {
        MountOptions options = MountOptions.DEFAULT.withMaxDevices(8).withGlobalStats();
        try (Binderfs binderfs = Binderfs.mount(Path.of(args[0]), options)) {
            BinderfsDevice device = binderfs.add("sensors");
            binderfs.setGroup("sensors", "users");
            binderfs.setPermissions("sensors", PosixFilePermissions.fromString("rw-rw----"));
            System.out.println("use it with -Dbinder4j.device=" + device.path());

            System.out.println("the driver offers " + binderfs.features().names());
            for (ProcessRecord process : binderfs.logs().state().processes()) {
                System.out.println("process " + process.pid() + " on " + process.context() + " has "
                        + process.nodes().size() + " objects and "
                        + process.refs().size() + " references");
            }
            for (LoggedTransaction failed :
                    binderfs.logs().failedTransactionLog().transactions()) {
                System.out.println(failed.fromPid() + " could not call " + failed.toPid() + ": "
                        + failed.returnErrorName() + " (" + failed.returnErrorParam() + ")");
            }
        }
    }
}
