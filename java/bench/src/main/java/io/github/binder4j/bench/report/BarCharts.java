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
import io.github.binder4j.bench.result.Measurement;
import io.github.binder4j.bench.result.Measurement.Kind;
import io.github.binder4j.bench.result.Measurement.Side;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The charts that are made of bars; a list is empty where there are no figures. */
final class BarCharts {
    private final Figures figures;

    BarCharts(Figures figures) {
        this.figures = figures;
    }

    /** What each layer adds to a round trip. */
    List<Chart> layers() {
        List<Group> groups = new ArrayList<>();
        for (int size : Groups.SIZES) {
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
        List<LegendEntry> legend = Stream.of(
                        new LegendEntry("the kernel, called from C", Palette.ink("base"), "", false),
                        new LegendEntry("a library in C adds", Palette.ink("libgbinder"), "", false),
                        new LegendEntry("Java adds", Palette.ink("binder"), "", false),
                        new LegendEntry("typed stub and proxy add", Palette.ink("typed"), "", false))
                .filter(entry -> groups.stream().anyMatch(group -> group.shows(entry.ink())))
                .toList();
        return bars(
                "layers",
                "What each layer costs",
                "median of a round trip with small reply; " + Charts.LOWER,
                groups,
                legend);
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
        String added = middle == null ? "" : " · " + Units.ratio(total / floor.get()) + "×";
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

    /** Calls per second, the fastest first. */
    static List<Chart> rates(String name, String title, String subtitle, List<Measurement> measurements) {
        List<Bar> bars = measurements.stream()
                .sorted(Comparator.comparingDouble(Figures::rate).reversed())
                .map(one -> {
                    String says = Units.whole(Figures.rate(one)) + "/s";
                    Part part = new Part(Palette.inkOf(one.transport()), Figures.rate(one), says);
                    return new Bar(
                            Figures.title(one.transport()), one.transport().equals(BINDER4J), List.of(part), says);
                })
                .toList();
        return bars(name, title, subtitle, List.of(new Group("", bars)), List.of());
    }

    /** Processor time of a call on both sides. */
    List<Chart> costs() {
        List<Group> groups = new ArrayList<>();
        for (int size : Groups.SIZES) {
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
                "round trip with small reply, both processes; " + Charts.LOWER,
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

    /** What binder does with objects, with lookups apart: they are to be compared with each other. */
    List<Chart> objects() {
        Map<Boolean, List<Bar>> bars = figures.measured(Kind.OBJECTS).stream()
                .filter(one -> one.transport().equals(BINDER4J))
                .collect(Collectors.partitioningBy(
                        one -> one.shape().startsWith("lookup "),
                        Collectors.mapping(BarCharts::object, Collectors.toList())));
        List<Group> groups = Stream.of(true, false)
                .filter(isLookup -> !bars.get(isLookup).isEmpty())
                .map(isLookup -> new Group(
                        isLookup ? "looking up a service" : "objects in parcels, and registering", bars.get(isLookup)))
                .toList();
        return bars(
                "objects", "What binder does with objects", "median time of one; " + Charts.LOWER, groups, List.of());
    }

    private static Bar object(Measurement one) {
        String says = Units.time(Figures.p50(one));
        return new Bar(one.shape(), false, List.of(new Part(Palette.ink("binder"), Figures.p50(one), says)), says);
    }
}
