package io.github.binder4j.bench.report;

import io.github.binder4j.bench.report.Budgets.Verdict;
import io.github.binder4j.bench.result.Measurement;
import io.github.binder4j.bench.result.Measurement.Kind;
import io.github.binder4j.bench.result.Settings;
import io.github.binder4j.bench.result.Transports;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** What a terminal shows: plain ASCII, at most 120 columns. */
final class TextReport {
    static final int WIDTH = 120;
    private static final String NO_FIGURE = "-";

    private final Figures figures;
    private final StringBuilder text = new StringBuilder();

    private TextReport(Figures figures) {
        this.figures = figures;
    }

    static String of(Figures figures) {
        TextReport report = new TextReport(figures);
        report.machine();
        report.latency(Figures.CALL);
        report.latency(Figures.ECHO);
        report.rates();
        report.oneway();
        report.costs();
        report.objects();
        report.unavailable();
        report.budgets();
        return ascii(report.text.toString());
    }

    /** What a terminal of any character set shows. */
    static String ascii(String text) {
        return text.replace('µ', 'u').replaceAll("[^\\x20-\\x7e\\n]", "?");
    }

    /** Words in lines that are not too long, all but the first of them indented. */
    static String wrap(String words, int indent) {
        StringBuilder lines = new StringBuilder();
        int lead = words.length() - words.stripLeading().length();
        int column = lead;
        lines.append(" ".repeat(lead));
        for (String word : words.stripLeading().split("(?<! ) ")) {
            if (column > indent && column + 1 + word.length() > WIDTH) {
                lines.append('\n').append(" ".repeat(indent));
                column = indent;
            } else if (column > lead) {
                lines.append(' ');
                column++;
            }
            lines.append(word);
            column += word.length();
        }
        return lines.append('\n').toString();
    }

    private void machine() {
        Settings settings = figures.settings();
        text.append(wrap(String.join("; ", figures.whereMeasured()), 2));
        text.append(wrap(
                settings.rounds() + " rounds, in turn, each of at least " + settings.millis() + " ms and "
                        + settings.samples() + " calls; warm-up " + settings.warmUpCalls() + " calls; pinned: "
                        + Units.orUnknown(figures.machine().pinned()),
                2));
        text.append('\n');
    }

    private void latency(String shape) {
        String what = "Round trip in microseconds, " + shape + ", ";
        bySize(Kind.LATENCY, shape, what + "p50", one -> Units.micros(Figures.p50(one)));
        bySize(Kind.LATENCY, shape, what + "p99", one -> micros(Sample.p99(one)));
        String ratio = "Round trip as a ratio to the C floor, " + shape + ", ";
        bySize(Kind.LATENCY, shape, ratio + "p50", one -> toFloor(one, Sample::p50));
        bySize(Kind.LATENCY, shape, ratio + "p99", one -> toFloor(one, Sample::p99));
    }

    private static String micros(Sample sample) {
        return sample.isKnown() ? Units.micros(sample.value()) : NO_FIGURE;
    }

    private String toFloor(Measurement one, Function<Measurement, Sample> figure) {
        return figures.latency(Transports.BINDER_C, one.shape(), one.sizeBytes())
                .map(floor -> figure.apply(one).per(figure.apply(floor)))
                .filter(Sample::isKnown)
                .map(sample -> Units.ratio(sample.value()))
                .orElse(NO_FIGURE);
    }

    private void rates() {
        for (List<Measurement> group : Groups.ofRates(figures)) {
            String title = Groups.rateTitle(group.get(0)) + ", by threads of the client";
            table(title, group, String::valueOf, Measurement::threads, one -> Units.whole(Figures.rate(one)));
        }
    }

    private void oneway() {
        List<Measurement> oneway = figures.measured(Kind.ONEWAY);
        table(
                "Oneway calls per second",
                oneway,
                Units::size,
                Measurement::sizeBytes,
                one -> Units.whole(Figures.rate(one)));
        table(
                "Oneway, millions of bytes per second",
                oneway,
                Units::size,
                Measurement::sizeBytes,
                one -> Units.megabytes(Figures.rate(one) * one.sizeBytes()));
    }

    private void bySize(Kind kind, String shape, String title, Function<Measurement, String> cell) {
        List<Measurement> measurements =
                figures.measured(one -> one.kind() == kind && one.shape().equals(shape));
        table(title, measurements, Units::size, Measurement::sizeBytes, cell);
    }

    /** A row per transport, a column per value of one property. */
    private void table(
            String title,
            List<Measurement> measurements,
            Function<Integer, String> heading,
            Function<Measurement, Integer> column,
            Function<Measurement, String> cell) {
        List<Integer> columns =
                measurements.stream().map(column).distinct().sorted().toList();
        List<String> header = new ArrayList<>(List.of(""));
        columns.forEach(value -> header.add(heading.apply(value)));
        TextTable table = new TextTable(title, header);
        for (String transport : Figures.inOrder(measurements)) {
            List<String> row = new ArrayList<>(List.of(Figures.title(transport)));
            for (Integer value : columns) {
                row.add(measurements.stream()
                        .filter(one -> one.transport().equals(transport)
                                && column.apply(one).equals(value))
                        .findFirst()
                        .map(cell)
                        .orElse(NO_FIGURE));
            }
            table.add(row);
        }
        text.append(table);
    }

    private void costs() {
        TextTable table = new TextTable(
                "Costs of a call, client / server",
                List.of("", "size", "CPU us", "waits", "preempted", "system calls", "allocated B"));
        for (Measurement one : Groups.ofCosts(figures)) {
            List<String> row = new ArrayList<>();
            row.add(Figures.title(one.transport()) + ", " + Groups.work(one));
            row.add(Units.size(one.sizeBytes()));
            row.addAll(Groups.bothSides(one.costs(), NO_FIGURE));
            table.add(row);
        }
        text.append(table);
    }

    private void objects() {
        TextTable table = new TextTable("Objects", List.of("", "transport", "p50 us", "p99 us", "per second"));
        for (Measurement one : figures.measured(Kind.OBJECTS)) {
            table.add(List.of(
                    one.shape(),
                    one.transport(),
                    Units.micros(Figures.p50(one)),
                    micros(Sample.p99(one)),
                    Units.whole(Figures.rate(one))));
        }
        text.append(table);
    }

    private void unavailable() {
        List<String> lines = Groups.unavailable(figures);
        if (!lines.isEmpty()) {
            text.append("Without figures\n");
            lines.forEach(line -> text.append(wrap("  " + line, 4)));
            text.append('\n');
        }
    }

    private void budgets() {
        text.append("Budgets (*: some rounds are on the other side of the limit)\n");
        for (Verdict verdict : Budgets.judge(figures.results())) {
            String limit = verdict.limit()
                    .replace("at most", "<=")
                    .replace("at least", ">=")
                    .replace("below", "<");
            String line = String.format(
                    Locale.ROOT,
                    "  %-12s  %-55s  %-7s  %s%s",
                    verdict.state().words(),
                    verdict.name(),
                    limit,
                    verdict.measured(),
                    verdict.isClose() ? " *" : "");
            text.append(wrap(line.stripTrailing(), 16));
            if (!verdict.note().isEmpty()) {
                text.append(wrap(" ".repeat(16) + verdict.note(), 16));
            }
        }
    }
}
