/* File descriptors a parcel carries. Every function returns a negative errno on failure. */
#ifndef B4J_DESCRIPTORS_H
#define B4J_DESCRIPTORS_H

#include <stdint.h>

/* A copy that a child process does not inherit. */
int b4j_duplicate(int fd);
/* Anonymous memory of a fixed size; sealed if its size may never change. */
int b4j_memfd(const char *name, int64_t size, int sealed);

#endif
