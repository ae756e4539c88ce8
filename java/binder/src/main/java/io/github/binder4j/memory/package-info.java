/** Memory outside the Java heap: the only package besides {@code driver} that handles addresses. */
package io.github.binder4j.memory;
