/* POSIX message queues PREFIX-N-request and PREFIX-N-reply, a pair for each connection. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "fail.h"
#include "transport.h"

/* Messages in a queue: as many as anybody may have; and bytes, of which HARD_MSGSIZEMAX is the most the kernel gives root. */
enum { DEPTH = 10, HARD_MSGSIZEMAX = 16 << 20 };
#define MSGSIZE_MAX "/proc/sys/fs/mqueue/msgsize_max"

struct queues {
	struct connection connection;
	mqd_t in, out;
	long message_size;
	uint8_t *received;
};

static const char *prefix;
static int pairs;

static void name_of(char name[NAME_MAX], const char *of, int number, const char *way)
{
	if (of[0] != '/' || snprintf(name, NAME_MAX, "%s-%d-%s", of, number, way) >= NAME_MAX)
		fail("ADDRESS '%s' is not a short name that begins with /", of);
}

static mqd_t open_queue(const char *of, int number, const char *way, int flags)
{
	char name[NAME_MAX];
	mqd_t queue;

	name_of(name, of, number, way);
	queue = mq_open(name, flags | O_CLOEXEC);
	if (queue < 0)
		fail("mq_open %s: %m", name);
	return queue;
}

static struct queues *new_queues(mqd_t in, mqd_t out)
{
	struct queues *queues = allocate(sizeof(*queues));
	struct mq_attr attributes;

	if (mq_getattr(in, &attributes) < 0)
		fail("mq_getattr: %m");
	queues->connection.transport = &mq_transport;
	queues->in = in;
	queues->out = out;
	queues->message_size = attributes.mq_msgsize;
	queues->received = allocate((size_t)attributes.mq_msgsize);
	return queues;
}

static bool mq_send_message(struct connection *connection, const struct message *message)
{
	struct queues *queues = (struct queues *)connection;

	while (mq_send(queues->out, (const char *)message, message_size(message), 0) < 0) {
		if (errno != EINTR)
			fail("mq_send of %zu bytes: %m", message_size(message));
	}
	return true;
}

static const struct message *mq_receive_message(struct connection *connection)
{
	struct queues *queues = (struct queues *)connection;
	const struct message *message = (const struct message *)queues->received;
	ssize_t got;

	do {
		got = mq_receive(queues->in, (char *)queues->received, (size_t)queues->message_size, NULL);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		fail("mq_receive: %m");
	check_length(message, (size_t)got);
	return message;
}

static void *serve_queues(void *argument)
{
	serve_connection(argument);
	return NULL;
}

static void remove_queues(void)
{
	char name[NAME_MAX];

	for (int i = 0; i < pairs; i++) {
		name_of(name, prefix, i, "request");
		mq_unlink(name);
		name_of(name, prefix, i, "reply");
		mq_unlink(name);
	}
}

static long msgsize_max(void)
{
	FILE *file = fopen(MSGSIZE_MAX, "re");
	long size = 0;

	if (!file || fscanf(file, "%ld", &size) != 1)
		fail("cannot read " MSGSIZE_MAX);
	fclose(file);
	return size;
}

/* All queues of a user together may take so many bytes. Without CAP_SYS_RESOURCE the limit stays what it is. */
static void raise_limit(void)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	if (setrlimit(RLIMIT_MSGQUEUE, &limit) == 0 || getrlimit(RLIMIT_MSGQUEUE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_MSGQUEUE, &limit);
}

static void make_queue(int number, const char *way)
{
	struct mq_attr attributes = { .mq_maxmsg = DEPTH, .mq_msgsize = HARD_MSGSIZEMAX };
	int flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC;
	char name[NAME_MAX];
	mqd_t queue;

	name_of(name, prefix, number, way);
	queue = mq_open(name, flags, 0600, &attributes);
	if (queue < 0 && (errno == EINVAL || errno == EMFILE)) {
		attributes.mq_msgsize = msgsize_max();
		queue = mq_open(name, flags, 0600, &attributes);
	}
	if (queue < 0)
		fail("mq_open %s, %d messages of %ld bytes: %m%s", name, DEPTH, attributes.mq_msgsize,
		     errno == EMFILE ? "; raise RLIMIT_MSGQUEUE" : "");
	mq_close(queue);
}

static void serve(const struct transport *self, const char *address, int threads)
{
	(void)self;
	prefix = address;
	on_end = remove_queues;
	raise_limit();
	for (; pairs < threads; pairs++) {
		make_queue(pairs, "request");
		make_queue(pairs, "reply");
	}
	for (int i = 0; i < threads; i++) {
		mqd_t in = open_queue(prefix, i, "request", O_RDONLY);

		start_thread(serve_queues, new_queues(in, open_queue(prefix, i, "reply", O_WRONLY)));
	}
}

static struct connection *connect_queues(const struct transport *self, const char *address, int number)
{
	char name[NAME_MAX];
	mqd_t out;

	(void)self;
	name_of(name, address, number, "request");
	out = mq_open(name, O_WRONLY | O_CLOEXEC);
	if (out < 0 && errno == ENOENT && number > 0)
		return NULL;
	if (out < 0)
		fail("mq_open %s: %m", name);
	return &new_queues(open_queue(address, number, "reply", O_RDONLY), out)->connection;
}

static const char *refuse(struct connection *connection, enum kind kind, int64_t size, int64_t in_flight)
{
	struct queues *queues = (struct queues *)connection;
	long limit = queues->message_size - (long)sizeof(struct message);

	(void)kind;
	(void)in_flight;
	return size <= limit ? NULL : refusal("SIZE %lld: at most %ld, since messages of the queue have at most %ld bytes; "
		"CAP_SYS_RESOURCE or " MSGSIZE_MAX " allows more", (long long)size, limit, queues->message_size);
}

const struct transport mq_transport = {
	.name = "mq",
	.serve = serve,
	.connect = connect_queues,
	.refuse = refuse,
	.call = send_and_receive,
	.send = mq_send_message,
	.receive = mq_receive_message,
};
