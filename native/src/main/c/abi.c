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
	/* The ioctls. */
	CONSTANT(BINDER_WRITE_READ), CONSTANT(BINDER_SET_IDLE_TIMEOUT), CONSTANT(BINDER_SET_MAX_THREADS),
	CONSTANT(BINDER_SET_IDLE_PRIORITY), CONSTANT(BINDER_SET_CONTEXT_MGR), CONSTANT(BINDER_THREAD_EXIT),
	CONSTANT(BINDER_VERSION), CONSTANT(BINDER_GET_NODE_DEBUG_INFO), CONSTANT(BINDER_GET_NODE_INFO_FOR_REF),
	CONSTANT(BINDER_SET_CONTEXT_MGR_EXT), CONSTANT(BINDER_FREEZE), CONSTANT(BINDER_GET_FROZEN_INFO),
	CONSTANT(BINDER_ENABLE_ONEWAY_SPAM_DETECTION), CONSTANT(BINDER_GET_EXTENDED_ERROR), CONSTANT(BINDER_CTL_ADD),
	CONSTANT(BINDER_CURRENT_PROTOCOL_VERSION),
	/* To the driver. */
	CONSTANT(BC_TRANSACTION), CONSTANT(BC_REPLY), CONSTANT(BC_ACQUIRE_RESULT), CONSTANT(BC_FREE_BUFFER),
	CONSTANT(BC_INCREFS), CONSTANT(BC_ACQUIRE), CONSTANT(BC_RELEASE), CONSTANT(BC_DECREFS),
	CONSTANT(BC_INCREFS_DONE), CONSTANT(BC_ACQUIRE_DONE), CONSTANT(BC_ATTEMPT_ACQUIRE),
	CONSTANT(BC_REGISTER_LOOPER), CONSTANT(BC_ENTER_LOOPER), CONSTANT(BC_EXIT_LOOPER),
	CONSTANT(BC_REQUEST_DEATH_NOTIFICATION), CONSTANT(BC_CLEAR_DEATH_NOTIFICATION),
	CONSTANT(BC_DEAD_BINDER_DONE), CONSTANT(BC_TRANSACTION_SG), CONSTANT(BC_REPLY_SG),
	CONSTANT(BC_REQUEST_FREEZE_NOTIFICATION), CONSTANT(BC_CLEAR_FREEZE_NOTIFICATION),
	CONSTANT(BC_FREEZE_NOTIFICATION_DONE),
	/* From the driver. */
	CONSTANT(BR_ERROR), CONSTANT(BR_OK), CONSTANT(BR_TRANSACTION_SEC_CTX), CONSTANT(BR_TRANSACTION),
	CONSTANT(BR_REPLY), CONSTANT(BR_ACQUIRE_RESULT), CONSTANT(BR_DEAD_REPLY), CONSTANT(BR_TRANSACTION_COMPLETE),
	CONSTANT(BR_INCREFS), CONSTANT(BR_ACQUIRE), CONSTANT(BR_RELEASE), CONSTANT(BR_DECREFS),
	CONSTANT(BR_ATTEMPT_ACQUIRE), CONSTANT(BR_NOOP), CONSTANT(BR_SPAWN_LOOPER), CONSTANT(BR_FINISHED),
	CONSTANT(BR_DEAD_BINDER), CONSTANT(BR_CLEAR_DEATH_NOTIFICATION_DONE), CONSTANT(BR_FAILED_REPLY),
	CONSTANT(BR_FROZEN_REPLY), CONSTANT(BR_ONEWAY_SPAM_SUSPECT), CONSTANT(BR_TRANSACTION_PENDING_FROZEN),
	CONSTANT(BR_FROZEN_BINDER), CONSTANT(BR_CLEAR_FREEZE_NOTIFICATION_DONE),
	/* Flags and object types. */
	CONSTANT(TF_ONE_WAY), CONSTANT(TF_ROOT_OBJECT), CONSTANT(TF_STATUS_CODE), CONSTANT(TF_ACCEPT_FDS),
	CONSTANT(TF_CLEAR_BUF), CONSTANT(TF_UPDATE_TXN), CONSTANT(BINDER_TYPE_BINDER),
	CONSTANT(BINDER_TYPE_WEAK_BINDER), CONSTANT(BINDER_TYPE_HANDLE), CONSTANT(BINDER_TYPE_WEAK_HANDLE),
	CONSTANT(BINDER_TYPE_FD), CONSTANT(BINDER_TYPE_FDA), CONSTANT(BINDER_TYPE_PTR),
	CONSTANT(BINDER_BUFFER_FLAG_HAS_PARENT), CONSTANT(FLAT_BINDER_FLAG_PRIORITY_MASK),
	CONSTANT(FLAT_BINDER_FLAG_ACCEPTS_FDS), CONSTANT(FLAT_BINDER_FLAG_TXN_SECURITY_CTX),
	/* Attributes of a report. */
	CONSTANT(BINDER_A_REPORT_ERROR), CONSTANT(BINDER_A_REPORT_CONTEXT), CONSTANT(BINDER_A_REPORT_FROM_PID),
	CONSTANT(BINDER_A_REPORT_FROM_TID), CONSTANT(BINDER_A_REPORT_TO_PID), CONSTANT(BINDER_A_REPORT_TO_TID),
	CONSTANT(BINDER_A_REPORT_IS_REPLY), CONSTANT(BINDER_A_REPORT_FLAGS), CONSTANT(BINDER_A_REPORT_CODE),
	CONSTANT(BINDER_A_REPORT_DATA_SIZE),
	/* Layouts. */
	SIZE(binder_write_read), OFFSET(binder_write_read, write_size), OFFSET(binder_write_read, write_consumed),
	OFFSET(binder_write_read, write_buffer), OFFSET(binder_write_read, read_size),
	OFFSET(binder_write_read, read_consumed), OFFSET(binder_write_read, read_buffer),
	SIZE(binder_transaction_data), OFFSET(binder_transaction_data, target.handle),
	OFFSET(binder_transaction_data, target.ptr), OFFSET(binder_transaction_data, cookie),
	OFFSET(binder_transaction_data, code), OFFSET(binder_transaction_data, flags),
	OFFSET(binder_transaction_data, sender_pid), OFFSET(binder_transaction_data, sender_euid),
	OFFSET(binder_transaction_data, data_size), OFFSET(binder_transaction_data, offsets_size),
	OFFSET(binder_transaction_data, data.ptr.buffer), OFFSET(binder_transaction_data, data.ptr.offsets),
	SIZE(binder_transaction_data_secctx), OFFSET(binder_transaction_data_secctx, transaction_data),
	OFFSET(binder_transaction_data_secctx, secctx),
	SIZE(binder_transaction_data_sg), OFFSET(binder_transaction_data_sg, transaction_data),
	OFFSET(binder_transaction_data_sg, buffers_size),
	SIZE(flat_binder_object), OFFSET(flat_binder_object, hdr.type), OFFSET(flat_binder_object, flags),
	OFFSET(flat_binder_object, binder), OFFSET(flat_binder_object, handle), OFFSET(flat_binder_object, cookie),
	SIZE(binder_fd_object), OFFSET(binder_fd_object, hdr.type), OFFSET(binder_fd_object, pad_flags),
	OFFSET(binder_fd_object, fd), OFFSET(binder_fd_object, cookie),
	SIZE(binder_buffer_object), OFFSET(binder_buffer_object, hdr.type), OFFSET(binder_buffer_object, flags),
	OFFSET(binder_buffer_object, buffer), OFFSET(binder_buffer_object, length),
	OFFSET(binder_buffer_object, parent), OFFSET(binder_buffer_object, parent_offset),
	SIZE(binder_fd_array_object), OFFSET(binder_fd_array_object, hdr.type), OFFSET(binder_fd_array_object, pad),
	OFFSET(binder_fd_array_object, num_fds), OFFSET(binder_fd_array_object, parent),
	OFFSET(binder_fd_array_object, parent_offset),
	SIZE(binder_ptr_cookie), OFFSET(binder_ptr_cookie, ptr), OFFSET(binder_ptr_cookie, cookie),
	SIZE(binder_handle_cookie), OFFSET(binder_handle_cookie, handle), OFFSET(binder_handle_cookie, cookie),
	SIZE(binder_pri_desc), OFFSET(binder_pri_desc, priority), OFFSET(binder_pri_desc, desc),
	SIZE(binder_pri_ptr_cookie), OFFSET(binder_pri_ptr_cookie, priority), OFFSET(binder_pri_ptr_cookie, ptr),
	OFFSET(binder_pri_ptr_cookie, cookie),
	SIZE(binder_version), OFFSET(binder_version, protocol_version),
	SIZE(binder_node_debug_info), OFFSET(binder_node_debug_info, ptr), OFFSET(binder_node_debug_info, cookie),
	OFFSET(binder_node_debug_info, has_strong_ref), OFFSET(binder_node_debug_info, has_weak_ref),
	SIZE(binder_node_info_for_ref), OFFSET(binder_node_info_for_ref, handle),
	OFFSET(binder_node_info_for_ref, strong_count), OFFSET(binder_node_info_for_ref, weak_count),
	OFFSET(binder_node_info_for_ref, reserved1),
	SIZE(binder_freeze_info), OFFSET(binder_freeze_info, pid), OFFSET(binder_freeze_info, enable),
	OFFSET(binder_freeze_info, timeout_ms),
	SIZE(binder_frozen_status_info), OFFSET(binder_frozen_status_info, pid),
	OFFSET(binder_frozen_status_info, sync_recv), OFFSET(binder_frozen_status_info, async_recv),
	SIZE(binder_frozen_state_info), OFFSET(binder_frozen_state_info, cookie),
	OFFSET(binder_frozen_state_info, is_frozen), OFFSET(binder_frozen_state_info, reserved),
	SIZE(binder_extended_error), OFFSET(binder_extended_error, id), OFFSET(binder_extended_error, command),
	OFFSET(binder_extended_error, param),
	SIZE(binderfs_device), OFFSET(binderfs_device, name), OFFSET(binderfs_device, major),
	OFFSET(binderfs_device, minor),
};

int64_t b4j_abi_value(const char *name)
{
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (strcmp(values[i].name, name) == 0)
			return values[i].value;
	}
	return INT64_MIN;
}
