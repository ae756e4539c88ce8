/* Java's direct buffers and their addresses. Never on the path of a call. */
#ifndef B4J_MEMORY_H
#define B4J_MEMORY_H

#include <jni.h>

JNIEXPORT jlong JNICALL Java_io_github_binder4j_natives_NativeMemory_addressOf(JNIEnv *env, jclass type, jobject buffer);
JNIEXPORT jobject JNICALL Java_io_github_binder4j_natives_NativeMemory_directBuffer(JNIEnv *env, jclass type,
										    jlong address, jlong size);

#endif
