#include "stream.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "child.h"

static const struct transport any_transport;

/* Bytes that one write(2) takes at most, 0 for all; and how many calls have been counted. */
static size_t write_limit;
static int writes;

ssize_t __real_write(int fd, const void *bytes, size_t size);
ssize_t __wrap_write(int fd, const void *bytes, size_t size);

/* With a limit, every third call is interrupted by a signal. */
ssize_t __wrap_write(int fd, const void *bytes, size_t size)
{
	if (write_limit == 0)
		return __real_write(fd, bytes, size);
	if (writes++ % 3 == 1) {
		errno = EINTR;
		return -1;
	}
	return __real_write(fd, bytes, size < write_limit ? size : write_limit);
}

/* What is sent in pieces is received in those pieces, one for each read(2). */
static struct connection *in_pieces(int *sender)
{
	int ends[2] = { -1, -1 };

	CHECK_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	*sender = ends[0];
	return new_stream(&any_transport, ends[1], ends[1]);
}

static void send_pieces(int sender, const void *bytes, size_t size, size_t piece)
{
	for (size_t at = 0; at < size; at += piece) {
		size_t length = size - at < piece ? size - at : piece;

		CHECK_EQ(send(sender, (const uint8_t *)bytes + at, length, 0), (long long)length);
	}
}

static void check_received(struct connection *stream, const struct message *expected)
{
	const struct message *message = stream_receive(stream);

	CHECK(message && memcmp(message, expected, message_size(expected)) == 0);
}

TEST(stream_puts_a_message_together_from_single_bytes)
{
	struct message *message = new_message(ECHO, 21);
	int sender;
	struct connection *stream = in_pieces(&sender);

	message->sequence = 77;
	send_pieces(sender, message, message_size(message), 1);
	check_received(stream, message);
	send_pieces(sender, message, message_size(message), 5);
	check_received(stream, message);

	close_stream(stream);
	close(sender);
	free(message);
}

TEST(stream_takes_apart_messages_that_arrive_in_one_read)
{
	struct message *first = new_message(ONEWAY, 3);
	struct message *second = new_message(FLUSH, 0);
	struct message *third = new_message(CALL, 40);
	uint8_t bytes[128];
	size_t size = 0;
	int sender;
	struct connection *stream = in_pieces(&sender);

	for (struct message **next = (struct message *[]){ first, second, third, NULL }; *next; next++) {
		memcpy(bytes + size, *next, message_size(*next));
		size += message_size(*next);
	}
	/* The third is cut in its header: its beginning is moved to the front before the rest is read. */
	send_pieces(sender, bytes, size, message_size(first) + message_size(second) + 7);
	check_received(stream, first);
	check_received(stream, second);
	check_received(stream, third);

	close_stream(stream);
	close(sender);
	free(first);
	free(second);
	free(third);
}

TEST(stream_grows_for_a_large_message)
{
	struct message *message = new_message(ECHO, 100 << 10);
	int sender;
	struct connection *stream = in_pieces(&sender);

	send_pieces(sender, message, message_size(message), 16 << 10);
	check_received(stream, message);

	close_stream(stream);
	close(sender);
	free(message);
}

TEST(stream_sends_what_a_write_leaves_over)
{
	struct message *message = new_message(ECHO, 1000);
	uint8_t bytes[2000];
	int ends[2];
	struct connection *stream;

	CHECK_EQ(pipe(ends), 0);
	stream = new_stream(&any_transport, ends[0], ends[1]);
	writes = 0;
	write_limit = 100;
	CHECK(stream_send(stream, message));
	write_limit = 0;
	CHECK(writes > 10);
	CHECK_EQ(read(ends[0], bytes, sizeof(bytes)), 1016);
	CHECK(memcmp(bytes, message, 1016) == 0);
	close_stream(stream);
	free(message);
}

TEST(stream_tells_that_the_peer_is_gone)
{
	struct message *message = new_message(CALL, 0);
	int sender;
	struct connection *stream = in_pieces(&sender);

	signal(SIGPIPE, SIG_IGN);
	send_pieces(sender, message, 10, 10);
	close(sender);
	CHECK(!stream_receive(stream));
	CHECK(!stream_send(stream, message));
	signal(SIGPIPE, SIG_DFL);
	close_stream(stream);
	free(message);
}

static void receive_a_negative_size(void)
{
	struct message header = { .kind = CALL, .size = -1 };
	int sender;
	struct connection *stream = in_pieces(&sender);

	send_pieces(sender, &header, sizeof(header), sizeof(header));
	stream_receive(stream);
}

TEST(stream_refuses_a_header_with_an_impossible_size)
{
	struct child child = run_function(receive_a_negative_size);

	check_line(&child, "failed received a header with size -1");
	CHECK_EQ(end_child(&child), 1);
}
