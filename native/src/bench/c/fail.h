/* How a worker ends. */
#ifndef FLOOR_FAIL_H
#define FLOOR_FAIL_H

/* Run when this process ends, unless it is killed: removes what serving has made. */
extern void (*on_end)(void);

/* Says `failed WHY` on stdout and ends the process with status 1. Any thread. */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Ends the process with status 0. */
_Noreturn void finish(void);

#endif
