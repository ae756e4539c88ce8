/* The one system call of a transaction. */
#ifndef B4J_TRANSACTION_H
#define B4J_TRANSACTION_H

#include <stdint.h>

int b4j_write_read(int fd, int64_t bwr_address);

#endif
