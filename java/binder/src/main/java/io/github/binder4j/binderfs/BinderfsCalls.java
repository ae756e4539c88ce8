package io.github.binder4j.binderfs;

import io.github.binder4j.natives.BinderNative;

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
        public int mount(String target, MountOptions options) {
            return BinderNative.mountBinderfs(target, options.maxDevices().orElse(0), options.globalStats() ? 1 : 0);
        }

        @Override
        public int unmount(String target) {
            return BinderNative.unmount(target);
        }

        @Override
        public long addDevice(String controlPath, String name) {
            return BinderNative.addDevice(controlPath, name);
        }

        @Override
        public int removeDevice(String path) {
            return BinderNative.removeDevice(path);
        }
    };

    int mount(String target, MountOptions options);

    int unmount(String target);

    /** Returns {@code major << 32 | minor}. */
    long addDevice(String controlPath, String name);

    int removeDevice(String path);
}
