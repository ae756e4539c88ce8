#include "transport.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "fail.h"

const struct message *send_and_receive(struct connection *connection, const struct message *request)
{
	const struct transport *transport = connection->transport;

	return transport->send(connection, request) ? transport->receive(connection) : NULL;
}

void serve_connection(struct connection *connection)
{
	const struct transport *transport = connection->transport;
	const struct message *request;
	struct message reply;

	while ((request = transport->receive(connection))) {
		const struct message *answered = answer(request, &reply);

		if (answered && !transport->send(connection, answered))
			return;
	}
}

void start_thread(void *(*run)(void *), void *argument)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, argument) != 0)
		fail("cannot start a thread");
	pthread_detach(thread);
}

void *allocate(size_t size)
{
	void *memory = calloc(1, size);

	if (!memory)
		fail("no memory for %zu bytes", size);
	return memory;
}

const char *refusal(const char *format, ...)
{
	static char why[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(why, sizeof(why), format, arguments);
	va_end(arguments);
	return why;
}
