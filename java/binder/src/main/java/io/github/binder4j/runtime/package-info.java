/**
 * Process and thread state: loopers, calling identity, node and handle tables, reference counts, obituaries.
 *
 * <p>Every rule of the protocol is stated once, where it is kept. No lock and no half-changed state is held across user
 * code: user code may call binder again.
 */
package io.github.binder4j.runtime;
