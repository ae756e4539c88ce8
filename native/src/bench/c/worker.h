/* The two roles, and the lines the orchestrator says to them. */
#ifndef FLOOR_WORKER_H
#define FLOOR_WORKER_H

/* Serves until stdin ends. */
_Noreturn void serve_role(const char *transport, const char *address, const char *threads);
/* Measures what the lines of stdin ask for until it ends. */
_Noreturn void call_role(const char *transport, const char *address);

#endif
