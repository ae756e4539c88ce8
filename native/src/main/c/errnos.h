/* The names of errnos: the C library has them only since glibc 2.32, musl not at all. */
#ifndef B4J_ERRNOS_H
#define B4J_ERRNOS_H

/* As "ENOENT"; NULL if it has none. */
const char *b4j_errno_name(int error);
/* The same, without its end, into memory of a size; returns its length, 0 if it has none or there is no room. */
int b4j_copy_errno_name(int error, char *name, int size);

#endif
