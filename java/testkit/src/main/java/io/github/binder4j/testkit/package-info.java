/**
 * Tests on a real binder driver, whatever the machine.
 *
 * <p>{@link io.github.binder4j.testkit.BinderTest} runs a JUnit test class inside a container that has a binder device
 * of its own; {@link io.github.binder4j.testkit.JavaProcess} gives such a test more processes. {@link
 * io.github.binder4j.testkit.BinderContainer} is the container alone, for tests that stay on the host.
 *
 * <p>Everything needs a Docker engine whose kernel has binder. That no engine answers, or that its kernel has no binder,
 * fails the test with a message that says what to do; nothing is skipped.
 */
package io.github.binder4j.testkit;
