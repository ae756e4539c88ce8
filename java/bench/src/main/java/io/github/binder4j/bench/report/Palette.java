package io.github.binder4j.bench.report;

import io.github.binder4j.bench.result.Transports;
import java.util.ArrayList;
import java.util.List;

/**
 * How a transport is drawn: a colour and a marker for what carries the bytes, a dashed line where both programs are in C.
 *
 * <p>The style sheet holds plain colours, in light and in dark, so that programs that know neither media queries nor
 * variables show the light ones.
 */
final class Palette {
    private static final List<Ink> INKS = List.of(
            new Ink("binder", "#1d5bd8", "#78aaff", Marker.CIRCLE),
            new Ink("typed", "#7d3bd1", "#bd9bff", Marker.DIAMOND),
            new Ink("libgbinder", "#0b8688", "#3fcfcb", Marker.DIAMOND),
            new Ink("pipe", "#d2600a", "#ffa657", Marker.SQUARE),
            new Ink("unix", "#23863a", "#5cd27a", Marker.TRIANGLE),
            new Ink("tcp", "#c62548", "#ff7f96", Marker.DIAMOND),
            new Ink("queue", "#8a5a1e", "#d6a86a", Marker.SQUARE),
            new Ink("futex", "#3f6472", "#9cc3d2", Marker.TRIANGLE),
            new Ink("spin", "#6f7b88", "#97a3b1", Marker.CIRCLE),
            new Ink("other1", "#ad1f92", "#f28fe0", Marker.TRIANGLE),
            new Ink("other2", "#7b7a06", "#d8d35c", Marker.SQUARE),
            new Ink("other3", "#0a739e", "#55c4f5", Marker.CIRCLE),
            new Ink("base", "#9db6e3", "#4a6190", Marker.SQUARE));

    private Palette() {}

    /** The shape of a point, so that colour is not all that tells lines apart. */
    enum Marker {
        CIRCLE,
        SQUARE,
        TRIANGLE,
        DIAMOND
    }

    /**
     * A way to draw a line, a bar or its label.
     *
     * @param name the class in the style sheet
     * @param light the colour on white
     * @param dark the colour on a dark ground
     * @param marker of its points
     */
    record Ink(String name, String light, String dark, Marker marker) {}

    static Ink ink(String name) {
        return INKS.stream()
                .filter(ink -> ink.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no ink is called " + name));
    }

    /** The ink of a transport. One that is not known has the same in every report that it is in. */
    static Ink inkOf(String transport) {
        return switch (transport) {
            case Transports.BINDER4J, Transports.BINDER_C -> ink("binder");
            case Transports.BINDER4J_TYPED -> ink("typed");
            case Transports.LIBGBINDER -> ink("libgbinder");
            case Transports.FIFO, Transports.FIFO_C -> ink("pipe");
            case Transports.UNIX, Transports.UNIX_C -> ink("unix");
            case Transports.TCP, Transports.TCP_C -> ink("tcp");
            case Transports.MQ_C -> ink("queue");
            case Transports.SHM_FUTEX_C -> ink("futex");
            case Transports.SHM_SPIN_C -> ink("spin");
            default -> ink("other" + (1 + Math.floorMod(transport.hashCode(), 3)));
        };
    }

    /** The rules for everything inside an element of class "chart". */
    static String styleSheet() {
        List<String> dark = new ArrayList<>();
        StringBuilder css = new StringBuilder();
        css.append(".chart{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;")
                .append("font-variant-numeric:tabular-nums}\n")
                .append(".chart .line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}\n")
                .append(".chart .strong .line{stroke-width:3.2}\n")
                .append(".chart .dashed .line{stroke-dasharray:6 5}\n")
                .append(".chart .hit{fill:none;stroke:transparent;stroke-width:12}\n")
                .append(".chart .range{stroke-width:5;stroke-opacity:.28}\n")
                .append(".chart .strong text.name,.chart text.strong{font-weight:650}\n")
                .append(".chart .title{font-size:19px;font-weight:650}\n")
                .append(".chart .subtitle{font-size:13.5px}\n")
                .append(".chart .axis,.chart .name,.chart .value{font-size:13px}\n")
                .append(".chart .caption{font-size:11.5px}\n")
                .append(".chart .grid{stroke-width:1}\n")
                .append(".chart .mark{stroke-width:1.4;stroke-dasharray:3 3}\n")
                .append(".chart .series{transition:opacity .12s}\n")
                .append(".chart:hover .series{opacity:.22}\n")
                .append(".chart .series:hover{opacity:1}\n");
        rule(css, dark, ".chart .ground", "fill", "#ffffff", "#0f1521");
        rule(css, dark, ".chart .title,.chart .value,.chart .group", "fill", "#141a24", "#eef2f8");
        rule(css, dark, ".chart .subtitle,.chart .axis,.chart .caption", "fill", "#58626f", "#a3afbf");
        rule(css, dark, ".chart .grid", "stroke", "#e6e9ee", "#263041");
        rule(css, dark, ".chart .mark", "stroke", "#7a8594", "#8f9bab");
        rule(css, dark, ".chart .point", "stroke", "#ffffff", "#0f1521");
        for (Ink ink : INKS) {
            rule(css, dark, ".chart .s-" + ink.name(), "stroke", ink.light(), ink.dark());
            rule(css, dark, ".chart .f-" + ink.name(), "fill", ink.light(), ink.dark());
        }
        css.append("@media (prefers-color-scheme:dark){\n")
                .append(String.join("", dark))
                .append("}\n");
        return css.toString();
    }

    private static void rule(
            StringBuilder css, List<String> darkRules, String selector, String property, String light, String dark) {
        css.append(selector)
                .append('{')
                .append(property)
                .append(':')
                .append(light)
                .append("}\n");
        darkRules.add(selector + "{" + property + ":" + dark + "}\n");
    }
}
