/*
 * The driver's reports of failed transactions, over generic netlink: to be opened, received, and closed with
 * b4j_close_fd. Every function returns a negative errno on failure.
 */
#ifndef B4J_REPORTS_H
#define B4J_REPORTS_H

#include <stdint.h>

/*
 * A socket that hears of every transaction that fails from now on: family << 32 | descriptor. -ENOENT if no driver of this
 * kernel reports.
 */
int64_t b4j_open_reports(void);
/*
 * Puts the attributes of the next report at an address and returns their size in bytes; 0 after timeout_ms, which -1 makes
 * for ever. -ENOBUFS tells once that the kernel had to drop reports, -EMSGSIZE that one did not fit and is gone.
 */
int b4j_receive_report(int fd, int family, int64_t address, int size, int timeout_ms);
/* How many reports the kernel dropped since the socket was opened, because nobody received the ones before. */
int64_t b4j_dropped_reports(int fd);

#endif
