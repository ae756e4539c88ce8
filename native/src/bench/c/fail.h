/* How a worker ends. */
#ifndef FLOOR_FAIL_H
#define FLOOR_FAIL_H

/* Run once when this process ends, by itself or by fail: removes what serving has made. */
extern void (*on_end)(void);

/* Says `failed WHY` on stdout and ends the process with status 1. Any thread. */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Ends the process with status 0. */
_Noreturn void end(void);

#endif
