package io.github.binder4j.bench.report;

import io.github.binder4j.bench.result.Results;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Results as a person reads them. Any part of them may be missing: what it would have shown is left out, or said to be missing. */
public final class Reports {
    private Reports() {}

    /**
     * Writes {@code results.csv}, {@code report.html} and {@code charts/*.svg}, in place of files of these names. Charts of
     * an earlier run that these results do not allow stay.
     *
     * @param directory where; made if it is not there
     * @throws IOException if a file cannot be written
     */
    public static void writeAll(Results results, Path directory) throws IOException {
        Path charts = Files.createDirectories(directory.resolve("charts"));
        Files.writeString(directory.resolve("results.csv"), csv(results));
        Files.writeString(directory.resolve("report.html"), html(results));
        Figures figures = new Figures(results);
        for (Chart chart : new Charts(figures).all()) {
            Files.writeString(charts.resolve(chart.name() + ".svg"), chart.file(figures.whereMeasured()));
        }
    }

    /** One row per measurement, with a header. */
    public static String csv(Results results) {
        return Csv.of(new Figures(results));
    }

    /** A page in one file, which needs no network and no script. */
    public static String html(Results results) {
        return HtmlReport.of(new Figures(results));
    }

    /** The figures for a terminal: ASCII, at most 120 columns, the verdicts on the budgets last. */
    public static String table(Results results) {
        return TextReport.of(new Figures(results));
    }

    /**
     * What became of each figure from one run to another, for a terminal. A change is called better or worse only if it is larger
     * than the spread between the rounds of either run.
     */
    public static String compare(Results before, Results after) {
        return Comparison.of(before, after);
    }
}
