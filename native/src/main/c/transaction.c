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
