/* What tells the Java classes whether this library is theirs. */
#ifndef B4J_LIBRARY_H
#define B4J_LIBRARY_H

#include <jni.h>

/*
 * The number of the interface between the classes and this library, NativeLibrary.INTERFACE in Java: another one whenever a
 * native method comes, goes, or changes what it takes, returns or does. InterfaceTest keeps it.
 */
#define B4J_INTERFACE 1

JNIEXPORT jint JNICALL Java_io_github_binder4j_natives_NativeLibrary_interfaceNumber(JNIEnv *env, jclass type);

#endif
