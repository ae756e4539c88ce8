/* Messages in a stream of bytes. */
#ifndef FLOOR_STREAM_H
#define FLOOR_STREAM_H

#include "transport.h"

struct connection *new_stream(const struct transport *transport, int in, int out);
void close_stream(struct connection *connection);
bool stream_send(struct connection *connection, const struct message *message);
const struct message *stream_receive(struct connection *connection);

#endif
