#include "control.h"

#include <errno.h>
#include <stddef.h>
#include <sys/ioctl.h>

#include "abi_compat.h"

static int call(int fd, unsigned long request, void *argument)
{
	return ioctl(fd, request, argument) < 0 ? -errno : 0;
}

static void *at(int64_t address)
{
	return (void *)(uintptr_t)address;
}

int b4j_set_max_threads(int fd, int count)
{
	__u32 max = (__u32)count;

	return call(fd, BINDER_SET_MAX_THREADS, &max);
}

/* Kernels before 5.0 know only the older request, which has no flags; an unknown one answers EINVAL. */
int b4j_become_context_manager(int fd, int node_flags)
{
	struct flat_binder_object node = { .hdr.type = BINDER_TYPE_BINDER, .flags = (__u32)node_flags };
	__s32 unused = 0;
	int result = call(fd, BINDER_SET_CONTEXT_MGR_EXT, &node);

	return result == -EINVAL ? call(fd, BINDER_SET_CONTEXT_MGR, &unused) : result;
}

int b4j_thread_exit(int fd)
{
	return call(fd, BINDER_THREAD_EXIT, NULL);
}

int b4j_enable_oneway_spam_detection(int fd, int enable)
{
	__u32 value = (__u32)enable;

	return call(fd, BINDER_ENABLE_ONEWAY_SPAM_DETECTION, &value);
}

int b4j_extended_error(int fd, int64_t out_address)
{
	return call(fd, BINDER_GET_EXTENDED_ERROR, at(out_address));
}

int b4j_freeze(int fd, int pid, int enable, int timeout_ms)
{
	struct binder_freeze_info info = {
		.pid = (__u32)pid,
		.enable = (__u32)enable,
		.timeout_ms = (__u32)timeout_ms,
	};

	return call(fd, BINDER_FREEZE, &info);
}

int b4j_frozen_info(int fd, int64_t inout_address)
{
	return call(fd, BINDER_GET_FROZEN_INFO, at(inout_address));
}

int b4j_node_debug_info(int fd, int64_t inout_address)
{
	return call(fd, BINDER_GET_NODE_DEBUG_INFO, at(inout_address));
}

int b4j_node_info_for_ref(int fd, int64_t inout_address)
{
	return call(fd, BINDER_GET_NODE_INFO_FOR_REF, at(inout_address));
}
