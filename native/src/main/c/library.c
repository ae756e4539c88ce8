#include "library.h"

/* Written by hand, as memory.c is: it is called before anything else is known of the library. */
JNIEXPORT jint JNICALL Java_io_github_binder4j_natives_NativeLibrary_interfaceNumber(JNIEnv *env, jclass type)
{
	(void)env;
	(void)type;
	return B4J_INTERFACE;
}
