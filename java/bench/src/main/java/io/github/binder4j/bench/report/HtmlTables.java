package io.github.binder4j.bench.report;

import io.github.binder4j.bench.report.Budgets.State;
import io.github.binder4j.bench.report.Budgets.Verdict;
import io.github.binder4j.bench.result.Measurement;
import io.github.binder4j.bench.result.Measurement.Kind;
import io.github.binder4j.bench.result.Measurement.Latency;
import io.github.binder4j.bench.result.Transports;
import io.github.binder4j.bench.result.Transports.Description;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.function.ToDoubleFunction;

/** The tables of the page. */
final class HtmlTables {
    private static final String NO_FIGURE = "–";

    private final Figures figures;
    private final Markup html;

    HtmlTables(Figures figures, Markup html) {
        this.figures = figures;
        this.html = html;
    }

    /** Opens four elements. */
    private void open(String title, String subtitle, List<String> header) {
        html.open("div", "class", "card").leaf("h3", title);
        if (!subtitle.isEmpty()) {
            html.leaf("p", subtitle);
        }
        html.open("div", "class", "scroll").open("table").open("thead").open("tr");
        header.forEach(cell -> html.leaf("th", cell, "scope", "col"));
        html.close(2).open("tbody").line();
    }

    private void close() {
        html.close(4).line();
    }

    private void row(String transport, List<String> cells) {
        html.open("tr", "class", transport.equals(Transports.BINDER4J) ? "own" : null);
        cells.forEach(cell -> html.leaf("td", cell));
        html.close().line();
    }

    /** What takes part. */
    void transports() {
        if (figures.transports().isEmpty()) {
            return;
        }
        html.open("div", "class", "card").leaf("h3", "Transports").open("dl", "class", "facts");
        for (String transport : figures.transports()) {
            Description description = Transports.describe(transport);
            html.leaf("dt", description.title()).open("dd").text(description.language() + ": " + description.means());
            html.text(" ").leaf("code", transport).close();
        }
        html.close(2).line();
    }

    /** Medians and 99th percentiles by size; the fastest of each size is set off. */
    void latency(String shape) {
        SortedSet<Integer> sizes = figures.sizes(Kind.LATENCY, shape);
        List<Measurement> measured = figures.measured(
                one -> one.kind() == Kind.LATENCY && one.shape().equals(shape));
        if (measured.isEmpty()) {
            return;
        }
        List<String> header = new ArrayList<>(List.of(""));
        sizes.forEach(size -> header.add(Units.size(size)));
        open(
                "Round trips, " + shape + ", in microseconds",
                "median, below it the 99th percentile; bold: the fastest of this size but for those that spin",
                header);
        for (String transport : Figures.inOrder(measured)) {
            html.open("tr", "class", transport.equals(Transports.BINDER4J) ? "own" : null);
            html.leaf("td", Figures.title(transport));
            for (int size : sizes) {
                latencyCell(figures.latency(transport, shape, size), fastest(measured, size));
            }
            html.close().line();
        }
        close();
    }

    private static double fastest(List<Measurement> measured, int size) {
        return measured.stream()
                .filter(one -> one.sizeBytes() == size && !Groups.isSpinning(one))
                .mapToDouble(Figures::p50)
                .min()
                .orElse(0);
    }

    private void latencyCell(Optional<Measurement> measurement, double fastest) {
        if (measurement.isEmpty()) {
            html.leaf("td", NO_FIGURE);
            return;
        }
        double median = Figures.p50(measurement.get());
        Sample p99 = Sample.p99(measurement.get());
        html.open("td", "class", median == fastest ? "best" : null).text(Units.micros(median));
        html.leaf("small", p99.isKnown() ? Units.micros(p99.value()) : NO_FIGURE)
                .close();
    }

    void costs() {
        List<Measurement> measured = Groups.ofCosts(figures);
        if (measured.isEmpty()) {
            return;
        }
        open(
                "Per call, client / server",
                "processor time in microseconds",
                List.of("", "work", "size", "CPU µs", "waits", "preempted", "system calls", "allocated bytes"));
        String before = "";
        for (Measurement one : measured) {
            String name = one.transport().equals(before) ? "" : Figures.title(one.transport());
            before = one.transport();
            List<String> cells = new ArrayList<>(List.of(name, Groups.work(one), Units.size(one.sizeBytes())));
            cells.addAll(Groups.bothSides(one.costs(), NO_FIGURE));
            row(one.transport(), cells);
        }
        close();
    }

    void objects() {
        List<Measurement> measured = figures.measured(Kind.OBJECTS);
        if (measured.isEmpty()) {
            return;
        }
        open("Objects, in microseconds", "", List.of("", "transport", "p50", "p99", "per second"));
        for (Measurement one : measured) {
            Sample p99 = Sample.p99(one);
            row(
                    "",
                    List.of(
                            one.shape(),
                            Figures.title(one.transport()),
                            Units.micros(Figures.p50(one)),
                            p99.isKnown() ? Units.micros(p99.value()) : NO_FIGURE,
                            Units.whole(Figures.rate(one))));
        }
        close();
    }

    void budgets(List<Verdict> verdicts) {
        html.open("div", "class", "card").open("div", "class", "scroll").open("table", "class", "budgets");
        html.open("thead").open("tr");
        for (String cell : List.of("", "Budget", "Limit", "Measured", "Used")) {
            html.leaf("th", cell, "class", "words", "scope", "col");
        }
        html.close(2).open("tbody").line();
        for (Verdict verdict : verdicts) {
            String css = verdict.state() == State.MET ? "met" : verdict.state() == State.MISSED ? "missed" : "open";
            html.open("tr")
                    .open("td")
                    .leaf("span", verdict.state().words(), "class", "state " + css)
                    .close();
            html.open("td", "class", "words wrap").text(verdict.name());
            String close = verdict.isClose() ? "some rounds are on the other side of the limit" : "";
            String note = close + (close.isEmpty() || verdict.note().isEmpty() ? "" : ". ") + verdict.note();
            if (!note.isEmpty()) {
                html.leaf("small", note);
            }
            html.close().leaf("td", verdict.limit(), "class", "words").leaf("td", verdict.measured(), "class", "words");
            html.open("td");
            meter(verdict, css);
            html.close(2).line();
        }
        html.close(4).line();
    }

    /** A rail from none of the limit to twice of it. */
    private void meter(Verdict verdict, String css) {
        if (verdict.state() == State.NOT_MEASURED) {
            return;
        }
        html.open("svg", "class", "meter", "viewBox", "0 0 150 22", "aria-hidden", "true");
        html.empty("rect", "class", "rail", "x", 4, "y", 9, "width", 142, "height", 4, "rx", 2);
        double low = place(verdict.lowShare());
        double high = place(verdict.highShare());
        html.empty(
                "rect", "class", css, "x", low, "y", 8, "width", Math.max(1, high - low), "height", 6, "opacity", ".4");
        html.empty("path", "class", "limit", "d", "M75 3V19");
        html.empty("circle", "class", css, "cx", place(verdict.share()), "cy", 11, "r", 4.6)
                .close();
    }

    private static double place(double share) {
        return 8 + 67 * Math.min(2, Math.max(0, share));
    }

    /** Every measurement of the run. */
    void everything() {
        html.open("details", "class", "card");
        html.leaf("summary", figures.all().size() + " measurements; times in microseconds");
        html.open("div", "class", "scroll")
                .open("table", "class", "all")
                .open("thead")
                .open("tr");
        for (String cell : List.of(
                "transport",
                "work",
                "size",
                "rounds",
                "calls",
                "per second",
                "mean",
                "min",
                "p50",
                "p90",
                "p99",
                "p99.9",
                "max")) {
            html.leaf("th", cell, "scope", "col");
        }
        html.close(2).open("tbody").line();
        figures.all().forEach(this::everythingOf);
        html.close(4).line();
    }

    private void everythingOf(Measurement one) {
        html.open("tr", "class", one.transport().equals(Transports.BINDER4J) ? "own" : null);
        html.leaf("td", one.transport()).leaf("td", Groups.work(one)).leaf("td", Units.size(one.sizeBytes()));
        if (!Figures.isMeasured(one)) {
            String why = one.unavailable() == null ? "no calls were made" : one.unavailable();
            html.leaf("td", why, "colspan", 10, "class", "words soft").close().line();
            return;
        }
        html.leaf("td", Integer.toString(one.rounds().size())).leaf("td", Units.whole(Figures.calls(one)));
        html.leaf("td", Units.whole(Figures.rate(one)));
        Latency latency = one.latency();
        List<ToDoubleFunction<Latency>> columns = List.of(
                Latency::mean, Latency::min, Latency::p50, Latency::p90, Figures::p99, Figures::p999, Latency::max);
        for (ToDoubleFunction<Latency> column : columns) {
            double nanos = latency == null ? Double.NaN : column.applyAsDouble(latency);
            html.leaf("td", Double.isNaN(nanos) ? NO_FIGURE : Units.micros(nanos));
        }
        html.close().line();
    }
}
