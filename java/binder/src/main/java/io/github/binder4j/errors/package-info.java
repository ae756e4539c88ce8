/** What a program may want to catch besides the exceptions of {@code android.os}. Imports nothing of the library. */
package io.github.binder4j.errors;
