#include "transaction.h"

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

#include "abi_compat.h"
#include "check.h"
#include "fake_kernel.h"

static uint64_t bwr[6];

static int64_t write_read(int fd)
{
	return b4j_write_read(fd, (int64_t)(uintptr_t)bwr, 44, 256);
}

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
		CHECK_EQ(struct_at[1], 44);
		CHECK_EQ(struct_at[4], 4);
		struct_at[4] = 12;
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
	bwr[2] = 0x1000;
	bwr[5] = 0x2000;
	fake_ioctl(interrupted_twice);

	CHECK_EQ(write_read(7), 44LL << 32 | 12);

	CHECK_EQ(fake_calls(), 3);
	for (int i = 0; i < 3; i++) {
		CHECK_EQ(fake_call(i).fd, 7);
		CHECK_EQ(fake_call(i).request, 0xc0306201);
		CHECK(fake_call(i).argument == bwr);
	}
	CHECK_EQ(bwr[0], 44);
	CHECK_EQ(bwr[2], 0x1000);
	CHECK_EQ(bwr[3], 256);
	CHECK_EQ(bwr[5], 0x2000);
}

static int consumed_nothing_yet(const struct ioctl_call *call)
{
	uint64_t *struct_at = call->argument;

	CHECK_EQ(struct_at[0], 44);
	CHECK_EQ(struct_at[1], 0);
	CHECK_EQ(struct_at[3], 256);
	CHECK_EQ(struct_at[4], 0);
	return 0;
}

TEST(write_read_says_nothing_of_what_an_earlier_one_consumed)
{
	for (int i = 0; i < 6; i++)
		bwr[i] = 1;
	fake_ioctl(consumed_nothing_yet);

	CHECK_EQ(write_read(7), 0);
}

TEST(write_read_returns_any_other_errno)
{
	fake_ioctl(interrupted_then_refused);

	CHECK_EQ(write_read(7), -EBADF);
	CHECK_EQ(fake_calls(), 3);
}

TEST(write_read_on_a_file_that_is_no_device_is_refused)
{
	int fd = scratch_file();

	CHECK_EQ(write_read(fd), -ENOTTY);
	close(fd);
	CHECK_EQ(write_read(fd), -EBADF);
}

static uint32_t returns[64];

static int64_t reply_and_read(void)
{
	bwr[2] = 0x1000;
	bwr[5] = (uint64_t)(uintptr_t)returns;
	return b4j_reply_and_read(7, (int64_t)(uintptr_t)bwr, 68, sizeof(returns));
}

/* The driver takes the reply, and gives these words. */
static int returned(const struct ioctl_call *call, uint64_t consumed, int count, uint32_t first, uint32_t second)
{
	uint64_t *struct_at = call->argument;

	struct_at[1] = consumed;
	CHECK_EQ(struct_at[4], 0);
	returns[0] = first;
	returns[1] = second;
	struct_at[4] = count * sizeof(uint32_t);
	return 0;
}

static int complete_then_obituary(const struct ioctl_call *call)
{
	return returned(call, 68, 2, BR_NOOP, fake_calls() == 1 ? BR_TRANSACTION_COMPLETE : BR_DEAD_BINDER);
}

static int failed_reply(const struct ioctl_call *call)
{
	return returned(call, 68, 2, BR_NOOP, BR_FAILED_REPLY);
}

static int complete_and_more(const struct ioctl_call *call)
{
	return returned(call, 68, 3, BR_NOOP, BR_TRANSACTION_COMPLETE);
}

/* The driver writes the request for a looper over the BR_NOOP (binder_thread_read, done). */
static int spawn_looper_and_complete(const struct ioctl_call *call)
{
	return returned(call, 68, 2, BR_SPAWN_LOOPER, BR_TRANSACTION_COMPLETE);
}

static int complete_of_an_earlier_one(const struct ioctl_call *call)
{
	return returned(call, 0, 2, BR_NOOP, BR_TRANSACTION_COMPLETE);
}

static int complete_then_refused(const struct ioctl_call *call)
{
	return fake_calls() == 1 ? returned(call, 68, 2, BR_NOOP, BR_TRANSACTION_COMPLETE) : -EBADF;
}

/* How often the driver is called for a reply that it answers so. */
static int calls_for_reply(ioctl_answer *answer, uint32_t written, uint32_t read)
{
	fake_reset();
	fake_ioctl(answer);
	CHECK_EQ(reply_and_read(), (int64_t)written << 32 | read);
	return fake_calls();
}

TEST(reply_and_read_reads_on_after_the_driver_took_the_reply)
{
	CHECK_EQ(calls_for_reply(complete_then_obituary, 68, 8), 2);
	CHECK_EQ(returns[1], BR_DEAD_BINDER);
}

TEST(reply_and_read_returns_with_anything_else)
{
	CHECK_EQ(calls_for_reply(failed_reply, 68, 8), 1);
	CHECK_EQ(returns[1], BR_FAILED_REPLY);

	CHECK_EQ(calls_for_reply(complete_and_more, 68, 12), 1);

	CHECK_EQ(calls_for_reply(spawn_looper_and_complete, 68, 8), 1);
	CHECK_EQ(returns[0], BR_SPAWN_LOOPER);

	CHECK_EQ(calls_for_reply(complete_of_an_earlier_one, 0, 8), 1);
}

TEST(reply_and_read_returns_an_error_of_either_call)
{
	fake_ioctl(complete_then_refused);
	CHECK_EQ(reply_and_read(), -EBADF);
	CHECK_EQ(fake_calls(), 2);
	CHECK_EQ(bwr[1], 68);

	fake_reset();
	fake_ioctl(interrupted_then_refused);
	CHECK_EQ(reply_and_read(), -EBADF);
	CHECK_EQ(fake_calls(), 3);
}
