/*
 * Loads the C layer in a process of musl's, and calls into it: what a JVM of Alpine does. The library is linked against
 * glibc, whose names and versions musl passes over.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>

#define NATIVES "Java_io_github_binder4j_natives_"

/* No method called here uses its environment or its class. */
typedef int no_arguments(void *env, void *type);
typedef long long one_number(void *env, void *type, int number);

static void *find(void *library, const char *name)
{
	void *function = dlsym(library, name);

	if (!function)
		printf("%s\n", dlerror());
	return function;
}

int main(int argc, char **argv)
{
	void *library = argc == 2 ? dlopen(argv[1], RTLD_NOW) : NULL;
	no_arguments *pid;
	one_number *register_device, *retire_device;

	if (!library) {
		printf("musl does not load %s: %s\n", argv[1], dlerror());
		return 1;
	}
	pid = (no_arguments *)find(library, NATIVES "BinderNative_pid");
	register_device = (one_number *)find(library, NATIVES "BinderNative_registerDevice");
	retire_device = (one_number *)find(library, NATIVES "BinderNative_retireDevice");
	if (!pid || !register_device || !retire_device)
		return 1;
	return pid(NULL, NULL) == getpid() && retire_device(NULL, NULL, (int)register_device(NULL, NULL, 0)) == 0 ? 0 : 1;
}
