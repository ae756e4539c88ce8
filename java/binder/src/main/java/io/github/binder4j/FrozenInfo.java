package io.github.binder4j;

/**
 * What a process has missed since it was frozen (BINDER_GET_FROZEN_INFO).
 *
 * @param syncCallRefused whether a synchronous call was refused
 * @param callPending whether any call it was given, oneway or not, is still to be taken or answered
 * @param onewayCallPending whether a oneway call waits for it
 */
public record FrozenInfo(boolean syncCallRefused, boolean callPending, boolean onewayCallPending) {}
