#include "child.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static struct child start(const char *const *arguments, void (*function)(void))
{
	struct child child = { 0 };
	int in[2] = { -1, -1 };
	int out[2] = { -1, -1 };

	CHECK_EQ(pipe2(in, O_CLOEXEC), 0);
	CHECK_EQ(pipe2(out, O_CLOEXEC), 0);
	fflush(stdout);
	child.pid = fork();
	if (child.pid == 0) {
		/* A test that is given up leaves no process behind. */
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		if (function) {
			function();
			_exit(0);
		}
		execv(arguments[0], (char *const *)arguments);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	child.in = fdopen(in[1], "we");
	child.out = fdopen(out[0], "re");
	setvbuf(child.in, NULL, _IOLBF, 0);
	return child;
}

struct child run_program(const char *const *arguments)
{
	return start(arguments, NULL);
}

struct child run_function(void (*function)(void))
{
	return start(NULL, function);
}

static const char *next_line(struct child *child)
{
	static char line[512];

	if (!fgets(line, sizeof(line), child->out))
		return "the end of its output";
	line[strcspn(line, "\n")] = '\0';
	return line;
}

static void check_beginning(const char *line, const char *beginning, size_t length)
{
	if (strncmp(line, beginning, length) == 0)
		return;
	printf("'%s', expected '%s'\n", line, beginning);
	CHECK(!"the line is another one");
}

void check_line(struct child *child, const char *expected)
{
	check_beginning(next_line(child), expected, strlen(expected) + 1);
}

const char *check_line_begins(struct child *child, const char *beginning)
{
	const char *line = next_line(child);

	check_beginning(line, beginning, strlen(beginning));
	return line;
}

const char *check_answer(struct child *child, const char *line, const char *beginning)
{
	fprintf(child->in, "%s\n", line);
	return check_line_begins(child, beginning);
}

int end_child(struct child *child)
{
	int status = -1;

	fclose(child->in);
	waitpid(child->pid, &status, 0);
	fclose(child->out);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
