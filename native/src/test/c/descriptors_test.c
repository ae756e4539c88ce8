#include "descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static bool is_cloexec(int fd)
{
	return fcntl(fd, F_GETFD) & FD_CLOEXEC;
}

static long long size_of(int fd)
{
	struct stat stat = { 0 };

	fstat(fd, &stat);
	return stat.st_size;
}

TEST(duplicate_is_the_same_file_and_not_inherited)
{
	int pipe_fds[2];
	int copy;
	char byte = 0;

	CHECK_EQ(pipe(pipe_fds), 0);
	copy = b4j_duplicate(pipe_fds[1]);

	CHECK(copy >= 0 && copy != pipe_fds[1]);
	CHECK(is_cloexec(copy));
	CHECK(!is_cloexec(pipe_fds[1]));
	CHECK_EQ(write(copy, "x", 1), 1);
	CHECK_EQ(read(pipe_fds[0], &byte, 1), 1);
	CHECK_EQ(byte, 'x');
	close(copy);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	CHECK_EQ(b4j_duplicate(copy), -EBADF);
}

TEST(open_file_takes_flags_and_mode_and_is_not_inherited)
{
	char path[] = "/tmp/b4j-open-XXXXXX";
	struct stat stat = { 0 };
	int fd = mkstemp(path);

	CHECK(fd >= 0);
	close(fd);
	CHECK_EQ(b4j_open_file(path, O_WRONLY | O_CREAT | O_EXCL, 0600), -EEXIST);
	unlink(path);
	CHECK_EQ(b4j_open_file(path, O_RDONLY, 0), -ENOENT);

	fd = b4j_open_file(path, O_WRONLY | O_CREAT | O_EXCL, 0400);
	CHECK(fd >= 0);
	CHECK(is_cloexec(fd));
	CHECK_EQ(write(fd, "x", 1), 1);
	CHECK_EQ(fstat(fd, &stat), 0);
	CHECK_EQ(stat.st_mode & 0777, 0400);
	close(fd);
	unlink(path);
}

TEST(close_at_once_closes_what_nobody_can_delay)
{
	int pipe_fds[2];
	int memory = b4j_memfd("b4j-test", 4096, false);

	CHECK_EQ(pipe(pipe_fds), 0);
	CHECK_EQ(b4j_close_at_once(pipe_fds[0]), 0);
	CHECK_EQ(b4j_close_at_once(pipe_fds[1]), 0);
	CHECK_EQ(b4j_close_at_once(memory), 0);
	CHECK_EQ(b4j_close_at_once(memory), -EBADF);
	CHECK_EQ(b4j_close_at_once(pipe_fds[0]), -EBADF);
}

TEST(close_at_once_leaves_open_what_may_wait)
{
	int sockets[2];
	int device = open("/dev/null", O_RDONLY);
	int kernels = open("/proc/self/status", O_RDONLY);

	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
	CHECK_EQ(b4j_close_at_once(sockets[0]), 1);
	CHECK_EQ(b4j_close_at_once(device), 1);
	CHECK_EQ(b4j_close_at_once(kernels), 1);
	CHECK_EQ(close(sockets[0]), 0);
	CHECK_EQ(close(sockets[1]), 0);
	CHECK_EQ(close(device), 0);
	CHECK_EQ(close(kernels), 0);
}

TEST(pipe_has_two_ends_that_are_not_inherited)
{
	int64_t ends = b4j_pipe();
	int reading = (int)ends;
	int writing = (int)(ends >> 32);
	char byte = 0;

	CHECK(reading >= 0 && writing >= 0);
	CHECK(is_cloexec(reading) && is_cloexec(writing));
	CHECK_EQ(write(writing, "x", 1), 1);
	CHECK_EQ(read(reading, &byte, 1), 1);
	CHECK_EQ(byte, 'x');
	close(writing);
	CHECK_EQ(read(reading, &byte, 1), 0);
	close(reading);
}

TEST(memfd_sealed_keeps_its_size)
{
	int fd = b4j_memfd("blob", 5000, 1);

	CHECK(fd >= 0);
	CHECK(is_cloexec(fd));
	CHECK_EQ(size_of(fd), 5000);
	CHECK_EQ(ftruncate(fd, 4999), -1);
	CHECK_EQ(errno, EPERM);
	CHECK_EQ(ftruncate(fd, 5001), -1);
	CHECK_EQ(errno, EPERM);
	CHECK_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), -1);
	CHECK_EQ(pwrite(fd, "x", 1, 4999), 1);
	CHECK_EQ(size_of(fd), 5000);
	close(fd);
}

TEST(memfd_unsealed_may_be_resized_and_sealed_later)
{
	int fd = b4j_memfd("blob", 0, 0);

	CHECK(fd >= 0);
	CHECK(is_cloexec(fd));
	CHECK_EQ(ftruncate(fd, 4096), 0);
	CHECK_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), 0);
	close(fd);
}

TEST(memfd_that_fails_leaves_nothing_open)
{
	int before = next_fd();
	char long_name[300];

	memset(long_name, 'n', sizeof(long_name));
	long_name[sizeof(long_name) - 1] = 0;
	CHECK_EQ(b4j_memfd("blob", -1, 1), -EINVAL);
	CHECK_EQ(b4j_memfd(long_name, 1, 1), -EINVAL);
	CHECK_EQ(next_fd(), before);
}

TEST(poll_says_whether_a_read_would_wait)
{
	int pipe_fds[2];

	CHECK_EQ(pipe(pipe_fds), 0);
	CHECK_EQ(b4j_poll_readable(pipe_fds[0], 0), 0);
	CHECK_EQ(write(pipe_fds[1], "x", 1), 1);
	CHECK_EQ(b4j_poll_readable(pipe_fds[0], -1), 1);
	CHECK_EQ(read(pipe_fds[0], &(char){ 0 }, 1), 1);
	CHECK_EQ(b4j_poll_readable(pipe_fds[0], 1), 0);
	close(pipe_fds[1]);
	CHECK_EQ(b4j_poll_readable(pipe_fds[0], -1), 1);
	close(pipe_fds[0]);
	CHECK_EQ(b4j_poll_readable(pipe_fds[0], -1), -EBADF);
	CHECK_EQ(b4j_poll_readable(-1, -1), -EBADF);
}

TEST(number_goes_through_a_socket_and_never_waits)
{
	unsigned char received[4] = { 0 };
	int ends[2];
	int sent;

	CHECK_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	CHECK_EQ(b4j_send_number(ends[0], 0x01020384), 0);
	CHECK_EQ(read(ends[1], received, sizeof(received)), 4);
	CHECK_EQ(memcmp(received, "\x01\x02\x03\x84", 4), 0);

	do {
		sent = b4j_send_number(ends[0], 2);
	} while (sent == 0);
	CHECK_EQ(sent, -EAGAIN);
	close(ends[1]);
	CHECK_EQ(b4j_send_number(ends[0], 2), -ECONNRESET); /* told once, for what was not read */
	CHECK_EQ(b4j_send_number(ends[0], 2), -EPIPE);
	close(ends[0]);
	CHECK_EQ(b4j_send_number(ends[0], 2), -EBADF);
}

TEST(number_is_not_written_to_what_is_no_socket)
{
	int pipe_fds[2];

	CHECK_EQ(pipe(pipe_fds), 0);
	CHECK_EQ(b4j_send_number(pipe_fds[1], 2), -ENOTSOCK);
	CHECK_EQ(b4j_poll_readable(pipe_fds[0], 0), 0);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

static volatile sig_atomic_t signals;

static void count_signal(int number)
{
	(void)number;
	signals++;
}

static long long elapsed_ms(const struct timespec *since)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - since->tv_sec) * 1000LL + (now.tv_nsec - since->tv_nsec) / 1000000;
}

TEST(poll_waits_its_time_through_signals)
{
	struct sigaction counting = { .sa_handler = count_signal };
	struct itimerval often = { { 0, 5000 }, { 0, 5000 } };
	struct sigaction before;
	struct timespec start;
	int pipe_fds[2];

	CHECK_EQ(pipe(pipe_fds), 0);
	sigaction(SIGALRM, &counting, &before);
	clock_gettime(CLOCK_MONOTONIC, &start);
	setitimer(ITIMER_REAL, &often, NULL);

	CHECK_EQ(b4j_poll_readable(pipe_fds[0], 100), 0);

	setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL);
	CHECK(elapsed_ms(&start) >= 99);
	CHECK(signals > 0);
	sigaction(SIGALRM, &before, NULL);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}
