#include "identity.h"

#include <unistd.h>

int b4j_pid(void)
{
	return getpid();
}

int b4j_tid(void)
{
	return gettid();
}

int b4j_euid(void)
{
	return (int)geteuid();
}
