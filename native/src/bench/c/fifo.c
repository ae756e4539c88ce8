/* A directory of pairs of FIFOs, N.request and N.reply, one for each connection. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fail.h"
#include "stream.h"

static const char *directory;
static bool made_directory;
static int pairs;

static void path_of(char path[PATH_MAX], const char *in, int number, const char *way)
{
	if (snprintf(path, PATH_MAX, "%s/%d.%s", in, number, way) >= PATH_MAX)
		fail("ADDRESS '%s' is too long", in);
}

/* Opening waits for who opens the other end. */
static int open_end(const char *in, int number, const char *way, int flags)
{
	char path[PATH_MAX];
	int fd;

	path_of(path, in, number, way);
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		fail("open %s: %m", path);
	return fd;
}

static void *serve_pair(void *argument)
{
	int number = (int)(intptr_t)argument;

	while (true) {
		struct stream stream;
		int in = open_end(directory, number, "request", O_RDONLY);

		stream_init(&stream, &fifo_transport, in, open_end(directory, number, "reply", O_WRONLY));
		serve_connection(&stream.connection);
		stream_close(&stream);
	}
	return NULL;
}

static void remove_pairs(void)
{
	char path[PATH_MAX];

	for (int i = 0; i < pairs; i++) {
		path_of(path, directory, i, "request");
		unlink(path);
		path_of(path, directory, i, "reply");
		unlink(path);
	}
	if (made_directory)
		rmdir(directory);
}

static void make_fifo(int number, const char *way)
{
	char path[PATH_MAX];

	path_of(path, directory, number, way);
	if (mkfifo(path, 0600) < 0)
		fail("mkfifo %s: %m", path);
}

static void serve(const struct transport *self, const char *address, int threads)
{
	(void)self;
	directory = address;
	made_directory = mkdir(address, 0700) == 0;
	if (!made_directory && errno != EEXIST)
		fail("mkdir %s: %m", address);
	on_end = remove_pairs;
	for (; pairs < threads; pairs++) {
		make_fifo(pairs, "request");
		make_fifo(pairs, "reply");
	}
	for (int i = 0; i < threads; i++)
		start_thread(serve_pair, (void *)(intptr_t)i);
}

static struct connection *connect_pair(const struct transport *self, const char *address, int number)
{
	struct stream *stream;
	char path[PATH_MAX];
	int out;

	path_of(path, address, number, "request");
	if (number > 0 && access(path, F_OK) < 0 && errno == ENOENT)
		return NULL;
	stream = allocate(sizeof(*stream));
	out = open_end(address, number, "request", O_WRONLY);
	stream_init(stream, self, open_end(address, number, "reply", O_RDONLY), out);
	return &stream->connection;
}

const struct transport fifo_transport = {
	.name = "fifo",
	.serve = serve,
	.connect = connect_pair,
	.refuse = stream_refuse,
	.call = send_and_receive,
	.send = stream_send,
	.receive = stream_receive,
};
