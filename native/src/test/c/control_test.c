#include "control.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "abi_compat.h"
#include "check.h"
#include "fake_kernel.h"

/* The numbers are literals here on purpose: they are what the kernel compares, whatever header is installed. */
enum {
	SET_MAX_THREADS = 0x40046205,
	SET_CONTEXT_MGR = 0x40046207,
	THREAD_EXIT = 0x40046208,
	SET_CONTEXT_MGR_EXT = 0x4018620d,
	ENABLE_ONEWAY_SPAM_DETECTION = 0x40046210,
	FREEZE = 0x400c620e,
};

static const unsigned long GET_NODE_DEBUG_INFO = 0xc018620b;
static const unsigned long GET_NODE_INFO_FOR_REF = 0xc018620c;
static const unsigned long GET_FROZEN_INFO = 0xc00c620f;
static const unsigned long GET_EXTENDED_ERROR = 0xc00c6211;

static uint32_t argument[6];
static int answer;

static int keep_argument(const struct ioctl_call *call)
{
	memcpy(argument, call->argument, call->request >> 16 & 0x3fff);
	return answer;
}

static int no_extended_manager(const struct ioctl_call *call)
{
	return call->request == SET_CONTEXT_MGR_EXT ? -EINVAL : answer;
}

static int only_answer(const struct ioctl_call *call)
{
	(void)call;
	return answer;
}

static void given(ioctl_answer *answering, int result)
{
	fake_reset();
	memset(argument, 0xff, sizeof(argument));
	answer = result;
	fake_ioctl(answering);
}

TEST(control_passes_numbers_and_values_as_the_kernel_reads_them)
{
	given(keep_argument, 0);
	CHECK_EQ(b4j_set_max_threads(5, 15), 0);
	CHECK_EQ(fake_call(0).request, SET_MAX_THREADS);
	CHECK_EQ(fake_call(0).fd, 5);
	CHECK_EQ(argument[0], 15);

	given(keep_argument, 0);
	CHECK_EQ(b4j_enable_oneway_spam_detection(5, 1), 0);
	CHECK_EQ(fake_call(0).request, ENABLE_ONEWAY_SPAM_DETECTION);
	CHECK_EQ(argument[0], 1);

	given(keep_argument, -EAGAIN);
	CHECK_EQ(b4j_freeze(5, 4711, 1, 250), -EAGAIN);
	CHECK_EQ(fake_call(0).request, FREEZE);
	CHECK_EQ(argument[0], 4711);
	CHECK_EQ(argument[1], 1);
	CHECK_EQ(argument[2], 250);

	given(only_answer, 0);
	CHECK_EQ(b4j_thread_exit(5), 0);
	CHECK_EQ(fake_call(0).request, THREAD_EXIT);
}

TEST(control_passes_addresses_on)
{
	int64_t address = (int64_t)(uintptr_t)argument;

	given(only_answer, -EPERM);
	CHECK_EQ(b4j_extended_error(5, address), -EPERM);
	CHECK_EQ(b4j_frozen_info(5, address), -EPERM);
	CHECK_EQ(b4j_node_debug_info(5, address), -EPERM);
	CHECK_EQ(b4j_node_info_for_ref(5, address), -EPERM);

	CHECK_EQ(fake_call(0).request, GET_EXTENDED_ERROR);
	CHECK_EQ(fake_call(1).request, GET_FROZEN_INFO);
	CHECK_EQ(fake_call(2).request, GET_NODE_DEBUG_INFO);
	CHECK_EQ(fake_call(3).request, GET_NODE_INFO_FOR_REF);
	for (int i = 0; i < 4; i++)
		CHECK(fake_call(i).argument == argument);
}

TEST(context_manager_is_a_node_with_flags_and_no_address)
{
	given(keep_argument, 0);

	CHECK_EQ(b4j_become_context_manager(5, FLAT_BINDER_FLAG_TXN_SECURITY_CTX), 0);

	CHECK_EQ(fake_calls(), 1);
	CHECK_EQ(fake_call(0).request, SET_CONTEXT_MGR_EXT);
	CHECK_EQ(argument[0], 0x73622a85);
	CHECK_EQ(argument[1], 0x1000);
	for (int i = 2; i < 6; i++)
		CHECK_EQ(argument[i], 0);
}

TEST(context_manager_falls_back_where_the_kernel_has_no_flags)
{
	given(no_extended_manager, 0);
	CHECK_EQ(b4j_become_context_manager(5, 0), 0);
	CHECK_EQ(fake_calls(), 2);
	CHECK_EQ(fake_call(1).request, SET_CONTEXT_MGR);

	given(no_extended_manager, -EBUSY);
	CHECK_EQ(b4j_become_context_manager(5, 0), -EBUSY);
	CHECK_EQ(fake_calls(), 2);
}

TEST(context_manager_does_not_fall_back_where_it_is_refused)
{
	static const int refusals[] = { -EBUSY, -EPERM, -ENOMEM };

	for (unsigned int i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		given(only_answer, refusals[i]);
		CHECK_EQ(b4j_become_context_manager(5, 0), refusals[i]);
		CHECK_EQ(fake_calls(), 1);
	}
}
