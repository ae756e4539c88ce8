#include "message.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t counted = PTHREAD_COND_INITIALIZER;
static int64_t oneways;
static int flushing;

struct message *new_message(enum kind kind, int32_t size)
{
	struct message *message = malloc(sizeof(*message) + (size_t)size);
	int64_t marker = MARKER;

	if (!message)
		fail("no memory for a message of %d bytes", size);
	message->kind = kind;
	message->size = size;
	message->sequence = 0;
	memset(message->payload, 0x5a, (size_t)size);
	if (size >= 8)
		memcpy(message->payload + size - 8, &marker, 8);
	return message;
}

static void check_marker(const struct message *message)
{
	int64_t last;

	if (message->size < 8)
		return;
	memcpy(&last, message->payload + message->size - 8, 8);
	if (last != MARKER)
		fail("a payload of %d bytes ends in 0x%llx, not in 0x%llx", message->size, (long long)last,
		     (long long)MARKER);
}

void check_length(const struct message *message, size_t bytes)
{
	if (bytes < sizeof(*message) || message->size < 0 || message_size(message) != bytes)
		fail("received %zu bytes, which are not a header of 16 and a payload of %d", bytes,
		     bytes < sizeof(*message) ? 0 : message->size);
}

void check_reply(const struct message *reply, const struct message *request)
{
	int32_t size = request->kind == ECHO ? request->size : 0;

	if (!reply)
		fail("the server is gone");
	if (reply->kind != request->kind || reply->size != size || reply->sequence != request->sequence)
		fail("the reply is kind %d, size %d, sequence %lld; expected kind %d, size %d, sequence %lld", reply->kind,
		     reply->size, (long long)reply->sequence, request->kind, size, (long long)request->sequence);
	check_marker(reply);
}

static void count_oneway(void)
{
	pthread_mutex_lock(&lock);
	oneways++;
	if (flushing)
		pthread_cond_broadcast(&counted);
	pthread_mutex_unlock(&lock);
}

void await_oneways(int64_t count)
{
	pthread_mutex_lock(&lock);
	flushing++;
	while (oneways < count)
		pthread_cond_wait(&counted, &lock);
	flushing--;
	pthread_mutex_unlock(&lock);
}

static int64_t counted_oneways(void)
{
	int64_t count;

	pthread_mutex_lock(&lock);
	count = oneways;
	pthread_mutex_unlock(&lock);
	return count;
}

const struct message *answer(const struct message *request, struct message *reply)
{
	check_marker(request);
	switch (request->kind) {
	case ECHO:
		return request;
	case ONEWAY:
		count_oneway();
		return NULL;
	case CALL:
	case FLUSH:
		reply->kind = request->kind;
		reply->size = 0;
		reply->sequence = request->kind == CALL ? request->sequence : counted_oneways();
		return reply;
	default:
		fail("received a message of kind %d", request->kind);
	}
}
