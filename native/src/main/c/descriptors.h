/* File descriptors a parcel carries. Every function returns a negative errno on failure. */
#ifndef B4J_DESCRIPTORS_H
#define B4J_DESCRIPTORS_H

#include <stdint.h>

/* A copy that a child process does not inherit. */
int b4j_duplicate(int fd);
/* open(2), not inherited either. */
int b4j_open_file(const char *path, int flags, int mode);
/* pipe2(2), not inherited: the reading end, and the writing end << 32. */
int64_t b4j_pipe(void);
/* Anonymous memory of a fixed size; sealed if its size may never change. */
int b4j_memfd(const char *name, int64_t size, int sealed);
/*
 * Waits until a read would not block: 1, also where it would fail or the other end is gone; 0 after timeout_ms, which -1
 * makes for ever.
 */
int b4j_poll_readable(int fd, int timeout_ms);
/*
 * close(2) of what cannot wait for another process or a device: 0. 1 where it may, or that cannot be told; the descriptor is
 * then left open.
 */
int b4j_close_at_once(int fd);
/*
 * Sends a number, in network order, on a socket. Never waits: what a peer has no room for is lost, -EAGAIN, and what is no
 * socket is not written to, -ENOTSOCK.
 */
int b4j_send_number(int fd, int number);
/* A time that no clock change moves. */
int64_t b4j_now_ms(void);

#endif
