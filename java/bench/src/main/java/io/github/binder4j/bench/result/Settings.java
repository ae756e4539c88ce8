package io.github.binder4j.bench.result;

/**
 * How a run was made.
 *
 * @param command the command line that makes it again
 * @param rounds how often each measurement was repeated, in turn with the others
 * @param millis how long one repetition lasted at least
 * @param samples how many calls one repetition made at least
 * @param warmUpCalls how many calls each pair of Java processes made before anything was noted, at least
 */
public record Settings(String command, int rounds, int millis, int samples, int warmUpCalls) {}
