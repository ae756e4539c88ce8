/*
 * Tests, run in the order of their names. A failed check is reported and the test goes on, so that what it started it
 * also ends.
 */
#ifndef B4J_CHECK_H
#define B4J_CHECK_H

#include <stdbool.h>

struct test {
	const char *name;
	void (*run)(void);
	struct test *next;
};

#define TEST(function) \
	static void function(void); \
	__attribute__((constructor)) static void add_##function(void) \
	{ \
		static struct test test = { #function, function, 0 }; \
		add_test(&test); \
	} \
	static void function(void)

#define CHECK(condition) check(condition, __FILE__, __LINE__, #condition)
#define CHECK_EQ(actual, expected) check_equal(actual, expected, __FILE__, __LINE__, #actual)

void add_test(struct test *test);
/* May be called from any thread. */
void check(bool ok, const char *file, int line, const char *condition);
void check_equal(long long actual, long long expected, const char *file, int line, const char *expression);

/* The number the next descriptor will have: as before, if nothing was left open. */
int next_fd(void);
/* The descriptor of a new, empty file without a name. */
int scratch_file(void);

#endif
