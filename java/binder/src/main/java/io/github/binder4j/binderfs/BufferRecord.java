package io.github.binder4j.binderfs;

import java.util.OptionalLong;

/**
 * A part of a process's receive area that is in use.
 *
 * @param id the number of the transaction it was made for
 * @param offset how far into the area it begins; empty on kernels that print a hashed address instead
 * @param dataSizeBytes of the payload
 * @param offsetsSizeBytes of the object table
 * @param extraSizeBytes of what scatter-gather objects point to
 * @param active true until its transaction is done: a call replied to, a oneway one received; false when it only waits to
 *     be freed
 */
public record BufferRecord(
        int id, OptionalLong offset, long dataSizeBytes, long offsetsSizeBytes, long extraSizeBytes, boolean active) {}
