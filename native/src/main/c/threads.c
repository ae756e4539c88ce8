#include "threads.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "control.h"
#include "glibc.h"

B4J_FIRST(pthread_getspecific);
B4J_FIRST(pthread_key_create);
B4J_FIRST(pthread_once);
B4J_FIRST(pthread_rwlock_rdlock);
B4J_FIRST(pthread_rwlock_unlock);
B4J_FIRST(pthread_rwlock_wrlock);
B4J_FIRST(pthread_setspecific);

/* What a thread owes: a list, usually of one device. One debt per device; that of a retired device is void. */
struct debt {
	int64_t slot;
	struct debt *next;
};

/* An open device; the table is a list, for a process has a handful at most. */
struct device {
	int64_t slot;
	int fd;
	struct device *next;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t debts_key;
static int key_error;

/* Held for reading while a descriptor of the table is used, so that a retired one is never used again. */
static pthread_rwlock_t table_lock = PTHREAD_RWLOCK_INITIALIZER;
static struct device *devices;
static int64_t last_slot;

/* The link that leads to a device, or the last one, which leads to none. The caller holds table_lock. */
static struct device **find_device_locked(int64_t slot)
{
	struct device **link = &devices;

	while (*link && (*link)->slot != slot)
		link = &(*link)->next;
	return link;
}

/* The same in a thread's list, which no other thread sees. */
static struct debt **find_debt(struct debt **link, int64_t slot)
{
	while (*link && (*link)->slot != slot)
		link = &(*link)->next;
	return link;
}

/* Frees the debts behind a link that are void, so that a thread which outlives many devices keeps none for each. */
static void drop_void(struct debt **link)
{
	pthread_rwlock_rdlock(&table_lock);
	while (*link) {
		struct debt *debt = *link;

		if (*find_device_locked(debt->slot)) {
			link = &debt->next;
		} else {
			*link = debt->next;
			free(debt);
		}
	}
	pthread_rwlock_unlock(&table_lock);
}

static void pay(int64_t slot)
{
	struct device *device;

	pthread_rwlock_rdlock(&table_lock);
	device = *find_device_locked(slot);
	if (device)
		b4j_thread_exit(device->fd);
	pthread_rwlock_unlock(&table_lock);
}

/*
 * The destructor of debts_key. A destructor that runs after it may enter a device again: that makes a new list, for which
 * the C library calls this once more.
 */
static void pay_all(void *first)
{
	struct debt *debt = first;

	while (debt) {
		struct debt *next = debt->next;

		pay(debt->slot);
		free(debt);
		debt = next;
	}
}

static void create_key(void)
{
	key_error = pthread_key_create(&debts_key, pay_all);
}

int64_t b4j_register_device(int fd)
{
	struct device *device = malloc(sizeof(*device));
	int64_t slot;

	if (!device)
		return -ENOMEM;
	pthread_rwlock_wrlock(&table_lock);
	slot = ++last_slot;
	device->slot = slot;
	device->fd = fd;
	device->next = devices;
	devices = device;
	pthread_rwlock_unlock(&table_lock);
	return slot;
}

int b4j_retire_device(int64_t slot)
{
	struct device **link;
	struct device *found;

	pthread_rwlock_wrlock(&table_lock);
	link = find_device_locked(slot);
	found = *link;
	if (found)
		*link = found->next;
	pthread_rwlock_unlock(&table_lock);
	free(found);
	return found ? 0 : -ENOENT;
}

int b4j_enter_thread(int64_t slot)
{
	struct debt *first;
	struct debt *debt;
	int error;

	pthread_once(&once, create_key);
	if (key_error)
		return -key_error;
	first = pthread_getspecific(debts_key);
	if (*find_debt(&first, slot))
		return 0;
	debt = malloc(sizeof(*debt));
	if (!debt)
		return -ENOMEM;
	debt->slot = slot;
	debt->next = first;
	error = pthread_setspecific(debts_key, debt);
	if (error)
		free(debt);
	else
		drop_void(&debt->next);
	return -error;
}

int b4j_leave_thread(int64_t slot)
{
	struct debt *first;
	struct debt **link;
	struct debt *found;

	pthread_once(&once, create_key);
	first = key_error ? NULL : pthread_getspecific(debts_key);
	link = find_debt(&first, slot);
	found = *link;
	if (!found)
		return -ENOENT;
	*link = found->next;
	pthread_setspecific(debts_key, first);
	free(found);
	pay(slot);
	return 0;
}
