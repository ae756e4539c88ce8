/* Who the kernel takes the caller for. No call fails. */
#ifndef B4J_IDENTITY_H
#define B4J_IDENTITY_H

int b4j_pid(void);
/* The OS thread, by which the driver keeps its records. */
int b4j_tid(void);
/* The user, as the driver tells callees. */
int b4j_euid(void);

#endif
