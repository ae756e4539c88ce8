#include "abi.h"

#include <stddef.h>
#include <string.h>

#include "abi_compat.h"

#define CONSTANT(name) { #name, (int64_t)(__u32)(name) }
#define SIZE(type) { "sizeof:" #type, sizeof(struct type) }
#define OFFSET(type, field) { "offsetof:" #type "." #field, offsetof(struct type, field) }

static const struct {
	const char *name;
	int64_t value;
} values[] = {
	CONSTANT(BC_TRANSACTION), CONSTANT(BC_REPLY), CONSTANT(BC_FREE_BUFFER), CONSTANT(BC_INCREFS),
	CONSTANT(BC_ACQUIRE), CONSTANT(BC_RELEASE), CONSTANT(BC_DECREFS), CONSTANT(BC_INCREFS_DONE),
	CONSTANT(BC_ACQUIRE_DONE), CONSTANT(BC_REGISTER_LOOPER), CONSTANT(BC_ENTER_LOOPER),
	CONSTANT(BC_EXIT_LOOPER), CONSTANT(BC_REQUEST_DEATH_NOTIFICATION), CONSTANT(BC_CLEAR_DEATH_NOTIFICATION),
	CONSTANT(BC_DEAD_BINDER_DONE), CONSTANT(BC_TRANSACTION_SG), CONSTANT(BC_REPLY_SG),
	CONSTANT(BC_REQUEST_FREEZE_NOTIFICATION), CONSTANT(BC_CLEAR_FREEZE_NOTIFICATION),
	CONSTANT(BC_FREEZE_NOTIFICATION_DONE),
	CONSTANT(BR_ERROR), CONSTANT(BR_OK), CONSTANT(BR_TRANSACTION_SEC_CTX), CONSTANT(BR_TRANSACTION),
	CONSTANT(BR_REPLY), CONSTANT(BR_DEAD_REPLY), CONSTANT(BR_TRANSACTION_COMPLETE), CONSTANT(BR_INCREFS),
	CONSTANT(BR_ACQUIRE), CONSTANT(BR_RELEASE), CONSTANT(BR_DECREFS), CONSTANT(BR_NOOP),
	CONSTANT(BR_SPAWN_LOOPER), CONSTANT(BR_FINISHED), CONSTANT(BR_DEAD_BINDER),
	CONSTANT(BR_CLEAR_DEATH_NOTIFICATION_DONE), CONSTANT(BR_FAILED_REPLY), CONSTANT(BR_FROZEN_REPLY),
	CONSTANT(BR_ONEWAY_SPAM_SUSPECT), CONSTANT(BR_TRANSACTION_PENDING_FROZEN), CONSTANT(BR_FROZEN_BINDER),
	CONSTANT(BR_CLEAR_FREEZE_NOTIFICATION_DONE),
	CONSTANT(TF_ONE_WAY), CONSTANT(TF_STATUS_CODE), CONSTANT(TF_ACCEPT_FDS), CONSTANT(TF_CLEAR_BUF),
	CONSTANT(TF_UPDATE_TXN),
	CONSTANT(BINDER_TYPE_BINDER), CONSTANT(BINDER_TYPE_HANDLE), CONSTANT(BINDER_TYPE_FD),
	CONSTANT(FLAT_BINDER_FLAG_ACCEPTS_FDS), CONSTANT(FLAT_BINDER_FLAG_TXN_SECURITY_CTX),
	SIZE(binder_write_read), OFFSET(binder_write_read, write_consumed), OFFSET(binder_write_read, write_buffer),
	OFFSET(binder_write_read, read_size), OFFSET(binder_write_read, read_consumed),
	OFFSET(binder_write_read, read_buffer),
	SIZE(binder_transaction_data), OFFSET(binder_transaction_data, cookie),
	OFFSET(binder_transaction_data, code), OFFSET(binder_transaction_data, flags),
	OFFSET(binder_transaction_data, sender_pid), OFFSET(binder_transaction_data, sender_euid),
	OFFSET(binder_transaction_data, data_size), OFFSET(binder_transaction_data, offsets_size),
	OFFSET(binder_transaction_data, data.ptr.buffer), OFFSET(binder_transaction_data, data.ptr.offsets),
	SIZE(flat_binder_object), OFFSET(flat_binder_object, flags), OFFSET(flat_binder_object, binder),
	OFFSET(flat_binder_object, handle), OFFSET(flat_binder_object, cookie),
	SIZE(binder_ptr_cookie), SIZE(binder_handle_cookie), OFFSET(binder_handle_cookie, cookie),
	SIZE(binder_extended_error), OFFSET(binder_extended_error, param),
};

int64_t b4j_abi_value(const char *name)
{
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (strcmp(values[i].name, name) == 0)
			return values[i].value;
	}
	return INT64_MIN;
}

const char *b4j_errno_name(int error)
{
	return strerrorname_np(error);
}
