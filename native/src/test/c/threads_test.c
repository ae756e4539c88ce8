#include "threads.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "fake_kernel.h"

enum {
	THREADS = 16,
	/* Descriptors of devices that exist for the fake kernel alone. */
	FIRST_FD = 1000,
	SECOND_FD = 1001,
};

static const unsigned long THREAD_EXIT = 0x40046208;

enum ending { RETURN, PTHREAD_EXIT, CANCELLED };

/* What a thread does: enters the devices, waits until all have, leaves one if asked to, and ends. */
struct actor {
	int64_t slots[3];
	int64_t leave;
	enum ending ending;
	pthread_barrier_t *entered;
	pid_t tid;
	pthread_t thread;
};

static int succeed(const struct ioctl_call *call)
{
	(void)call;
	return 0;
}

static int exits(int fd, pid_t thread)
{
	return fake_count(THREAD_EXIT, fd, thread);
}

static void *act(void *argument)
{
	struct actor *actor = argument;

	actor->tid = gettid();
	for (int i = 0; i < 3 && actor->slots[i]; i++)
		CHECK_EQ(b4j_enter_thread(actor->slots[i]), 0);
	if (actor->entered) {
		pthread_barrier_wait(actor->entered);
		pthread_barrier_wait(actor->entered);
	}
	if (actor->leave)
		CHECK_EQ(b4j_leave_thread(actor->leave), 0);
	if (actor->ending == PTHREAD_EXIT)
		pthread_exit(NULL);
	if (actor->ending == CANCELLED) {
		pthread_cancel(pthread_self());
		pthread_testcancel();
	}
	return NULL;
}

static void run(struct actor *actor)
{
	pthread_create(&actor->thread, NULL, act, actor);
	pthread_join(actor->thread, NULL);
}

TEST(thread_exit_is_issued_once_per_thread_and_device)
{
	struct actor actors[THREADS] = { 0 };
	pthread_barrier_t entered;
	int64_t first = b4j_register_device(FIRST_FD);
	int64_t second = b4j_register_device(SECOND_FD);

	fake_ioctl(succeed);
	pthread_barrier_init(&entered, NULL, THREADS + 1);
	for (int i = 0; i < THREADS; i++) {
		actors[i] = (struct actor){ .slots = { first, second }, .ending = i % 3, .entered = &entered };
		pthread_create(&actors[i].thread, NULL, act, &actors[i]);
	}
	pthread_barrier_wait(&entered);
	CHECK_EQ(fake_calls(), 0);
	pthread_barrier_wait(&entered);
	for (int i = 0; i < THREADS; i++)
		pthread_join(actors[i].thread, NULL);

	CHECK_EQ(fake_calls(), 2 * THREADS);
	for (int i = 0; i < THREADS; i++) {
		CHECK_EQ(exits(FIRST_FD, actors[i].tid), 1);
		CHECK_EQ(exits(SECOND_FD, actors[i].tid), 1);
	}
	pthread_barrier_destroy(&entered);
	CHECK_EQ(b4j_retire_device(first), 0);
	CHECK_EQ(b4j_retire_device(second), 0);
}

TEST(thread_that_enters_twice_owes_one_exit)
{
	int64_t slot = b4j_register_device(FIRST_FD);
	int64_t other = b4j_register_device(SECOND_FD);
	struct actor actor = { .slots = { slot, other, slot } };

	fake_ioctl(succeed);
	run(&actor);

	CHECK_EQ(exits(FIRST_FD, actor.tid), 1);
	CHECK_EQ(fake_calls(), 2);
	b4j_retire_device(slot);
	b4j_retire_device(other);
}

TEST(thread_that_never_entered_owes_nothing)
{
	int64_t slot = b4j_register_device(FIRST_FD);
	struct actor actor = { 0 };

	fake_ioctl(succeed);
	run(&actor);

	CHECK_EQ(fake_calls(), 0);
	CHECK_EQ(b4j_leave_thread(slot), -ENOENT);
	CHECK_EQ(fake_calls(), 0);
	b4j_retire_device(slot);
}

TEST(thread_that_leaves_pays_at_once_and_not_again)
{
	int64_t slot = b4j_register_device(FIRST_FD);

	fake_ioctl(succeed);
	CHECK_EQ(b4j_enter_thread(slot), 0);
	CHECK_EQ(fake_calls(), 0);
	CHECK_EQ(b4j_leave_thread(slot), 0);
	CHECK_EQ(exits(FIRST_FD, gettid()), 1);
	CHECK_EQ(b4j_leave_thread(slot), -ENOENT);

	struct actor actor = { .slots = { slot }, .leave = slot };

	run(&actor);
	CHECK_EQ(exits(FIRST_FD, actor.tid), 1);
	CHECK_EQ(fake_calls(), 2);
	b4j_retire_device(slot);
}

TEST(thread_that_leaves_one_device_still_owes_the_others)
{
	int64_t slots[] = { b4j_register_device(FIRST_FD), b4j_register_device(FIRST_FD + 1),
			    b4j_register_device(FIRST_FD + 2) };

	fake_ioctl(succeed);
	for (int left = 0; left < 3; left++) {
		struct actor actor = { .slots = { slots[0], slots[1], slots[2] }, .leave = slots[left] };

		run(&actor);
		CHECK_EQ(fake_call(3 * left).fd, FIRST_FD + left);
		for (int i = 0; i < 3; i++)
			CHECK_EQ(exits(FIRST_FD + i, actor.tid), 1);
	}
	CHECK_EQ(fake_calls(), 9);
	for (int i = 0; i < 3; i++)
		b4j_retire_device(slots[i]);
}

TEST(retired_device_is_never_used_though_its_descriptor_number_is)
{
	struct actor actors[THREADS] = { 0 };
	pthread_barrier_t entered;
	int64_t old = b4j_register_device(FIRST_FD);
	int64_t new;

	fake_ioctl(succeed);
	pthread_barrier_init(&entered, NULL, THREADS + 1);
	for (int i = 0; i < THREADS; i++) {
		actors[i] = (struct actor){ .slots = { old }, .leave = i % 2 ? old : 0, .entered = &entered };
		pthread_create(&actors[i].thread, NULL, act, &actors[i]);
	}
	pthread_barrier_wait(&entered);
	CHECK_EQ(b4j_retire_device(old), 0);
	new = b4j_register_device(FIRST_FD);
	pthread_barrier_wait(&entered);
	for (int i = 0; i < THREADS; i++)
		pthread_join(actors[i].thread, NULL);

	CHECK(new != old);
	CHECK_EQ(fake_calls(), 0);
	pthread_barrier_destroy(&entered);
	b4j_retire_device(new);
}

TEST(retired_or_unknown_device_is_not_there)
{
	int64_t slot = b4j_register_device(FIRST_FD);

	CHECK(slot > 0);
	CHECK_EQ(b4j_retire_device(slot + 1), -ENOENT);
	CHECK_EQ(b4j_retire_device(0), -ENOENT);
	CHECK_EQ(b4j_leave_thread(slot + 1), -ENOENT);
	CHECK_EQ(b4j_retire_device(slot), 0);
	CHECK_EQ(b4j_retire_device(slot), -ENOENT);
}

static sem_t in_ioctl;
static sem_t may_return;
static sem_t retired;

static int dawdle(const struct ioctl_call *call)
{
	(void)call;
	sem_post(&in_ioctl);
	sem_wait(&may_return);
	return 0;
}

static void *retire(void *slot)
{
	b4j_retire_device(*(int64_t *)slot);
	sem_post(&retired);
	return NULL;
}

static bool happens_within_ms(sem_t *event, int ms)
{
	struct timespec deadline;

	clock_gettime(CLOCK_REALTIME, &deadline);
	deadline.tv_nsec += ms * 1000000L;
	deadline.tv_sec += deadline.tv_nsec / 1000000000L;
	deadline.tv_nsec %= 1000000000L;
	return sem_timedwait(event, &deadline) == 0;
}

TEST(retiring_waits_for_an_exit_that_has_begun)
{
	int64_t slot = b4j_register_device(FIRST_FD);
	struct actor actor = { .slots = { slot } };
	pthread_t retiring;

	sem_init(&in_ioctl, 0, 0);
	sem_init(&may_return, 0, 0);
	sem_init(&retired, 0, 0);
	fake_ioctl(dawdle);
	pthread_create(&actor.thread, NULL, act, &actor);
	sem_wait(&in_ioctl);
	pthread_create(&retiring, NULL, retire, &slot);

	CHECK(!happens_within_ms(&retired, 100));
	sem_post(&may_return);
	pthread_join(actor.thread, NULL);
	pthread_join(retiring, NULL);
	CHECK_EQ(fake_calls(), 1);
}

static void *outlive_devices(void *kept)
{
	int before = fake_blocks();

	CHECK_EQ(b4j_enter_thread(*(int64_t *)kept), 0);
	for (int i = 0; i < 100; i++) {
		int64_t slot = b4j_register_device(FIRST_FD + 1 + i);

		CHECK_EQ(b4j_enter_thread(slot), 0);
		CHECK_EQ(b4j_retire_device(slot), 0);
	}
	/* That of the device it still owes, and that of the last one retired. */
	CHECK_EQ(fake_blocks() - before, 2);
	return NULL;
}

TEST(thread_that_outlives_devices_forgets_what_it_owed_them)
{
	int64_t kept = b4j_register_device(FIRST_FD);
	pthread_t thread;

	fake_ioctl(succeed);
	pthread_create(&thread, NULL, outlive_devices, &kept);
	pthread_join(thread, NULL);

	CHECK_EQ(exits(FIRST_FD, 0), 1);
	CHECK_EQ(fake_calls(), 1);
	b4j_retire_device(kept);
}

/* The one device that is open; -1 as soon as it is retired, when its owner would close it. */
static atomic_int open_fd;

static int must_be_open(const struct ioctl_call *call)
{
	CHECK_EQ(call->fd, open_fd);
	return 0;
}

TEST(retiring_while_threads_end_leaves_no_late_exit)
{
	fake_ioctl(must_be_open);
	for (int round = 0; round < 50; round++) {
		struct actor actors[THREADS] = { 0 };
		pthread_barrier_t entered;
		int64_t slot;

		open_fd = FIRST_FD + round;
		slot = b4j_register_device(open_fd);
		pthread_barrier_init(&entered, NULL, THREADS + 1);
		for (int i = 0; i < THREADS; i++) {
			actors[i] = (struct actor){ .slots = { slot }, .leave = i % 2 ? slot : 0, .entered = &entered };
			pthread_create(&actors[i].thread, NULL, act, &actors[i]);
		}
		pthread_barrier_wait(&entered);
		pthread_barrier_wait(&entered);
		CHECK_EQ(b4j_retire_device(slot), 0);
		open_fd = -1;
		for (int i = 0; i < THREADS; i++)
			pthread_join(actors[i].thread, NULL);
		pthread_barrier_destroy(&entered);
	}
}

static pthread_key_t other_key;
static int exits_before;

static void enter_again(void *slot)
{
	exits_before = exits(FIRST_FD, gettid());
	CHECK_EQ(b4j_enter_thread(*(int64_t *)slot), 0);
}

static void *enter_with_destructor(void *slot)
{
	CHECK_EQ(b4j_enter_thread(*(int64_t *)slot), 0);
	pthread_setspecific(other_key, slot);
	return NULL;
}

TEST(thread_that_enters_while_it_ends_still_pays)
{
	int64_t slot = b4j_register_device(FIRST_FD);
	pthread_t thread;

	fake_ioctl(succeed);
	pthread_key_create(&other_key, enter_again);
	pthread_create(&thread, NULL, enter_with_destructor, &slot);
	pthread_join(thread, NULL);

	CHECK_EQ(exits(FIRST_FD, 0), exits_before + 1);
	pthread_key_delete(other_key);
	b4j_retire_device(slot);
}
