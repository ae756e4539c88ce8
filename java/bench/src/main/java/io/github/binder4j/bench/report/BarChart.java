package io.github.binder4j.bench.report;

import io.github.binder4j.bench.report.Palette.Ink;
import java.util.List;
import java.util.function.Function;

/** Lying bars in groups; a bar may be made of parts. */
final class BarChart extends Chart {
    private static final double ROW = 27;
    private static final double THICK = 17;

    private final List<Group> groups;
    private final List<LegendEntry> legend;

    /** Bars that share a scale, with a heading that may be empty. */
    record Group(String heading, List<Bar> bars) {
        boolean shows(Ink ink) {
            return bars.stream()
                    .flatMap(bar -> bar.parts().stream())
                    .anyMatch(part -> part.ink().equals(ink));
        }
    }

    /**
     * @param isStrong whether it is what the chart is about
     * @param parts from left to right
     * @param says the figure at its end
     */
    record Bar(String label, boolean isStrong, List<Part> parts, String says) {
        double total() {
            return parts.stream().mapToDouble(Part::value).sum();
        }
    }

    /** A part of a bar; {@code says} is told to who points at it. */
    record Part(Ink ink, double value, String says) {}

    /** @param legend of the parts; empty if the bars' names say all */
    BarChart(
            String name,
            String title,
            String subtitle,
            String description,
            List<Group> groups,
            List<LegendEntry> legend) {
        super(name, title, subtitle, description);
        this.groups = groups;
        this.legend = legend;
    }

    @Override
    double draw(Markup svg, double left, double top, double width) {
        boolean isWide = width >= 600;
        double y = top;
        if (!legend.isEmpty()) {
            y += legend(svg, left, top, width, legend) + 8;
        }
        double names = isWide ? 8 + widest(Bar::label) : 0;
        double figures = 12 + widest(Bar::says);
        for (Group group : groups) {
            if (!group.heading().isEmpty()) {
                svg.leaf("text", group.heading(), "class", "value group strong", "x", left, "y", y + 14);
                y += 26;
            }
            double longest = group.bars().stream().mapToDouble(Bar::total).max().orElse(1);
            double scale = (width - names - figures) / (longest > 0 ? longest : 1);
            for (Bar bar : group.bars()) {
                double barTop = isWide ? y + (ROW - THICK) / 2 : y + 18;
                String css = "axis name" + (bar.isStrong() ? " strong" : "");
                if (isWide) {
                    svg.leaf(
                            "text",
                            bar.label(),
                            "class",
                            css,
                            "x",
                            left + names - 8,
                            "y",
                            barTop + 13,
                            "text-anchor",
                            "end");
                } else {
                    svg.leaf("text", bar.label(), "class", css, "x", left, "y", y + 12);
                }
                drawBar(svg, bar, left + names, barTop, scale);
                y += isWide ? ROW : ROW + 14;
            }
            y += 14;
        }
        return y - 14 - top;
    }

    private double widest(Function<Bar, String> text) {
        return groups.stream()
                .flatMap(group -> group.bars().stream())
                .mapToDouble(bar -> width(text.apply(bar), bar.isStrong() ? 14 : 13))
                .max()
                .orElse(0);
    }

    private static void drawBar(Markup svg, Bar bar, double left, double top, double scale) {
        double x = left;
        for (Part part : bar.parts()) {
            double length = Math.max(0, part.value() * scale);
            svg.open("g").leaf("title", bar.label() + ": " + part.says());
            svg.empty(
                    "rect",
                    "class",
                    "f-" + part.ink().name(),
                    "x",
                    x,
                    "y",
                    top,
                    "width",
                    Math.max(length - 1, 0.8),
                    "height",
                    THICK,
                    "rx",
                    2);
            svg.close();
            x += length;
        }
        svg.leaf("text", bar.says(), "class", "value" + (bar.isStrong() ? " strong" : ""), "x", x + 7, "y", top + 13);
        svg.line();
    }
}
