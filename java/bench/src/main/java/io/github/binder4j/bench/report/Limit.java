package io.github.binder4j.bench.report;

/** What a figure is held against. */
sealed interface Limit {
    /** In words. */
    String words();

    /** How much of the limit a figure uses: 1 is all, more is too much. */
    double share(double value);

    /** The figure for a reader. */
    default String figure(double value) {
        return Units.exactRatio(value);
    }

    /** A ratio that must not be larger. */
    record AtMost(double limit) implements Limit {
        @Override
        public String words() {
            return limit == 0 ? "none" : "at most " + Units.ratio(limit);
        }

        @Override
        public double share(double value) {
            return value / limit;
        }
    }

    /** A ratio that must not be smaller. */
    record AtLeast(double limit) implements Limit {
        @Override
        public String words() {
            return "at least " + Units.ratio(limit);
        }

        @Override
        public double share(double value) {
            return limit / value;
        }
    }

    /**
     * No bytes per call. What is counted is of all threads, also those of the JVM and the library that run beside the
     * calls, spread over all calls of a run: less than one byte per call is none, since no object is that small.
     */
    record NoBytes() implements Limit {
        @Override
        public String words() {
            return "below 1";
        }

        @Override
        public double share(double value) {
            return value == 1 ? Math.nextUp(1.0) : value;
        }

        @Override
        public String figure(double value) {
            return Units.digits(value);
        }
    }
}
