#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "abi_compat.h"

int b4j_open_device(const char *path, int extra_flags)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | extra_flags);

	return fd < 0 ? -errno : fd;
}

int b4j_close_fd(int fd)
{
	return close(fd) < 0 ? -errno : 0;
}

int b4j_protocol_version(int fd)
{
	struct binder_version version = { 0 };

	return ioctl(fd, BINDER_VERSION, &version) < 0 ? -errno : version.protocol_version;
}

int b4j_user_protocol_version(void)
{
	return BINDER_CURRENT_PROTOCOL_VERSION;
}

/* The driver refuses a writable mapping (binder_mmap: FORBIDDEN_MMAP_FLAGS). */
int64_t b4j_map_device(int fd, int64_t size)
{
	void *address = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE | MAP_NORESERVE, fd, 0);

	return address == MAP_FAILED ? -errno : (int64_t)(uintptr_t)address;
}

int b4j_page_size(void)
{
	return (int)sysconf(_SC_PAGESIZE);
}

/* MAP_FIXED takes the driver's mapping away as munmap would (binder_vma_close), and leaves no moment without memory there. */
int b4j_replace_mapping(int64_t address, int64_t size)
{
	void *zeros = mmap((void *)(uintptr_t)address, (size_t)size, PROT_READ,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);

	return zeros == MAP_FAILED ? -errno : 0;
}

int b4j_unmap_device(int64_t address, int64_t size)
{
	return munmap((void *)(uintptr_t)address, (size_t)size) < 0 ? -errno : 0;
}

/*
 * Closing any descriptor of an open file calls its flush, whoever else holds the file: binder_flush queues
 * BINDER_DEFERRED_FLUSH, and binder_deferred_flush has every thread of the process return from its read
 * (drivers/android/binder.c). The device itself stays open. The copy is closed by putting another in its place (do_dup2,
 * fs/file.c). binder_ioctl clears that mark whenever it returns, so it is lost on a thread that a signal stops at that
 * moment, whose EINTR b4j_write_read hides, or that is in the first of the two calls of b4j_reply_and_read.
 */
int b4j_wake_threads(int fd, int copy)
{
	return dup3(fd, copy, O_CLOEXEC) < 0 ? -errno : 0;
}
