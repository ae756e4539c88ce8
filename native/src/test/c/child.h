/* Processes whose output a test reads. */
#ifndef B4J_CHILD_H
#define B4J_CHILD_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

struct child {
	pid_t pid;
	/* Its stdin and stdout; closing the first is the end of its input. */
	FILE *in, *out;
};

/* Runs a program with arguments up to NULL. */
struct child run_program(const char *const *arguments);
/* Runs a function in a copy of this process, which ends with status 0 when it returns. */
struct child run_function(void (*function)(void));
/* Checks that the next line is this one. */
void check_line(struct child *child, const char *expected);
/* Checks that the next line begins so, and gives it, until the next. */
const char *check_line_begins(struct child *child, const char *beginning);
/* Says a line to the child; checks that what it answers begins so, and gives it, until the next. */
const char *check_answer(struct child *child, const char *line, const char *beginning);
/* Ends its input; its exit status, or -1. */
int end_child(struct child *child);

#endif
