#include "pairs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#include "fail.h"

static const struct transport *served;
static const char *served_at;
static int made;

static void name_of(char name[PATH_MAX], const struct transport *transport, const char *address, int number,
		    const char *way)
{
	if (snprintf(name, PATH_MAX, transport->pairs->format, address, number, way) >= PATH_MAX)
		fail("ADDRESS '%s' is too long", address);
}

static void remove_pairs(void)
{
	char name[PATH_MAX];

	for (int i = 0; i < made; i++) {
		name_of(name, served, served_at, i / 2, i % 2 ? "reply" : "request");
		served->pairs->remove(name);
	}
}

static void make(int number, const char *way)
{
	char name[PATH_MAX];

	name_of(name, served, served_at, number, way);
	if (served->pairs->make(name) < 0)
		fail("%s: %m%s", name, errno == EMFILE ? "; raise RLIMIT_MSGQUEUE" : "");
	made++;
}

static int open_end(const struct transport *transport, const char *address, int number, const char *way, int flags)
{
	char name[PATH_MAX];
	int fd;

	name_of(name, transport, address, number, way);
	fd = transport->pairs->open(name, flags | O_CLOEXEC);
	if (fd < 0 && (errno != ENOENT || number == 0))
		fail("%s: %m", name);
	return fd;
}

static void *serve_pair(void *argument)
{
	int number = (int)(intptr_t)argument;

	while (true) {
		int in = open_end(served, served_at, number, "request", O_RDONLY);
		int out = open_end(served, served_at, number, "reply", O_WRONLY);
		struct connection *connection = served->pairs->join(served, in, out);

		serve_connection(connection);
		served->pairs->close(connection);
	}
	return NULL;
}

void serve_pairs(const struct transport *self, const char *address, int threads)
{
	served = self;
	served_at = address;
	on_end = remove_pairs;
	for (int i = 0; i < threads; i++) {
		make(i, "request");
		make(i, "reply");
	}
	for (int i = 0; i < threads; i++)
		start_thread(serve_pair, (void *)(intptr_t)i);
}

struct connection *connect_pair(const struct transport *self, const char *address, int number)
{
	int out = open_end(self, address, number, "request", O_WRONLY);

	return out < 0 ? NULL : self->pairs->join(self, open_end(self, address, number, "reply", O_RDONLY), out);
}
