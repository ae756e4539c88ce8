#include "fake_netlink.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <linux/netlink.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { QUEUED = 16, MESSAGE_SIZE = 512 };

int __real_socket(int domain, int type, int protocol);
int __wrap_socket(int domain, int type, int protocol);
ssize_t __real_sendto(int fd, const void *bytes, size_t size, int flags, const struct sockaddr *to, socklen_t to_size);
ssize_t __wrap_sendto(int fd, const void *bytes, size_t size, int flags, const struct sockaddr *to, socklen_t to_size);
ssize_t __real_recvmsg(int fd, struct msghdr *message, int flags);
ssize_t __wrap_recvmsg(int fd, struct msghdr *message, int flags);
int __real_setsockopt(int fd, int level, int option, const void *value, socklen_t size);
int __wrap_setsockopt(int fd, int level, int option, const void *value, socklen_t size);

struct message {
	int error;
	uint32_t sender;
	size_t size;
	char bytes[MESSAGE_SIZE];
};

static bool faking;
static struct message queue[QUEUED];
static int queued;
static int received;
static int send_error;
/* Readable once for every message that is queued; -1 as long as there is no socket. */
static int socket_fd = -1;

struct netlink_calls fake_netlink_calls;

void fake_netlink_reset(void)
{
	faking = false;
	queued = 0;
	received = 0;
	send_error = 0;
	socket_fd = -1;
	memset(&fake_netlink_calls, 0, sizeof(fake_netlink_calls));
}

void fake_netlink(void)
{
	faking = true;
}

static struct message *enqueue(void)
{
	if (queued == QUEUED)
		abort();
	if (socket_fd >= 0)
		eventfd_write(socket_fd, 1);
	return memset(&queue[queued++], 0, sizeof(queue[0]));
}

void fake_message(uint32_t sender, const void *bytes, size_t size)
{
	struct message *message = enqueue();

	if (size > MESSAGE_SIZE)
		abort();
	message->sender = sender;
	message->size = size;
	memcpy(message->bytes, bytes, size);
}

void fake_receive_error(int error)
{
	enqueue()->error = error;
}

void fake_send_error(int error)
{
	send_error = error;
}

static int fail(int error)
{
	errno = error;
	return -1;
}

int __wrap_socket(int domain, int type, int protocol)
{
	if (!faking)
		return __real_socket(domain, type, protocol);
	fake_netlink_calls.domain = domain;
	fake_netlink_calls.type = type;
	fake_netlink_calls.protocol = protocol;
	socket_fd = eventfd(queued, EFD_SEMAPHORE | EFD_NONBLOCK | EFD_CLOEXEC);
	return socket_fd;
}

ssize_t __wrap_sendto(int fd, const void *bytes, size_t size, int flags, const struct sockaddr *to, socklen_t to_size)
{
	int error = send_error;

	if (!faking)
		return __real_sendto(fd, bytes, size, flags, to, to_size);
	fake_netlink_calls.sends++;
	send_error = 0;
	if (error)
		return fail(error);
	if (size > sizeof(fake_netlink_calls.sent))
		abort();
	memcpy(fake_netlink_calls.sent, bytes, size);
	fake_netlink_calls.sent_size = size;
	return size;
}

/* As the kernel: what does not fit is cut off, and with MSG_TRUNC the result is what there was. */
static ssize_t deliver(const struct message *from, struct msghdr *to)
{
	size_t done = 0;

	((struct sockaddr_nl *)to->msg_name)->nl_pid = from->sender;
	to->msg_flags = 0;
	for (size_t i = 0; i < to->msg_iovlen && done < from->size; i++) {
		size_t left = from->size - done;
		size_t part = to->msg_iov[i].iov_len < left ? to->msg_iov[i].iov_len : left;

		memcpy(to->msg_iov[i].iov_base, from->bytes + done, part);
		done += part;
	}
	if (done < from->size)
		to->msg_flags |= MSG_TRUNC;
	return from->size;
}

ssize_t __wrap_recvmsg(int fd, struct msghdr *message, int flags)
{
	const struct message *next = &queue[received];
	eventfd_t one;

	if (!faking)
		return __real_recvmsg(fd, message, flags);
	if (!(flags & MSG_DONTWAIT) || !(flags & MSG_TRUNC) || eventfd_read(fd, &one) < 0)
		return fail(EAGAIN);
	received++;
	return next->error ? fail(next->error) : deliver(next, message);
}

int __wrap_setsockopt(int fd, int level, int option, const void *value, socklen_t size)
{
	if (!faking)
		return __real_setsockopt(fd, level, option, value, size);
	fake_netlink_calls.level = level;
	fake_netlink_calls.option = option;
	memcpy(&fake_netlink_calls.option_value, value, sizeof(fake_netlink_calls.option_value));
	return fake_netlink_calls.option_error ? fail(fake_netlink_calls.option_error) : 0;
}
