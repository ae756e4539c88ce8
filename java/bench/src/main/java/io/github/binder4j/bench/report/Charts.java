package io.github.binder4j.bench.report;

import static io.github.binder4j.bench.result.Transports.BINDER4J;
import static io.github.binder4j.bench.result.Transports.BINDER4J_TYPED;
import static io.github.binder4j.bench.result.Transports.BINDER_C;
import static io.github.binder4j.bench.result.Transports.FIFO;
import static io.github.binder4j.bench.result.Transports.FIFO_C;
import static io.github.binder4j.bench.result.Transports.LIBGBINDER;
import static io.github.binder4j.bench.result.Transports.TCP;
import static io.github.binder4j.bench.result.Transports.TCP_C;
import static io.github.binder4j.bench.result.Transports.UNIX;
import static io.github.binder4j.bench.result.Transports.UNIX_C;

import io.github.binder4j.bench.report.BarChart.Bar;
import io.github.binder4j.bench.report.BarChart.Group;
import io.github.binder4j.bench.report.BarChart.Part;
import io.github.binder4j.bench.report.Chart.LegendEntry;
import io.github.binder4j.bench.report.LineChart.Line;
import io.github.binder4j.bench.report.LineChart.Point;
import io.github.binder4j.bench.result.Measurement;
import io.github.binder4j.bench.result.Measurement.Kind;
import io.github.binder4j.bench.result.Measurement.Side;
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
    private static final List<Integer> LAYER_SIZES = List.of(64, 64 * 1024);
    private static final String LOWER = "lower is better";
    private static final String HIGHER = "higher is better";
    private static final String DASHED = "dashed: programs in C";

    private final Figures figures;

    Charts(Figures figures) {
        this.figures = figures;
    }

    /** All of them, in the order of the report. */
    List<Chart> all() {
        return Stream.of(latency(), distributions(), layers(), scaling(), oneway(), costs(), objects())
                .flatMap(List::stream)
                .toList();
    }

    /** Round trips by size: Java, the lead over what Java has, echo, and C. */
    List<Chart> latency() {
        Predicate<String> inJava = transport ->
                (!Figures.isC(transport) && !transport.equals(BINDER4J_TYPED)) || transport.equals(BINDER_C);
        Predicate<String> inC = transport -> Figures.isC(transport) || transport.equals(BINDER4J);
        List<Chart> charts = new ArrayList<>();
        latencyBySize("latency-call", "Round trip by payload, small reply", Figures.CALL, inJava)
                .ifPresent(charts::add);
        lead().ifPresent(charts::add);
        latencyBySize("latency-echo", "Round trip by payload, the same bytes back", Figures.ECHO, inJava)
                .ifPresent(charts::add);
        latencyBySize("latency-c", "The same in C, small reply: what the kernel's mechanisms can do", Figures.CALL, inC)
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

    /** What each layer adds to a round trip. */
    List<Chart> layers() {
        List<Group> groups = new ArrayList<>();
        for (int size : LAYER_SIZES) {
            List<Bar> bars = new ArrayList<>();
            addLayers(bars, size, BINDER_C, null, null);
            addLayers(bars, size, BINDER_C, LIBGBINDER, null);
            addLayers(bars, size, BINDER_C, BINDER4J, null);
            addLayers(bars, size, BINDER_C, BINDER4J, BINDER4J_TYPED);
            addLayers(bars, size, FIFO_C, FIFO, null);
            addLayers(bars, size, UNIX_C, UNIX, null);
            addLayers(bars, size, TCP_C, TCP, null);
            if (!bars.isEmpty()) {
                groups.add(new Group(Units.size(size), bars));
            }
        }
        List<LegendEntry> legend = List.of(
                new LegendEntry("the kernel, called from C", Palette.ink("base"), "", false),
                new LegendEntry("a library in C adds", Palette.ink("libgbinder"), "", false),
                new LegendEntry("Java adds", Palette.ink("binder"), "", false),
                new LegendEntry("typed stub and proxy add", Palette.ink("typed"), "", false));
        return bars(
                "layers", "What each layer costs", "median of a round trip with small reply; " + LOWER, groups, legend);
    }

    private void addLayers(List<Bar> bars, int size, String base, String middle, String outer) {
        Optional<Double> floor = median(base, size);
        Optional<Double> second = middle == null ? floor : median(middle, size);
        Optional<Double> third = outer == null ? second : median(outer, size);
        if (floor.isEmpty() || second.isEmpty() || third.isEmpty()) {
            return;
        }
        List<Part> parts = new ArrayList<>();
        double total = third.get();
        double least = Math.min(floor.get(), total);
        parts.add(new Part(Palette.ink("base"), least, Figures.title(base) + " " + Units.time(floor.get())));
        double most = Math.min(second.get(), total);
        addPart(parts, Palette.ink(LIBGBINDER.equals(middle) ? "libgbinder" : "binder"), "it adds ", least, most);
        addPart(parts, Palette.ink("typed"), "stub and proxy add ", Math.max(least, most), total);
        String top = outer != null ? outer : middle != null ? middle : base;
        String added = middle == null ? "" : "  " + Units.ratio(total / floor.get()) + "×";
        bars.add(new Bar(Figures.title(top), top.equals(BINDER4J), parts, Units.time(total) + added));
    }

    private static void addPart(List<Part> parts, Palette.Ink ink, String says, double from, double to) {
        if (to > from) {
            parts.add(new Part(ink, to - from, says + Units.time(to - from)));
        }
    }

    private Optional<Double> median(String transport, int size) {
        return figures.latency(transport, Figures.CALL, size).map(Figures::p50);
    }

    private static List<Chart> bars(
            String name, String title, String subtitle, List<Group> groups, List<LegendEntry> legend) {
        if (groups.stream().allMatch(group -> group.bars().isEmpty())) {
            return List.of();
        }
        StringBuilder words =
                new StringBuilder("A bar chart, ").append(subtitle).append('.');
        for (Group group : groups) {
            for (Bar bar : group.bars()) {
                words.append(' ').append(group.heading().isEmpty() ? "" : group.heading() + ", ");
                words.append(bar.label()).append(": ").append(bar.says()).append('.');
            }
        }
        return List.of(new BarChart(name, title, subtitle, words.toString(), groups, legend));
    }

    /** Rates by threads, one chart per kind of work. */
    List<Chart> scaling() {
        List<Chart> charts = new ArrayList<>();
        for (List<Measurement> group : Groups.ofRates(figures)) {
            List<Line> lines = lines(
                    group,
                    Measurement::threads,
                    Sample::rate,
                    (one, value) -> one.threads() + (one.threads() == 1 ? " thread: " : " threads: ")
                            + Units.whole(value) + " calls/s");
            List<Integer> threads =
                    group.stream().map(Measurement::threads).distinct().toList();
            chart(
                            charts.isEmpty() ? "scaling" : "scaling-" + (charts.size() + 1),
                            Groups.rateTitle(group.get(0)),
                            "all threads together, on " + figures.machine().cpus() + " CPUs; " + HIGHER + "; " + DASHED,
                            lines,
                            Scale.doublings(threads, Units::axisNumber),
                            "threads of the client",
                            Axis.RATE,
                            Double.NaN)
                    .ifPresent(charts::add);
        }
        return charts;
    }

    /** Calls without reply: how many, and how many bytes. */
    List<Chart> oneway() {
        List<Measurement> all = figures.measured(Kind.ONEWAY);
        List<Chart> charts = new ArrayList<>();
        Optional<Integer> small = all.stream()
                .map(Measurement::sizeBytes)
                .filter(size -> size >= 64)
                .min(Comparator.naturalOrder());
        small.ifPresent(size -> charts.addAll(onewayRate(all, size)));
        bySize(
                        "oneway-throughput",
                        "Bytes one way",
                        "MB/s of payload, both axes logarithmic; " + HIGHER + "; " + DASHED,
                        all.stream().filter(one -> one.sizeBytes() > 0).toList(),
                        one -> Sample.rate(one).times(one.sizeBytes() / 1e6),
                        value -> Units.digits(value) + " MB/s",
                        Axis.MEGABYTES)
                .ifPresent(charts::add);
        return charts;
    }

    private static List<Chart> onewayRate(List<Measurement> all, int sizeBytes) {
        List<Bar> bars = all.stream()
                .filter(one -> one.sizeBytes() == sizeBytes)
                .sorted(Comparator.comparingDouble(Figures::rate).reversed())
                .map(one -> {
                    String says = Units.whole(Figures.rate(one)) + "/s";
                    Part part = new Part(Palette.inkOf(one.transport()), Figures.rate(one), says);
                    return new Bar(
                            Figures.title(one.transport()), one.transport().equals(BINDER4J), List.of(part), says);
                })
                .toList();
        return bars(
                "oneway-rate",
                "Calls without reply",
                "oneway calls of " + Units.size(sizeBytes) + " per second, all of them received; " + HIGHER,
                List.of(new Group("", bars)),
                List.of());
    }

    /** Processor time of a call on both sides. */
    List<Chart> costs() {
        List<Group> groups = new ArrayList<>();
        for (int size : LAYER_SIZES) {
            List<Bar> bars = figures
                    .measured(one -> one.kind() == Kind.LATENCY
                            && one.shape().equals(Figures.CALL)
                            && one.sizeBytes() == size
                            && cpu(one).isPresent())
                    .stream()
                    .map(one -> cpu(one).orElseThrow())
                    .toList();
            if (!bars.isEmpty()) {
                groups.add(new Group(Units.size(size), bars));
            }
        }
        return bars(
                "cpu",
                "Processor time of a call",
                "round trip with small reply, both processes; " + LOWER,
                groups,
                List.of(
                        new LegendEntry("client", Palette.ink("binder"), "", false),
                        new LegendEntry("server", Palette.ink("base"), "", false)));
    }

    private static Optional<Bar> cpu(Measurement one) {
        Optional<Double> client =
                Optional.ofNullable(one.costs()).map(Measurement.Costs::client).map(Side::cpuNanos);
        Optional<Double> server =
                Optional.ofNullable(one.costs()).map(Measurement.Costs::server).map(Side::cpuNanos);
        if (client.isEmpty() || server.isEmpty()) {
            return Optional.empty();
        }
        List<Part> parts = List.of(
                new Part(Palette.ink("binder"), client.get(), "client " + Units.time(client.get())),
                new Part(Palette.ink("base"), server.get(), "server " + Units.time(server.get())));
        return Optional.of(new Bar(
                Figures.title(one.transport()),
                one.transport().equals(BINDER4J),
                parts,
                Units.time(client.get() + server.get())));
    }

    /** Lookup by number of services. */
    List<Chart> objects() {
        List<Bar> bars = figures.measured(Kind.OBJECTS).stream()
                .filter(one -> one.transport().equals(BINDER4J))
                .map(one -> {
                    String says = Units.time(Figures.p50(one));
                    return new Bar(
                            one.shape(), false, List.of(new Part(Palette.ink("binder"), Figures.p50(one), says)), says);
                })
                .toList();
        return bars(
                "objects",
                "What binder does with objects",
                "median time of one; " + LOWER,
                List.of(new Group("", bars)),
                List.of());
    }
}
