#include "fake_kernel.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

enum { RECORDED = 4096 };

int __real_ioctl(int fd, unsigned long request, void *argument);
int __wrap_ioctl(int fd, unsigned long request, ...);
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void __real_free(void *block);
void __wrap_free(void *block);
int __real_mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data);
int __wrap_mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct ioctl_call record[RECORDED];
static int calls;
static ioctl_answer *answering;
static bool mounting;

struct mount_call fake_mounted;

void fake_reset(void)
{
	pthread_mutex_lock(&lock);
	calls = 0;
	answering = NULL;
	mounting = false;
	memset(&fake_mounted, 0, sizeof(fake_mounted));
	pthread_mutex_unlock(&lock);
}

void fake_ioctl(ioctl_answer *answer)
{
	pthread_mutex_lock(&lock);
	answering = answer;
	pthread_mutex_unlock(&lock);
}

void fake_mount(void)
{
	mounting = true;
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	struct ioctl_call call = { .fd = fd, .request = request, .thread = gettid() };
	ioctl_answer *answer;
	va_list arguments;
	int result;

	va_start(arguments, request);
	call.argument = va_arg(arguments, void *);
	va_end(arguments);

	pthread_mutex_lock(&lock);
	if (calls == RECORDED)
		abort();
	record[calls++] = call;
	answer = answering;
	pthread_mutex_unlock(&lock);

	if (!answer)
		return __real_ioctl(fd, request, call.argument);
	result = answer(&call);
	if (result < 0) {
		errno = -result;
		return -1;
	}
	return result;
}

int __wrap_mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data)
{
	if (!mounting)
		return __real_mount(source, target, type, flags, data);
	snprintf(fake_mounted.source, sizeof(fake_mounted.source), "%s", source);
	snprintf(fake_mounted.target, sizeof(fake_mounted.target), "%s", target);
	snprintf(fake_mounted.type, sizeof(fake_mounted.type), "%s", type);
	snprintf(fake_mounted.options, sizeof(fake_mounted.options), "%s", (const char *)data);
	fake_mounted.flags = flags;
	return 0;
}

static atomic_int blocks;

void *__wrap_malloc(size_t size)
{
	void *block = __real_malloc(size);

	blocks += block != NULL;
	return block;
}

void __wrap_free(void *block)
{
	blocks -= block != NULL;
	__real_free(block);
}

int fake_blocks(void)
{
	return blocks;
}

int fake_calls(void)
{
	int result;

	pthread_mutex_lock(&lock);
	result = calls;
	pthread_mutex_unlock(&lock);
	return result;
}

struct ioctl_call fake_call(int n)
{
	struct ioctl_call result = { .fd = -1 };

	pthread_mutex_lock(&lock);
	if (n < calls)
		result = record[n];
	pthread_mutex_unlock(&lock);
	return result;
}

int fake_count(unsigned long request, int fd, pid_t thread)
{
	int result = 0;

	pthread_mutex_lock(&lock);
	for (int i = 0; i < calls; i++) {
		if (record[i].request == request && record[i].fd == fd && (!thread || record[i].thread == thread))
			result++;
	}
	pthread_mutex_unlock(&lock);
	return result;
}
