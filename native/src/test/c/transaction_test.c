#include "transaction.h"

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

#include "check.h"
#include "fake_kernel.h"

static uint64_t bwr[6];

/* The driver took the commands and gave BR_NOOP when the signals came. */
static int interrupted_twice(const struct ioctl_call *call)
{
	uint64_t *struct_at = call->argument;

	switch (fake_calls()) {
	case 1:
		struct_at[1] = 44;
		struct_at[4] = 4;
		return -EINTR;
	case 2:
		return -EINTR;
	default:
		return 0;
	}
}

static int interrupted_then_refused(const struct ioctl_call *call)
{
	(void)call;
	return fake_calls() < 3 ? -EINTR : -EBADF;
}

TEST(write_read_resumes_after_a_signal_with_the_same_struct)
{
	bwr[0] = 44;
	bwr[1] = 0;
	bwr[2] = 0x1000;
	bwr[3] = 256;
	bwr[4] = 0;
	bwr[5] = 0x2000;
	fake_ioctl(interrupted_twice);

	CHECK_EQ(b4j_write_read(7, (int64_t)(uintptr_t)bwr), 0);

	CHECK_EQ(fake_calls(), 3);
	for (int i = 0; i < 3; i++) {
		CHECK_EQ(fake_call(i).fd, 7);
		CHECK_EQ(fake_call(i).request, 0xc0306201);
		CHECK(fake_call(i).argument == bwr);
	}
	CHECK_EQ(bwr[0], 44);
	CHECK_EQ(bwr[1], 44);
	CHECK_EQ(bwr[3], 256);
	CHECK_EQ(bwr[4], 4);
}

TEST(write_read_returns_any_other_errno)
{
	fake_ioctl(interrupted_then_refused);

	CHECK_EQ(b4j_write_read(7, (int64_t)(uintptr_t)bwr), -EBADF);
	CHECK_EQ(fake_calls(), 3);
}

TEST(write_read_on_a_file_that_is_no_device_is_refused)
{
	int fd = scratch_file();

	CHECK_EQ(b4j_write_read(fd, (int64_t)(uintptr_t)bwr), -ENOTTY);
	close(fd);
	CHECK_EQ(b4j_write_read(fd, (int64_t)(uintptr_t)bwr), -EBADF);
}
