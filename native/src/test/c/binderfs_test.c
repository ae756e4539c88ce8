#include "binderfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abi_compat.h"
#include "check.h"
#include "fake_kernel.h"

static struct binderfs_device asked;

static int add(const struct ioctl_call *call)
{
	struct binderfs_device *device = call->argument;

	asked = *device;
	device->major = 511;
	device->minor = 0x80000007;
	return 0;
}

static int exists(const struct ioctl_call *call)
{
	(void)call;
	return -EEXIST;
}

static void name_of_length(char *name, int length)
{
	memset(name, 'n', length);
	name[length] = 0;
}

TEST(add_device_passes_a_clean_struct)
{
	struct binderfs_device expected = { .name = "binder-7" };
	int before = next_fd();

	fake_ioctl(add);

	CHECK_EQ(b4j_add_device("/dev/null", "binder-7"), 511LL << 32 | 0x80000007);

	CHECK_EQ(fake_calls(), 1);
	CHECK_EQ(fake_call(0).request, 0xc1086201);
	CHECK_EQ(memcmp(&asked, &expected, sizeof(asked)), 0);
	CHECK_EQ(next_fd(), before);
}

TEST(add_device_takes_names_up_to_255_bytes)
{
	char name[300];

	fake_ioctl(add);

	name_of_length(name, 255);
	CHECK(b4j_add_device("/dev/null", name) > 0);
	CHECK_EQ(strcmp(asked.name, name), 0);

	name_of_length(name, 256);
	CHECK_EQ(b4j_add_device("/dev/null", name), -ENAMETOOLONG);
	CHECK_EQ(fake_calls(), 1);
}

TEST(add_device_that_fails_leaves_nothing_open)
{
	int before = next_fd();

	fake_ioctl(exists);
	CHECK_EQ(b4j_add_device("/dev/null", "binder"), -EEXIST);
	CHECK_EQ(b4j_add_device("/nonexistent/binder-control", "binder"), -ENOENT);
	CHECK_EQ(fake_calls(), 1);
	CHECK_EQ(next_fd(), before);
}

TEST(mount_gives_the_limit_to_the_kernel)
{
	fake_mount();

	CHECK_EQ(b4j_mount_binderfs("/dev/binderfs", INT_MAX, 0), 0);
	CHECK_EQ(strcmp(fake_mounted.type, "binder"), 0);
	CHECK_EQ(fake_mounted.flags, 0);
	CHECK_EQ(strcmp(fake_mounted.target, "/dev/binderfs"), 0);
	CHECK_EQ(strcmp(fake_mounted.options, "max=2147483647"), 0);

	CHECK_EQ(b4j_mount_binderfs("/dev/binderfs", 0, 0), 0);
	CHECK_EQ(strcmp(fake_mounted.options, ""), 0);
}

TEST(mount_asks_for_logs_with_and_without_a_limit)
{
	fake_mount();

	CHECK_EQ(b4j_mount_binderfs("/dev/binderfs", 0, 1), 0);
	CHECK_EQ(strcmp(fake_mounted.options, "stats=global"), 0);

	CHECK_EQ(b4j_mount_binderfs("/dev/binderfs", INT_MAX, 1), 0);
	CHECK_EQ(strcmp(fake_mounted.options, "max=2147483647,stats=global"), 0);
}

/* EPERM where mounting is forbidden whatever the path. */
TEST(mount_on_a_missing_path_is_an_error)
{
	int mounted = b4j_mount_binderfs("/nonexistent/binderfs", 0, 0);
	int unmounted = b4j_unmount("/nonexistent/binderfs");

	CHECK(mounted == -ENOENT || mounted == -EPERM);
	CHECK(unmounted == -ENOENT || unmounted == -EPERM);
}

TEST(remove_device_takes_its_name_away)
{
	char directory[] = "/tmp/b4j-XXXXXX";
	char path[32];

	CHECK(mkdtemp(directory) != NULL);
	snprintf(path, sizeof(path), "%s/binder", directory);
	close(open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600));

	CHECK_EQ(b4j_remove_device(path), 0);
	CHECK_EQ(b4j_remove_device(path), -ENOENT);
	CHECK_EQ(rmdir(directory), 0);
}
