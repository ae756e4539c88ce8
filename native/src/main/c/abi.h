/* What the kernel's header says, for the Java constants to be held against. */
#ifndef B4J_ABI_H
#define B4J_ABI_H

#include <stdint.h>

/* The value of a constant, "sizeof:STRUCT" or "offsetof:STRUCT.FIELD"; INT64_MIN if the name is unknown. */
int64_t b4j_abi_value(const char *name);

#endif
