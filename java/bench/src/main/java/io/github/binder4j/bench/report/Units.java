package io.github.binder4j.bench.report;

import java.util.Locale;

/** Figures as people read them, in every locale alike. */
final class Units {
    private static final int KIB = 1024;
    private static final int MIB = 1024 * 1024;

    private Units() {}

    /** "64 B", "16 KiB", "1015.9 KiB". */
    static String size(int sizeBytes) {
        if (sizeBytes < KIB) {
            return sizeBytes + " B";
        }
        if (sizeBytes % MIB == 0) {
            return sizeBytes / MIB + " MiB";
        }
        return sizeBytes % KIB == 0
                ? sizeBytes / KIB + " KiB"
                : String.format(Locale.ROOT, "%.1f KiB", sizeBytes / (double) KIB);
    }

    /** The same where there is little room: "64", "16K", "1016K". */
    static String shortSize(int sizeBytes) {
        if (sizeBytes < KIB) {
            return Integer.toString(sizeBytes);
        }
        return sizeBytes % MIB == 0 ? sizeBytes / MIB + "M" : Math.round(sizeBytes / (double) KIB) + "K";
    }

    /** "850 ns", "12.3 µs", "1.24 ms". */
    static String time(double nanos) {
        if (nanos < 999.5) {
            return digits(nanos) + " ns";
        }
        if (nanos < 999.5e3) {
            return digits(nanos / 1e3) + " µs";
        }
        return nanos < 999.5e6 ? digits(nanos / 1e6) + " ms" : digits(nanos / 1e9) + " s";
    }

    /** The same for the axis of a chart, whose figures are round. */
    static String axisTime(double nanos) {
        return time(nanos).replaceAll("\\.0+ ", " ").replaceAll("(\\.\\d*?)0+ ", "$1 ");
    }

    /** Microseconds without the word. */
    static String micros(double nanos) {
        return digits(nanos / 1e3);
    }

    /** Three digits that count, and all that stand before the point: "0.012", "1.23", "45.6", "12,345". */
    static String digits(double value) {
        double magnitude = Math.abs(value);
        if (!Double.isFinite(value)) {
            return "-";
        }
        if (magnitude == 0) {
            return "0";
        }
        if (magnitude >= 99.95) {
            return whole(value);
        }
        if (magnitude >= 9.995) {
            return String.format(Locale.ROOT, "%.1f", value);
        }
        return String.format(Locale.ROOT, magnitude >= 0.1 ? "%.2f" : "%.3f", value);
    }

    /** "12,345". */
    static String whole(double value) {
        return String.format(Locale.ROOT, "%,d", Math.round(value));
    }

    /** For an axis: "500", "20k", "1.5M". */
    static String axisNumber(double value) {
        if (value >= 1e6) {
            return Markup.number(value / 1e6) + "M";
        }
        return value >= 1e3 ? Markup.number(value / 1e3) + "k" : Markup.number(value);
    }

    static String ratio(double ratio) {
        return String.format(Locale.ROOT, ratio < 9.995 ? "%.2f" : "%.1f", ratio);
    }

    /** For a figure that is held against a limit. */
    static String exactRatio(double ratio) {
        return String.format(Locale.ROOT, "%.3f", ratio);
    }

    /** Millions of bytes per second. */
    static String megabytes(double bytesPerSecond) {
        return digits(bytesPerSecond / 1e6);
    }

    /** What is known of something, or that it is not. */
    static String orUnknown(String text) {
        return text == null || text.isBlank() ? "not known" : text;
    }
}
