#include "gbinder_library.h"

#include <dlfcn.h>

#include "fail.h"

static const char *const names[] = {
#define F(type, name, parameters) #name,
	GB_FUNCTIONS(F)
#undef F
};

_Static_assert(sizeof(struct gb_library) == sizeof(names) / sizeof(names[0]) * sizeof(void *), "a pointer for each name");

const struct gb_library *gb_load(void)
{
	static union {
		struct gb_library functions;
		void *symbols[sizeof(names) / sizeof(names[0])];
	} library;
	void *handle = dlopen("libgbinder.so.1", RTLD_NOW);

	if (!handle)
		fail("libgbinder is not installed: %s", dlerror());
	/* Those of GLib and libglibutil are found too: libgbinder needs them. */
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		library.symbols[i] = dlsym(handle, names[i]);
		if (!library.symbols[i])
			fail("libgbinder is too old for this: %s", dlerror());
	}
	/* Else it logs to stdout, where the answers go. */
	library.functions.gutil_log_set_type("stderr", "gbinder");
	return &library.functions;
}
