/**
 * One open binder device: descriptor, mapping, ioctls, and the two command streams of each thread.
 *
 * <p>Knows no Binder classes. What arrives from the driver goes up through {@link
 * io.github.binder4j.driver.TransactionHandler} and {@link io.github.binder4j.driver.ObjectRegistry}.
 */
package io.github.binder4j.driver;
