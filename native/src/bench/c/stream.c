#include "stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fail.h"

enum { FIRST_CAPACITY = 64 << 10 };

struct stream {
	struct connection connection;
	int in, out;
	/* Bytes start to end are received and not yet handed out; those before start are the message handed out last. */
	uint8_t *buffer;
	size_t capacity, start, end;
};

struct connection *new_stream(const struct transport *transport, int in, int out)
{
	struct stream *stream = allocate(sizeof(*stream));

	*stream = (struct stream){ { transport }, in, out, allocate(FIRST_CAPACITY), FIRST_CAPACITY, 0, 0 };
	return &stream->connection;
}

void close_stream(struct connection *connection)
{
	struct stream *stream = (struct stream *)connection;

	close(stream->in);
	if (stream->out != stream->in)
		close(stream->out);
	free(stream->buffer);
	free(stream);
}

/* Header and payload lie together, so one write(2) takes both. */
bool stream_send(struct connection *connection, const struct message *message)
{
	struct stream *stream = (struct stream *)connection;
	const uint8_t *bytes = (const uint8_t *)message;
	size_t left = message_size(message);

	while (left > 0) {
		ssize_t written = write(stream->out, bytes, left);

		if (written > 0) {
			bytes += written;
			left -= (size_t)written;
		} else if (errno == EPIPE || errno == ECONNRESET) {
			return false;
		} else if (errno != EINTR) {
			fail("write: %m");
		}
	}
	return true;
}

/* Moves what is there to the front, and makes the buffer hold `needed` bytes. */
static void make_room(struct stream *stream, size_t needed)
{
	if (stream->start > 0) {
		stream->end -= stream->start;
		memmove(stream->buffer, stream->buffer + stream->start, stream->end);
		stream->start = 0;
	}
	if (needed > stream->capacity) {
		stream->buffer = realloc(stream->buffer, needed);
		if (!stream->buffer)
			fail("no memory for a message of %zu bytes", needed);
		stream->capacity = needed;
	}
}

/* One read(2) of whatever has come and fits; false at the end of the stream. */
static bool fill(struct stream *stream)
{
	while (true) {
		ssize_t got = read(stream->in, stream->buffer + stream->end, stream->capacity - stream->end);

		if (got > 0) {
			stream->end += (size_t)got;
			return true;
		}
		if (got == 0 || errno == ECONNRESET)
			return false;
		if (errno != EINTR)
			fail("read: %m");
	}
}

const struct message *stream_receive(struct connection *connection)
{
	struct stream *stream = (struct stream *)connection;

	while (true) {
		const struct message *message = (const struct message *)(stream->buffer + stream->start);
		size_t there = stream->end - stream->start;
		size_t needed = sizeof(*message);

		if (there >= needed) {
			if (message->size < 0 || message->size > MAX_PAYLOAD)
				fail("received a header with size %d", message->size);
			needed = message_size(message);
		}
		if (there >= needed) {
			stream->start += needed;
			return message;
		}
		make_room(stream, needed);
		if (!fill(stream))
			return NULL;
	}
}
