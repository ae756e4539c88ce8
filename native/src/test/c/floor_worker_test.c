/* A server and a client, as the benchmarks run them, on every transport that needs no driver. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "child.h"

struct pair {
	struct child server, client;
};

static char directory[] = "/tmp/b4j-floor-XXXXXX";

static void make_directory(void)
{
	strcpy(directory + sizeof(directory) - 7, "XXXXXX");
	CHECK(mkdtemp(directory) != NULL);
}

static struct child run_floor(const char *role, const char *transport, const char *address, const char *threads)
{
	const char *floor = getenv("BINDER4J_FLOOR");

	CHECK(floor != NULL);
	return run_program((const char *const[]){ floor, role, transport, address, threads, NULL });
}

static struct pair start(const char *transport, const char *address)
{
	struct pair pair = { .server = run_floor("serve", transport, address, "2") };

	check_line(&pair.server, "ready");
	pair.client = run_floor("call", transport, address, NULL);
	check_line(&pair.client, "ready");
	return pair;
}

static void finish(struct pair *pair)
{
	check_answer(&pair->server, "allocated", "allocated -");
	CHECK_EQ(end_child(&pair->client), 0);
	CHECK_EQ(end_child(&pair->server), 0);
}

/* A file of as many samples as there were calls, none of which took no time. */
static void measure_latency(struct child *client)
{
	long long calls = 0, nanos = 0, sample, sum = 0;
	char path[64], line[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/samples file", directory);
	snprintf(line, sizeof(line), "latency echo 64 0 50 %s", path);
	CHECK_EQ(sscanf(check_answer(client, line, "done "), "done %lld %lld -", &calls, &nanos), 2);
	CHECK_EQ(calls, 50);
	file = fopen(path, "re");
	CHECK(file != NULL);
	for (; file && fread(&sample, sizeof(sample), 1, file) == 1; calls--)
		sum += sample;
	CHECK_EQ(calls, 0);
	CHECK_EQ(sum, nanos);
	if (file)
		fclose(file);
	unlink(path);
}

/* `large` is what a call with 100,000 bytes comes to. */
static void measure(const char *transport, const char *address, const char *large)
{
	struct pair pair = start(transport, address);

	measure_latency(&pair.client);
	check_answer(&pair.client, "latency call 0 0 3 -", "done 3 ");
	check_answer(&pair.client, "latency call 7 0 1 -", "done 1 ");
	check_answer(&pair.client, "latency call 100000 0 3 -", large);
	check_answer(&pair.client, "latency echo 100000 0 3 -", large);
	check_answer(&pair.client, "oneway 100 40 0", "done 40 ");
	check_answer(&pair.client, "oneway 0 1 0", "done 1 ");
	check_answer(&pair.client, "rate echo 1000 2 0", "done 2 ");
	check_answer(&pair.client, "oneway 9 3 0", "done 3 ");
	finish(&pair);
}

/* Nothing is left but the directory. */
static void measure_in_directory(const char *transport, const char *name)
{
	char address[64];

	make_directory();
	snprintf(address, sizeof(address), "%s%s", directory, name);
	measure(transport, address, "done 3 ");
	CHECK_EQ(rmdir(directory), 0);
}

TEST(floor_measures_unix_sockets)
{
	measure_in_directory("unix", "/socket");
}

TEST(floor_measures_fifos)
{
	measure_in_directory("fifo", "");
}

TEST(floor_measures_shared_memory)
{
	measure_in_directory("shm-futex", "/memory");
	measure_in_directory("shm-spin", "/memory");
}

TEST(floor_measures_tcp)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char host_port[32];

	/* A port that was free a moment ago. */
	CHECK_EQ(bind(fd, (struct sockaddr *)&address, size), 0);
	CHECK_EQ(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	close(fd);
	snprintf(host_port, sizeof(host_port), "127.0.0.1:%d", ntohs(address.sin_port));
	make_directory();
	measure("tcp", host_port, "done 3 ");
	CHECK_EQ(rmdir(directory), 0);
}

/* Whether large messages fit depends on what the user may do; who may little is told the limit. */
TEST(floor_measures_message_queues)
{
	bool privileged;
	char name[32];
	struct child server;

	snprintf(name, sizeof(name), "/b4j-check-%d", getpid());
	server = run_floor("serve", "mq", name, "1");
	check_line(&server, "ready");
	{
		struct child client = run_floor("call", "mq", name, NULL);

		check_line(&client, "ready");
		privileged = strncmp(check_answer(&client, "latency call 100000 0 3 -", ""), "done 3 ", 7) == 0;
		CHECK_EQ(end_child(&client), 0);
		CHECK_EQ(end_child(&server), 0);
	}
	make_directory();
	measure("mq", name, privileged ? "done 3 " : "unsupported SIZE 100000: at most ");
	CHECK_EQ(rmdir(directory), 0);
}

TEST(floor_says_what_is_wrong_with_a_line)
{
	static const char *const lines[][2] = {
		{ "latency cal 64 1 1 -", "failed SHAPE 'cal': call or echo" },
		{ "latency call -1 1 1 -", "failed SIZE '-1': a number from 0 to 67108864" },
		{ "latency call 64k 1 1 -", "failed SIZE '64k': a number" },
		{ "latency call 64 1 5000000 -", "failed SAMPLES '5000000': a number from 0 to 4000000" },
		{ "latency call 64 1 1", "failed FILE ''" },
		{ "latency call 64 0 1 /nonexistent/file", "failed FILE '/nonexistent/file': No such file" },
		{ "rate call 64 0 1", "failed THREADS '0': a number from 1" },
		{ "rate call 64 3 0", "unsupported THREADS 3: the server was told to serve 2" },
		{ "rate call 64", "failed THREADS ''" },
		{ "oneway 64 1 1 more", "failed 'more' is too much" },
		{ "oneway 64 0 1", "failed WINDOW '0'" },
		{ "latency call 2000000 0 1 -", "unsupported SIZE 2000000: at most 11" },
		{ "bogus 1", "unsupported 'bogus'" },
		{ "latency call 64 0 1 -", "done 1 " },
	};
	struct pair pair;
	char address[64];

	make_directory();
	snprintf(address, sizeof(address), "%s/memory", directory);
	pair = start("shm-futex", address);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		check_answer(&pair.client, lines[i][0], lines[i][1]);
	check_answer(&pair.server, "bogus", "unsupported 'bogus'");
	finish(&pair);
	CHECK_EQ(rmdir(directory), 0);
}

TEST(floor_says_what_is_wrong_with_its_arguments)
{
	static const char *const arguments[][5] = {
		{ "serve", "pigeon", "/nowhere", "1", "failed TRANSPORT 'pigeon': binder, " },
		{ "serve", "unix", "/nowhere", "0", "failed THREADS '0': a number from 1" },
		{ "serve", "unix", "/nonexistent/socket", "1", "failed bind /nonexistent/socket: No such" },
		{ "serve", "tcp", "localhost:0", "1", "failed ADDRESS 'localhost:0'" },
		{ "serve", "binder", "/dev/null", "1", "failed /dev/null: ENOTTY" },
		{ "serve", "gbinder", "/dev/binder", "1", "failed ADDRESS '/dev/binder' names no service" },
		{ "call", "unix", "/nonexistent", NULL, "failed connection 0 to /nonexistent: No such" },
		{ "call", "fifo", "/nonexistent", NULL, "failed /nonexistent/0.request: No such" },
	};

	for (size_t i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++) {
		const char *const *of = arguments[i];
		struct child child = run_floor(of[0], of[1], of[2], of[3]);

		check_line_begins(&child, of[4]); /* to write to it would be SIGPIPE once it has ended */
		CHECK_EQ(end_child(&child), 1);
	}
}

TEST(floor_ends_when_its_server_does)
{
	struct pair pair;
	char address[64];

	make_directory();
	snprintf(address, sizeof(address), "%s/socket", directory);
	pair = start("unix", address);
	CHECK_EQ(end_child(&pair.server), 0);
	check_answer(&pair.client, "latency call 64 1 1 -", "failed the server is gone");
	CHECK_EQ(end_child(&pair.client), 1);
	CHECK_EQ(rmdir(directory), 0);
}
