/*
 * binder without a library: the server is the device's context manager, clients call handle 0.
 *
 * System calls as the library makes them: a call is one BINDER_WRITE_READ, in which the buffer of the last reply goes back;
 * a served call is two, since the read that follows BC_REPLY brings BR_TRANSACTION_COMPLETE and nothing else
 * (docs/decisions/0001); a oneway call is one at either end.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abi.h"
#include "abi_compat.h"
#include "control.h"
#include "device.h"
#include "errnos.h"
#include "fail.h"
#include "transaction.h"
#include "transport.h"

/* What libbinder and the library map; and what binder_alloc may count for a buffer beside its bytes. */
enum { MAPPING_SIZE = (1 << 20) - (8 << 10), BUFFER_MARGIN = 128, MAX_DEVICES = 16 };

/* One thread's two streams of commands. */
struct binder {
	struct connection connection;
	int fd;
	/* A received buffer to be given back with the next command, or 0. */
	binder_uintptr_t held;
	size_t written, read, read_end;
	uint8_t to_driver[256];
	uint8_t from_driver[512];
};

/* The server's. */
static int served_fd;
static int served_threads;

static int64_t must(int64_t result, const char *what)
{
	if (result < 0)
		fail("%s: %s", what, b4j_errno_name((int)-result));
	return result;
}

static int open_device(const char *path)
{
	int fd = (int)must(b4j_open_device(path, 0), path);
	int version = (int)must(b4j_protocol_version(fd), path);

	if (version != b4j_user_protocol_version())
		fail("%s speaks protocol version %d, not %d", path, version, b4j_user_protocol_version());
	must(b4j_map_device(fd, MAPPING_SIZE), path);
	return fd;
}

static struct binder *new_binder(int fd)
{
	struct binder *binder = allocate(sizeof(*binder));

	binder->connection.transport = &binder_transport;
	binder->fd = fd;
	return binder;
}

static void put(struct binder *binder, uint32_t command, const void *payload, size_t size)
{
	if (binder->written + sizeof(command) + size > sizeof(binder->to_driver))
		fail("the driver takes no commands: %zu bytes wait", binder->written);
	memcpy(binder->to_driver + binder->written, &command, sizeof(command));
	memcpy(binder->to_driver + binder->written + sizeof(command), payload, size);
	binder->written += sizeof(command) + size;
}

static void put_transaction(struct binder *binder, uint32_t command, uint32_t flags, const struct message *message)
{
	struct binder_transaction_data data = {
		.code = (uint32_t)message->kind,
		.flags = flags,
		.data_size = message_size(message),
		.data.ptr.buffer = (binder_uintptr_t)(uintptr_t)message,
	};

	put(binder, command, &data, sizeof(data));
}

static void put_held(struct binder *binder)
{
	if (binder->held)
		put(binder, BC_FREE_BUFFER, &binder->held, sizeof(binder->held));
	binder->held = 0;
}

/* The one system call. What the driver has not taken, because it had an error to tell first, stays for the next. */
static void write_read(struct binder *binder, size_t read_size)
{
	struct binder_write_read bwr = {
		.write_buffer = (binder_uintptr_t)(uintptr_t)binder->to_driver,
		.read_buffer = (binder_uintptr_t)(uintptr_t)binder->from_driver,
	};

	must(b4j_write_read(binder->fd, (int64_t)(uintptr_t)&bwr, (int32_t)binder->written, (int32_t)read_size),
	     "BINDER_WRITE_READ");
	binder->written -= bwr.write_consumed;
	if (binder->written > 0)
		memmove(binder->to_driver, binder->to_driver + bwr.write_consumed, binder->written);
	binder->read = 0;
	binder->read_end = bwr.read_consumed;
}

/* The next command of the last read and where its payload is; 0 after the last. */
static uint32_t next_command(struct binder *binder, const void **payload)
{
	uint32_t command;

	if (binder->read == binder->read_end)
		return 0;
	memcpy(&command, binder->from_driver + binder->read, sizeof(command));
	*payload = binder->from_driver + binder->read + sizeof(command);
	binder->read += sizeof(command) + (command == BR_ERROR ? 0 : _IOC_SIZE(command));
	return command;
}

static const char *name_of(uint32_t command)
{
	return command == BR_DEAD_REPLY ? "BR_DEAD_REPLY: no server has the device, or it is gone"
	     : command == BR_FAILED_REPLY ? "BR_FAILED_REPLY"
	     : command == BR_FROZEN_REPLY ? "BR_FROZEN_REPLY"
	     : command == BR_TRANSACTION_PENDING_FROZEN ? "BR_TRANSACTION_PENDING_FROZEN"
	     : command == BR_ERROR ? "BR_ERROR" : "what was not asked for";
}

/* Kernels before 5.19 do not tell why. */
static _Noreturn void call_failed(const struct binder *binder, uint32_t command)
{
	struct binder_extended_error error = { 0 };

	b4j_extended_error(binder->fd, (int64_t)(uintptr_t)&error);
	fail("a call is answered with 0x%x, %s%s%s", command, name_of(command), error.param < 0 ? "; " : "",
	     error.param < 0 ? b4j_errno_name(-error.param) : "");
}

/* Whether both sides may go on: what the driver says to everybody. Answers what asks for an answer. */
static bool is_housekeeping(struct binder *binder, uint32_t command, const void *payload)
{
	switch (command) {
	case BR_INCREFS:
		put(binder, BC_INCREFS_DONE, payload, sizeof(struct binder_ptr_cookie));
		return true;
	case BR_ACQUIRE:
		put(binder, BC_ACQUIRE_DONE, payload, sizeof(struct binder_ptr_cookie));
		return true;
	case BR_NOOP:
	case BR_OK:
	case BR_SPAWN_LOOPER:
	case BR_RELEASE:
	case BR_DECREFS:
	case BR_FINISHED:
		return true;
	default:
		return false;
	}
}

static const struct message *received(const struct binder_transaction_data *data)
{
	const struct message *message = (const struct message *)(uintptr_t)data->data.ptr.buffer;

	check_length(message, data->data_size);
	return message;
}

/* Waits for the reply, or, of a oneway call, for the driver to have taken it. NULL is the latter. */
static const struct message *await_outcome(struct binder *binder, bool oneway)
{
	struct binder_transaction_data data;
	const void *payload;
	uint32_t command;

	while (true) {
		write_read(binder, sizeof(binder->from_driver));
		while ((command = next_command(binder, &payload))) {
			if (command == BR_REPLY && !oneway) {
				memcpy(&data, payload, sizeof(data));
				binder->held = data.data.ptr.buffer;
				return received(&data);
			}
			if (command == BR_TRANSACTION_COMPLETE && oneway)
				return NULL;
			if (command != BR_TRANSACTION_COMPLETE && !is_housekeeping(binder, command, payload))
				call_failed(binder, command);
		}
	}
}

static const struct message *binder_call(struct connection *connection, const struct message *request)
{
	struct binder *binder = (struct binder *)connection;

	put_held(binder);
	put_transaction(binder, BC_TRANSACTION, 0, request);
	return await_outcome(binder, false);
}

static bool binder_send(struct connection *connection, const struct message *message)
{
	struct binder *binder = (struct binder *)connection;

	put_held(binder);
	put_transaction(binder, BC_TRANSACTION, TF_ONE_WAY, message);
	await_outcome(binder, true);
	return true;
}

/* The address may be several devices, PATH,PATH…: a connection takes the next in turn. */
static struct connection *connect_device(const struct transport *self, const char *address, int number)
{
	static int fds[MAX_DEVICES];
	static int count;
	char *paths = number == 0 ? strdup(address) : NULL;
	char *rest = paths;

	(void)self;
	for (char *path = strsep(&rest, ","); path && count < MAX_DEVICES; path = strsep(&rest, ","))
		fds[count++] = open_device(path);
	free(paths);
	return &new_binder(fds[number % count])->connection;
}

/* The driver keeps a record of a thread until it is told. */
static void leave(struct connection *connection)
{
	struct binder *binder = (struct binder *)connection;

	put_held(binder);
	write_read(binder, 0);
	must(b4j_thread_exit(binder->fd), "BINDER_THREAD_EXIT");
}

/* Oneway calls have half of the mapping. One that was received may still be in it when the next window begins. */
static const char *refuse(struct connection *connection, enum kind kind, int64_t size, int64_t in_flight)
{
	int64_t space = kind == ONEWAY ? MAPPING_SIZE / 2 : MAPPING_SIZE;
	int64_t buffer = (int64_t)sizeof(struct message) + (size + 7) / 8 * 8 + (kind == ONEWAY ? BUFFER_MARGIN : 0);
	int64_t buffers = kind == ONEWAY ? in_flight + 1 : in_flight;

	(void)connection;
	return buffers <= space / buffer ? NULL : refusal("SIZE %lld: %lld buffers of %lld bytes do not fit into the %lld "
		"that the receiver has for %s calls", (long long)size, (long long)buffers, (long long)buffer, (long long)space,
		kind == ONEWAY ? "oneway" : "synchronous");
}

/* Given back before the reply, as the library does: its room is there for the next call. */
static void reply(struct binder *binder, binder_uintptr_t buffer, const struct message *message)
{
	put(binder, BC_FREE_BUFFER, &buffer, sizeof(buffer));
	put_transaction(binder, BC_REPLY, 0, message);
}

/*
 * The driver copies an ECHO from where it was received, so that is given back after the reply, while the client may be
 * sending the next call: where there is no room for both, the request is copied out and given back first.
 */
static void echo(struct binder *binder, binder_uintptr_t buffer, const struct message *request, struct message **copy)
{
	size_t size = message_size(request);

	if (size + BUFFER_MARGIN <= (size_t)(MAPPING_SIZE / 2 / served_threads)) {
		put_transaction(binder, BC_REPLY, 0, request);
		put(binder, BC_FREE_BUFFER, &buffer, sizeof(buffer));
		return;
	}
	if (!*copy)
		*copy = allocate(MAPPING_SIZE);
	memcpy(*copy, request, size);
	reply(binder, buffer, *copy);
}

/* Leaves the commands that go to the driver with the next read. */
static void serve_call(struct binder *binder, const struct binder_transaction_data *data)
{
	static __thread struct message answered, *copy;
	binder_uintptr_t buffer = data->data.ptr.buffer;
	const struct message *request = received(data);
	const struct message *message;

	if ((uint32_t)request->kind != data->code)
		fail("received a message of kind %d with the code %u", request->kind, data->code);
	if (request->kind == FLUSH)
		await_oneways(request->sequence);
	message = answer(request, &answered);
	if (!message)
		put(binder, BC_FREE_BUFFER, &buffer, sizeof(buffer));
	else if (message == request)
		echo(binder, buffer, request, &copy);
	else
		reply(binder, buffer, message);
}

/* A reply that fails is the client's to hear of: here it is BR_TRANSACTION_COMPLETE (binder_transaction). */
static void *serve_looper(void *unused)
{
	struct binder *binder = new_binder(served_fd);
	struct binder_transaction_data data;
	const void *payload;
	uint32_t command;

	put(binder, BC_ENTER_LOOPER, "", 0);
	while (true) {
		write_read(binder, sizeof(binder->from_driver));
		while ((command = next_command(binder, &payload))) {
			if (command == BR_TRANSACTION) {
				memcpy(&data, payload, sizeof(data));
				serve_call(binder, &data);
			} else if (command != BR_TRANSACTION_COMPLETE && !is_housekeeping(binder, command, payload)) {
				fail("the server is told 0x%x, %s", command, name_of(command));
			}
		}
	}
	return unused;
}

/* FLUSH keeps a thread waiting, so there are at least two. */
static void serve(const struct transport *self, const char *address, int threads)
{
	(void)self;
	served_threads = threads;
	served_fd = open_device(address);
	must(b4j_set_max_threads(served_fd, 0), "BINDER_SET_MAX_THREADS");
	must(b4j_become_context_manager(served_fd, 0), "BINDER_SET_CONTEXT_MGR");
	for (int i = 0; i < threads || i < 2; i++)
		start_thread(serve_looper, NULL);
}

const struct transport binder_transport = {
	.name = "binder",
	.serve = serve,
	.connect = connect_device,
	.refuse = refuse,
	.call = binder_call,
	.send = binder_send,
	.leave = leave,
};
