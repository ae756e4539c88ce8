package io.github.binder4j;

/**
 * What a process has missed since it was frozen (BINDER_GET_FROZEN_INFO).
 *
 * @param syncCallRefused whether a synchronous call was refused
 * @param syncCallPending whether a synchronous call it was given before is still to be answered
 * @param onewayCallPending whether a oneway call waits for it
 */
public record FrozenInfo(boolean syncCallRefused, boolean syncCallPending, boolean onewayCallPending) {}
