/* binderfs: mounting an instance and adding devices to it. Every function returns a negative errno on failure. */
#ifndef B4J_BINDERFS_H
#define B4J_BINDERFS_H

#include <stdint.h>

/* Mounts a new instance; max_devices 0 leaves the limit to the kernel, global_stats puts the driver's logs into it. */
int b4j_mount_binderfs(const char *target, int max_devices, int global_stats);
int b4j_unmount(const char *target);
/* Returns the new device's number, major << 32 | minor. */
int64_t b4j_add_device(const char *control_path, const char *name);
/* Who has the device open keeps it; binder-control and the feature files are refused. */
int b4j_remove_device(const char *path);

#endif
