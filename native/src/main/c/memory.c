#include "memory.h"

#include <stdint.h>

/*
 * Written by hand: JavaCPP passes buffers only through its Pointer machinery, which these must not depend on.
 */

JNIEXPORT jlong JNICALL Java_io_github_binder4j_natives_NativeMemory_addressOf(JNIEnv *env, jclass type, jobject buffer)
{
	(void)type;
	return (jlong)(uintptr_t)(*env)->GetDirectBufferAddress(env, buffer);
}

JNIEXPORT jobject JNICALL Java_io_github_binder4j_natives_NativeMemory_directBuffer(JNIEnv *env, jclass type,
										    jlong address, jlong size)
{
	(void)type;
	return (*env)->NewDirectByteBuffer(env, (void *)(uintptr_t)address, size);
}
