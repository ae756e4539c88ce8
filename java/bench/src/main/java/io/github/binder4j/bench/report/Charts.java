package io.github.binder4j.bench.report;

import static io.github.binder4j.bench.result.Transports.BINDER4J;
import static io.github.binder4j.bench.result.Transports.BINDER4J_TYPED;
import static io.github.binder4j.bench.result.Transports.BINDER_C;
import static io.github.binder4j.bench.result.Transports.FIFO;
import static io.github.binder4j.bench.result.Transports.TCP;
import static io.github.binder4j.bench.result.Transports.UNIX;

import io.github.binder4j.bench.report.LineChart.Line;
import io.github.binder4j.bench.report.LineChart.Point;
import io.github.binder4j.bench.result.Measurement;
import io.github.binder4j.bench.result.Measurement.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/** The charts that results allow; one for which there are no figures is not among them. */
final class Charts {
    static final String LOWER = "lower is better";
    private static final String HIGHER = "higher is better";
    private static final String DASHED = "dashed: programs in C";

    /** What a Java program would choose among, and the floor. */
    private static final Predicate<String> IN_JAVA =
            transport -> (!Figures.isC(transport) && !transport.equals(BINDER4J_TYPED)) || transport.equals(BINDER_C);
    /** What C does with the same mechanisms, and binder4j. */
    private static final Predicate<String> IN_C = transport -> Figures.isC(transport) || transport.equals(BINDER4J);

    private final Figures figures;
    private final BarCharts bars;

    Charts(Figures figures) {
        this.figures = figures;
        this.bars = new BarCharts(figures);
    }

    BarCharts bars() {
        return bars;
    }

    /** All of them, in the order of the report. */
    List<Chart> all() {
        return Stream.of(latency(), distributions(), bars.layers(), scaling(), oneway(), bars.costs(), bars.objects())
                .flatMap(List::stream)
                .toList();
    }

    /** Round trips by size: Java, the lead over what Java has, echo, and C. */
    List<Chart> latency() {
        List<Chart> charts = new ArrayList<>();
        latencyBySize("latency-call", "Round trip by payload, small reply", Figures.CALL, IN_JAVA)
                .ifPresent(charts::add);
        lead().ifPresent(charts::add);
        latencyBySize("latency-echo", "Round trip by payload, the same bytes back", Figures.ECHO, IN_JAVA)
                .ifPresent(charts::add);
        latencyBySize(
                        "latency-c",
                        "The same in C, small reply: what the kernel's mechanisms can do",
                        Figures.CALL,
                        IN_C)
                .ifPresent(charts::add);
        return charts;
    }

    private Optional<Chart> latencyBySize(String name, String title, String shape, Predicate<String> transports) {
        List<Measurement> shown = figures.measured(
                one -> one.kind() == Kind.LATENCY && one.shape().equals(shape) && transports.test(one.transport()));
        return bySize(
                name,
                title,
                "median, both axes logarithmic; " + LOWER + "; " + DASHED,
                shown,
                Sample::p50,
                Units::time,
                Axis.TIME);
    }

    /** How the y axis is made of the values on it. */
    private enum Axis {
        TIME {
            @Override
            Scale over(double min, double max) {
                return Scale.logarithmic(min, max, Units::axisTime);
            }
        },
        MEGABYTES {
            @Override
            Scale over(double min, double max) {
                return Scale.logarithmic(min, max, Units::axisNumber);
            }
        },
        TIMES {
            @Override
            Scale over(double min, double max) {
                return Scale.linear(Math.max(max, 1.5), Units::axisNumber);
            }
        },
        RATE {
            @Override
            Scale over(double min, double max) {
                return Scale.linear(max, Units::axisNumber);
            }
        };

        abstract Scale over(double min, double max);
    }

    private Optional<Chart> bySize(
            String name,
            String title,
            String subtitle,
            List<Measurement> shown,
            Function<Measurement, Sample> figure,
            Function<Double, String> words,
            Axis axis) {
        List<Line> lines = lines(
                shown,
                Measurement::sizeBytes,
                figure,
                (one, value) -> Units.size(one.sizeBytes()) + ": " + words.apply(value));
        return chart(name, title, subtitle, lines, sizeAxis(shown), "payload, bytes", axis, Double.NaN);
    }

    private static Scale sizeAxis(List<Measurement> shown) {
        List<Integer> sizes =
                shown.stream().map(Measurement::sizeBytes).distinct().toList();
        return Scale.doublings(sizes, value -> Units.shortSize((int) value));
    }

    private interface Words {
        String of(Measurement one, double value);
    }

    private static List<Line> lines(
            List<Measurement> shown,
            Function<Measurement, Integer> x,
            Function<Measurement, Sample> figure,
            Words words) {
        List<Line> lines = new ArrayList<>();
        for (String transport : Figures.inOrder(shown)) {
            List<Point> points = shown.stream()
                    .filter(one -> one.transport().equals(transport)
                            && figure.apply(one).isKnown())
                    .sorted(Comparator.comparing(x))
                    .map(one -> point(x.apply(one), figure.apply(one), value -> words.of(one, value)))
                    .toList();
            addLine(lines, transport, points, true);
        }
        return lines;
    }

    private static Point point(double x, Sample sample, Function<Double, String> words) {
        String range = sample.rounds().length > 1
                ? " (rounds " + words.apply(sample.low()).replaceAll("^.*: ", "") + " to "
                        + words.apply(sample.high()).replaceAll("^.*: ", "") + ")"
                : "";
        return new Point(x, sample.value(), sample.low(), sample.high(), words.apply(sample.value()) + range);
    }

    private static void addLine(List<Line> lines, String transport, List<Point> points, boolean hasMarkers) {
        if (!points.isEmpty()) {
            lines.add(new Line(
                    Figures.title(transport),
                    Palette.inkOf(transport),
                    transport.equals(BINDER4J),
                    Figures.isC(transport),
                    hasMarkers,
                    points));
        }
    }

    private Optional<Chart> chart(
            String name,
            String title,
            String subtitle,
            List<Line> lines,
            Scale x,
            String xTitle,
            Axis axis,
            double mark) {
        List<Point> points =
                lines.stream().flatMap(line -> line.points().stream()).toList();
        double low = points.stream()
                .mapToDouble(Point::low)
                .filter(value -> value > 0)
                .min()
                .orElse(Double.NaN);
        double high = points.stream().mapToDouble(Point::high).max().orElse(Double.NaN);
        return Double.isNaN(low)
                ? Optional.empty()
                : Optional.of(new LineChart(
                        name,
                        title,
                        subtitle,
                        describe(subtitle, lines),
                        x,
                        xTitle,
                        axis.over(low, high),
                        lines,
                        mark));
    }

    /** The first and the last figure of every line in words. */
    private static String describe(String subtitle, List<Line> lines) {
        StringBuilder words =
                new StringBuilder("A line chart, ").append(subtitle).append('.');
        for (Line line : lines) {
            List<Point> points = line.points();
            words.append(' ')
                    .append(line.label())
                    .append(": ")
                    .append(points.get(0).says());
            if (points.size() > 1) {
                words.append(" … ").append(points.get(points.size() - 1).says());
            }
            words.append('.');
        }
        return words.toString();
    }

    /** How many times faster binder4j is than each of the others, by size. */
    private Optional<Chart> lead() {
        List<Measurement> shown = figures.measured(one -> one.kind() == Kind.LATENCY
                && one.shape().equals(Figures.CALL)
                && List.of(FIFO, UNIX, TCP).contains(one.transport())
                && figures.latency(BINDER4J, Figures.CALL, one.sizeBytes()).isPresent());
        List<Line> lines = lines(
                shown,
                Measurement::sizeBytes,
                one -> Sample.p50(one)
                        .per(Sample.p50(figures.latency(BINDER4J, Figures.CALL, one.sizeBytes())
                                .orElseThrow())),
                (one, value) -> Units.size(one.sizeBytes()) + ": " + Units.ratio(value) + " times binder4j's");
        return chart(
                "lead",
                "How many times as long the others take",
                "median round trip / binder4j's, both in Java; above the broken line binder4j is the faster",
                lines,
                sizeAxis(shown),
                "payload, bytes",
                Axis.TIMES,
                1);
    }

    /** Percentile curves, one chart per size. */
    List<Chart> distributions() {
        return figures.sizes(Kind.LATENCY, Figures.CALL).stream()
                .flatMap(size -> distribution(size).stream())
                .toList();
    }

    private Optional<Chart> distribution(int sizeBytes) {
        List<Measurement> shown = figures.measured(one -> one.kind() == Kind.LATENCY
                && one.shape().equals(Figures.CALL)
                && one.sizeBytes() == sizeBytes
                && (!Figures.isC(one.transport()) || one.transport().equals(BINDER_C)));
        List<Line> lines = new ArrayList<>();
        long most = 1;
        for (String transport : Figures.inOrder(shown)) {
            Optional<Histogram> histogram = shown.stream()
                    .filter(one -> one.transport().equals(transport))
                    .findFirst()
                    .flatMap(Figures::histogram)
                    .filter(found -> found.getTotalCount() > 0);
            if (histogram.isPresent()) {
                addLine(lines, transport, curve(histogram.get()), false);
                most = Math.max(most, histogram.get().getTotalCount());
            }
        }
        return chart(
                "distribution-" + sizeBytes,
                "How evenly: round trips with " + Units.size(sizeBytes),
                "so many percent of the calls took at most so long; " + LOWER + ", flat is even; " + DASHED,
                lines,
                Scale.slowest(1.0 / most),
                "share of calls",
                Axis.TIME,
                Double.NaN);
    }

    /** From the fastest call to the slowest, in tenths of a power of ten of the share that is slower. */
    private static List<Point> curve(Histogram histogram) {
        List<Point> points = new ArrayList<>();
        double end = Math.log10(histogram.getTotalCount());
        for (double nines = 0; nines < end + 0.1; nines += 0.1) {
            double slower = Math.pow(10, -Math.min(nines, end));
            double value = nines == 0 ? histogram.getMinValue() : histogram.getValueAtPercentile(100 - 100 * slower);
            String says = nines == 0 ? "fastest " + Units.time(value) : "slowest " + Units.time(value);
            points.add(new Point(slower, Math.max(1, value), Math.max(1, value), value, says));
        }
        return points;
    }

    /**
     * Rates by threads, for each kind of work one chart of Java and one of C. Who spins on shared memory is left out: on a linear
     * axis nothing else would be seen.
     */
    List<Chart> scaling() {
        List<Chart> charts = new ArrayList<>();
        for (List<Measurement> group : Groups.ofRates(figures)) {
            List<Measurement> modest =
                    group.stream().filter(one -> !Groups.isSpinning(one)).toList();
            String title = Groups.rateTitle(group.get(0));
            rates(number("scaling", charts), title, modest, IN_JAVA).forEach(charts::add);
            if (modest.stream().anyMatch(one -> Figures.isC(one.transport()) && !IN_JAVA.test(one.transport()))) {
                rates(number("scaling", charts), title + ", in C", modest, IN_C).forEach(charts::add);
            }
        }
        return charts;
    }

    private static String number(String name, List<Chart> before) {
        return before.isEmpty() ? name : name + '-' + (before.size() + 1);
    }

    private List<Chart> rates(String name, String title, List<Measurement> group, Predicate<String> which) {
        List<Measurement> shown =
                group.stream().filter(one -> which.test(one.transport())).toList();
        List<Integer> threads =
                shown.stream().map(Measurement::threads).distinct().toList();
        String subtitle = "all threads together, on " + figures.machine().cpus() + " CPUs; " + HIGHER;
        if (threads.size() < 2) {
            String with = threads.isEmpty() ? "" : Groups.threads(threads.get(0)) + ", ";
            return BarCharts.rates(name, title, with + subtitle, shown);
        }
        List<Line> lines = lines(
                shown,
                Measurement::threads,
                Sample::rate,
                (one, value) -> Groups.threads(one.threads()) + ": " + Units.whole(value) + " calls/s");
        return chart(
                        name,
                        title,
                        subtitle + "; " + DASHED,
                        lines,
                        Scale.doublings(threads, Units::axisNumber),
                        "threads of the client",
                        Axis.RATE,
                        Double.NaN)
                .stream()
                .toList();
    }

    /** Calls without reply: how many, and how many bytes. */
    List<Chart> oneway() {
        List<Measurement> all = figures.measured(Kind.ONEWAY);
        List<Chart> charts = new ArrayList<>();
        Optional<Integer> small = all.stream()
                .map(Measurement::sizeBytes)
                .filter(size -> size >= 64)
                .min(Comparator.naturalOrder());
        small.ifPresent(size -> charts.addAll(BarCharts.rates(
                "oneway-rate",
                "Calls without reply",
                "oneway calls of " + Units.size(size) + " per second, all of them received; " + HIGHER
                        + "; spinning left out",
                all.stream()
                        .filter(one -> one.sizeBytes() == size && !Groups.isSpinning(one))
                        .toList())));
        bySize(
                        "oneway-throughput",
                        "Bytes one way",
                        "MB/s of payload, both axes logarithmic; " + HIGHER + "; " + DASHED,
                        all.stream()
                                .filter(one -> one.sizeBytes() > 0 && IN_JAVA.test(one.transport()))
                                .toList(),
                        one -> Sample.rate(one).times(one.sizeBytes() / 1e6),
                        value -> Units.digits(value) + " MB/s",
                        Axis.MEGABYTES)
                .ifPresent(charts::add);
        return charts;
    }
}
