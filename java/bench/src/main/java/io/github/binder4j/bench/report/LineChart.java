package io.github.binder4j.bench.report;

import io.github.binder4j.bench.report.Palette.Ink;
import io.github.binder4j.bench.report.Scale.Tick;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.DoubleStream;

/** Lines over two axes; named at their ends where there is room, else in a legend below. */
final class LineChart extends Chart {
    private static final double LABELS = 172;
    private static final double LABEL_STEP = 17;

    private final Scale x;
    private final Scale y;
    private final String xTitle;
    private final List<Line> lines;
    private final double mark;

    /**
     * @param label its name
     * @param isStrong whether it is what the chart is about
     * @param isDashed whether it is a program in C
     * @param hasMarkers whether each point is a measurement, not one of many of a curve
     */
    record Line(String label, Ink ink, boolean isStrong, boolean isDashed, boolean hasMarkers, List<Point> points) {
        String css() {
            return "series" + (isStrong ? " strong" : "") + (isDashed ? " dashed" : "");
        }
    }

    /**
     * @param low the smallest of the rounds, on the y axis
     * @param high the largest
     * @param says the figure for a reader
     */
    record Point(double x, double y, double low, double high, String says) {}

    /** @param mark a value of the y axis that is drawn as a line across; NaN for none */
    LineChart(
            String name,
            String title,
            String subtitle,
            String description,
            Scale x,
            String xTitle,
            Scale y,
            List<Line> lines,
            double mark) {
        super(name, title, subtitle, description);
        this.x = x;
        this.y = y;
        this.xTitle = xTitle;
        this.lines = lines;
        this.mark = mark;
    }

    @Override
    double draw(Markup svg, double left, double top, double width) {
        boolean isWide = width >= 600;
        double axis = 10
                + y.ticks().stream()
                        .mapToDouble(tick -> width(tick.label(), 13))
                        .max()
                        .orElse(20);
        Plot plot = new Plot(left + axis, top + 8, width - axis - (isWide ? LABELS : 14), isWide ? 360 : 280);
        drawGrid(svg, plot);
        for (Line line : lines) {
            drawLine(svg, plot, line);
        }
        double end = plot.bottom() + 44;
        if (isWide) {
            drawLabels(svg, plot);
        } else {
            List<LegendEntry> entries = lines.stream()
                    .map(line ->
                            new LegendEntry(line.label(), line.ink(), line.css().replace("series", ""), true))
                    .toList();
            end += 6 + legend(svg, left, end + 6, width, entries);
        }
        return end - top;
    }

    /** The rectangle of the axes. */
    private record Plot(double left, double top, double width, double height) {
        double bottom() {
            return top + height;
        }

        double right() {
            return left + width;
        }
    }

    private double px(Plot plot, double value) {
        return plot.left + x.at(value) * plot.width;
    }

    private double py(Plot plot, double value) {
        return plot.bottom() - y.at(value) * plot.height;
    }

    private void drawGrid(Markup svg, Plot plot) {
        for (Tick tick : y.ticks()) {
            double at = py(plot, tick.value());
            svg.empty("path", "class", "grid", "d", line(plot.left, at, plot.right(), at));
            svg.leaf("text", tick.label(), "class", "axis", "x", plot.left - 8, "y", at + 4.5, "text-anchor", "end");
        }
        for (Tick tick : x.ticks()) {
            double at = px(plot, tick.value());
            svg.empty("path", "class", "grid", "d", line(at, plot.top, at, plot.bottom()));
        }
        for (Tick tick : labelled(plot)) {
            double at = px(plot, tick.value());
            svg.leaf("text", tick.label(), "class", "axis", "x", at, "y", plot.bottom() + 19, "text-anchor", "middle");
        }
        svg.leaf("text", xTitle, "class", "axis", "x", plot.right(), "y", plot.bottom() + 39, "text-anchor", "end");
        if (!Double.isNaN(mark)) {
            double at = py(plot, mark);
            svg.empty("path", "class", "mark", "d", line(plot.left, at, plot.right(), at));
        }
        svg.line();
    }

    /** The last tick of the x axis, and of the others those for which there is room. */
    private List<Tick> labelled(Plot plot) {
        List<Tick> labelled = new ArrayList<>();
        double free = Double.POSITIVE_INFINITY;
        for (int i = x.ticks().size() - 1; i >= 0; i--) {
            Tick tick = x.ticks().get(i);
            double half = width(tick.label(), 13) / 2;
            if (px(plot, tick.value()) + half < free) {
                labelled.add(tick);
                free = px(plot, tick.value()) - half - 3;
            }
        }
        return labelled;
    }

    private void drawLine(Markup svg, Plot plot, Line line) {
        String stroke = "s-" + line.ink().name();
        double[] xy = line.points().stream()
                .flatMapToDouble(point -> DoubleStream.of(px(plot, point.x()), py(plot, point.y())))
                .toArray();
        svg.open("g", "class", line.css()).leaf("title", line.label());
        svg.empty("path", "class", "hit", "d", line(xy));
        svg.empty("path", "class", "line " + stroke, "d", line(xy));
        for (Point point : line.points()) {
            double at = px(plot, point.x());
            if (line.hasMarkers()) {
                svg.open("g").leaf("title", line.label() + ", " + point.says());
                if (point.high() > point.low()) {
                    svg.empty(
                            "path",
                            "class",
                            "range " + stroke,
                            "d",
                            line(at, py(plot, point.low()), at, py(plot, point.high())));
                }
                marker(svg, line.ink(), at, py(plot, point.y()), line.isStrong() ? 5 : 4.2);
                svg.close();
            }
        }
        svg.close().line();
    }

    /** Names beside the ends of the lines, moved apart, with a stroke from the end to a name that was moved. */
    private void drawLabels(Markup svg, Plot plot) {
        List<Line> named = lines.stream()
                .filter(line -> !line.points().isEmpty())
                .sorted(Comparator.comparingDouble(line -> py(plot, last(line).y())))
                .toList();
        double[] wanted =
                named.stream().mapToDouble(line -> py(plot, last(line).y())).toArray();
        double[] places = spread(wanted, plot.top, plot.bottom() + 14);
        for (int i = 0; i < named.size(); i++) {
            Line line = named.get(i);
            double from = px(plot, last(line).x());
            double at = plot.right() + 26;
            svg.open("g", "class", "series " + (line.isStrong() ? "strong" : ""));
            svg.empty(
                    "path",
                    "class",
                    "s-" + line.ink().name(),
                    "d",
                    line(from + 7, wanted[i], plot.right() + 10, wanted[i], at - 5, places[i]),
                    "fill",
                    "none",
                    "stroke-opacity",
                    ".5");
            svg.leaf("text", line.label(), "class", "name f-" + line.ink().name(), "x", at, "y", places[i] + 4.5);
            svg.close().line();
        }
    }

    private static Point last(Line line) {
        return line.points().get(line.points().size() - 1);
    }

    /** Moves ascending places apart, as little as that takes, within bounds. */
    private static double[] spread(double[] wanted, double top, double bottom) {
        double[] places = wanted.clone();
        List<Double> mended = new ArrayList<>();
        for (int pass = 0; pass < 60; pass++) {
            mended.clear();
            for (int i = 1; i < places.length; i++) {
                double overlap = LABEL_STEP - (places[i] - places[i - 1]);
                if (overlap > 0.01) {
                    places[i - 1] -= overlap / 2;
                    places[i] += overlap / 2;
                    mended.add(overlap);
                }
            }
            for (int i = 0; i < places.length; i++) {
                places[i] = Math.min(
                        Math.max(places[i], top + i * LABEL_STEP), bottom - (places.length - 1 - i) * LABEL_STEP);
            }
            if (mended.isEmpty()) {
                break;
            }
        }
        return places;
    }
}
