/* Opening, mapping and closing a binder device. Every function returns a negative errno on failure. */
#ifndef B4J_DEVICE_H
#define B4J_DEVICE_H

#include <stdint.h>

int b4j_open_device(const char *path, int extra_flags);
int b4j_close_fd(int fd);
int b4j_protocol_version(int fd);
int b4j_user_protocol_version(void);
int64_t b4j_map_device(int fd, int64_t size);
/* Mappings are made of whole pages. */
int b4j_page_size(void);
/* Puts anonymous memory of zeros in the place of a mapping, whose file is then no longer held. */
int b4j_replace_mapping(int64_t address, int64_t size);
int b4j_unmap_device(int64_t address, int64_t size);
/*
 * Makes the threads blocked in the device return, soon; one may miss it, so repeat until all have. Needs a copy of the
 * descriptor, of b4j_duplicate, and no free number: closing works in a process that has none left.
 */
int b4j_wake_threads(int fd, int copy);

#endif
