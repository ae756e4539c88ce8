#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "descriptors.h"
#include "fake_kernel.h"

enum { NOBODY = 65534 };

static int version_8(const struct ioctl_call *call)
{
	*(int32_t *)call->argument = 8;
	return 0;
}

/* The protection /proc/self/maps shows for an address, as "r--p". */
static void protection_of(int64_t address, char protection[5])
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512];
	uint64_t start;

	memset(protection, 0, 5);
	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%" SCNx64 "-%*x %4s", &start, protection) == 2 && start == (uint64_t)address)
			break;
	}
	fclose(maps);
}

TEST(open_says_why_it_failed)
{
	CHECK_EQ(b4j_open_device("/nonexistent/binder", 0), -ENOENT);
	CHECK_EQ(b4j_open_device("/", 0), -EISDIR);
	CHECK_EQ(b4j_open_device("/dev/null/binder", 0), -ENOTDIR);
}

/* In a child that is not root, for whom alone permissions count; passes where root may not become another user. */
TEST(open_without_permission_is_refused)
{
	char path[] = "/tmp/b4j-check-XXXXXX";
	int fd = mkstemp(path);
	int status = -1;
	pid_t child;

	CHECK(fd >= 0);
	fchmod(fd, 0);
	child = fork();
	if (child == 0)
		_exit((geteuid() == 0 && setuid(NOBODY) < 0) ? 0 : -b4j_open_device(path, 0) ^ EACCES);
	waitpid(child, &status, 0);
	CHECK_EQ(status, 0);
	unlink(path);
	close(fd);
}

TEST(open_is_for_both_ways_and_not_inherited)
{
	int fd = b4j_open_device("/dev/null", O_NONBLOCK);

	CHECK(fd >= 0);
	CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	CHECK_EQ(fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK), O_RDWR | O_NONBLOCK);
	CHECK_EQ(b4j_close_fd(fd), 0);
	CHECK_EQ(b4j_close_fd(fd), -EBADF);
}

TEST(protocol_version_is_the_drivers)
{
	fake_ioctl(version_8);

	CHECK_EQ(b4j_protocol_version(5), 8);
	CHECK_EQ(fake_call(0).fd, 5);
	CHECK_EQ(fake_call(0).request, 0xc0046209);
	CHECK_EQ(b4j_user_protocol_version(), 8);
}

TEST(protocol_version_of_what_is_no_device_is_an_error)
{
	int fd = scratch_file();

	CHECK_EQ(b4j_protocol_version(fd), -ENOTTY);
	close(fd);
	CHECK_EQ(b4j_protocol_version(fd), -EBADF);
}

TEST(map_is_read_only)
{
	int fd = scratch_file();
	char protection[5];
	int64_t address;

	CHECK_EQ(write(fd, "binder", 6), 6);
	address = b4j_map_device(fd, 4096);

	CHECK(address > 0);
	CHECK_EQ(memcmp((void *)(uintptr_t)address, "binder", 6), 0);
	protection_of(address, protection);
	CHECK_EQ(strcmp(protection, "r--p"), 0);
	CHECK_EQ(b4j_unmap_device(address, 4096), 0);
	close(fd);
}

TEST(replaced_mapping_is_zeros_and_lets_the_file_go)
{
	int fd = scratch_file();
	char protection[5];
	char zeros[4096] = { 0 };
	int64_t address;

	CHECK_EQ(write(fd, "binder", 6), 6);
	address = b4j_map_device(fd, 4096);
	CHECK_EQ(b4j_replace_mapping(address, 4096), 0);
	CHECK_EQ(ftruncate(fd, 0), 0); /* were it still the file's, reading would be SIGBUS */

	CHECK_EQ(memcmp((void *)(uintptr_t)address, zeros, 4096), 0);
	protection_of(address, protection);
	CHECK_EQ(strcmp(protection, "r--p"), 0);
	CHECK_EQ(b4j_unmap_device(address, 4096), 0);
	CHECK_EQ(b4j_replace_mapping(1, 4096), -EINVAL);
	close(fd);
}

TEST(map_that_fails_gives_its_errno)
{
	int fd = scratch_file();

	CHECK_EQ(b4j_map_device(fd, 0), -EINVAL);
	close(fd);
	CHECK_EQ(b4j_map_device(fd, 4096), -EBADF);
	CHECK_EQ(b4j_unmap_device(1, 4096), -EINVAL);
}

TEST(page_size_is_what_a_mapping_must_begin_on)
{
	int page = b4j_page_size();

	CHECK(page >= 4096);
	CHECK_EQ(page & (page - 1), 0);
	CHECK_EQ(b4j_unmap_device(page / 2, page), -EINVAL);
	CHECK_EQ(b4j_unmap_device(page, page), 0);
}

/* Whether this process holds its lock still, as a child sees it: closing any descriptor of the file drops it. */
static bool is_locked(int fd)
{
	struct flock lock = { .l_type = F_WRLCK };
	int status = -1;
	pid_t child = fork();

	if (child == 0)
		_exit(fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type == F_UNLCK ? 0 : 1);
	waitpid(child, &status, 0);
	return status != 0;
}

/* That a descriptor of the file is closed, which calls the device's flush, shows by the lock. */
TEST(wake_threads_closes_the_device_once_though_no_number_is_free)
{
	struct flock lock = { .l_type = F_WRLCK };
	int fd = scratch_file();
	int copy = b4j_duplicate(fd);
	struct rlimit limit;
	struct rlimit none;

	CHECK_EQ(fcntl(fd, F_SETLK, &lock), 0);
	CHECK(is_locked(fd));
	getrlimit(RLIMIT_NOFILE, &limit);
	none = (struct rlimit){ next_fd(), limit.rlim_max };
	CHECK_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);

	CHECK_EQ(b4j_duplicate(fd), -EMFILE);
	CHECK_EQ(b4j_wake_threads(fd, copy), 0);
	CHECK(!is_locked(fd));

	CHECK_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
	close(copy);
	close(fd);
}

TEST(wake_threads_leaves_the_device_and_its_copy_open)
{
	int fd = scratch_file();
	int copy = b4j_duplicate(fd);
	int before = next_fd();

	CHECK_EQ(b4j_wake_threads(fd, copy), 0);
	CHECK_EQ(b4j_wake_threads(fd, copy), 0);
	CHECK_EQ(next_fd(), before);
	CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	CHECK_EQ(fcntl(copy, F_GETFD), FD_CLOEXEC);
	CHECK_EQ(write(copy, "x", 1), 1);
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 1);
	close(copy);
	close(fd);
	CHECK_EQ(b4j_wake_threads(fd, copy), -EBADF);
}
