/* Java's file descriptors and their numbers. */
#ifndef B4J_JAVA_DESCRIPTORS_H
#define B4J_JAVA_DESCRIPTORS_H

#include <jni.h>

JNIEXPORT jint JNICALL Java_io_github_binder4j_natives_NativeDescriptors_numberOf(JNIEnv *env, jclass type,
										  jobject descriptor);
JNIEXPORT void JNICALL Java_io_github_binder4j_natives_NativeDescriptors_setNumber(JNIEnv *env, jclass type,
										   jobject descriptor, jint number);

#endif
