package io.github.binder4j.bench.report;

import io.github.binder4j.bench.result.Measurement;
import io.github.binder4j.bench.result.Measurement.Costs;
import io.github.binder4j.bench.result.Measurement.Latency;
import io.github.binder4j.bench.result.Measurement.Round;
import io.github.binder4j.bench.result.Measurement.Side;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** One row per measurement, as RFC 4180 has it but for the ends of lines, which are those of Unix. */
final class Csv {
    private static final List<Column> COLUMNS = columns();

    private Csv() {}

    private record Column(String name, Function<Measurement, Object> value) {}

    static String of(Figures figures) {
        StringBuilder csv = new StringBuilder();
        csv.append(COLUMNS.stream().map(Column::name).collect(Collectors.joining(",")))
                .append('\n');
        for (Measurement measurement : figures.all()) {
            csv.append(COLUMNS.stream()
                            .map(column -> field(column.value.apply(measurement)))
                            .collect(Collectors.joining(",")))
                    .append('\n');
        }
        return csv.toString();
    }

    /** A field, in quotes where it needs them; null is an empty one. */
    static String field(Object value) {
        if (value == null) {
            return "";
        }
        String text = value instanceof Double number ? number(number) : value.toString();
        boolean isPlain = text.chars().noneMatch(c -> c == '"' || c == ',' || c == '\n' || c == '\r');
        return isPlain ? text : '"' + text.replace("\"", "\"\"") + '"';
    }

    private static String number(double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%.3f", value) : "";
    }

    private static List<Column> columns() {
        List<Column> columns = new ArrayList<>();
        columns.add(new Column("kind", Measurement::kind));
        columns.add(new Column("transport", Measurement::transport));
        columns.add(new Column("shape", Measurement::shape));
        columns.add(new Column("size_bytes", Measurement::sizeBytes));
        columns.add(new Column("threads", Measurement::threads));
        columns.add(new Column("services", Measurement::services));
        columns.add(new Column("rounds", measurement -> measurement.rounds().size()));
        columns.add(new Column("calls", Figures::calls));
        columns.add(measured("calls_per_second", Figures::rate));
        columns.add(measured("calls_per_second_lowest", one -> Sample.rate(one).low()));
        columns.add(measured("calls_per_second_highest", one -> Sample.rate(one).high()));
        columns.add(latency("mean_nanos", Latency::mean));
        columns.add(latency("min_nanos", Latency::min));
        columns.add(latency("p50_nanos", Latency::p50));
        columns.add(latency("p90_nanos", Latency::p90));
        columns.add(latency("p99_nanos", Latency::p99));
        columns.add(latency("p999_nanos", Latency::p999));
        columns.add(latency("max_nanos", Latency::max));
        columns.add(round("p50_nanos_by_round", Round::p50));
        columns.add(round("p99_nanos_by_round", Round::p99));
        addSide(columns, "client_", Costs::client);
        addSide(columns, "server_", Costs::server);
        columns.add(new Column("unavailable", Measurement::unavailable));
        return columns;
    }

    private static Column measured(String name, ToDoubleFunction<Measurement> value) {
        return new Column(
                name, measurement -> Figures.isMeasured(measurement) ? value.applyAsDouble(measurement) : null);
    }

    private static Column latency(String name, Function<Latency, Object> value) {
        return new Column(
                name, measurement -> measurement.latency() == null ? null : value.apply(measurement.latency()));
    }

    /** The figures of all rounds in one field, with blanks between them. */
    private static Column round(String name, Function<Round, Object> value) {
        return new Column(
                name,
                measurement -> measurement.rounds().stream()
                        .map(round -> value.apply(round).toString())
                        .collect(Collectors.joining(" ")));
    }

    private static void addSide(List<Column> columns, String prefix, Function<Costs, Side> side) {
        columns.add(cost(prefix + "cpu_nanos", side, Side::cpuNanos));
        columns.add(cost(prefix + "voluntary_switches", side, Side::voluntarySwitches));
        columns.add(cost(prefix + "involuntary_switches", side, Side::involuntarySwitches));
        columns.add(cost(prefix + "system_calls", side, Side::systemCalls));
        columns.add(cost(prefix + "allocated_bytes", side, Side::allocatedBytes));
    }

    private static Column cost(String name, Function<Costs, Side> side, Function<Side, Double> value) {
        return new Column(name, measurement -> {
            Side of = measurement.costs() == null ? null : side.apply(measurement.costs());
            return of == null ? null : value.apply(of);
        });
    }
}
