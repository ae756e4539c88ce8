#include "java_descriptors.h"

#include <stddef.h>

/*
 * Written by hand, as memory.c is. JNI sees java.io.FileDescriptor's private field, which no module has to be opened for;
 * a JDK without it is told by the NoSuchFieldError that GetFieldID leaves behind.
 */
static jfieldID number_field(JNIEnv *env, jobject descriptor)
{
	jclass type = (*env)->GetObjectClass(env, descriptor);
	jfieldID field = (*env)->GetFieldID(env, type, "fd", "I");

	(*env)->DeleteLocalRef(env, type);
	return field;
}

JNIEXPORT jint JNICALL Java_io_github_binder4j_natives_NativeDescriptors_numberOf(JNIEnv *env, jclass type,
										  jobject descriptor)
{
	jfieldID field = number_field(env, descriptor);

	(void)type;
	return field ? (*env)->GetIntField(env, descriptor, field) : -1;
}

JNIEXPORT void JNICALL Java_io_github_binder4j_natives_NativeDescriptors_setNumber(JNIEnv *env, jclass type,
										   jobject descriptor, jint number)
{
	jfieldID field = number_field(env, descriptor);

	(void)type;
	if (field)
		(*env)->SetIntField(env, descriptor, field, number);
}
