/*
 * Stands in for ioctl(2) and mount(2), by the linker's --wrap, keeps a record of every ioctl, and counts what is allocated.
 * May be called from any thread.
 */
#ifndef B4J_FAKE_KERNEL_H
#define B4J_FAKE_KERNEL_H

#include <sys/types.h>

struct ioctl_call {
	int fd;
	unsigned long request;
	void *argument;
	pid_t thread;
};

/* Answers a call with 0 or a negative errno. */
typedef int ioctl_answer(const struct ioctl_call *call);

/* Forgets the record; from now on the real ioctl and mount answer. */
void fake_reset(void);
/* From now on this answers every ioctl. */
void fake_ioctl(ioctl_answer *answer);
/* From now on mount does nothing, and what it was asked for is in fake_mounted. */
void fake_mount(void);

struct mount_call {
	char source[16];
	char target[64];
	char type[16];
	char options[64];
	unsigned long flags;
};

extern struct mount_call fake_mounted;

/* Calls of malloc less calls of free so far, outside the C library: compare two readings. */
int fake_blocks(void);

/* The calls since fake_reset. */
int fake_calls(void);
/* The n-th call, from 0. */
struct ioctl_call fake_call(int n);
/* How many calls had this request and descriptor, and came from this thread; 0 stands for any thread. */
int fake_count(unsigned long request, int fd, pid_t thread);

#endif
