#include "transaction.h"

#include <errno.h>
#include <sys/ioctl.h>

#include "abi_compat.h"

/* After EINTR the consumed fields say how far the driver came: the same struct resumes there. */
static int64_t enter(int fd, struct binder_write_read *bwr)
{
	while (ioctl(fd, BINDER_WRITE_READ, bwr) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return (int64_t)(bwr->write_consumed << 32 | bwr->read_consumed);
}

int64_t b4j_write_read(int fd, int64_t bwr_address, int32_t write_size, int32_t read_size)
{
	struct binder_write_read *bwr = (struct binder_write_read *)(uintptr_t)bwr_address;

	bwr->write_size = (binder_size_t)write_size;
	bwr->write_consumed = 0;
	bwr->read_size = (binder_size_t)read_size;
	bwr->read_consumed = 0;
	return enter(fd, bwr);
}

/* What a reply is answered with at once: the driver took it, and has nothing else to tell this thread. */
static int tells_only_complete(const struct binder_write_read *bwr)
{
	const uint32_t *words = (const uint32_t *)(uintptr_t)bwr->read_buffer;

	return bwr->read_consumed == 2 * sizeof(*words) && words[0] == BR_NOOP && words[1] == BR_TRANSACTION_COMPLETE;
}

int64_t b4j_reply_and_read(int fd, int64_t bwr_address, int32_t write_size, int32_t read_size)
{
	struct binder_write_read *bwr = (struct binder_write_read *)(uintptr_t)bwr_address;
	int64_t consumed = b4j_write_read(fd, bwr_address, write_size, read_size);

	if (consumed < 0 || bwr->write_consumed != bwr->write_size || !tells_only_complete(bwr))
		return consumed;
	bwr->read_consumed = 0;
	return enter(fd, bwr);
}
