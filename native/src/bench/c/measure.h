/* The measuring loops: one reading of the clock for each call. */
#ifndef FLOOR_MEASURE_H
#define FLOOR_MEASURE_H

#include "transport.h"

enum { MAX_SAMPLES = 4000000 };

struct measured {
	int64_t calls, nanos;
};

/*
 * Calls one after the other for at least `nanos`, and at least `samples` times, but for their sake not longer than 20 s,
 * and at most MAX_SAMPLES. What each took is then in `samples_nanos()`.
 */
struct measured measure_latency(struct connection *connection, enum kind kind, int32_t size, int64_t nanos, int64_t samples);
const int64_t *samples_nanos(void);
/* Calls on all connections at once, from a thread each. */
struct measured measure_rate(struct connection **connections, int threads, enum kind kind, int32_t size, int64_t nanos);
/* Windows of ONEWAY messages, each with a FLUSH at its end, until `nanos` are over. */
struct measured measure_oneway(struct connection *connection, int32_t size, int64_t window, int64_t nanos);

#endif
