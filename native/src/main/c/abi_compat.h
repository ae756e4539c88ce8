/* The kernel's own definitions, and those that an older installed header lacks. */
#ifndef B4J_ABI_COMPAT_H
#define B4J_ABI_COMPAT_H

#include <linux/android/binder.h>
#include <linux/android/binderfs.h>
#include <linux/version.h>

/*
 * Enumerators and structs the preprocessor cannot see, so the header's version decides: the freeze notifications came with
 * Linux 6.12. What came between the oldest header we build with, 5.15 of Ubuntu 22.04, and that one is a macro here,
 * which does no harm where the header has the enumerator of the same value.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)

#define TF_UPDATE_TXN 0x40
#define BR_TRANSACTION_PENDING_FROZEN _IO('r', 20)

struct binder_frozen_state_info {
	binder_uintptr_t cookie;
	__u32 is_frozen;
	__u32 reserved;
};

enum {
	BR_FROZEN_BINDER = _IOR('r', 21, struct binder_frozen_state_info),
	BR_CLEAR_FREEZE_NOTIFICATION_DONE = _IOR('r', 22, binder_uintptr_t),
	BC_REQUEST_FREEZE_NOTIFICATION = _IOW('c', 19, struct binder_handle_cookie),
	BC_CLEAR_FREEZE_NOTIFICATION = _IOW('c', 20, struct binder_handle_cookie),
	BC_FREEZE_NOTIFICATION_DONE = _IOW('c', 21, binder_uintptr_t),
};

#endif

/* Came with Linux 5.19; its number was a macro until well after that. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 0, 0) && !defined(BINDER_GET_EXTENDED_ERROR)

struct binder_extended_error {
	__u32 id;
	__u32 command;
	__s32 param;
};

#define BINDER_GET_EXTENDED_ERROR _IOWR('b', 17, struct binder_extended_error)

#endif

/* Reports of failed transactions: a header of their own, which came late. */
#if __has_include(<linux/android/binder_netlink.h>)

#include <linux/android/binder_netlink.h>

#else

#define BINDER_FAMILY_NAME "binder"
#define BINDER_MCGRP_REPORT "report"

enum {
	BINDER_A_REPORT_ERROR = 1,
	BINDER_A_REPORT_CONTEXT = 2,
	BINDER_A_REPORT_FROM_PID = 3,
	BINDER_A_REPORT_FROM_TID = 4,
	BINDER_A_REPORT_TO_PID = 5,
	BINDER_A_REPORT_TO_TID = 6,
	BINDER_A_REPORT_IS_REPLY = 7,
	BINDER_A_REPORT_FLAGS = 8,
	BINDER_A_REPORT_CODE = 9,
	BINDER_A_REPORT_DATA_SIZE = 10,
};

enum { BINDER_CMD_REPORT = 1 };

#endif

/*
 * The kernel's raw header leaves __packed undefined outside the kernel; the struct is then 16 bytes and the numbers of
 * four commands are wrong. Only an installed header has the attribute.
 */
_Static_assert(sizeof(struct binder_handle_cookie) == 12, "linux/android/binder.h is not an installed header");
_Static_assert(sizeof(struct binder_transaction_data) == 64, "64-bit binder interface expected");

#endif
