/*
 * Stands in for the calls on a netlink socket, by the linker's --wrap: what the program sends and asks of the socket is kept,
 * and it receives what the test has queued. One socket, one thread.
 */
#ifndef B4J_FAKE_NETLINK_H
#define B4J_FAKE_NETLINK_H

#include <stddef.h>
#include <stdint.h>

/* The real calls answer again, and nothing is queued. */
void fake_netlink_reset(void);
/* From now on socket(2) gives a descriptor that can be polled, and receives what is queued. */
void fake_netlink(void);
/* Queues a message; the sender is 0 for the kernel. */
void fake_message(uint32_t sender, const void *bytes, size_t size);
/* Queues a failure of recvmsg(2). */
void fake_receive_error(int error);
/* Makes the next sendto(2) fail. */
void fake_send_error(int error);

struct netlink_calls {
	int domain;
	int type;
	int protocol;
	int sends;
	char sent[64];
	size_t sent_size;
	int level;
	int option;
	uint32_t option_value;
	/* What setsockopt(2) fails with, if not 0. */
	int option_error;
};

extern struct netlink_calls fake_netlink_calls;

#endif
