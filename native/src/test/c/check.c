#include "check.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake_kernel.h"
#include "fake_netlink.h"

/* For one test; under valgrind on a busy machine the slowest takes a few. */
enum { DEADLINE_SECONDS = 60 };

static struct test *tests;
static const char *running;
static atomic_int failed_checks;

void add_test(struct test *test)
{
	struct test **link = &tests;

	while (*link && strcmp((*link)->name, test->name) < 0)
		link = &(*link)->next;
	test->next = *link;
	*link = test;
}

void check(bool ok, const char *file, int line, const char *condition)
{
	if (ok)
		return;
	failed_checks++;
	printf("%s:%d: %s\n", file, line, condition);
}

void check_equal(long long actual, long long expected, const char *file, int line, const char *expression)
{
	if (actual == expected)
		return;
	failed_checks++;
	printf("%s:%d: %s is %lld (0x%llx), expected %lld (0x%llx)\n", file, line, expression, actual, actual, expected,
	       expected);
}

int next_fd(void)
{
	int fd = dup(STDERR_FILENO);

	close(fd);
	return fd;
}

int scratch_file(void)
{
	return memfd_create("scratch", MFD_CLOEXEC);
}

static void give_up(int signal)
{
	(void)signal;
	dprintf(STDOUT_FILENO, "FAILED %s does not end\n", running);
	_exit(1);
}

int main(void)
{
	int passed = 0;
	int failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGALRM, give_up);
	for (struct test *test = tests; test; test = test->next) {
		failed_checks = 0;
		running = test->name;
		fake_reset();
		fake_netlink_reset();
		alarm(DEADLINE_SECONDS);
		test->run();
		printf("%s %s\n", failed_checks ? "FAILED" : "ok    ", test->name);
		if (failed_checks)
			failed++;
		else
			passed++;
	}
	printf("%d passed, %d failed\n", passed, failed);
	return failed || !passed;
}
