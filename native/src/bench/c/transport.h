/* What a transport does; the rest is the same for all. */
#ifndef FLOOR_TRANSPORT_H
#define FLOOR_TRANSPORT_H

#include <stdbool.h>

#include "message.h"

/* The first member of every transport's own. */
struct connection {
	const struct transport *transport;
};

/* Whatever goes wrong ends the process: see fail. What a transport has no use for is NULL. */
struct transport {
	const char *name;
	/* Makes what clients connect to, and starts the threads that serve them: it can be called when this returns. */
	void (*serve)(const struct transport *self, const char *address, int threads);
	/* Connection `number`, from 0, of this process; NULL if the server was not told to have that many. */
	struct connection *(*connect)(const struct transport *self, const char *address, int number);
	/* Why `in_flight` messages of that kind and size cannot be on their way at once; NULL if they can. */
	const char *(*refuse)(struct connection *connection, enum kind kind, int64_t size, int64_t in_flight);
	/* Sends a request and waits for its reply, which stays in place until the next call; NULL if the peer is gone. */
	const struct message *(*call)(struct connection *connection, const struct message *request);
	/* Sends a message to which no reply is expected; false if the peer is gone. */
	bool (*send)(struct connection *connection, const struct message *message);
	/* The next message, in place until the next send or receive; NULL if the peer is gone. */
	const struct message *(*receive)(struct connection *connection);
	/* Said by a thread that will not call any more. */
	void (*leave)(struct connection *connection);
	/* See pairs.h. */
	const struct pairs *pairs;
};

extern const struct transport binder_transport, fifo_transport, unix_transport, tcp_transport, mq_transport,
	shm_futex_transport, shm_spin_transport, gbinder_transport;

/* A `call` made of send and receive. */
const struct message *send_and_receive(struct connection *connection, const struct message *request);
/* Answers what comes in until the peer is gone. */
void serve_connection(struct connection *connection);
void start_thread(void *(*run)(void *), void *argument);
/* Zeroed memory. */
void *allocate(size_t size);
/* A reason for `refuse`, good until the next one. */
const char *refusal(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
