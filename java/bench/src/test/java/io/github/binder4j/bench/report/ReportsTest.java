package io.github.binder4j.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.bench.result.Machine;
import io.github.binder4j.bench.result.Measurement;
import io.github.binder4j.bench.result.Measurement.Costs;
import io.github.binder4j.bench.result.Measurement.Kind;
import io.github.binder4j.bench.result.Measurement.Latency;
import io.github.binder4j.bench.result.Measurement.Round;
import io.github.binder4j.bench.result.Measurement.Side;
import io.github.binder4j.bench.result.Results;
import io.github.binder4j.bench.result.Settings;
import io.github.binder4j.bench.result.Transports;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class ReportsTest {
    private static final Results FULL = MadeResults.full().build();

    @TempDir
    Path directory;

    @Test
    void shouldWriteAWellFormedPageThatNamesEveryTransport() throws Exception {
        Results results = FULL;

        Reports.writeAll(results, directory);

        String text = parse(Files.readString(directory.resolve("report.html")))
                .getDocumentElement()
                .getTextContent();
        for (String transport : new Figures(results).transports()) {
            assertTrue(text.contains(transport), transport);
            assertTrue(text.contains(Transports.describe(transport).title()), transport);
        }
        assertTrue(
                Files.notExists(directory.resolve("results.json")), "a report leaves the results of another run alone");
    }

    @Test
    void shouldMakeAPageThatLoadsNothingAndWhoseIdentifiersAreUnique() throws Exception {
        NodeList elements = parse(Reports.html(FULL)).getElementsByTagName("*");

        Set<String> ids = new HashSet<>();
        for (int i = 0; i < elements.getLength(); i++) {
            Element element = (Element) elements.item(i);
            assertFalse(Set.of("script", "link", "img", "iframe").contains(element.getTagName()), element.getTagName());
            assertTrue(element.getAttribute("href").isEmpty()
                    || element.getAttribute("href").startsWith("#"));
            String id = element.getAttribute("id");
            assertTrue(id.isEmpty() || ids.add(id), id);
        }
        assertTrue(ids.containsAll(Set.of(
                "measured", "latency", "distribution", "layers", "scaling", "oneway", "costs", "objects", "budgets")));
    }

    @Test
    void shouldSayThatAMachineWasEmulated() throws Exception {
        Results emulated = FULL;
        Machine real = new Machine("2026", "cpu", 8, "no", "none", "6.12", "/dev/binder", "jdk", "", "1");

        assertTrue(textOf(Reports.html(emulated)).contains("processor of this run was emulated"));
        assertFalse(
                textOf(Reports.html(new MadeResults().machine(real).build())).contains("emulated"));
        for (Chart chart : new Charts(new Figures(emulated)).all()) {
            String file = textOf(chart.file(new Figures(emulated).whereMeasured()));
            assertTrue(file.contains("tcg (emulated)") && file.contains("6.12.41"), chart.name());
        }
    }

    @Test
    void shouldWriteChartsThatAreWellFormedAndDescribed() throws Exception {
        Reports.writeAll(FULL, directory);

        List<Path> files;
        try (Stream<Path> charts = Files.list(directory.resolve("charts"))) {
            files = charts.sorted().toList();
        }
        assertTrue(names(files)
                .containsAll(Set.of(
                        "latency-call.svg",
                        "latency-echo.svg",
                        "latency-c.svg",
                        "lead.svg",
                        "distribution-64.svg",
                        "layers.svg",
                        "scaling.svg",
                        "oneway-rate.svg",
                        "oneway-throughput.svg",
                        "cpu.svg",
                        "objects.svg")));
        for (Path file : files) {
            Element svg = parse(Files.readString(file)).getDocumentElement();
            assertEquals("svg", svg.getTagName());
            for (String part : List.of("title", "desc")) {
                Element described = (Element) svg.getElementsByTagName(part).item(0);
                assertFalse(described.getTextContent().isBlank());
                assertTrue(svg.getAttribute("aria-labelledby").contains(described.getAttribute("id")));
            }
            assertTrue(
                    svg.getElementsByTagName("style").item(0).getTextContent().contains("prefers-color-scheme:dark"));
        }
    }

    private static List<String> names(List<Path> files) {
        return files.stream().map(file -> file.getFileName().toString()).toList();
    }

    @Test
    void shouldDrawTheSameChartFromTheSameFigures() {
        Figures figures = new Figures(FULL);

        List<String> once = files(figures);

        assertEquals(once, files(figures));
    }

    private static List<String> files(Figures figures) {
        return new Charts(figures)
                .all().stream()
                        .map(chart -> chart.file(figures.whereMeasured()))
                        .toList();
    }

    @Test
    void shouldBearResultsWithNothingInThem() throws Exception {
        for (Results results : List.of(
                new MadeResults().build(),
                new MadeResults().machine(null).settings(null).build())) {
            Reports.writeAll(results, directory);

            parse(Files.readString(directory.resolve("report.html")));
            assertTrue(Reports.table(results).contains("not measured"));
            assertTrue(Reports.compare(results, results).contains("Nothing was measured in both runs"));
        }
    }

    @Test
    void shouldBearFieldsThatAreMissing() throws Exception {
        Machine machine = new Machine(null, null, 0, null, null, null, null, null, null, null);
        List<Round> rounds = List.of(new Round(10, 1000, 0, 0));
        Latency noHistogram = new Latency(10, 1, 1, 1, 1, 1, 1, 1, null);
        Latency broken = new Latency(10, 1, 1, 1, 1, 1, 1, 1, "SGlzdG9ncmFt");
        Latency noBase64 = new Latency(10, 1, 1, 1, 1, 1, 1, 1, "§");
        Side empty = new Side(null, null, null, null, null);
        Results results = new MadeResults()
                .machine(machine)
                .settings(new Settings(null, 0, 0, 0, 0))
                .add(latency("binder4j", rounds, noHistogram, new Costs(null, empty), null))
                .add(latency("binder-c", rounds, broken, new Costs(empty, null), null))
                .add(latency("fifo", rounds, noBase64, new Costs(null, null), null))
                .add(latency("unix", rounds, null, null, null))
                .add(latency("tcp", List.of(), null, null, null))
                .add(latency("libgbinder", List.of(), null, null, "not installed"))
                .add(latency("shm-spin-c", List.of(new Round(0, 0, 0, 0)), null, null, null))
                .rate(Kind.RATE, "binder4j", "call", 64, 16)
                .rate(Kind.ONEWAY, "binder4j", "", 0, 1, 5)
                .build();

        Reports.writeAll(results, directory);

        parse(Files.readString(directory.resolve("report.html")));
        String table = Reports.table(results);
        assertTrue(table.contains("libgbinder: not installed"), table);
        assertFalse(table.contains("NaN") || table.contains("Infinity") || table.contains("null"), table);
        assertFalse(textOf(Reports.html(results)).contains("NaN"));
    }

    private static Measurement latency(
            String transport, List<Round> rounds, Latency latency, Costs costs, String unavailable) {
        return new Measurement(
                Kind.LATENCY, transport, "call", 64, 1, "1 service", rounds, latency, costs, unavailable);
    }

    @Test
    void shouldLeaveOutAPercentileThatIsButTheSlowestCall() throws Exception {
        assertEquals(List.of("0.50", "–", "–", "4.00"), percentilesOf(99));
        assertEquals(List.of("0.50", "2.00", "–", "4.00"), percentilesOf(100));
        assertEquals(List.of("0.50", "2.00", "–", "4.00"), percentilesOf(999));
        assertEquals(List.of("0.50", "2.00", "3.00", "4.00"), percentilesOf(1000));
    }

    /** In the table of all figures: p90, p99, p99.9 and max in microseconds, of so many calls. */
    private static List<String> percentilesOf(long calls) throws Exception {
        Latency latency = new Latency(calls, 100, 100, 100, 500, 2000, 3000, 4000, null);
        List<Round> rounds = List.of(new Round(calls, calls * 100, 100, 2000));
        Results results = new MadeResults()
                .add(latency("binder4j", rounds, latency, null, null))
                .build();
        assertEquals(calls < 100, !Sample.p99(results.measurements().get(0)).isKnown());

        NodeList cells = parse(Reports.html(results)).getElementsByTagName("td");
        int first = cells.getLength() - 1;
        while (!cells.item(first).getTextContent().equals("binder4j")) {
            first--;
        }
        List<String> percentiles = new ArrayList<>();
        for (int column = 9; column < 13; column++) {
            percentiles.add(cells.item(first + column).getTextContent());
        }
        return percentiles;
    }

    @Test
    void shouldBearAnyTransportMissing() throws Exception {
        Results full = FULL;
        for (String missing : new Figures(full).transports()) {
            Results results = new Results(
                    full.format(),
                    full.machine(),
                    full.settings(),
                    full.measurements().stream()
                            .filter(one -> !one.transport().equals(missing) && one.sizeBytes() == 64)
                            .toList());

            parse(Reports.html(results));
            assertFalse(Reports.table(results).contains("NaN"), missing);
        }
    }

    @Test
    void shouldKeepTheTableIn120ColumnsOfAscii() {
        String table = Reports.table(FULL);

        for (String line : table.split("\n")) {
            assertTrue(line.length() <= 120, line);
            assertTrue(line.chars().allMatch(c -> c >= ' ' && c <= '~'), line);
        }
        for (String part : List.of("p50", "p99", "C floor", "Oneway", "Costs", "Objects", "Budgets")) {
            assertTrue(table.contains(part), part);
        }
    }

    @Test
    void shouldEscapeFieldsOfCsv() {
        assertEquals("", Csv.field(null));
        assertEquals("plain text", Csv.field("plain text"));
        assertEquals("\"a,b\"", Csv.field("a,b"));
        assertEquals("\"say \"\"no\"\"\"", Csv.field("say \"no\""));
        assertEquals("\"two\nlines\"", Csv.field("two\nlines"));
        assertEquals("1.500", Csv.field(1.5));
        assertEquals("", Csv.field(Double.NaN));
    }

    @Test
    void shouldWriteARowOfCsvForEveryMeasurement() {
        Results results = FULL;

        List<String> lines = Arrays.asList(Reports.csv(results).split("\n"));

        assertEquals(results.measurements().size() + 1, lines.size());
        assertTrue(lines.get(0).startsWith("kind,transport,shape,size_bytes,threads,services,rounds,calls,"));
        int columns = lines.get(0).split(",").length;
        String unavailable = lines.stream()
                .filter(line -> line.contains("not installed"))
                .findFirst()
                .orElseThrow();
        assertTrue(unavailable.startsWith("LATENCY,libgbinder,call,64,1,1 service,0,0,,,"), unavailable);
        assertEquals(columns, unavailable.split(",", -1).length);
    }

    private static String textOf(String xml) throws Exception {
        return parse(xml).getDocumentElement().getTextContent();
    }

    private static Document parse(String xml) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(xml)));
    }
}
