#include "reports.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "device.h"
#include "fake_netlink.h"

enum {
	FAMILY = 0x25,
	GROUP = 0x13,
	HEADERS = 20,
	KERNEL = 0,
};

/* What Linux 7.2 answers to the question for the family "binder". */
static const uint8_t family_answer[] = {
	0x5c, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0xfc, 0, 0, 0, 1, 2, 0, 0,
	/* name, id, version, header size, highest attribute */
	0x0b, 0, 2, 0, 'b', 'i', 'n', 'd', 'e', 'r', 0, 0,
	6, 0, 1, 0, FAMILY, 0, 0, 0,
	8, 0, 3, 0, 1, 0, 0, 0,
	8, 0, 4, 0, 0, 0, 0, 0,
	8, 0, 5, 0, 0, 0, 0, 0,
	/* groups: the first: its id and name */
	0x1c, 0, 7, 0,
	0x18, 0, 1, 0,
	8, 0, 2, 0, GROUP, 0, 0, 0,
	0x0b, 0, 1, 0, 'r', 'e', 'p', 'o', 'r', 't', 0, 0,
};

/* Where its attributes begin: length, type, value. */
enum { NAME_AT = 20, ID_AT = 32, GROUPS_AT = 64, GROUP_AT = 68, GROUP_ID_AT = 72, GROUP_NAME_AT = 80 };

/* A message of any type and command, with a body that says nothing. */
static size_t message_of(uint8_t *bytes, uint16_t type, uint8_t command, uint32_t body)
{
	struct nlmsghdr header = { .nlmsg_len = HEADERS + body, .nlmsg_type = type };

	memset(bytes, 0, HEADERS + body);
	memcpy(bytes, &header, sizeof(header));
	bytes[sizeof(header)] = command;
	memset(bytes + HEADERS, 'x', body);
	return HEADERS + body;
}

static void queue_report(uint32_t body)
{
	uint8_t bytes[256];

	fake_message(KERNEL, bytes, message_of(bytes, FAMILY, 1, body));
}

static int fake_socket(void)
{
	fake_netlink();
	return socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
}

static int receive(int fd, char *buffer, int size)
{
	return b4j_receive_report(fd, FAMILY, (int64_t)(uintptr_t)buffer, size, 0);
}

TEST(reports_are_those_of_the_family_and_its_group)
{
	static const uint8_t question[] = {
		32, 0, 0, 0, 0x10, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 1, 0, 0,
		0x0b, 0, 2, 0, 'b', 'i', 'n', 'd', 'e', 'r', 0, 0,
	};
	int64_t opened;

	fake_netlink();
	fake_message(KERNEL, family_answer, sizeof(family_answer));

	opened = b4j_open_reports();

	CHECK_EQ(opened >> 32, FAMILY);
	CHECK_EQ(fake_netlink_calls.domain, AF_NETLINK);
	CHECK_EQ(fake_netlink_calls.type, SOCK_RAW | SOCK_CLOEXEC);
	CHECK_EQ(fake_netlink_calls.protocol, NETLINK_GENERIC);
	CHECK_EQ(fake_netlink_calls.sent_size, sizeof(question));
	CHECK_EQ(memcmp(fake_netlink_calls.sent, question, sizeof(question)), 0);
	CHECK_EQ(fake_netlink_calls.level, SOL_NETLINK);
	CHECK_EQ(fake_netlink_calls.option, NETLINK_ADD_MEMBERSHIP);
	CHECK_EQ(fake_netlink_calls.option_value, GROUP);
	CHECK_EQ(b4j_close_fd((int)opened), 0);
}

static void expect_no_reports(int error)
{
	int before = next_fd();

	CHECK_EQ(b4j_open_reports(), error);
	CHECK_EQ(next_fd(), before);
}

static void refuse_family(int error)
{
	struct {
		struct nlmsghdr header;
		int error;
		struct nlmsghdr cause;
	} refusal = { .header = { .nlmsg_len = sizeof(refusal), .nlmsg_type = NLMSG_ERROR }, .error = error };

	fake_message(KERNEL, &refusal, sizeof(refusal));
}

TEST(reports_of_a_kernel_without_them_cannot_be_opened)
{
	fake_netlink();
	refuse_family(-ENOENT);
	expect_no_reports(-ENOENT);
	refuse_family(-EPERM);
	expect_no_reports(-EPERM);
	refuse_family(0);
	expect_no_reports(-EBADMSG);
	refuse_family(-5000);
	expect_no_reports(-EBADMSG);
}

/* Whatever the kernel these tests run on has. */
TEST(reports_leave_nothing_open)
{
	int before = next_fd();
	int64_t opened = b4j_open_reports();

	if (opened >= 0) {
		CHECK(fcntl((int)opened, F_GETFD) & FD_CLOEXEC);
		CHECK_EQ(b4j_dropped_reports((int)opened), 0);
		b4j_close_fd((int)opened);
	} else {
		CHECK(opened > -4096);
	}
	CHECK_EQ(next_fd(), before);
}

TEST(reports_that_may_not_be_asked_for_or_joined_cannot_be_opened)
{
	fake_netlink();
	fake_send_error(ECONNREFUSED);
	expect_no_reports(-ECONNREFUSED);
	fake_message(KERNEL, family_answer, sizeof(family_answer));
	fake_netlink_calls.option_error = EPERM;
	expect_no_reports(-EPERM);
}

TEST(reports_are_asked_for_through_signals)
{
	int64_t opened;

	fake_netlink();
	fake_send_error(EINTR);
	fake_message(KERNEL, family_answer, sizeof(family_answer));

	opened = b4j_open_reports();

	CHECK_EQ(opened >> 32, FAMILY);
	CHECK_EQ(fake_netlink_calls.sends, 2);
	b4j_close_fd((int)opened);
}

/* The answer with one byte changed. */
static void answer_with(size_t at, uint8_t value)
{
	uint8_t answer[sizeof(family_answer)];

	memcpy(answer, family_answer, sizeof(answer));
	answer[at] = value;
	fake_message(KERNEL, answer, sizeof(answer));
}

TEST(family_without_the_group_has_no_reports)
{
	fake_netlink();
	answer_with(GROUPS_AT + 2, 99);
	expect_no_reports(-ENOENT);
	answer_with(GROUP_NAME_AT + 4, 'R');
	expect_no_reports(-ENOENT);
	answer_with(GROUP_NAME_AT, 0x0a);
	expect_no_reports(-ENOENT);
	answer_with(GROUP_NAME_AT + 2, 99);
	expect_no_reports(-ENOENT);
}

TEST(family_without_a_number_is_no_answer)
{
	fake_netlink();
	answer_with(ID_AT + 2, 99);
	expect_no_reports(-EBADMSG);
	answer_with(ID_AT, 5);
	expect_no_reports(-EBADMSG);
	answer_with(GROUP_ID_AT + 2, 99);
	expect_no_reports(-EBADMSG);
}

/* Lengths no kernel writes: of attributes that end before they begin, or after the message. */
TEST(family_with_lengths_that_lie_is_refused)
{
	static const size_t lengths[] = { NAME_AT, ID_AT, GROUPS_AT, GROUP_AT, GROUP_ID_AT, GROUP_NAME_AT };
	static const uint8_t lies[] = { 0, 1, 3, 0x1d, 0xff };

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		for (size_t j = 0; j < sizeof(lies); j++) {
			int64_t opened;

			fake_netlink_reset();
			fake_netlink();
			answer_with(lengths[i], lies[j]);
			opened = b4j_open_reports();
			CHECK(opened == -EBADMSG || opened == -ENOENT);
		}
	}
}

TEST(family_cut_off_anywhere_is_refused)
{
	for (uint32_t size = HEADERS + 1; size < sizeof(family_answer); size++) {
		uint8_t answer[sizeof(family_answer)];
		int64_t opened;

		memcpy(answer, family_answer, sizeof(answer));
		memcpy(answer, &size, sizeof(size));
		fake_netlink_reset();
		fake_netlink();
		fake_message(KERNEL, answer, size);
		opened = b4j_open_reports();
		CHECK(opened == -EBADMSG || opened == -ENOENT);
	}
}

TEST(family_that_nobody_answers_times_out)
{
	uint8_t bytes[64];

	fake_netlink();
	fake_message(4711, family_answer, sizeof(family_answer));
	fake_message(KERNEL, family_answer, sizeof(family_answer) - 1);
	fake_message(KERNEL, bytes, message_of(bytes, GENL_ID_CTRL, CTRL_CMD_NEWFAMILY, 0));
	fake_message(KERNEL, bytes, message_of(bytes, GENL_ID_CTRL, CTRL_CMD_DELFAMILY, 8));
	fake_message(KERNEL, bytes, message_of(bytes, FAMILY, CTRL_CMD_NEWFAMILY, 8));
	expect_no_reports(-ETIMEDOUT);
}

TEST(receive_gives_the_attributes)
{
	char buffer[64];
	int fd = fake_socket();

	memset(buffer, 0, sizeof(buffer));
	queue_report(40);
	queue_report(1);

	CHECK_EQ(receive(fd, buffer, sizeof(buffer)), 40);
	CHECK_EQ(buffer[0], 'x');
	CHECK_EQ(buffer[39], 'x');
	CHECK_EQ(buffer[40], 0);
	CHECK_EQ(receive(fd, buffer, sizeof(buffer)), 1);
	CHECK_EQ(receive(fd, buffer, sizeof(buffer)), 0);
	close(fd);
}

TEST(receive_passes_over_what_is_no_report)
{
	uint8_t bytes[256];
	char buffer[64];
	int fd = fake_socket();
	size_t report = message_of(bytes, FAMILY, 1, 8);

	fake_message(4711, bytes, report);
	fake_message(KERNEL, bytes, 0);
	fake_message(KERNEL, bytes, HEADERS - 1);
	fake_message(KERNEL, bytes, report - 1);
	bytes[0] = HEADERS - 1;
	fake_message(KERNEL, bytes, report);
	bytes[0] = HEADERS;
	fake_message(KERNEL, bytes, report);
	memset(bytes, 0xff, 4);
	fake_message(KERNEL, bytes, report);
	fake_message(KERNEL, bytes, message_of(bytes, FAMILY + 1, 1, 8));
	fake_message(KERNEL, bytes, message_of(bytes, FAMILY, 2, 8));
	fake_message(KERNEL, bytes, message_of(bytes, FAMILY + 1, 1, 128));
	refuse_family(-ENOENT);
	queue_report(5);

	CHECK_EQ(receive(fd, buffer, sizeof(buffer)), 5);
	CHECK_EQ(receive(fd, buffer, sizeof(buffer)), 0);
	close(fd);
}

TEST(receive_tells_of_what_was_dropped_and_goes_on)
{
	char buffer[64];
	int fd = fake_socket();

	fake_receive_error(ENOBUFS);
	queue_report(8);

	CHECK_EQ(receive(fd, buffer, sizeof(buffer)), -ENOBUFS);
	CHECK_EQ(receive(fd, buffer, sizeof(buffer)), 8);
	close(fd);
}

TEST(receive_does_not_write_beyond_the_buffer)
{
	char *buffer = malloc(8);
	int fd = fake_socket();

	queue_report(9);
	queue_report(8);

	CHECK_EQ(receive(fd, buffer, 8), -EMSGSIZE);
	CHECK_EQ(receive(fd, buffer, 8), 8);
	CHECK_EQ(receive(fd, buffer, -1), -EINVAL);
	free(buffer);
	close(fd);
}

TEST(receive_resumes_after_a_signal)
{
	char buffer[64];
	int fd = fake_socket();

	fake_receive_error(EINTR);
	queue_report(8);

	CHECK_EQ(receive(fd, buffer, sizeof(buffer)), 8);
	close(fd);
}

TEST(receive_on_what_is_no_socket_is_an_error)
{
	char buffer[64];
	int fd = scratch_file();

	CHECK_EQ(receive(fd, buffer, sizeof(buffer)), -ENOTSOCK);
	CHECK_EQ(b4j_dropped_reports(fd), -ENOTSOCK);
	close(fd);
	CHECK_EQ(receive(fd, buffer, sizeof(buffer)), -EBADF);
	CHECK_EQ(b4j_dropped_reports(fd), -EBADF);
}

/* On the kernel's own family, which any has: answers that nobody receives overrun the socket as reports do. */
TEST(dropped_counts_what_overran_the_socket)
{
	struct {
		struct nlmsghdr header;
		struct genlmsghdr generic;
		struct nlattr name_header;
		char name[8];
	} question = {
		.header = { .nlmsg_len = sizeof(question), .nlmsg_type = GENL_ID_CTRL, .nlmsg_flags = NLM_F_REQUEST },
		.generic = { .cmd = CTRL_CMD_GETFAMILY, .version = 1 },
		.name_header = { NLA_HDRLEN + sizeof("nlctrl"), CTRL_ATTR_FAMILY_NAME },
		.name = "nlctrl",
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	char buffer[64];

	CHECK(fd >= 0);
	CHECK_EQ(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &(int){ 1 }, sizeof(int)), 0);
	CHECK_EQ(b4j_dropped_reports(fd), 0);
	CHECK_EQ(b4j_receive_report(fd, FAMILY, (int64_t)(uintptr_t)buffer, sizeof(buffer), 1), 0);
	for (int i = 0; i < 100; i++)
		CHECK_EQ(sendto(fd, &question, sizeof(question), 0, (struct sockaddr *)&kernel, sizeof(kernel)),
			 sizeof(question));

	CHECK_EQ(b4j_receive_report(fd, FAMILY, (int64_t)(uintptr_t)buffer, sizeof(buffer), 0), -ENOBUFS);
	CHECK(b4j_dropped_reports(fd) > 0);
	/* The answers that did fit are no reports. */
	CHECK_EQ(b4j_receive_report(fd, FAMILY, (int64_t)(uintptr_t)buffer, sizeof(buffer), 0), 0);
	close(fd);
}
