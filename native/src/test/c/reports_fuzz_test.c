/*
 * Messages a kernel sends, and what random changes make of them: each is received, or refused with an errno, and nothing is
 * read or written outside of it, which the address sanitizer watches. The changes are the same in every run;
 * BINDER4J_FUZZ_RUNS is how many (20,000 unless told).
 */
#include "reports.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/netlink.h>
#include <unistd.h>

#include "check.h"
#include "device.h"
#include "fake_netlink.h"

enum { FAMILY = 0x25, KERNEL = 0, LARGEST = 256, BUFFER_SIZE = 64, DEFAULT_RUNS = 20000 };

/* The answer to the question for the family "binder". */
static const uint8_t family[] = {
	0x5c, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0xfc, 0, 0, 0, 1, 2, 0, 0,
	0x0b, 0, 2, 0, 'b', 'i', 'n', 'd', 'e', 'r', 0, 0,
	6, 0, 1, 0, FAMILY, 0, 0, 0,
	8, 0, 3, 0, 1, 0, 0, 0,
	8, 0, 4, 0, 0, 0, 0, 0,
	8, 0, 5, 0, 0, 0, 0, 0,
	0x1c, 0, 7, 0, 0x18, 0, 1, 0,
	8, 0, 2, 0, 0x13, 0, 0, 0,
	0x0b, 0, 1, 0, 'r', 'e', 'p', 'o', 'r', 't', 0, 0,
};

static const uint8_t report[] = {
	0x24, 0, 0, 0, FAMILY, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0,
	8, 0, 1, 0, 0x11, 0x72, 0, 0, 8, 0, 3, 0, 0x6b, 2, 0, 0,
};

/* NLMSG_ERROR with -ENOENT: after it nobody waits for an answer. */
static const uint8_t refusal[] = {
	0x24, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff,
	0x20, 0, 0, 0, 0x10, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0,
};

static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static long runs(void)
{
	const char *told = getenv("BINDER4J_FUZZ_RUNS");

	return told ? atol(told) : DEFAULT_RUNS;
}

/* Bytes set to anything or to an edge, words set to a length that may be true, an end cut off or added. */
static size_t change(uint8_t *bytes, size_t size, uint32_t *random)
{
	static const uint8_t edges[] = { 0, 1, 3, 4, 5, 7, 8, 0x7f, 0x80, 0xff };
	size_t at = next_random(random) % size;

	switch (next_random(random) % 5) {
	case 0:
		bytes[at] = next_random(random);
		return size;
	case 1:
		bytes[at] = edges[next_random(random) % sizeof(edges)];
		return size;
	case 2:
		bytes[at & ~3] = size - at + next_random(random) % 8;
		return size;
	case 3:
		return at + 1;
	default:
		return size + next_random(random) % (LARGEST - size + 1);
	}
}

static size_t changed(uint8_t *bytes, const uint8_t *original, size_t size, uint32_t *random)
{
	uint32_t length;

	memset(bytes, next_random(random), LARGEST);
	memcpy(bytes, original, size);
	for (uint32_t left = 1 + next_random(random) % 5; left > 0; left--)
		size = change(bytes, size, random);
	/* Mostly the length is that of the message: else nothing behind it is looked at. */
	length = size;
	if (next_random(random) % 8)
		memcpy(bytes, &length, sizeof(length));
	return size;
}

TEST(fuzz_any_answer_gives_a_socket_or_an_errno)
{
	uint8_t bytes[LARGEST];
	uint32_t random = 1;
	int opened = 0;
	int first = next_fd();

	for (long i = 0; i < runs(); i++) {
		int64_t result;

		fake_netlink_reset();
		fake_netlink();
		fake_message(KERNEL, bytes, changed(bytes, family, sizeof(family), &random));
		fake_message(KERNEL, refusal, sizeof(refusal));
		result = b4j_open_reports();
		CHECK(result >= 0 ? result >> 32 <= UINT16_MAX : result >= -4095);
		if (result >= 0) {
			opened++;
			b4j_close_fd((int)result);
		}
	}
	CHECK(opened > 0 && opened < runs());
	CHECK_EQ(next_fd(), first);
}

TEST(fuzz_any_message_is_a_report_or_none)
{
	uint8_t bytes[LARGEST];
	char *buffer = malloc(BUFFER_SIZE);
	uint32_t random = 1;
	int reports = 0;

	for (long i = 0; i < runs(); i++) {
		int fd;
		int result;

		fake_netlink_reset();
		fake_netlink();
		fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
		fake_message(next_random(&random) % 16 == 0, bytes, changed(bytes, report, sizeof(report), &random));
		result = b4j_receive_report(fd, FAMILY, (int64_t)(uintptr_t)buffer, BUFFER_SIZE, 0);
		CHECK((result >= 0 && result <= BUFFER_SIZE) || result == -EMSGSIZE);
		reports += result > 0;
		close(fd);
	}
	CHECK(reports > 0 && reports < runs());
	free(buffer);
}
