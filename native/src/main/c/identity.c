#include "identity.h"

#include <sys/syscall.h>
#include <unistd.h>

int b4j_pid(void)
{
	return getpid();
}

/* Not gettid(): C libraries have it only since glibc 2.30. */
int b4j_tid(void)
{
	return (int)syscall(SYS_gettid);
}

int b4j_euid(void)
{
	return (int)geteuid();
}
