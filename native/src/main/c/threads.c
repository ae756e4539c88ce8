#include "threads.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "control.h"

/* What a thread owes: a list, usually of one device. */
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

static void pay(int64_t slot)
{
	pthread_rwlock_rdlock(&table_lock);
	for (struct device *device = devices; device; device = device->next) {
		if (device->slot == slot) {
			b4j_thread_exit(device->fd);
			break;
		}
	}
	pthread_rwlock_unlock(&table_lock);
}

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

	if (!device)
		return -ENOMEM;
	pthread_rwlock_wrlock(&table_lock);
	device->slot = ++last_slot;
	device->fd = fd;
	device->next = devices;
	devices = device;
	pthread_rwlock_unlock(&table_lock);
	return device->slot;
}

int b4j_retire_device(int64_t slot)
{
	struct device **link = &devices;
	struct device *found;

	pthread_rwlock_wrlock(&table_lock);
	while (*link && (*link)->slot != slot)
		link = &(*link)->next;
	found = *link;
	if (found)
		*link = found->next;
	pthread_rwlock_unlock(&table_lock);
	free(found);
	return found ? 0 : -ENOENT;
}

int b4j_enter_thread(int64_t slot)
{
	struct debt *debt;

	pthread_once(&once, create_key);
	if (key_error)
		return -key_error;
	debt = malloc(sizeof(*debt));
	if (!debt)
		return -ENOMEM;
	debt->slot = slot;
	debt->next = pthread_getspecific(debts_key);
	if (pthread_setspecific(debts_key, debt)) {
		free(debt);
		return -ENOMEM;
	}
	return 0;
}

int b4j_leave_thread(int64_t slot)
{
	struct debt *first;
	struct debt **link;
	struct debt *found;

	pthread_once(&once, create_key);
	first = key_error ? NULL : pthread_getspecific(debts_key);
	link = &first;
	while (*link && (*link)->slot != slot)
		link = &(*link)->next;
	found = *link;
	if (!found)
		return -ENOENT;
	*link = found->next;
	pthread_setspecific(debts_key, first);
	free(found);
	pay(slot);
	return 0;
}
