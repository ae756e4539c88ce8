/* A driver that says what a script tells it to, and keeps what it is told. */
#include <errno.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abi_compat.h"
#include "check.h"
#include "child.h"
#include "fake_kernel.h"
#include "transport.h"

/* One BINDER_WRITE_READ: what the driver says, and whether it leaves the commands for the next. */
struct step {
	uint32_t says[4];
	bool takes_nothing;
	/* The script's last: its thread stays in the driver. */
	bool is_last;
};

struct told {
	uint8_t bytes[256];
	size_t size;
};

static const struct step *script;
static int steps;
static struct told told[8];
/* What BR_TRANSACTION and BR_REPLY bring; the former CALL, ECHO and ONEWAY in turn. */
static struct message *delivered;
static int transactions;
static int reason;
/* Of a server's threads only the first to come is told something; the others wait for ever. */
static atomic_int readers;
static __thread bool is_reader;
static sem_t script_is_over;

static size_t say(uint8_t *to, uint32_t command)
{
	struct binder_transaction_data data = { 0 };
	struct binder_ptr_cookie node = { 0x11, 0x22 };

	memcpy(to, &command, sizeof(command));
	if (command == BR_TRANSACTION)
		delivered->kind = ++transactions;
	if (command == BR_TRANSACTION || command == BR_REPLY) {
		data.code = (uint32_t)delivered->kind;
		data.data_size = message_size(delivered);
		data.data.ptr.buffer = (binder_uintptr_t)(uintptr_t)delivered;
		memcpy(to + sizeof(command), &data, sizeof(data));
	} else if (command == BR_INCREFS || command == BR_ACQUIRE) {
		memcpy(to + sizeof(command), &node, sizeof(node));
	}
	return sizeof(command) + _IOC_SIZE(command);
}

static int write_read(struct binder_write_read *bwr)
{
	const struct step *step = &script[steps];
	uint8_t *to = (uint8_t *)(uintptr_t)bwr->read_buffer;

	told[steps].size = bwr->write_size;
	memcpy(told[steps].bytes, (void *)(uintptr_t)bwr->write_buffer, bwr->write_size);
	bwr->write_consumed = step->takes_nothing ? 0 : bwr->write_size;
	for (int i = 0; i < 4 && step->says[i] && bwr->read_size > 0; i++)
		bwr->read_consumed += say(to + bwr->read_consumed, step->says[i]);
	steps++;
	if (step->is_last) {
		sem_post(&script_is_over);
		pause();
	}
	return 0;
}

static int driver(const struct ioctl_call *call)
{
	switch (call->request) {
	case BINDER_VERSION:
		*(int32_t *)call->argument = BINDER_CURRENT_PROTOCOL_VERSION;
		return 0;
	case BINDER_WRITE_READ:
		return write_read(call->argument);
	case BINDER_GET_EXTENDED_ERROR:
		((struct binder_extended_error *)call->argument)->param = reason;
		return 0;
	case BINDER_SET_MAX_THREADS:
	case BINDER_SET_CONTEXT_MGR_EXT:
		return 0;
	default:
		return -EINVAL;
	}
}

/* The path of a file that can be mapped, and a driver that follows the script. */
static const char *device(const struct step *to, ioctl_answer *answering)
{
	static char path[32];

	script = to;
	steps = 0;
	fake_ioctl(answering);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", scratch_file());
	return path;
}

static struct connection *connect_to(const struct step *to)
{
	return binder_transport.connect(&binder_transport, device(to, driver), 0);
}

static int serving_driver(const struct ioctl_call *call)
{
	if (call->request == BINDER_WRITE_READ && !is_reader) {
		is_reader = readers++ == 0;
		if (!is_reader)
			pause();
	}
	return driver(call);
}

/* Checks that these commands, up to 0, and nothing else were written in one step; gives the last one's payload. */
static const void *check_told(int step, const uint32_t *commands)
{
	const uint8_t *at = told[step].bytes;
	const uint8_t *payload = NULL;

	for (; *commands; commands++) {
		uint32_t command;

		memcpy(&command, at, sizeof(command));
		CHECK_EQ(command, *commands);
		payload = at + sizeof(command);
		at = payload + _IOC_SIZE(*commands);
	}
	CHECK_EQ((long long)told[step].size, at - told[step].bytes);
	return payload;
}

#define CHECK_TOLD(step, ...) check_told(step, (const uint32_t[]){ __VA_ARGS__, 0 })

TEST(binder_call_is_one_system_call_that_gives_the_last_buffer_back)
{
	static const struct step replies[] = {
		{ .says = { BR_NOOP } },
		{ .says = { BR_NOOP, BR_TRANSACTION_COMPLETE, BR_REPLY } },
		{ .says = { BR_SPAWN_LOOPER, BR_TRANSACTION_COMPLETE, BR_REPLY } },
		{ .says = { BR_NOOP, BR_TRANSACTION_COMPLETE } },
		{ .says = { BR_NOOP, BR_TRANSACTION_COMPLETE } },
	};
	struct connection *connection = connect_to(replies);
	struct message *request = new_message(CALL, 64);
	struct binder_transaction_data data;

	delivered = new_message(CALL, 0);
	CHECK(binder_transport.call(connection, request) == delivered);
	CHECK_EQ(steps, 2);
	memcpy(&data, CHECK_TOLD(0, BC_TRANSACTION), sizeof(data));
	CHECK(data.target.handle == 0 && data.code == CALL && data.flags == 0 && data.data_size == 80);
	CHECK(data.data.ptr.buffer == (uintptr_t)request);
	CHECK_EQ(told[1].size, 0);
	CHECK(binder_transport.call(connection, request) == delivered);
	CHECK_EQ(steps, 3);
	CHECK_TOLD(2, BC_FREE_BUFFER, BC_TRANSACTION);
	CHECK(memcmp(told[2].bytes + 4, &(binder_uintptr_t){ (uintptr_t)delivered }, 8) == 0);
	/* A oneway call has no reply: after the first there is nothing to give back. */
	binder_transport.send(connection, request);
	binder_transport.send(connection, request);
	CHECK_TOLD(3, BC_FREE_BUFFER, BC_TRANSACTION);
	CHECK_TOLD(4, BC_TRANSACTION);
	free(connection);
	free(request);
	free(delivered);
}

TEST(binder_send_is_one_system_call)
{
	static const struct step complete[] = { { .says = { BR_NOOP, BR_TRANSACTION_COMPLETE } } };
	struct connection *connection = connect_to(complete);
	struct message *message = new_message(ONEWAY, 8);
	struct binder_transaction_data data;

	CHECK(binder_transport.send(connection, message));
	CHECK_EQ(steps, 1);
	memcpy(&data, CHECK_TOLD(0, BC_TRANSACTION), sizeof(data));
	CHECK(data.code == ONEWAY && data.flags == TF_ONE_WAY);
	free(connection);
	free(message);
}

TEST(binder_call_keeps_what_the_driver_has_not_taken_and_answers_for_its_node)
{
	static const struct step replies[] = {
		{ .says = { BR_NOOP, BR_INCREFS, BR_ACQUIRE }, .takes_nothing = true },
		{ .says = { BR_NOOP, BR_TRANSACTION_COMPLETE, BR_REPLY } },
	};
	struct connection *connection = connect_to(replies);
	struct message *request = new_message(CALL, 0);
	struct binder_ptr_cookie node;

	delivered = request;
	binder_transport.call(connection, request);
	memcpy(&node, CHECK_TOLD(1, BC_TRANSACTION, BC_INCREFS_DONE, BC_ACQUIRE_DONE), sizeof(node));
	CHECK(node.ptr == 0x11 && node.cookie == 0x22);
	free(connection);
	free(request);
}

static void call_and_be_refused(void)
{
	static const struct step refusal_of_the_driver[] = { { .says = { BR_NOOP, BR_FAILED_REPLY } } };

	reason = -ENOSPC;
	binder_transport.call(connect_to(refusal_of_the_driver), new_message(CALL, 0));
}

static void call_nobody(void)
{
	static const struct step nobody[] = { { .says = { BR_NOOP, BR_DEAD_REPLY } } };

	binder_transport.send(connect_to(nobody), new_message(ONEWAY, 0));
}

TEST(binder_call_that_fails_is_told_by_name)
{
	struct child refused = run_function(call_and_be_refused);
	struct child dead = run_function(call_nobody);

	check_line(&refused, "failed a call is answered with 0x7211, BR_FAILED_REPLY; ENOSPC");
	CHECK_EQ(end_child(&refused), 1);
	check_line(&dead, "failed a call is answered with 0x7205, BR_DEAD_REPLY: no server has the device, or it is gone");
	CHECK_EQ(end_child(&dead), 1);
}

static void serve_three(void)
{
	static const struct step calls[] = {
		{ .says = { BR_NOOP } },
		{ .says = { BR_NOOP, BR_TRANSACTION } },
		{ .says = { BR_NOOP, BR_TRANSACTION_COMPLETE } },
		{ .says = { BR_NOOP, BR_TRANSACTION } },
		{ .says = { BR_NOOP, BR_TRANSACTION_COMPLETE } },
		{ .says = { BR_NOOP, BR_TRANSACTION } },
		{ .says = { BR_NOOP }, .is_last = true },
	};
	struct binder_transaction_data data;

	sem_init(&script_is_over, 0, 0);
	delivered = new_message(CALL, 8);
	binder_transport.serve(&binder_transport, device(calls, serving_driver), 1);
	while (sem_wait(&script_is_over) < 0)
		;
	CHECK_TOLD(0, BC_ENTER_LOOPER);
	CHECK_EQ(told[1].size, 0);
	memcpy(&data, CHECK_TOLD(2, BC_FREE_BUFFER, BC_REPLY), sizeof(data));
	CHECK_EQ((long long)data.data_size, 16);
	CHECK_EQ(told[3].size, 0);
	/* The driver reads the reply where the request was received. */
	memcpy(&data, told[4].bytes + 4, sizeof(data));
	CHECK(data.data_size == 24 && data.data.ptr.buffer == (uintptr_t)delivered);
	CHECK_TOLD(4, BC_REPLY, BC_FREE_BUFFER);
	CHECK_EQ(told[5].size, 0);
	CHECK_TOLD(6, BC_FREE_BUFFER);
	puts("served");
	fflush(stdout);
}

TEST(binder_serves_with_two_system_calls_a_call_and_one_a_oneway)
{
	struct child child = run_function(serve_three);

	check_line(&child, "served");
	end_child(&child);
}

TEST(binder_refuses_what_does_not_fit_into_the_receivers_mapping)
{
	struct connection *connection = connect_to(NULL);
	const char *(*refuse)(struct connection *, enum kind, int64_t, int64_t) = binder_transport.refuse;

	CHECK(!refuse(connection, CALL, 1040368, 1));
	CHECK(refuse(connection, CALL, 1040369, 1));
	CHECK(refuse(connection, ECHO, 524288, 2));
	CHECK(!refuse(connection, ONEWAY, 64, 64));
	CHECK(refuse(connection, ONEWAY, 64, 4096));
	CHECK(refuse(connection, ONEWAY, 524288, 1));
	free(connection);
}
