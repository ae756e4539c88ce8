/*
 * The functions of libgbinder and GLib that gbinder.c calls, found when the program runs: so it is built without their headers,
 * and needs the libraries only for that transport.
 */
#ifndef FLOOR_GBINDER_LIBRARY_H
#define FLOOR_GBINDER_LIBRARY_H

#include <stddef.h>
#include <stdint.h>

/* Theirs, and only ever pointed to. */
struct gb_manager;
struct gb_object;
struct gb_remote;
struct gb_client;
struct gb_local_request;
struct gb_local_reply;
struct gb_request;
struct gb_reply;
struct gb_loop;
struct gb_context;

/* Theirs too, but the caller's to allocate. */
struct gb_reader {
	const void *opaque[6];
};

struct gb_writer {
	const void *opaque[4];
};

enum { GB_OK, GB_FAILED, GB_DEAD_OBJECT };

/* A NULL with status 0 is the answer to a oneway call. */
typedef struct gb_local_reply *gb_handler(struct gb_object *object, struct gb_request *request, unsigned int code,
					  unsigned int flags, int *status, void *data);

/* What they return, what they are called, what they take. */
#define GB_FUNCTIONS(F) \
	F(struct gb_manager *, gbinder_servicemanager_new2, (const char *device, const char *manager, const char *rpc)) \
	F(int, gbinder_servicemanager_is_present, (struct gb_manager *manager)) \
	F(struct gb_object *, gbinder_servicemanager_new_local_object, \
	  (struct gb_manager *manager, const char *interface, gb_handler *handler, void *data)) \
	F(int, gbinder_servicemanager_add_service_sync, \
	  (struct gb_manager *manager, const char *name, struct gb_object *object)) \
	F(struct gb_remote *, gbinder_servicemanager_get_service_sync, \
	  (struct gb_manager *manager, const char *name, int *status)) \
	F(struct gb_client *, gbinder_client_new, (struct gb_remote *remote, const char *interface)) \
	F(struct gb_local_request *, gbinder_client_new_request, (struct gb_client *client)) \
	F(struct gb_reply *, gbinder_client_transact_sync_reply, \
	  (struct gb_client *client, uint32_t code, struct gb_local_request *request, int *status)) \
	F(int, gbinder_client_transact_sync_oneway, \
	  (struct gb_client *client, uint32_t code, struct gb_local_request *request)) \
	F(void, gbinder_local_request_init_writer, (struct gb_local_request *request, struct gb_writer *writer)) \
	F(void, gbinder_local_request_unref, (struct gb_local_request *request)) \
	F(struct gb_local_reply *, gbinder_local_object_new_reply, (struct gb_object *object)) \
	F(void, gbinder_local_reply_init_writer, (struct gb_local_reply *reply, struct gb_writer *writer)) \
	F(void, gbinder_local_reply_unref, (struct gb_local_reply *reply)) \
	F(void, gbinder_writer_append_bytes, (struct gb_writer *writer, const void *data, size_t size)) \
	F(void, gbinder_writer_overwrite_int32, (struct gb_writer *writer, size_t offset, int32_t value)) \
	F(size_t, gbinder_writer_bytes_written, (struct gb_writer *writer)) \
	F(void, gbinder_remote_request_init_reader, (struct gb_request *request, struct gb_reader *reader)) \
	F(struct gb_request *, gbinder_remote_request_ref, (struct gb_request *request)) \
	F(void, gbinder_remote_request_unref, (struct gb_request *request)) \
	F(void, gbinder_remote_request_block, (struct gb_request *request)) \
	F(void, gbinder_remote_request_complete, (struct gb_request *request, struct gb_local_reply *reply, int status)) \
	F(void, gbinder_remote_reply_init_reader, (struct gb_reply *reply, struct gb_reader *reader)) \
	F(void, gbinder_remote_reply_unref, (struct gb_reply *reply)) \
	F(const void *, gbinder_reader_get_data, (const struct gb_reader *reader, size_t *size)) \
	F(size_t, gbinder_reader_bytes_remaining, (const struct gb_reader *reader)) \
	F(int, gutil_log_set_type, (const char *type, const char *name)) \
	F(struct gb_loop *, g_main_loop_new, (struct gb_context *context, int is_running)) \
	F(void, g_main_loop_run, (struct gb_loop *loop))

struct gb_library {
#define F(type, name, parameters) type (*name) parameters;
	GB_FUNCTIONS(F)
#undef F
};

/* Ends the process, saying what is missing, if there is no libgbinder. */
const struct gb_library *gb_load(void);

#endif
