/* The device's other ioctls. Every function returns a negative errno on failure. */
#ifndef B4J_CONTROL_H
#define B4J_CONTROL_H

#include <stdint.h>

int b4j_set_max_threads(int fd, int count);
/* A kernel before 5.0 takes no node flags: they are dropped there. */
int b4j_become_context_manager(int fd, int node_flags);
int b4j_thread_exit(int fd);
int b4j_enable_oneway_spam_detection(int fd, int enable);
int b4j_extended_error(int fd, int64_t out_address);
int b4j_freeze(int fd, int pid, int enable, int timeout_ms);
int b4j_frozen_info(int fd, int64_t inout_address);
int b4j_node_debug_info(int fd, int64_t inout_address);
int b4j_node_info_for_ref(int fd, int64_t inout_address);

#endif
