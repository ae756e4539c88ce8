#include "worker.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fail.h"
#include "measure.h"

enum { MAX_CONNECTIONS = 256, MAX_MILLIS = 3600 * 1000 };

static const struct transport *const transports[] = {
	&binder_transport, &fifo_transport, &unix_transport, &tcp_transport, &mq_transport, &shm_futex_transport,
	&shm_spin_transport, &gbinder_transport,
};

/* The client's. */
static const struct transport *transport;
static const char *address;
static struct connection *connections[MAX_CONNECTIONS];

static const struct transport *find_transport(const char *name)
{
	for (size_t i = 0; i < sizeof(transports) / sizeof(transports[0]); i++) {
		if (strcmp(transports[i]->name, name) == 0)
			return transports[i];
	}
	fail("TRANSPORT '%s': binder, fifo, unix, tcp, mq, shm-futex, shm-spin or gbinder", name);
}

static bool parse(const char *word, int64_t least, int64_t most, int64_t *value)
{
	char *rest;

	errno = 0;
	*value = strtoll(word, &rest, 10);
	return !errno && rest != word && !*rest && *value >= least && *value <= most;
}

/* The line without its end; NULL at the end of stdin. */
static char *next_line(void)
{
	static char *line;
	static size_t capacity;
	ssize_t length = getline(&line, &capacity, stdin);

	if (length < 0)
		return NULL;
	if (line[length - 1] == '\n')
		line[length - 1] = '\0';
	return line;
}

/* Words of a line, and the first thing wrong with them. */
struct words {
	char *rest;
	const char *wrong;
};

static const char *next_word(struct words *words)
{
	char *word = words->rest ? strsep(&words->rest, " ") : NULL;

	return word ? word : "";
}

static int64_t number(struct words *words, const char *name, int64_t least, int64_t most)
{
	const char *word = next_word(words);
	int64_t value;

	if (!parse(word, least, most, &value) && !words->wrong)
		words->wrong = refusal("%s '%s': a number from %" PRId64 " to %" PRId64, name, word, least, most);
	return value;
}

static enum kind shape(struct words *words)
{
	const char *word = next_word(words);

	if (strcmp(word, "call") != 0 && strcmp(word, "echo") != 0 && !words->wrong)
		words->wrong = refusal("SHAPE '%s': call or echo", word);
	return strcmp(word, "echo") == 0 ? ECHO : CALL;
}

static bool is_right(struct words *words)
{
	if (words->rest && !words->wrong)
		words->wrong = refusal("'%s' is too much", words->rest);
	if (words->wrong)
		printf("failed %s\n", words->wrong);
	return !words->wrong;
}

static bool is_supported(const char *why_not)
{
	if (why_not)
		printf("unsupported %s\n", why_not);
	return !why_not;
}

static bool can_carry(enum kind kind, int64_t size, int64_t in_flight)
{
	return !transport->refuse || is_supported(transport->refuse(connections[0], kind, size, in_flight));
}

static void done(struct measured measured)
{
	printf("done %" PRId64 " %" PRId64 " -\n", measured.calls, measured.nanos);
}

static const char *write_samples(const char *path, int64_t count)
{
	FILE *file = fopen(path, "we");
	bool written = file && fwrite(samples_nanos(), sizeof(int64_t), (size_t)count, file) == (size_t)count;

	if (file && fclose(file) != 0)
		written = false;
	return written ? NULL : refusal("FILE '%s': %s", path, strerror(errno));
}

static void latency(struct words *words)
{
	enum kind kind = shape(words);
	int64_t size = number(words, "SIZE", 0, MAX_PAYLOAD);
	int64_t millis = number(words, "MILLIS", 0, MAX_MILLIS);
	int64_t samples = number(words, "SAMPLES", 0, MAX_SAMPLES);
	const char *file = words->rest ? words->rest : "";
	struct measured measured;

	words->rest = NULL;
	if (!*file && !words->wrong)
		words->wrong = "FILE '': a path, or - for none";
	if (!is_right(words) || !can_carry(kind, size, 1))
		return;
	measured = measure_latency(connections[0], kind, (int32_t)size, millis * 1000000, samples);
	words->wrong = strcmp(file, "-") == 0 ? NULL : write_samples(file, measured.calls);
	if (is_right(words))
		done(measured);
}

/* Connections stay for the next time. */
static const char *connect_up_to(int64_t threads)
{
	for (int i = 0; i < threads; i++) {
		if (!connections[i])
			connections[i] = transport->connect(transport, address, i);
		if (!connections[i])
			return refusal("THREADS %" PRId64 ": the server was told to serve %d", threads, i);
	}
	return NULL;
}

static void rate(struct words *words)
{
	enum kind kind = shape(words);
	int64_t size = number(words, "SIZE", 0, MAX_PAYLOAD);
	int64_t threads = number(words, "THREADS", 1, MAX_CONNECTIONS);
	int64_t millis = number(words, "MILLIS", 0, MAX_MILLIS);

	if (is_right(words) && can_carry(kind, size, threads) && is_supported(connect_up_to(threads)))
		done(measure_rate(connections, (int)threads, kind, (int32_t)size, millis * 1000000));
}

static void oneway(struct words *words)
{
	int64_t size = number(words, "SIZE", 0, MAX_PAYLOAD);
	int64_t window = number(words, "WINDOW", 1, INT32_MAX);
	int64_t millis = number(words, "MILLIS", 0, MAX_MILLIS);

	if (is_right(words) && can_carry(ONEWAY, size, window))
		done(measure_oneway(connections[0], (int32_t)size, window, millis * 1000000));
}

static void obey(char *line)
{
	struct words words = { .rest = line };
	const char *verb = next_word(&words);

	if (strcmp(verb, "latency") == 0)
		latency(&words);
	else if (strcmp(verb, "rate") == 0)
		rate(&words);
	else if (strcmp(verb, "oneway") == 0)
		oneway(&words);
	else
		printf("unsupported '%s': latency, rate or oneway\n", verb);
}

void call_role(const char *transport_name, const char *server)
{
	char *line;

	transport = find_transport(transport_name);
	address = server;
	connections[0] = transport->connect(transport, address, 0);
	if (!connections[0])
		fail("%s serves no connection", address);
	puts("ready");
	while ((line = next_line()))
		obey(line);
	finish();
}

/* A server told to end by a signal leaves nothing behind either. Only system calls follow, and snprintf of short names. */
static void end_by_signal(int number)
{
	if (on_end)
		on_end();
	_exit(128 + number);
}

void serve_role(const char *transport_name, const char *at, const char *threads)
{
	const struct transport *served = find_transport(transport_name);
	int64_t count;
	char *line;

	if (!parse(threads, 1, MAX_CONNECTIONS, &count))
		fail("THREADS '%s': a number from 1 to %d", threads, MAX_CONNECTIONS);
	signal(SIGHUP, end_by_signal);
	signal(SIGINT, end_by_signal);
	signal(SIGTERM, end_by_signal);
	served->serve(served, at, (int)count);
	puts("ready");
	while ((line = next_line())) {
		if (strcmp(line, "allocated") == 0)
			puts("allocated -");
		else
			printf("unsupported '%s': allocated\n", line);
	}
	finish();
}
