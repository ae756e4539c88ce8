package io.github.binder4j.bench.report;

import io.github.binder4j.bench.report.Budgets.State;
import io.github.binder4j.bench.report.Budgets.Verdict;
import io.github.binder4j.bench.result.Machine;
import io.github.binder4j.bench.result.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One page that needs no network and no script, in light and dark. It is well-formed XML. */
final class HtmlReport {
    private static final String NO_CHART = "This run has no such measurement.";

    private final Figures figures;
    private final Charts charts;
    private final HtmlTables tables;
    private final List<Verdict> verdicts;
    private final Markup html = new Markup();

    private HtmlReport(Figures figures) {
        this.figures = figures;
        this.charts = new Charts(figures);
        this.tables = new HtmlTables(figures, html);
        this.verdicts = Budgets.judge(figures.results());
    }

    static String of(Figures figures) {
        return new HtmlReport(figures).page();
    }

    private String page() {
        html.raw("<!DOCTYPE html>\n").open("html", "xmlns", "http://www.w3.org/1999/xhtml", "lang", "en");
        head();
        html.open("body");
        top();
        navigation();
        html.open("main", "class", "page");
        measured();
        latency();
        distribution();
        layers();
        scaling();
        oneway();
        costs();
        objects();
        budgets();
        reading();
        everything();
        again();
        html.close();
        html.open("footer").open("div", "class", "page");
        html.text("Made by the benchmarks of binder4j from one result file. ")
                .text(String.join(" · ", figures.whereMeasured()));
        return html.close(4).line().toString();
    }

    private void head() {
        html.open("head").empty("meta", "charset", "utf-8");
        html.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
        html.leaf("title", "binder4j: binder beside what a Java program would use instead");
        html.open("style")
                .raw("\n" + styleSheet() + Palette.styleSheet())
                .close(2)
                .line();
    }

    private static String styleSheet() {
        try (InputStream css = HtmlReport.class.getResourceAsStream("report.css")) {
            return new String(css.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, String> sections() {
        Map<String, String> sections = new LinkedHashMap<>();
        sections.put("measured", "Setup");
        sections.put("latency", "Latency");
        sections.put("distribution", "Distribution");
        sections.put("layers", "Layers");
        sections.put("scaling", "Threads");
        sections.put("oneway", "One way");
        sections.put("costs", "Costs");
        sections.put("objects", "Objects");
        sections.put("budgets", "Budgets");
        sections.put("reading", "Reading");
        sections.put("all", "All figures");
        sections.put("again", "Again");
        return sections;
    }

    private void navigation() {
        html.open("nav", "aria-label", "Sections").open("div", "class", "page");
        sections().forEach((id, title) -> html.leaf("a", title, "href", "#" + id));
        html.close(2).line();
    }

    private void top() {
        html.open("header", "class", "top").open("div", "class", "page");
        html.leaf("p", "binder4j benchmarks", "class", "kicker");
        html.leaf("h1", "How fast is binder from Java?");
        html.leaf(
                "p",
                "Binder beside what a Java program would use instead: every transport carries the same messages between two"
                        + " processes, in one run, by turns.",
                "class",
                "lead");
        html.open("div", "class", "tiles");
        new Highlights(figures, verdicts)
                .all()
                .forEach(one -> html.open("div", "class", "tile")
                        .leaf("b", one.figure())
                        .leaf("span", one.means())
                        .close());
        html.close();
        if (figures.countsInstructions()) {
            html.leaf(
                    "p",
                    "The clock of this run counted instructions: a nanosecond is one instruction, of either process or the"
                            + " kernel. Caches, copying in wide registers and the price of switching processors do not show.",
                    "class",
                    "notice");
        } else if (figures.isEmulated()) {
            html.leaf(
                    "p",
                    "The processor of this run was emulated: a program imitated it, instruction by instruction. All times are"
                            + " several times those of a real one, and work in user space costs more, next to work of the"
                            + " kernel, than it would there. Ratios between transports say more than times.",
                    "class",
                    "notice");
        }
        html.close(2).line();
    }

    private void section(String id, String title) {
        html.open("section", "id", id).leaf("h2", title);
    }

    private void measured() {
        section("measured", "What was measured, and on what");
        Machine machine = figures.machine();
        Settings settings = figures.settings();
        html.open("div", "class", "card").open("dl", "class", "facts");
        fact("Machine", Units.orUnknown(machine.cpu()));
        fact("CPUs of the run", machine.cpus() + "; held on chosen ones: " + Units.orUnknown(machine.pinned()));
        fact("Virtualisation", virtualisation());
        fact("Kernel", Units.orUnknown(machine.kernel()));
        fact("Binder device", Units.orUnknown(machine.driver()));
        fact("JDK", Units.orUnknown(machine.jdk()));
        String options = machine.jvmOptions();
        fact("JVM options", options == null || options.isBlank() ? "none, the defaults" : options);
        fact("binder4j", Units.orUnknown(machine.source()));
        fact("Date", Units.orUnknown(machine.date()));
        fact(
                "Rounds",
                settings.rounds() + ", the transports by turns; one lasts at least " + settings.millis() + " ms and "
                        + Units.whole(settings.samples()) + " calls; warm-up " + Units.whole(settings.warmUpCalls())
                        + " calls of each Java transport");
        html.close(2);
        tables.transports();
        missing();
        html.close().line();
    }

    private String virtualisation() {
        String said = Units.orUnknown(figures.machine().virtualisation());
        if (figures.isEmulated()) {
            return said + ": the processor is imitated by a program";
        }
        if (figures.isVirtual()) {
            return said + ": a virtual machine";
        }
        return said.equals("none") ? "none: the machine itself" : said;
    }

    private void fact(String name, String value) {
        html.leaf("dt", name).leaf("dd", value);
    }

    private void missing() {
        List<String> missing = Groups.unavailable(figures);
        if (!missing.isEmpty()) {
            html.open("div", "class", "card").leaf("h3", "Without figures").open("ul", "class", "plain");
            missing.forEach(line -> html.leaf("li", line));
            html.close(2);
        }
    }

    private void latency() {
        section("latency", "Latency by payload size");
        html.leaf(
                "p",
                "One client, one server, one call after the other. A line that stays flat pays for the hand-off between the"
                        + " processes only; where it begins to rise, it pays for copying. A pipe and a socket copy every byte"
                        + " twice, into the kernel and out of it; binder once, into the receiver's memory.");
        charts(charts.latency());
        tables.latency(Figures.CALL);
        tables.latency(Figures.ECHO);
        html.close().line();
    }

    private void charts(List<Chart> charts) {
        charts.forEach(this::chart);
        if (charts.isEmpty()) {
            html.leaf("p", NO_CHART, "class", "soft");
        }
    }

    private void chart(Chart chart) {
        html.open("figure").open("figcaption").leaf("h3", chart.title());
        html.leaf("p", chart.subtitle()).close().line();
        html.raw(chart.inline(Chart.WIDE)).raw(chart.inline(Chart.NARROW));
        html.close().line();
    }

    /** The size is chosen by radio buttons, which show one of the charts beside them: no script. */
    private void distribution() {
        section("distribution", "Distribution");
        html.leaf(
                "p",
                "The whole of each distribution, from the fastest call to the slowest. The further to the right a line stays"
                        + " flat, the fewer calls are late. The last calls of every line are those that were interrupted.");
        List<Chart> sizes = charts.distributions();
        if (sizes.isEmpty()) {
            html.leaf("p", NO_CHART, "class", "soft");
        } else {
            html.open("style");
            sizes.forEach(chart ->
                    html.raw("#show-" + chart.name() + ":checked~.panel." + chart.name() + "{display:block}\n"));
            html.close();
            html.open("div", "class", "tabs");
            for (int i = 0; i < sizes.size(); i++) {
                String id = "show-" + sizes.get(i).name();
                boolean isFirst = i == Math.min(1, sizes.size() - 1);
                html.empty("input", "type", "radio", "name", "size", "id", id, "checked", isFirst ? "checked" : null);
                html.leaf("label", sizes.get(i).title().replaceAll("^.* with ", ""), "for", id);
            }
            for (Chart chart : sizes) {
                html.open("div", "class", "panel " + chart.name());
                chart(chart);
                html.close();
            }
            html.close();
        }
        html.close().line();
    }

    private void layers() {
        section("layers", "Cost per layer");
        html.leaf(
                "p",
                "The floor is a C program that makes the driver's system calls and nothing else. What the Java library, and"
                        + " then a typed stub and proxy, add to it is ours to keep small. Below it the same for what the JDK"
                        + " adds to pipes and sockets. The number behind a time is its ratio to the program in C.");
        charts(charts.bars().layers());
        html.close().line();
    }

    private void scaling() {
        section("scaling", "Scaling with threads");
        html.leaf(
                "p",
                "Several threads of one client call at once. Where they call one service, binder's do so through the"
                        + " same handle, those of the other transports over a connection each. Where there are several"
                        + " services the threads take them in turn. With several processes the C floor's client opens a"
                        + " device for each, since it has no service manager; binder4j's opens one for all, so that"
                        + " the two do not do the same work there. With more threads than CPUs some call while others"
                        + " wait; more of them must not make it slower. Spinning on shared memory is left out of these"
                        + " charts, since nothing else would be seen beside it; its figures are in the last table.");
        charts(charts.scaling());
        html.close().line();
    }

    private void oneway() {
        section("oneway", "One way, and bytes per second");
        html.leaf(
                "p",
                "Messages without reply. After every few the client waits until the server has received them all, so that"
                        + " what counts is what arrived, not what was queued.");
        charts(charts.oneway());
        html.close().line();
    }

    private void costs() {
        section("costs", "What a call costs");
        html.leaf(
                "p",
                "Per call and side: processor time of all threads, how often a thread waited or lost its processor, system"
                        + " calls (counted in a repetition of their own), and bytes allocated on the Java heap.");
        charts(charts.bars().costs());
        tables.costs();
        html.close().line();
    }

    private void objects() {
        section("objects", "Objects");
        html.leaf(
                "p",
                "What the other transports have no word for: passing callbacks and descriptors, many binders in one parcel,"
                        + " registering and looking up services; and, as a thousand JNI calls, what crossing into C costs.");
        charts(charts.bars().objects());
        tables.objects();
        html.close().line();
    }

    private void budgets() {
        section("budgets", "Budgets");
        long met = count(State.MET);
        html.leaf(
                "p",
                "What this project holds itself to, as ratios within this run: " + met + " met, " + count(State.MISSED)
                        + " missed, " + count(State.MET_IN_PART) + " met in part, " + count(State.NOT_MEASURED)
                        + " not measured. The figure is the median over the"
                        + " rounds, in brackets their range; 99th percentiles are those of all calls together. The meter"
                        + " shows how much of the limit is used: left of the stroke it is kept.");
        tables.budgets(verdicts);
        html.close().line();
    }

    private long count(State state) {
        return verdicts.stream().filter(verdict -> verdict.state() == state).count();
    }

    private void reading() {
        section("reading", "How to read it");
        html.open("ul", "class", "plain");
        for (String line : List.of(
                "p50 is the median: half of the calls took less. p99: one of a hundred took longer. Of fewer than 100"
                        + " calls no p99 is shown, of fewer than 1,000 no p99.9: it would be the slowest call.",
                "A call sends so many bytes and gets a header of 16 bytes back; an echo gets the same bytes back. The header is"
                        + " not part of the payload.",
                "The pale stroke behind a point spans the medians of the rounds. Two points whose strokes overlap cannot"
                        + " be told apart.",
                "The processes of all transports exist at once, but one pair works at a time: A B C A B C, so that a"
                        + " disturbance hits all of them. The others sleep in a system call; those that spin do so some"
                        + " milliseconds after their last call, and Aeron's threads wake a hundred times a second.",
                "Spinning on shared memory is the physical limit of two CPUs, bought with all of both; nobody waits like"
                        + " that for long. With fewer CPUs than spinning threads it is the slowest of all.",
                "A socket in C and one in Java differ by what the JDK adds; binder in C and in Java by what binder4j adds.",
                "Every process checks what it received: its kind, its size, its number, the last bytes. A transport"
                        + " that lost the end of a payload would have no figure here.",
                "Percentiles say nothing of what a program does besides calling. Measure your own.")) {
            html.leaf("li", line);
        }
        html.close(2).line();
    }

    private void everything() {
        section("all", "All figures");
        tables.everything();
        html.close().line();
    }

    private void again() {
        section("again", "How to make it again");
        html.leaf("p", "This run was made by:");
        html.open("pre")
                .leaf("code", Units.orUnknown(figures.settings().command()))
                .close();
        html.open("p").text("In a clone of binder4j, ").leaf("code", "./ci/bench");
        html.text(
                        " builds what it needs and runs on the machine's own driver, or in a virtual machine where there is none. ")
                .text("It leaves a result file, this page, the charts and a table. Two result files can be compared.");
        html.close(2).line();
    }
}
