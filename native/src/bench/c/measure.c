#include "measure.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fail.h"

/* So long at most are calls made for their number's sake. */
#define PATIENCE_NANOS INT64_C(20000000000)

struct caller {
	pthread_t thread;
	pthread_barrier_t *begin;
	struct connection *connection;
	struct message *request;
	int64_t nanos, calls, start, end;
};

static int64_t *samples;
static int64_t sent_oneways;

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

const int64_t *samples_nanos(void)
{
	return samples;
}

static void call(struct connection *connection, struct message *request)
{
	request->sequence++;
	check_reply(connection->transport->call(connection, request), request);
}

struct measured measure_latency(struct connection *connection, enum kind kind, int32_t size, int64_t nanos, int64_t wanted)
{
	struct message *request = new_message(kind, size);
	int64_t start, before, after, calls = 0;

	if (!samples) {
		samples = allocate(MAX_SAMPLES * sizeof(*samples));
		memset(samples, 1, MAX_SAMPLES * sizeof(*samples)); /* so that its pages are there */
	}
	start = before = now();
	do {
		call(connection, request);
		after = now();
		samples[calls++] = after - before;
		before = after;
	} while (calls < MAX_SAMPLES &&
		 (after - start < nanos || (calls < wanted && after - start < PATIENCE_NANOS)));
	free(request);
	return (struct measured){ calls, after - start };
}

static void *call_until_over(void *argument)
{
	struct caller *caller = argument;
	const struct transport *transport = caller->connection->transport;
	int64_t calls = 0;

	call(caller->connection, caller->request); /* what a first call of a thread costs besides is not measured */
	pthread_barrier_wait(caller->begin);
	caller->start = now();
	do {
		call(caller->connection, caller->request);
		calls++;
		caller->end = now();
	} while (caller->end - caller->start < caller->nanos);
	caller->calls = calls;
	if (transport->leave)
		transport->leave(caller->connection);
	return NULL;
}

/* From the first thread's start to the last one's end. */
static struct measured join(struct caller *callers, int threads)
{
	struct measured all = { 0 };
	int64_t start = INT64_MAX, last = 0;

	for (int i = 0; i < threads; i++) {
		pthread_join(callers[i].thread, NULL);
		all.calls += callers[i].calls;
		start = callers[i].start < start ? callers[i].start : start;
		last = callers[i].end > last ? callers[i].end : last;
		free(callers[i].request);
	}
	all.nanos = last - start;
	return all;
}

struct measured measure_rate(struct connection **connections, int threads, enum kind kind, int32_t size, int64_t nanos)
{
	struct caller *callers = allocate((size_t)threads * sizeof(*callers));
	pthread_barrier_t begin;
	struct measured all;

	pthread_barrier_init(&begin, NULL, (unsigned int)threads);
	for (int i = 0; i < threads; i++) {
		callers[i].begin = &begin;
		callers[i].connection = connections[i];
		callers[i].request = new_message(kind, size);
		callers[i].nanos = nanos;
		if (pthread_create(&callers[i].thread, NULL, call_until_over, &callers[i]) != 0)
			fail("cannot start thread %d of %d", i + 1, threads);
	}
	all = join(callers, threads);
	pthread_barrier_destroy(&begin);
	free(callers);
	return all;
}

struct measured measure_oneway(struct connection *connection, int32_t size, int64_t window, int64_t nanos)
{
	const struct transport *transport = connection->transport;
	struct message *message = new_message(ONEWAY, size);
	struct message *flush = new_message(FLUSH, 0);
	int64_t start = now(), calls = 0, elapsed;

	do {
		for (int64_t i = 0; i < window; i++) {
			message->sequence = ++sent_oneways;
			if (!transport->send(connection, message))
				fail("the server is gone");
		}
		calls += window;
		/* The reply's sequence is how many were received: as many as were sent, or the check fails. */
		flush->sequence = sent_oneways;
		check_reply(transport->call(connection, flush), flush);
		elapsed = now() - start;
	} while (elapsed < nanos);
	free(message);
	free(flush);
	return (struct measured){ calls, elapsed };
}
