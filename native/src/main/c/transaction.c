#include "transaction.h"

#include <errno.h>
#include <sys/ioctl.h>

#include "abi_compat.h"

/* After EINTR the consumed fields say how far the driver came: the same struct resumes there. */
int b4j_write_read(int fd, int64_t bwr_address)
{
	struct binder_write_read *bwr = (struct binder_write_read *)(uintptr_t)bwr_address;

	while (ioctl(fd, BINDER_WRITE_READ, bwr) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return 0;
}

/* What a reply is answered with at once: the driver took it, and has nothing else to tell this thread. */
static int tells_only_complete(const struct binder_write_read *bwr)
{
	const uint32_t *words = (const uint32_t *)(uintptr_t)bwr->read_buffer;

	return bwr->read_consumed == 2 * sizeof(*words) && words[0] == BR_NOOP && words[1] == BR_TRANSACTION_COMPLETE;
}

int b4j_reply_and_read(int fd, int64_t bwr_address)
{
	struct binder_write_read *bwr = (struct binder_write_read *)(uintptr_t)bwr_address;
	int error = b4j_write_read(fd, bwr_address);

	if (!error && bwr->write_consumed == bwr->write_size && tells_only_complete(bwr)) {
		bwr->read_consumed = 0;
		error = b4j_write_read(fd, bwr_address);
	}
	return error;
}
