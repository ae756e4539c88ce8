package io.github.binder4j.binderfs;

import io.github.binder4j.natives.BinderNative;
import io.github.binder4j.natives.FileNames;
import java.nio.file.Path;

/**
 * The system calls on instances, as far as Java has none.
 *
 * <p>The seam at which a test answers in the kernel's stead. Results are those of {@link BinderNative}: negative for an
 * errno.
 */
interface BinderfsCalls {
    /** The kernel. */
    BinderfsCalls KERNEL = new BinderfsCalls() {
        @Override
        public int mount(Path target, MountOptions options) {
            return BinderNative.mountBinderfs(
                    FileNames.bytes(target), options.maxDevices().orElse(0), options.globalStats() ? 1 : 0);
        }

        @Override
        public int unmount(Path target) {
            return BinderNative.unmount(FileNames.bytes(target));
        }

        @Override
        public long addDevice(Path control, String name) {
            return BinderNative.addDevice(FileNames.bytes(control), FileNames.bytes(name));
        }

        @Override
        public int removeDevice(Path path) {
            return BinderNative.removeDevice(FileNames.bytes(path));
        }
    };

    int mount(Path target, MountOptions options);

    int unmount(Path target);

    /** Returns {@code major << 32 | minor}. */
    long addDevice(Path control, String name);

    int removeDevice(Path path);
}
