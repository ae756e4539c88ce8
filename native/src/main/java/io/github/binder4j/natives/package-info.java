/** Every native method of the project. Results are those of the C layer: a negative errno tells of a failure. */
package io.github.binder4j.natives;
