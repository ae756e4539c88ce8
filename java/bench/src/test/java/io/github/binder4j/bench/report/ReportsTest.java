package io.github.binder4j.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.bench.result.ResultFile;
import io.github.binder4j.bench.result.Results;
import io.github.binder4j.bench.result.Transports;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class ReportsTest {
    @TempDir
    Path directory;

    @Test
    void shouldWriteFilesThatAreWellFormedAndNameEveryTransport() throws Exception {
        Results results = MadeResults.full().build();

        Reports.writeAll(results, directory);

        String html = Files.readString(directory.resolve("report.html"));
        String text = parse(html).getDocumentElement().getTextContent();
        for (String transport : new Figures(results).transports()) {
            assertTrue(text.contains(transport), transport);
            assertTrue(text.contains(Transports.describe(transport).title()), transport);
        }
        assertEquals(results, ResultFile.read(directory.resolve("results.json")));
    }

    private static Document parse(String xml) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(xml)));
    }
}
