/*
 * BINDER_THREAD_EXIT for every OS thread that entered a device, however it ends.
 *
 * The driver keeps a record per thread until it is told, or the device is closed. A thread of a JVM may end where no
 * Java code runs, so the C library's thread-specific destructor tells.
 */
#ifndef B4J_THREADS_H
#define B4J_THREADS_H

#include <stdint.h>

/* Enters a device in the table; returns its slot, which no later device will have. */
int64_t b4j_register_device(int fd);
/*
 * Takes a device out of the table; -ENOENT if it is not there. When this returns none of these functions is in an ioctl
 * on its descriptor, or will be, so that it may be closed.
 */
int b4j_retire_device(int64_t slot);
/* Notes that the calling thread owes the device one BINDER_THREAD_EXIT, however often it enters. */
int b4j_enter_thread(int64_t slot);
/* Pays it now; -ENOENT if the thread owes none. */
int b4j_leave_thread(int64_t slot);

#endif
