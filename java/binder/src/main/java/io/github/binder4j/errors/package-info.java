/** What a program may want to catch besides the exceptions of {@code android.os}. Imports of the library only those. */
package io.github.binder4j.errors;
