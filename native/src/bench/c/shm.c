/*
 * A file in /dev/shm that both processes map. For each connection it has slots, each of which is empty or holds one message:
 * its sender copies the message in, its receiver reads it in place. A message that has a reply lets both ways begin again at
 * their first slot, for the sake of caches; only ONEWAY goes on to the next.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fail.h"
#include "transport.h"

/* A slot is a multiple of any page size. Spinning lasts some milliseconds: a server nobody calls leaves the processor. */
enum { SLOT_SIZE = (1 << 20) + (64 << 10), REQUESTS = 16, REGION_SIZE = (REQUESTS + 1) * SLOT_SIZE };
enum { SPINS = 200, YIELDS = 2000 };

struct slot {
	_Atomic uint32_t full;
	/* Whether somebody sleeps until it is full, and until it is empty. */
	_Atomic uint32_t reader_sleeps, writer_sleeps;
	uint8_t unused[52];
	struct message message;
};

enum { MAX_SLOT_PAYLOAD = SLOT_SIZE - sizeof(struct slot) };

struct shared {
	struct connection connection;
	/* Where the next message comes and goes; the request ring is the one of `requests`. */
	struct slot *in, *out, *reading, *requests;
	int yields;
};

static const char *served_path;

static void futex(_Atomic uint32_t *word, int operation, uint32_t value)
{
	if (syscall(SYS_futex, word, operation, value, NULL, NULL, 0) < 0 && errno != EAGAIN && errno != EINTR)
		fail("futex: %m");
}

static void relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

static void spin(_Atomic uint32_t *full, uint32_t wanted, int yields)
{
	while (yields-- > 0) {
		for (int i = 0; i < SPINS; i++) {
			if (atomic_load_explicit(full, memory_order_acquire) == wanted)
				return;
			relax();
		}
		sched_yield();
	}
}

/* Who sets `full` after having looked at `sleeps` has it seen by the second look here: nobody sleeps for ever. */
static void await(const struct shared *shared, _Atomic uint32_t *full, uint32_t wanted, _Atomic uint32_t *sleeps)
{
	spin(full, wanted, shared->yields);
	while (atomic_load(full) != wanted) {
		atomic_store(sleeps, 1);
		if (atomic_load(full) != wanted)
			futex(full, FUTEX_WAIT, !wanted);
		atomic_store(sleeps, 0);
	}
}

static void set(_Atomic uint32_t *full, uint32_t value, _Atomic uint32_t *sleeps)
{
	atomic_store(full, value);
	if (atomic_load(sleeps))
		futex(full, FUTEX_WAKE, 1);
}

static struct slot *slot_at(struct slot *requests, int number)
{
	return (struct slot *)((uint8_t *)requests + (size_t)number * SLOT_SIZE);
}

/* The slot that follows one with a message of that kind. */
static struct slot *next_slot(const struct shared *shared, struct slot *slot, int kind)
{
	if (kind != ONEWAY)
		return slot == slot_at(shared->requests, REQUESTS) ? slot : shared->requests;
	return slot == slot_at(shared->requests, REQUESTS - 1) ? shared->requests : slot_at(slot, 1);
}

static void release(struct shared *shared)
{
	if (shared->reading)
		set(&shared->reading->full, 0, &shared->reading->writer_sleeps);
	shared->reading = NULL;
}

static bool shm_send(struct connection *connection, const struct message *message)
{
	struct shared *shared = (struct shared *)connection;
	struct slot *out = shared->out;

	await(shared, &out->full, 0, &out->writer_sleeps);
	memcpy(&out->message, message, message_size(message));
	shared->out = next_slot(shared, out, message->kind);
	/* Before the peer is told, which may send the next at once; after the copy, since an ECHO sends what it received. */
	release(shared);
	set(&out->full, 1, &out->reader_sleeps);
	return true;
}

static const struct message *shm_receive(struct connection *connection)
{
	struct shared *shared = (struct shared *)connection;
	struct slot *in = shared->in;

	release(shared);
	await(shared, &in->full, 1, &in->reader_sleeps);
	shared->reading = in;
	shared->in = next_slot(shared, in, in->message.kind);
	if (in->message.size < 0 || in->message.size > MAX_SLOT_PAYLOAD)
		fail("received a header with size %d", in->message.size);
	return &in->message;
}

static struct shared *map(const struct transport *transport, int fd, int number, bool server)
{
	struct shared *shared = allocate(sizeof(*shared));
	struct slot *region = mmap(NULL, REGION_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)number * REGION_SIZE);

	if (region == MAP_FAILED)
		fail("mmap: %m");
	shared->connection.transport = transport;
	shared->yields = transport == &shm_spin_transport ? YIELDS : 0;
	shared->requests = region;
	shared->in = server ? region : slot_at(region, REQUESTS);
	shared->out = server ? slot_at(region, REQUESTS) : region;
	return shared;
}

static void *serve_region(void *argument)
{
	serve_connection(argument);
	return NULL;
}

static void remove_file(void)
{
	unlink(served_path);
}

static void serve(const struct transport *self, const char *address, int threads)
{
	int fd = open(address, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		fail("create %s: %m", address);
	served_path = address;
	on_end = remove_file;
	if (ftruncate(fd, (off_t)threads * REGION_SIZE) < 0)
		fail("ftruncate %s: %m", address);
	for (int i = 0; i < threads; i++)
		start_thread(serve_region, map(self, fd, i, true));
	close(fd);
}

static struct connection *connect_region(const struct transport *self, const char *address, int number)
{
	int fd = open(address, O_RDWR | O_CLOEXEC);
	struct shared *shared = NULL;
	struct stat status;

	if (fd < 0 || fstat(fd, &status) < 0)
		fail("open %s: %m", address);
	if (number < status.st_size / REGION_SIZE)
		shared = map(self, fd, number, false);
	close(fd);
	return shared ? &shared->connection : NULL;
}

static const char *refuse(struct connection *connection, enum kind kind, int64_t size, int64_t in_flight)
{
	(void)connection;
	(void)kind;
	(void)in_flight;
	return size <= MAX_SLOT_PAYLOAD ? NULL : refusal("SIZE %lld: at most %d, the shared slot of a connection",
		(long long)size, MAX_SLOT_PAYLOAD);
}

#define SHARED_MEMORY \
	.serve = serve, .connect = connect_region, .refuse = refuse, .call = send_and_receive, .send = shm_send, \
	.receive = shm_receive

const struct transport shm_futex_transport = { .name = "shm-futex", SHARED_MEMORY };
const struct transport shm_spin_transport = { .name = "shm-spin", SHARED_MEMORY };
