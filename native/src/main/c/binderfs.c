#include "binderfs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "abi_compat.h"
#include "device.h"

int b4j_mount_binderfs(const char *target, int max_devices, int global_stats)
{
	char max[sizeof("max=2147483647,")] = "";
	char options[sizeof(max) + sizeof("stats=global")];

	if (max_devices > 0)
		snprintf(max, sizeof(max), global_stats ? "max=%d," : "max=%d", max_devices);
	snprintf(options, sizeof(options), "%s%s", max, global_stats ? "stats=global" : "");
	return mount("binder", target, "binder", 0, options) < 0 ? -errno : 0;
}

int b4j_unmount(const char *target)
{
	return umount2(target, 0) < 0 ? -errno : 0;
}

int64_t b4j_add_device(const char *control_path, const char *name)
{
	struct binderfs_device device = { 0 };
	int control;
	int result;

	if (strlen(name) > BINDERFS_MAX_NAME)
		return -ENAMETOOLONG;
	memcpy(device.name, name, strlen(name));
	control = b4j_open_device(control_path, 0);
	if (control < 0)
		return control;
	result = ioctl(control, BINDER_CTL_ADD, &device) < 0 ? -errno : 0;
	b4j_close_fd(control);
	return result < 0 ? result : (int64_t)device.major << 32 | device.minor;
}

int b4j_remove_device(const char *path)
{
	return unlink(path) < 0 ? -errno : 0;
}
