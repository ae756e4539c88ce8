/* unix and tcp: a thread for each connection. */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fail.h"
#include "stream.h"

struct listener {
	const struct transport *transport;
	int fd;
};

struct endpoint {
	struct sockaddr_storage address;
	socklen_t size;
};

static const char *unix_path;

static struct endpoint unix_endpoint(const char *path)
{
	struct endpoint endpoint = { .size = sizeof(struct sockaddr_un) };
	struct sockaddr_un *address = (struct sockaddr_un *)&endpoint.address;

	if (strlen(path) >= sizeof(address->sun_path))
		fail("ADDRESS '%s' is longer than the %zu bytes of a socket's path", path, sizeof(address->sun_path) - 1);
	address->sun_family = AF_UNIX;
	strcpy(address->sun_path, path);
	return endpoint;
}

static struct endpoint tcp_endpoint(const char *host_port)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV };
	struct endpoint endpoint = { 0 };
	const char *colon = strrchr(host_port, ':');
	struct addrinfo *found;
	char host[256];
	int error;

	if (!colon || atoi(colon + 1) <= 0 || snprintf(host, sizeof(host), "%.*s", (int)(colon - host_port), host_port)
			>= (int)sizeof(host))
		fail("ADDRESS '%s' is not HOST:PORT with a port from 1", host_port);
	error = getaddrinfo(host, colon + 1, &hints, &found);
	if (error != 0)
		fail("ADDRESS '%s': %s", host_port, gai_strerror(error));
	memcpy(&endpoint.address, found->ai_addr, found->ai_addrlen);
	endpoint.size = found->ai_addrlen;
	freeaddrinfo(found);
	return endpoint;
}

static struct endpoint endpoint_of(const struct transport *transport, const char *address)
{
	return transport == &unix_transport ? unix_endpoint(address) : tcp_endpoint(address);
}

static int new_socket(const struct endpoint *endpoint)
{
	int fd = socket(endpoint->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		fail("socket: %m");
	return fd;
}

static void set_no_delay(int fd, const struct transport *transport)
{
	int on = 1;

	if (transport == &tcp_transport && setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) < 0)
		fail("TCP_NODELAY: %m");
}

static void *serve_socket(void *argument)
{
	struct stream *stream = argument;

	serve_connection(&stream->connection);
	stream_close(stream);
	free(stream);
	return NULL;
}

static void *accept_all(void *argument)
{
	struct listener *listener = argument;

	while (true) {
		int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC);
		struct stream *stream;

		if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
			continue;
		if (fd < 0)
			fail("accept: %m");
		set_no_delay(fd, listener->transport);
		stream = allocate(sizeof(*stream));
		stream_init(stream, listener->transport, fd, fd);
		start_thread(serve_socket, stream);
	}
	return NULL;
}

static void remove_unix_path(void)
{
	unlink(unix_path);
}

static void serve(const struct transport *self, const char *address, int threads)
{
	struct endpoint endpoint = endpoint_of(self, address);
	struct listener *listener = allocate(sizeof(*listener));
	int on = 1;

	(void)threads;
	listener->transport = self;
	listener->fd = new_socket(&endpoint);
	setsockopt(listener->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(listener->fd, (struct sockaddr *)&endpoint.address, endpoint.size) < 0)
		fail("bind %s: %m", address);
	if (self == &unix_transport) {
		unix_path = address;
		on_end = remove_unix_path;
	}
	if (listen(listener->fd, SOMAXCONN) < 0)
		fail("listen %s: %m", address);
	start_thread(accept_all, listener);
}

static struct connection *connect_socket(const struct transport *self, const char *address, int number)
{
	struct endpoint endpoint = endpoint_of(self, address);
	struct stream *stream = allocate(sizeof(*stream));
	int fd = new_socket(&endpoint);

	(void)number;
	if (connect(fd, (struct sockaddr *)&endpoint.address, endpoint.size) < 0)
		fail("connect %s: %m", address);
	set_no_delay(fd, self);
	stream_init(stream, self, fd, fd);
	return &stream->connection;
}

#define SOCKETS \
	.serve = serve, .connect = connect_socket, .refuse = stream_refuse, .call = send_and_receive, \
	.send = stream_send, .receive = stream_receive

const struct transport unix_transport = { .name = "unix", SOCKETS };
const struct transport tcp_transport = { .name = "tcp", SOCKETS };
