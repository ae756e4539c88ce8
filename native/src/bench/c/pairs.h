/* Transports whose connections are pairs of things with names, request and reply, that the server makes beforehand. */
#ifndef FLOOR_PAIRS_H
#define FLOOR_PAIRS_H

#include "transport.h"

/* The functions that give an int return -1 and set errno if they fail. */
struct pairs {
	/* A name, of address, number and way. */
	const char *format;
	int (*make)(const char *name);
	int (*open)(const char *name, int flags);
	int (*remove)(const char *name);
	struct connection *(*join)(const struct transport *transport, int in, int out);
	/* After the peer is gone; NULL if that is never known. */
	void (*close)(struct connection *connection);
};

void serve_pairs(const struct transport *self, const char *address, int threads);
struct connection *connect_pair(const struct transport *self, const char *address, int number);

#endif
