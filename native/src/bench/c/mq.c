/* POSIX message queues PREFIX-N-request and PREFIX-N-reply. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <sys/resource.h>

#include "fail.h"
#include "pairs.h"

/* Messages in a queue: as many as anybody may have; and bytes of one, the most the kernel gives with CAP_SYS_RESOURCE. */
enum { DEPTH = 10, HARD_MSGSIZEMAX = 16 << 20 };
#define MSGSIZE_MAX "/proc/sys/fs/mqueue/msgsize_max"

struct queues {
	struct connection connection;
	mqd_t in, out;
	size_t message_size;
	char *received;
};

static struct connection *join(const struct transport *transport, int in, int out)
{
	struct queues *queues = allocate(sizeof(*queues));
	struct mq_attr attributes;

	if (mq_getattr(in, &attributes) < 0)
		fail("mq_getattr: %m");
	queues->connection.transport = transport;
	queues->in = in;
	queues->out = out;
	queues->message_size = (size_t)attributes.mq_msgsize;
	queues->received = allocate(queues->message_size);
	return &queues->connection;
}

static bool send(struct connection *connection, const struct message *message)
{
	struct queues *queues = (struct queues *)connection;

	while (mq_send(queues->out, (const char *)message, message_size(message), 0) < 0) {
		if (errno != EINTR)
			fail("mq_send of %zu bytes: %m", message_size(message));
	}
	return true;
}

static const struct message *receive(struct connection *connection)
{
	struct queues *queues = (struct queues *)connection;
	const struct message *message = (const struct message *)queues->received;
	ssize_t got;

	do {
		got = mq_receive(queues->in, queues->received, queues->message_size, NULL);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		fail("mq_receive: %m");
	check_length(message, (size_t)got);
	return message;
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

/* What is larger than the limits is for who has CAP_SYS_RESOURCE. */
static int make(const char *name)
{
	struct mq_attr attributes = { .mq_maxmsg = DEPTH, .mq_msgsize = HARD_MSGSIZEMAX };
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	int flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC;
	mqd_t queue;

	setrlimit(RLIMIT_MSGQUEUE, &unlimited);
	queue = mq_open(name, flags, 0600, &attributes);
	if (queue < 0 && (errno == EINVAL || errno == EMFILE)) {
		attributes.mq_msgsize = msgsize_max();
		queue = mq_open(name, flags, 0600, &attributes);
	}
	return queue < 0 ? -1 : mq_close(queue);
}

static int open_queue(const char *name, int flags)
{
	return mq_open(name, flags);
}

static const char *refuse(struct connection *connection, enum kind kind, int64_t size, int64_t in_flight)
{
	struct queues *queues = (struct queues *)connection;
	int64_t limit = (int64_t)(queues->message_size - sizeof(struct message));

	(void)kind;
	(void)in_flight;
	return size <= limit ? NULL : refusal("SIZE %lld: at most %lld, since messages of the queue have at most %zu bytes; "
		"CAP_SYS_RESOURCE or " MSGSIZE_MAX " allows more", (long long)size, (long long)limit, queues->message_size);
}

static const struct pairs queue_pairs = { "%s-%d-%s", make, open_queue, mq_unlink, join, NULL };

const struct transport mq_transport = {
	.name = "mq",
	.serve = serve_pairs,
	.connect = connect_pair,
	.refuse = refuse,
	.call = send_and_receive,
	.send = send,
	.receive = receive,
	.pairs = &queue_pairs,
};
