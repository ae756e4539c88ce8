/* The system calls of a transaction: one to call, two to serve. */
#ifndef B4J_TRANSACTION_H
#define B4J_TRANSACTION_H

#include <stdint.h>

int b4j_write_read(int fd, int64_t bwr_address);
/* The same, but does not return when all it has read is that the driver took everything: then it reads again. */
int b4j_reply_and_read(int fd, int64_t bwr_address);

#endif
