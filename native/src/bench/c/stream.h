/* Messages in a stream of bytes. */
#ifndef FLOOR_STREAM_H
#define FLOOR_STREAM_H

#include <stdbool.h>

#include "transport.h"

struct stream {
	struct connection connection;
	int in, out;
	/* Bytes start to end are received and not yet handed out; those before start are the message handed out last. */
	uint8_t *buffer;
	size_t capacity, start, end;
};

void stream_init(struct stream *stream, const struct transport *transport, int in, int out);
void stream_close(struct stream *stream);
bool stream_send(struct connection *connection, const struct message *message);
const struct message *stream_receive(struct connection *connection);
const char *stream_refuse(struct connection *connection, enum kind kind, int64_t size, int64_t in_flight);

#endif
