#include "reports.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "abi_compat.h"
#include "descriptors.h"
#include "device.h"

enum {
	/* The kernel has put its answer into the socket before it returns from the request. */
	ANSWER_TIMEOUT_MS = 1000,
	ANSWER_SIZE = 4096,
};

struct header {
	struct nlmsghdr message;
	struct genlmsghdr generic;
};

struct request {
	struct header header;
	struct nlattr name_header;
	char name[NLMSG_ALIGN(sizeof(BINDER_FAMILY_NAME))];
};

/* No padding anywhere: these are the bytes of a message. */
_Static_assert(sizeof(struct header) == NLMSG_HDRLEN + GENL_HDRLEN, "netlink header");
_Static_assert(sizeof(struct request) == sizeof(struct header) + NLA_HDRLEN + 8, "netlink request");

/* Attributes that have not been looked at. */
struct attributes {
	const char *next;
	const char *end;
};

struct attribute {
	int type;
	size_t size;
	const char *value;
};

/* False at the end, and at an attribute that reaches beyond it. */
static bool next_attribute(struct attributes *attributes, struct attribute *found)
{
	size_t left = attributes->end - attributes->next;
	struct nlattr header;
	size_t step;

	if (left < sizeof(header))
		return false;
	memcpy(&header, attributes->next, sizeof(header));
	if (header.nla_len < sizeof(header) || header.nla_len > left)
		return false;
	found->type = header.nla_type & NLA_TYPE_MASK;
	found->size = header.nla_len - sizeof(header);
	found->value = attributes->next + sizeof(header);
	step = NLA_ALIGN(header.nla_len);
	attributes->next += step < left ? step : left;
	return true;
}

static bool find_attribute(struct attributes attributes, int type, struct attribute *found)
{
	while (next_attribute(&attributes, found)) {
		if (found->type == type)
			return true;
	}
	return false;
}

/* False if it is not there, or not as long as an integer of that size. */
static bool get_integer(struct attributes attributes, int type, void *value, size_t size)
{
	struct attribute found;

	if (!find_attribute(attributes, type, &found) || found.size != size)
		return false;
	memcpy(value, found.value, size);
	return true;
}

static struct attributes nested(const struct attribute *outer)
{
	return (struct attributes){ outer->value, outer->value + outer->size };
}

static bool is_text(const struct attribute *attribute, const char *text)
{
	size_t size = strlen(text) + 1;

	return attribute->size == size && memcmp(attribute->value, text, size) == 0;
}

/*
 * One message of the kernel's: its header, and of what follows as much as the body takes; returns the size of it all.
 * -EAGAIN if there is none, or none of the kernel's: privileged programs may send to any socket.
 */
static int64_t receive_message(int fd, struct header *header, void *body, size_t size)
{
	struct iovec parts[] = { { header, sizeof(*header) }, { body, size } };
	struct sockaddr_nl sender = { 0 };
	struct msghdr message = {
		.msg_name = &sender, .msg_namelen = sizeof(sender), .msg_iov = parts, .msg_iovlen = 2,
	};
	ssize_t received;
	size_t length;

	memset(header, 0, sizeof(*header));
	do {
		received = recvmsg(fd, &message, MSG_DONTWAIT | MSG_TRUNC);
	} while (received < 0 && errno == EINTR);
	if (received < 0)
		return -errno;
	length = header->message.nlmsg_len;
	if (sender.nl_pid != 0 || length < sizeof(*header) || length > (size_t)received)
		return -EAGAIN;
	return length - sizeof(*header);
}

/* What is left of a timeout that began then; -1 stays for ever. */
static int rest_of(int timeout_ms, int64_t start_ms)
{
	int64_t rest = start_ms + timeout_ms - b4j_now_ms();

	return timeout_ms < 0 ? -1 : rest > 0 ? (int)rest : 0;
}

/* An NLMSG_ERROR has a negative errno where other messages have their generic header. */
static int error_of(const struct header *header)
{
	int error;

	memcpy(&error, &header->generic, sizeof(error));
	return error < 0 && error >= -4095 ? error : -EBADMSG;
}

/*
 * Waits for a message of that type and command that has a body, whatever else comes; 0 after the timeout. What the kernel
 * refuses is an error where an answer is awaited; a report is no answer.
 */
static int64_t await_message(int fd, int type, int command, void *body, size_t size, int timeout_ms)
{
	int64_t start = b4j_now_ms();

	for (;;) {
		struct header header;
		int64_t result = b4j_poll_readable(fd, rest_of(timeout_ms, start));

		if (result <= 0)
			return result;
		result = receive_message(fd, &header, body, size);
		if (result == -EAGAIN)
			continue;
		if (result < 0)
			return result;
		if (type == GENL_ID_CTRL && header.message.nlmsg_type == NLMSG_ERROR)
			return error_of(&header);
		if (header.message.nlmsg_type == type && header.generic.cmd == command && result > 0)
			return result > (int64_t)size ? -EMSGSIZE : result;
	}
}

static int ask_for_family(int fd)
{
	struct request request = {
		.header = {
			.message = {
				.nlmsg_len = sizeof(request),
				.nlmsg_type = GENL_ID_CTRL,
				.nlmsg_flags = NLM_F_REQUEST,
			},
			.generic = { .cmd = CTRL_CMD_GETFAMILY, .version = 1 },
		},
		.name_header = { NLA_HDRLEN + sizeof(BINDER_FAMILY_NAME), CTRL_ATTR_FAMILY_NAME },
		.name = BINDER_FAMILY_NAME,
	};
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	while (sendto(fd, &request, sizeof(request), 0, (struct sockaddr *)&kernel, sizeof(kernel)) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return 0;
}

/* Groups are numbered by attributes, each of which has the group's name and id in it. */
static int group_id(struct attributes family, uint32_t *id)
{
	struct attribute groups;
	struct attribute group;
	struct attribute name;
	struct attributes left;

	if (!find_attribute(family, CTRL_ATTR_MCAST_GROUPS, &groups))
		return -ENOENT;
	left = nested(&groups);
	while (next_attribute(&left, &group)) {
		if (find_attribute(nested(&group), CTRL_ATTR_MCAST_GRP_NAME, &name) && is_text(&name, BINDER_MCGRP_REPORT))
			return get_integer(nested(&group), CTRL_ATTR_MCAST_GRP_ID, id, sizeof(*id)) ? 0 : -EBADMSG;
	}
	return -ENOENT;
}

/* Returns the number of the family, and joins its group. */
static int join_reports(int fd)
{
	char answer[ANSWER_SIZE];
	struct attributes family = { answer, answer };
	uint16_t family_id;
	uint32_t group;
	int64_t size;
	int result = ask_for_family(fd);

	if (result < 0)
		return result;
	size = await_message(fd, GENL_ID_CTRL, CTRL_CMD_NEWFAMILY, answer, sizeof(answer), ANSWER_TIMEOUT_MS);
	if (size <= 0)
		return size < 0 ? (int)size : -ETIMEDOUT;
	family.end += size;
	if (!get_integer(family, CTRL_ATTR_FAMILY_ID, &family_id, sizeof(family_id)))
		return -EBADMSG;
	result = group_id(family, &group);
	if (result < 0)
		return result;
	if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0)
		return -errno;
	return family_id;
}

int64_t b4j_open_reports(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	int family;

	if (fd < 0)
		return -errno;
	family = join_reports(fd);
	if (family < 0) {
		b4j_close_fd(fd);
		return family;
	}
	return (int64_t)family << 32 | fd;
}

int b4j_receive_report(int fd, int family, int64_t address, int size, int timeout_ms)
{
	if (size < 0)
		return -EINVAL;
	return (int)await_message(fd, family, BINDER_CMD_REPORT, (void *)(uintptr_t)address, size, timeout_ms);
}

int64_t b4j_dropped_reports(int fd)
{
	uint32_t memory[SK_MEMINFO_VARS] = { 0 };
	socklen_t size = sizeof(memory);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, memory, &size) < 0)
		return -errno;
	return memory[SK_MEMINFO_DROPS];
}
