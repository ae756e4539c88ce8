#include "descriptors.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

int b4j_duplicate(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	return copy < 0 ? -errno : copy;
}

int b4j_open_file(const char *path, int flags, int mode)
{
	int fd = open(path, flags | O_CLOEXEC, mode);

	return fd < 0 ? -errno : fd;
}

int64_t b4j_pipe(void)
{
	int ends[2];

	return pipe2(ends, O_CLOEXEC) < 0 ? -errno : (int64_t)ends[1] << 32 | ends[0];
}

/* Not memfd_create(): C libraries have it only since glibc 2.27. */
int b4j_memfd(const char *name, int64_t size, int sealed)
{
	int fd = (int)syscall(SYS_memfd_create, name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -errno;
	if (ftruncate(fd, size) == 0 &&
	    (!sealed || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0))
		return fd;

	int error = errno;

	close(fd);
	return -error;
}

#ifndef F2FS_SUPER_MAGIC
#define F2FS_SUPER_MAGIC 0xF2F52010
#endif
#ifndef XFS_SUPER_MAGIC
#define XFS_SUPER_MAGIC 0x58465342
#endif

/* File systems in memory or on a disk of this machine, none of which has another process answer when a file is closed. */
static bool is_local(int fd)
{
	struct statfs system;

	if (fstatfs(fd, &system) < 0)
		return false;
	switch ((uint32_t)system.f_type) {
	case TMPFS_MAGIC:
	case RAMFS_MAGIC:
	case HUGETLBFS_MAGIC:
	case EXT4_SUPER_MAGIC:
	case XFS_SUPER_MAGIC:
	case BTRFS_SUPER_MAGIC:
	case F2FS_SUPER_MAGIC:
		return true;
	default:
		return false;
	}
}

/*
 * filp_close calls the file's flush, and the last close its release, on the thread that closes (fs/open.c, fs/file_table.c):
 * FUSE and NFS send a request in the one, a socket lingers in the other, a terminal drains. The file below an overlay's is not
 * seen from here. A pipe has neither to wait for.
 */
static bool closes_at_once(int fd, const struct stat *file)
{
	return S_ISFIFO(file->st_mode) || ((S_ISREG(file->st_mode) || S_ISDIR(file->st_mode)) && is_local(fd));
}

int b4j_close_at_once(int fd)
{
	struct stat file;

	/* The call itself: the C library's function is one of glibc 2.33. */
	if (syscall(SYS_fstat, fd, &file) < 0)
		return -errno;
	if (!closes_at_once(fd, &file))
		return 1;
	return close(fd) < 0 ? -errno : 0;
}

int b4j_send_number(int fd, int number)
{
	uint32_t word = htonl((uint32_t)number);

	return send(fd, &word, sizeof(word), MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int64_t b4j_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* A signal must not lengthen the wait: a JVM that is being profiled gets them all the time. */
int b4j_poll_readable(int fd, int timeout_ms)
{
	struct pollfd polled = { .fd = fd, .events = POLLIN };
	int64_t deadline = b4j_now_ms() + timeout_ms;
	int left = timeout_ms;

	/* poll skips a negative descriptor, and would wait for nothing. */
	if (fd < 0)
		return -EBADF;
	for (;;) {
		int ready = poll(&polled, 1, left);

		if (ready > 0)
			return polled.revents & POLLNVAL ? -EBADF : 1;
		if (ready == 0)
			return 0;
		if (errno != EINTR)
			return -errno;
		if (timeout_ms >= 0) {
			int64_t rest = deadline - b4j_now_ms();

			left = rest > 0 ? (int)rest : 0;
		}
	}
}
