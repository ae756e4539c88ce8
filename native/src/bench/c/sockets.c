/* unix and tcp: a thread for each connection. */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fail.h"
#include "stream.h"

struct endpoint {
	struct sockaddr_storage address;
	socklen_t size;
};

/* The server's. */
static const struct transport *served;
static const char *unix_path;
static int listener;

static void unix_endpoint(struct endpoint *endpoint, const char *path)
{
	struct sockaddr_un *address = (struct sockaddr_un *)&endpoint->address;

	if (strlen(path) >= sizeof(address->sun_path))
		fail("ADDRESS '%s' is longer than the %zu bytes of a socket's path", path, sizeof(address->sun_path) - 1);
	address->sun_family = AF_UNIX;
	strcpy(address->sun_path, path);
	endpoint->size = sizeof(*address);
}

static void tcp_endpoint(struct endpoint *endpoint, const char *host_port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found;
	const char *colon = strrchr(host_port, ':');
	char *host = strndup(host_port, colon ? (size_t)(colon - host_port) : 0);
	int error;

	if (!colon || atoi(colon + 1) <= 0)
		fail("ADDRESS '%s' is not HOST:PORT with a port from 1", host_port);
	error = getaddrinfo(host, colon + 1, &hints, &found);
	if (error != 0)
		fail("ADDRESS '%s': %s", host_port, gai_strerror(error));
	memcpy(&endpoint->address, found->ai_addr, found->ai_addrlen);
	endpoint->size = found->ai_addrlen;
	freeaddrinfo(found);
	free(host);
}

static int new_socket(const struct transport *transport, const char *address, struct endpoint *endpoint)
{
	int fd;

	memset(endpoint, 0, sizeof(*endpoint));
	(transport == &unix_transport ? unix_endpoint : tcp_endpoint)(endpoint, address);
	fd = socket(endpoint->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		fail("socket: %m");
	return fd;
}

static struct connection *new_connection(const struct transport *transport, int fd)
{
	int on = 1;

	if (transport == &tcp_transport && setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) < 0)
		fail("TCP_NODELAY: %m");
	return new_stream(transport, fd, fd);
}

static void *serve_socket(void *connection)
{
	serve_connection(connection);
	close_stream(connection);
	return NULL;
}

static void *accept_all(void *unused)
{
	while (true) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		if (fd >= 0)
			start_thread(serve_socket, new_connection(served, fd));
		else if (errno != EINTR && errno != ECONNABORTED)
			fail("accept: %m");
	}
	return unused;
}

static void remove_unix_path(void)
{
	unlink(unix_path);
}

static void serve(const struct transport *self, const char *address, int threads)
{
	struct endpoint endpoint;
	int on = 1;

	(void)threads;
	served = self;
	listener = new_socket(self, address, &endpoint);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(listener, (struct sockaddr *)&endpoint.address, endpoint.size) < 0)
		fail("bind %s: %m", address);
	if (self == &unix_transport) {
		unix_path = address;
		on_end = remove_unix_path;
	}
	if (listen(listener, SOMAXCONN) < 0)
		fail("listen %s: %m", address);
	start_thread(accept_all, NULL);
}

static struct connection *connect_socket(const struct transport *self, const char *address, int number)
{
	struct endpoint endpoint;
	int fd = new_socket(self, address, &endpoint);

	if (connect(fd, (struct sockaddr *)&endpoint.address, endpoint.size) < 0)
		fail("connection %d to %s: %m", number, address);
	return new_connection(self, fd);
}

#define SOCKETS \
	.serve = serve, .connect = connect_socket, .call = send_and_receive, .send = stream_send, .receive = stream_receive

const struct transport unix_transport = { .name = "unix", SOCKETS };
const struct transport tcp_transport = { .name = "tcp", SOCKETS };
