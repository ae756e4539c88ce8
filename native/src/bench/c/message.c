#include "message.h"

#include <pthread.h>
#include <string.h>

#include "fail.h"
#include "transport.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t counted = PTHREAD_COND_INITIALIZER;
static int64_t oneways;
/* The least that a thread waits for. */
static int64_t awaited = INT64_MAX;

struct message *new_message(enum kind kind, int32_t size)
{
	struct message *message = allocate(sizeof(*message) + (size_t)size);
	int64_t marker = MARKER;

	message->kind = kind;
	message->size = size;
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
	if (bytes < sizeof(*message))
		fail("received %zu bytes, less than a header", bytes);
	if (message->size < 0 || message_size(message) != bytes)
		fail("received %zu bytes, whose header says size %d", bytes, message->size);
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
	if (++oneways >= awaited) {
		awaited = INT64_MAX;
		pthread_cond_broadcast(&counted);
	}
	pthread_mutex_unlock(&lock);
}

int64_t await_oneways(int64_t count)
{
	int64_t there;

	pthread_mutex_lock(&lock);
	while (oneways < count) {
		awaited = count < awaited ? count : awaited;
		pthread_cond_wait(&counted, &lock);
	}
	there = oneways;
	pthread_mutex_unlock(&lock);
	return there;
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
		reply->sequence = request->kind == CALL ? request->sequence : await_oneways(0);
		return reply;
	default:
		fail("received a message of kind %d", request->kind);
	}
}
