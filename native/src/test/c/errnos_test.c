#include "errnos.h"

#include <errno.h>
#include <string.h>

#include "check.h"

/* The C library this is built with has the names, though not all that the library may meet do. */
TEST(errnos_have_the_names_of_the_c_library)
{
	for (int error = 1; error < 200; error++) {
		const char *expected = strerrorname_np(error);
		const char *actual = b4j_errno_name(error);

		CHECK(expected ? actual && strcmp(actual, expected) == 0 : !actual);
	}
}

TEST(errno_without_a_name_has_none)
{
	CHECK(!b4j_errno_name(0));
	CHECK(!b4j_errno_name(-1));
	CHECK(!b4j_errno_name(99999));
}

TEST(errno_name_is_copied_if_there_is_room)
{
	char name[8] = "........";

	CHECK_EQ(b4j_copy_errno_name(ENOENT, name, 5), 0);
	CHECK_EQ(memcmp(name, "........", 8), 0);
	CHECK_EQ(b4j_copy_errno_name(ENOENT, name, 6), 6);
	CHECK_EQ(memcmp(name, "ENOENT..", 8), 0);
	CHECK_EQ(b4j_copy_errno_name(99999, name, 8), 0);
}
