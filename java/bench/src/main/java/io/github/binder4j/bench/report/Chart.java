package io.github.binder4j.bench.report;

import io.github.binder4j.bench.report.Palette.Ink;
import java.util.ArrayList;
import java.util.List;

/**
 * A chart as SVG: with a ground, a title and a caption of its own as a file, without them in a page.
 *
 * <p>Texts are placed by an estimate of their width, so that no font has to be installed where the chart is made.
 */
abstract class Chart {
    /** The width of a file, and of a chart in a wide page. */
    static final int WIDE = 800;
    /** The width in a narrow page: the same size of letters on a smaller drawing. */
    static final int NARROW = 400;

    private static final double MARGIN = 24;

    private final String name;
    private final String title;
    private final String subtitle;
    private final String description;

    /**
     * @param name of the file, without ending
     * @param title what is shown
     * @param subtitle the unit, and which way is better
     * @param description what a reader who cannot see it should know
     */
    Chart(String name, String title, String subtitle, String description) {
        this.name = name;
        this.title = title;
        this.subtitle = subtitle;
        this.description = description;
    }

    final String name() {
        return name;
    }

    final String title() {
        return title;
    }

    final String subtitle() {
        return subtitle;
    }

    /** Draws from a left upper corner, and says how high the drawing is. */
    abstract double draw(Markup svg, double left, double top, double width);

    /** The chart as a file. */
    final String file(List<String> caption) {
        Markup body = new Markup();
        double width = WIDE - 2 * MARGIN;
        body.leaf("text", title, "class", "title", "x", MARGIN, "y", 38);
        body.leaf("text", subtitle, "class", "subtitle", "x", MARGIN, "y", 60).line();
        double y = 80 + draw(body, MARGIN, 80, width) + 14;
        for (String line : wrap(String.join("  ·  ", caption), width, 11.5)) {
            y += 16;
            body.leaf("text", line, "class", "caption", "x", MARGIN, "y", y).line();
        }
        return svg(body, WIDE, y + 18, "file", true);
    }

    /** The chart as part of a page that holds the style sheet of {@link Palette}. */
    final String inline(int width) {
        Markup body = new Markup();
        double height = draw(body, 0, 4, width);
        return svg(body, width, height + 8, width == WIDE ? "wide" : "narrow", false);
    }

    private String svg(Markup body, int width, double height, String variant, boolean isFile) {
        String id = name + '-' + variant;
        Markup svg = new Markup();
        svg.open(
                "svg",
                "xmlns",
                "http://www.w3.org/2000/svg",
                "class",
                "chart " + variant,
                "viewBox",
                "0 0 " + width + ' ' + Markup.number(height),
                "width",
                isFile ? width : null,
                "height",
                isFile ? height : null,
                "role",
                "img",
                "aria-labelledby",
                id + "-title " + id + "-desc");
        svg.leaf("title", title, "id", id + "-title").leaf("desc", description, "id", id + "-desc");
        if (isFile) {
            svg.line().open("style").raw("\n" + Palette.styleSheet()).close().line();
            svg.empty("rect", "class", "ground", "width", width, "height", height, "rx", 10)
                    .line();
        }
        return svg.raw(body.toString()).close().line().toString();
    }

    static void marker(Markup svg, Ink ink, double x, double y, double radius) {
        String css = "point f-" + ink.name();
        double r = radius;
        switch (ink.marker()) {
            case CIRCLE -> svg.empty("circle", "class", css, "cx", x, "cy", y, "r", r);
            case SQUARE ->
                svg.empty(
                        "rect",
                        "class",
                        css,
                        "x",
                        x - r * .88,
                        "y",
                        y - r * .88,
                        "width",
                        r * 1.76,
                        "height",
                        r * 1.76);
            case TRIANGLE ->
                svg.empty(
                        "path",
                        "class",
                        css,
                        "d",
                        path(x, y - r * 1.15, x + r * 1.1, y + r * .85, x - r * 1.1, y + r * .85));
            case DIAMOND ->
                svg.empty(
                        "path",
                        "class",
                        css,
                        "d",
                        path(x, y - r * 1.25, x + r * 1.25, y, x, y + r * 1.25, x - r * 1.25, y));
        }
    }

    private static String path(double... xy) {
        return line(xy) + 'Z';
    }

    /** The path through points given as x, y, x, y … */
    static String line(double... xy) {
        StringBuilder path = new StringBuilder();
        for (int i = 0; i < xy.length; i += 2) {
            path.append(i == 0 ? 'M' : 'L')
                    .append(Markup.number(xy[i]))
                    .append(' ')
                    .append(Markup.number(xy[i + 1]));
        }
        return path.toString();
    }

    /** About how wide a text is in a common sans-serif font; rather too wide than too narrow. */
    static double width(String text, double fontSize) {
        double units = text.codePoints()
                .mapToDouble(c -> " .,;:'|!ilIjtfr()-/·".indexOf(c) >= 0
                        ? 0.34
                        : c == 'm' || c == 'w' || c == 'M' || c == 'W' || c == '%'
                                ? 0.88
                                : Character.isUpperCase(c) ? 0.7 : 0.61)
                .sum();
        return units * fontSize;
    }

    static List<String> wrap(String text, double width, double fontSize) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ")) {
            if (line.length() > 0 && width(line + " " + word, fontSize) > width) {
                lines.add(line.toString().strip());
                line.setLength(0);
            }
            line.append(line.length() > 0 ? " " : "").append(word);
        }
        lines.add(line.toString().strip());
        return lines;
    }

    /** A row of names with a mark each, broken where the width ends; says how high it is. */
    static double legend(Markup svg, double left, double top, double width, List<LegendEntry> entries) {
        double x = left;
        double y = top + 12;
        for (LegendEntry entry : entries) {
            double needed = 26 + width(entry.label(), 13) + 16;
            if (x > left && x + needed > left + width + 16) {
                x = left;
                y += 20;
            }
            svg.open("g", "class", entry.css());
            if (entry.isLine()) {
                svg.empty("path", "class", "line s-" + entry.ink().name(), "d", line(x, y - 4.5, x + 20, y - 4.5));
                marker(svg, entry.ink(), x + 10, y - 4.5, 4);
            } else {
                svg.empty(
                        "rect",
                        "class",
                        "f-" + entry.ink().name(),
                        "x",
                        x + 4,
                        "y",
                        y - 11,
                        "width",
                        13,
                        "height",
                        13,
                        "rx",
                        2.5);
            }
            svg.leaf("text", entry.label(), "class", "axis name", "x", x + 26, "y", y);
            svg.close().line();
            x += needed;
        }
        return y + 8 - top;
    }

    /**
     * A name and how it is drawn.
     *
     * @param css classes of the whole entry; may be empty
     * @param isLine whether a line with a marker, or a filled square
     */
    record LegendEntry(String label, Ink ink, String css, boolean isLine) {}
}
