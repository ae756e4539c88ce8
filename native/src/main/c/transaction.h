/* The system calls of a transaction: one to call, two to serve. */
#ifndef B4J_TRANSACTION_H
#define B4J_TRANSACTION_H

#include <stdint.h>

/*
 * Fills in all of the struct but where its buffers are. Returns the bytes the driver consumed, those of the write above
 * those of the read, 32 bits each; or a negative errno, and then only the struct tells of them.
 */
int64_t b4j_write_read(int fd, int64_t bwr_address, int32_t write_size, int32_t read_size);
/* The same, but does not return when all it has read is that the driver took everything: then it reads again. */
int64_t b4j_reply_and_read(int fd, int64_t bwr_address, int32_t write_size, int32_t read_size);

#endif
