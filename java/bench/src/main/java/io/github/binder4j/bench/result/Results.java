package io.github.binder4j.bench.result;

import java.util.List;

/**
 * What one run measured, as it is kept in a result file.
 *
 * @param format the version of this form; {@value #FORMAT}
 * @param machine where
 * @param settings how
 * @param measurements what came out, in the order of the plan
 */
public record Results(int format, Machine machine, Settings settings, List<Measurement> measurements) {
    /** Raised when an older file could be misread. */
    public static final int FORMAT = 1;

    public Results {
        measurements = List.copyOf(measurements);
    }
}
