package io.github.binder4j;

/**
 * An object of this process in the driver's own book (BINDER_GET_NODE_DEBUG_INFO).
 *
 * @param number what the driver knows it by; see {@code docs/decisions/0002-objects-get-their-numbers-when-sent.md}
 * @param strong whether anybody holds a strong reference
 * @param weak whether anybody holds a weak reference
 */
public record NodeInfo(long number, boolean strong, boolean weak) {}
