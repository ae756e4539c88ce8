#include "fail.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

void (*on_end)(void);

/* Never unlocked: the first thread to end is the one that says why. */
static pthread_mutex_t ending = PTHREAD_MUTEX_INITIALIZER;

static _Noreturn void leave(int status)
{
	fflush(stdout);
	if (on_end)
		on_end();
	/* Not exit: other threads still serve, and need what it would tear down. */
	_exit(status);
}

void fail(const char *format, ...)
{
	va_list arguments;

	pthread_mutex_lock(&ending);
	va_start(arguments, format);
	printf("failed ");
	vprintf(format, arguments);
	putchar('\n');
	va_end(arguments);
	leave(1);
}

void finish(void)
{
	pthread_mutex_lock(&ending);
	leave(0);
}
