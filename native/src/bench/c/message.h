/*
 * What travels, the same on every transport:
 *
 *   0      4      8          16               16+size
 *   | kind | size | sequence | payload          |      little endian
 *
 * A payload of 8 bytes or more ends in MARKER, so that one cut short or misplaced is noticed.
 */
#ifndef FLOOR_MESSAGE_H
#define FLOOR_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

enum kind { CALL = 1, ECHO, ONEWAY, FLUSH };

#define MARKER INT64_C(0x6a3462726564696e)
enum { MAX_PAYLOAD = 64 << 20 };

/* Packed: in a stream it lies at any address. */
struct message {
	int32_t kind;
	int32_t size;
	int64_t sequence;
	uint8_t payload[];
} __attribute__((packed));

_Static_assert(sizeof(struct message) == 16, "a message's header is 16 bytes");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "a message is little endian");

static inline size_t message_size(const struct message *message)
{
	return sizeof(*message) + (size_t)message->size;
}

/* A message with its payload, to be given to free. */
struct message *new_message(enum kind kind, int32_t size);

/* Ends the process if `bytes` bytes are not one message. */
void check_length(const struct message *message, size_t bytes);
/* Ends the process if this is not the reply to that request; NULL is a peer that is gone. */
void check_reply(const struct message *reply, const struct message *request);

/*
 * Server: checks a request and gives what is to be sent back: NULL for ONEWAY, which is counted; the request itself for
 * ECHO; otherwise `reply`, filled in. Ends the process if the request is wrong.
 */
const struct message *answer(const struct message *request, struct message *reply);
/* Server: waits until at least `count` ONEWAY messages have been counted; gives how many have. */
int64_t await_oneways(int64_t count);

#endif
