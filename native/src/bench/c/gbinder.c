/*
 * binder through libgbinder, used as its header files have it. A request is prepared once, then sent as often as it is called
 * with, only its sequence written anew; what is received is read in place. The client calls from threads of its own. The
 * server's handler runs where libgbinder has it run, in the main loop of GLib; there it may wait for nothing.
 *
 * ADDRESS is DEVICE#NAME,NAME…, and the device has a service manager that speaks Android 16's protocol.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "gbinder_library.h"
#include "transport.h"

/* What it maps; what precedes the message (three words and the interface's name); what binder_alloc may count beside. */
enum { MAPPING_SIZE = (1 << 20) - (8 << 10), TOKEN_SIZE = 3 * 4 + 4 + 8, BUFFER_MARGIN = 128 };
enum { MAX_TRIES = 1000, PING = '_' << 24 | 'P' << 16 | 'N' << 8 | 'G' };

static const char interface[] = "b4j";

static const struct gb_library *gb;
/* How often a call was made again. */
static int64_t repetitions;

struct services {
	char *device, **names;
	int count;
	struct gb_manager *manager;
};

struct prepared {
	const struct message *message;
	int32_t size;
	struct gb_local_request *request;
	struct gb_writer writer;
	size_t offset;
};

struct gbinder {
	struct connection connection;
	struct gb_client *client;
	struct prepared flush, other;
	/* The last reply, whose bytes are in use until the next call. */
	struct gb_reply *held;
};

/* The server's FLUSH that is not yet answered, since it came before some of what it is to wait for. */
static struct {
	struct gb_object *object;
	struct gb_request *request;
	struct message message;
} flush;

static void tell_repetitions(void)
{
	if (repetitions > 0)
		fprintf(stderr, "libgbinder: calls were made again %lld times, since the server had no room for them yet\n",
			(long long)repetitions);
}

/* Opens the device as well. Kept for the life of the process. */
static struct services find_services(const char *address)
{
	const char *mark = strrchr(address, '#');
	struct services services = { 0 };
	char *rest;

	if (!mark || !mark[1])
		fail("ADDRESS '%s' names no service: DEVICE#NAME,NAME…", address);
	services.device = strndup(address, (size_t)(mark - address));
	services.names = allocate(strlen(mark) * sizeof(*services.names));
	rest = strdup(mark + 1);
	while (rest)
		services.names[services.count++] = strsep(&rest, ",");
	gb = gb_load();
	services.manager = gb->gbinder_servicemanager_new2(services.device, "aidl6", "aidl3");
	if (!services.manager)
		fail("libgbinder cannot open '%s': its log is on stderr", services.device);
	if (!gb->gbinder_servicemanager_is_present(services.manager))
		fail("%s has no service manager", services.device);
	return services;
}

static struct connection *connect_service(const struct transport *self, const char *address, int number)
{
	static struct services services;
	struct gbinder *gbinder = allocate(sizeof(*gbinder));
	struct gb_remote *remote;
	const char *name;

	if (number == 0)
		services = find_services(address);
	name = services.names[number % services.count];
	remote = gb->gbinder_servicemanager_get_service_sync(services.manager, name, NULL);
	if (!remote)
		fail("no service '%s' on %s", name, services.device);
	gbinder->connection.transport = self;
	gbinder->client = gb->gbinder_client_new(remote, interface);
	on_end = tell_repetitions;
	return &gbinder->connection;
}

static void write_request(struct gbinder *gbinder, struct prepared *prepared, const struct message *message)
{
	gb->gbinder_local_request_unref(prepared->request);
	prepared->request = gb->gbinder_client_new_request(gbinder->client);
	gb->gbinder_local_request_init_writer(prepared->request, &prepared->writer);
	prepared->offset = gb->gbinder_writer_bytes_written(&prepared->writer);
	gb->gbinder_writer_append_bytes(&prepared->writer, message, message_size(message));
	prepared->message = message;
	prepared->size = message->size;
}

static void overwrite(struct prepared *prepared, size_t offset, int64_t value)
{
	gb->gbinder_writer_overwrite_int32(&prepared->writer, prepared->offset + offset, (int32_t)value);
}

/* A message keeps its payload, and a new one at the same place has the same if it has as much (new_message). */
static struct gb_local_request *prepare(struct gbinder *gbinder, const struct message *message)
{
	struct prepared *prepared = message->kind == FLUSH ? &gbinder->flush : &gbinder->other;

	if (prepared->message != message || prepared->size != message->size)
		write_request(gbinder, prepared, message);
	overwrite(prepared, offsetof(struct message, kind), message->kind);
	overwrite(prepared, offsetof(struct message, sequence), message->sequence);
	overwrite(prepared, offsetof(struct message, sequence) + 4, message->sequence >> 32);
	return prepared->request;
}

/* What is left to be read: of a request, what follows the interface's name. */
static const struct message *received(const struct gb_reader *reader)
{
	size_t all = 0, size = gb->gbinder_reader_bytes_remaining(reader);
	const uint8_t *bytes = gb->gbinder_reader_get_data(reader, &all);
	const struct message *message = (const struct message *)(bytes + all - size);

	check_length(message, size);
	return message;
}

static void give_back(struct connection *connection)
{
	struct gbinder *gbinder = (struct gbinder *)connection;

	gb->gbinder_remote_reply_unref(gbinder->held);
	gbinder->held = NULL;
}

/*
 * A server gives a request back to the driver only after its reply, when the next may be on its way: where there is no room for
 * both, that one fails. A program can only make it again, best after a ping: the thread that answers it has given back.
 */
static struct gb_reply *transact(struct gbinder *gbinder, const struct message *message, int *status)
{
	struct gb_local_request *request = prepare(gbinder, message);
	struct gb_reply *reply;
	int ping_status;

	for (int tries = 0; tries < MAX_TRIES; tries++) {
		reply = gb->gbinder_client_transact_sync_reply(gbinder->client, (uint32_t)message->kind, request, status);
		if (reply || *status != GB_FAILED)
			return reply;
		__atomic_fetch_add(&repetitions, 1, __ATOMIC_RELAXED);
		gb->gbinder_remote_reply_unref(
			gb->gbinder_client_transact_sync_reply(gbinder->client, PING, NULL, &ping_status));
	}
	return NULL;
}

static const struct message *gbinder_call(struct connection *connection, const struct message *message)
{
	struct gbinder *gbinder = (struct gbinder *)connection;
	struct gb_reader reader;
	int status = GB_OK;

	give_back(connection);
	gbinder->held = transact(gbinder, message, &status);
	if (!gbinder->held && status == GB_DEAD_OBJECT)
		return NULL;
	if (!gbinder->held || status != GB_OK)
		fail("a call of %d bytes ends with status %d", message->size, status);
	gb->gbinder_remote_reply_init_reader(gbinder->held, &reader);
	return received(&reader);
}

static bool gbinder_send(struct connection *connection, const struct message *message)
{
	struct gbinder *gbinder = (struct gbinder *)connection;
	int status = gb->gbinder_client_transact_sync_oneway(gbinder->client, (uint32_t)message->kind,
							     prepare(gbinder, message));

	if (status != GB_OK && status != GB_DEAD_OBJECT)
		fail("a oneway call of %d bytes ends with status %d", message->size, status);
	return status == GB_OK;
}

/* As of binder.c, but for the interface's name. */
static const char *refuse(struct connection *connection, enum kind kind, int64_t size, int64_t in_flight)
{
	int64_t space = kind == ONEWAY ? MAPPING_SIZE / 2 : MAPPING_SIZE;
	int64_t message = (int64_t)sizeof(struct message) + (size + 7) / 8 * 8;
	int64_t buffer = TOKEN_SIZE + message + (kind == ONEWAY ? BUFFER_MARGIN : 0);
	int64_t buffers = kind == ONEWAY ? in_flight + 1 : in_flight;

	(void)connection;
	return buffers <= space / buffer ? NULL : refusal("SIZE %lld: %lld buffers of %lld bytes do not fit into the %lld "
		"that the receiver has for %s calls", (long long)size, (long long)buffers, (long long)buffer, (long long)space,
		kind == ONEWAY ? "oneway" : "synchronous");
}

static struct gb_local_reply *new_reply(struct gb_object *object, const struct message *message)
{
	struct gb_local_reply *reply = gb->gbinder_local_object_new_reply(object);
	struct gb_writer writer;

	gb->gbinder_local_reply_init_writer(reply, &writer);
	gb->gbinder_writer_append_bytes(&writer, message, message_size(message));
	return reply;
}

static void put_off(struct gb_object *object, struct gb_request *request, const struct message *message)
{
	if (flush.request)
		fail("a FLUSH while another waits");
	gb->gbinder_remote_request_block(request);
	flush.object = object;
	flush.request = gb->gbinder_remote_request_ref(request);
	flush.message = *message;
}

static void answer_flush(void)
{
	struct message answered;
	struct gb_local_reply *reply = new_reply(flush.object, answer(&flush.message, &answered));

	gb->gbinder_remote_request_complete(flush.request, reply, GB_OK);
	gb->gbinder_local_reply_unref(reply);
	gb->gbinder_remote_request_unref(flush.request);
	flush.request = NULL;
}

static struct gb_local_reply *handle(struct gb_object *object, struct gb_request *request, unsigned int code,
				     unsigned int flags, int *status, void *data)
{
	const struct message *message, *answered;
	struct message reply;
	struct gb_reader reader;

	(void)flags, (void)data;
	gb->gbinder_remote_request_init_reader(request, &reader);
	message = received(&reader);
	if ((unsigned int)message->kind != code)
		fail("received a message of kind %d with the code %u", message->kind, code);
	*status = GB_OK;
	if (message->kind == FLUSH && await_oneways(0) < message->sequence) {
		put_off(object, request, message);
		return NULL;
	}
	answered = answer(message, &reply);
	if (answered)
		return new_reply(object, answered);
	if (flush.request && await_oneways(0) >= flush.message.sequence)
		answer_flush();
	return NULL;
}

static void *run_loop(void *loop)
{
	gb->g_main_loop_run(loop);
	fail("the main loop has ended");
}

/* How many threads read from the driver is for libgbinder to decide; what they read, the main loop's one handles. */
static void serve(const struct transport *self, const char *address, int threads)
{
	struct services services = find_services(address);

	(void)self, (void)threads;
	for (int i = 0; i < services.count; i++) {
		const char *name = services.names[i];
		struct gb_object *object =
			gb->gbinder_servicemanager_new_local_object(services.manager, interface, handle, NULL);
		int status = gb->gbinder_servicemanager_add_service_sync(services.manager, name, object);

		if (status != GB_OK)
			fail("'%s' cannot be registered on %s: status %d", name, services.device, status);
	}
	start_thread(run_loop, gb->g_main_loop_new(NULL, 0));
}

const struct transport gbinder_transport = {
	.name = "gbinder",
	.serve = serve,
	.connect = connect_service,
	.refuse = refuse,
	.call = gbinder_call,
	.send = gbinder_send,
	.leave = give_back,
};
