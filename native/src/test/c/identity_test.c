#include "identity.h"

#include <pthread.h>
#include <unistd.h>

#include "check.h"

static void *tid_of_another(void *result)
{
	*(int *)result = b4j_tid();
	return NULL;
}

TEST(identity_is_the_process_and_the_thread)
{
	pthread_t thread;
	int other = 0;

	CHECK_EQ(b4j_pid(), getpid());
	CHECK_EQ(b4j_tid(), getpid());
	pthread_create(&thread, NULL, tid_of_another, &other);
	pthread_join(thread, NULL);
	CHECK(other > 0 && other != b4j_tid());
}
